// The questions an audit answers, and what of the report belongs to each.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "replay/audit/audit.hpp"

namespace preconf::replay::audit {

enum class Topic : std::uint8_t {
  kAll,
  kEquivocations,
  kBlock,
  kLanding,
  kEop,
  kWithheld,
  kReorgs,
  kRules,
  kDefence,
  kCoverage,
  kLatency,
  kScheduleAt,
};
[[nodiscard]] const char* name_of(Topic topic);

struct Question {
  Topic topic = Topic::kAll;
  std::optional<core::Address> signer;      ///< only what concerns this signer
  std::optional<Kind> kind;                 ///< only findings of this kind
  std::optional<core::BlockNumber> number;  ///< kBlock: by height ...
  std::optional<core::Hash32> hash;         ///< ... or preconfirmation, list or block hash
  std::string signer_note;                  ///< kDefence of "self": why no signer is known
};

/// Keeps the lives of the blocks that a question asks for, and hands everything on.
class BlockCollector final : public Sink {
 public:
  static constexpr std::size_t kBlocksMax = 100'000;

  BlockCollector(const Question& question, Sink* next) : question_(question), next_(next) {}
  void on_block(const BlockLife& life) override;
  void on_window(const WindowSummary& window) override;
  /// Moves what was kept into the report.
  void give(AuditReport& report);

 private:
  [[nodiscard]] bool is_wanted(const BlockLife& life) const;

  const Question& question_;
  Sink* next_;
  std::vector<BlockLife> blocks_;
  std::uint64_t not_kept_ = 0;
};

/// Narrows the lists of `report` to the question. Coverage, identity and counts stay whole: no
/// answer is worth more than what the log covers.
void narrow(AuditReport& report, const Question& question);

}  // namespace preconf::replay::audit
