#include <fmt/format.h>

#include <ostream>

#include "replay/cli/inspection.hpp"
#include "replay/json_printer.hpp"
#include "replay/log_tools.hpp"
#include "storage/event_source.hpp"

namespace preconf::replay {
namespace {

struct Row {
  core::Seq seq;
  core::WallNanos wall;
  core::EventKind kind = core::EventKind::kGenesisRecorded;
  core::SourceKind source = core::SourceKind::kLocal;
  std::uint64_t source_id = 0;
  std::string summary;
  PRECONF_FIELDS(Row, seq, wall, kind, source, source_id, summary);
};

Row row_of(const core::Event& event) {
  return Row{event.seq,    event.wall,      core::kind_of(event.body),
             event.source, event.source_id, summary_of(event.body)};
}

std::string line_of(const Row& row) {
  std::string source = name_of(row.source);
  if (row.source_id != 0) source += "#" + std::to_string(row.source_id);
  return fmt::format("{:>10}  {}  {:<22}  {:<8}  {}\n", row.seq.value, utc_time(row.wall),
                     core::name_of(row.kind), source, row.summary);
}

}  // namespace

void log_list(Inspection& log, const LogListOptions& options, std::ostream& out) {
  const auto range = log.range(options.from, options.to);
  if (!range) return;
  const auto reader = log.history().events->read(range->from);
  storage::LoggedEvent logged;
  core::Seq last{range->from.value - 1};
  while (last < range->to) {
    const auto more = reader->next_into(logged);
    if (!more) {
      static_cast<void>(log.note_failure(last, more.error()));
      return;
    }
    if (!*more || logged.event.seq > range->to) return;
    last = logged.event.seq;
    if (options.kind && core::kind_of(logged.event.body) != *options.kind) continue;
    const Row row = row_of(logged.event);
    out << (options.json ? to_json(row) + "\n" : line_of(row));
    if (!out) return;  // the reader of the pipe has seen enough
  }
}

}  // namespace preconf::replay
