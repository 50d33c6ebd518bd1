// Reports as text, canonical JSON, JSON Lines and CSV.
#pragma once

#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>

#include "replay/audit/audit.hpp"
#include "replay/audit/question.hpp"

namespace preconf::replay::audit {

/// For a person; every line ends with a newline.
[[nodiscard]] std::string to_text(const AuditReport& report, Topic topic);

/// One line, canonical: the same log gives the same bytes. No time or path of the run is in it.
[[nodiscard]] std::string to_json(const AuditReport& report);

/// A first line that says what the findings rest on (the report without its lists), then one
/// finding per line.
[[nodiscard]] std::string to_json_lines(const AuditReport& report);

/// Which rows a CSV has.
enum class Table : std::uint8_t { kFindings, kBlocks, kWindows };
[[nodiscard]] std::optional<Table> table_from(std::string_view name);

/// RFC 4180, one header line; lines end with CR LF.
[[nodiscard]] std::string findings_csv(const AuditReport& report);

/// Writes rows of blocks or windows as they become final: nothing is kept.
class CsvSink final : public Sink {
 public:
  /// kBlocks or kWindows. Writes the header line at once.
  CsvSink(std::ostream& out, Table table, const Question& question);
  void on_block(const BlockLife& life) override;
  void on_window(const WindowSummary& window) override;

 private:
  std::ostream& out_;
  const Table table_;
  const Question& question_;
};

}  // namespace preconf::replay::audit
