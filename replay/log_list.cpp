#include <fmt/format.h>

#include <algorithm>
#include <ostream>

#include "replay/history.hpp"
#include "replay/json_printer.hpp"
#include "replay/log_tools.hpp"
#include "replay/report.hpp"
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
  return fmt::format("{:>10}  {}  {:<19}  {:<8}  {}\n", row.seq.value, utc_time(row.wall),
                     core::name_of(row.kind), source, row.summary);
}

}  // namespace

int log_list(const LogListOptions& options, std::ostream& out, std::ostream& err) {
  const auto log = open_history(options.directory);
  if (!log) {
    err << "preconf log ls: " << storage::name_of(log.error().code) << ": " << log.error().detail
        << '\n';
    return static_cast<int>(result_of(log.error()));
  }
  const core::Seq from = std::max(options.from.value_or(core::Seq{1}), core::Seq{1});
  const core::Seq to = options.to.value_or(log->events->end().seq);
  const auto reader = log->events->read(from);
  for (core::Seq seq = from; seq <= to; seq = core::next(seq)) {
    auto next = reader->next();
    if (!next) {
      err << "preconf log ls: event " << next.error().seq.value << ": " << next.error().detail
          << '\n';
      return static_cast<int>(result_of(next.error()));
    }
    if (!next->has_value()) break;
    const core::Event& event = (**next).event;
    if (options.kind && core::kind_of(event.body) != *options.kind) continue;
    const Row row = row_of(event);
    out << (options.json ? to_json(row) + "\n" : line_of(row));
    if (!out) return 0;  // the reader of the pipe has seen enough
  }
  return 0;
}

}  // namespace preconf::replay
