#include <fmt/format.h>

#include <ostream>

#include "core/reducer.hpp"
#include "core/state.hpp"
#include "replay/cli/inspection.hpp"
#include "replay/json_printer.hpp"
#include "replay/line_printer.hpp"
#include "replay/log_tools.hpp"
#include "replay/snapshots.hpp"
#include "replay/stamp.hpp"
#include "replay/why/causes.hpp"
#include "storage/event_source.hpp"

namespace preconf::replay {
namespace {

/// Bytes that the event refers to.
struct ShownContent {
  core::Hash32 hash;
  std::uint32_t size_bytes = 0;               ///< as the event says
  std::string status;                         ///< "present", "redacted", "pruned" or "missing"
  std::optional<core::WallNanos> removed_at;  ///< none also when nobody wrote down when
  std::optional<std::string> reason;          ///< why it was removed, as the operator said
  PRECONF_FIELDS(ShownContent, hash, size_bytes, status, removed_at, reason);
};

/// An event with its place in the log and what it caused.
struct Shown {
  core::Event event;
  core::Hash32 chain;
  std::optional<core::Hash32> recorded_digest;
  std::optional<core::Hash32> recomputed_digest;  ///< none with --raw
  std::optional<core::Outcome> outcome;           ///< none with --raw
  std::vector<std::vector<Operand>> operands;     ///< of each decision, by name
  std::vector<ShownContent> contents;
  PRECONF_FIELDS(Shown, event, chain, recorded_digest, recomputed_digest, outcome, operands,
                 contents);
};

std::vector<ShownContent> contents_of(const storage::EventSource& log, const core::Event& event) {
  std::vector<ShownContent> out;
  for (const core::ContentRef& ref : core::content_refs(event.body)) {
    ShownContent content{ref.hash, ref.size_bytes, "missing", std::nullopt, std::nullopt};
    if (log.content(ref.hash) != nullptr) {
      content.status = "present";
    } else if (auto removed = log.removed(ref.hash)) {
      content.status = storage::name_of(removed->cause);
      content.removed_at = known_time(removed->removed_at);
      content.reason = std::move(removed->reason);
    }
    out.push_back(std::move(content));
  }
  return out;
}

/// What the event caused, by folding everything before it.
bool reduce_into(Inspection& log, Shown& shown) {
  const storage::EventSource& events = *log.history().events;
  auto state = state_after(events, *log.history().snapshots, core::Seq{shown.event.seq.value - 1});
  const auto failure = state ? refuse(**state, shown.event) : std::optional(state.error());
  if (failure) {
    log.fail(*failure);
    return false;
  }
  core::reduce(**state, shown.event, shown.outcome.emplace());
  shown.recomputed_digest = core::effects_digest(*shown.outcome);
  for (const core::Decision& decision : shown.outcome->decisions) {
    shown.operands.push_back(operands_of(decision));
  }
  return true;
}

std::string line_of(const ShownContent& content) {
  std::string out = fmt::format("content {}  {} bytes  {}", core::to_hex0x(content.hash.view()),
                                content.size_bytes, content.status);
  if (content.reason) {
    out += content.removed_at ? " at " + utc_time(*content.removed_at) : " at an unknown time";
    out += ": ";
    append_quoted(out, *content.reason);
  }
  return out + "\n";
}

std::string text_of(const Shown& shown) {
  const core::Event& event = shown.event;
  std::string out = fmt::format("event {}  {}  {}\n", event.seq.value, utc_time(event.wall),
                                core::name_of(core::kind_of(event.body)));
  out += summary_of(event.body) + "\n\n" + to_lines(event, 2);
  LinePrinter printer(out, 2);
  printer.put("chain", shown.chain);
  printer.put("effects_digest", shown.recorded_digest);
  if (!shown.contents.empty()) out += '\n';
  for (const ShownContent& content : shown.contents) out += line_of(content);
  if (!shown.outcome) return out;
  if (shown.recorded_digest && *shown.recorded_digest != *shown.recomputed_digest) {
    out += "\nDIVERGENCE: this program causes other effects than were recorded\n";
    printer.put("recomputed_digest", *shown.recomputed_digest);
  }
  out += fmt::format("\ncaused {} commands and {} decisions\n", shown.outcome->commands.size(),
                     shown.outcome->decisions.size());
  for (const core::Decision& decision : shown.outcome->decisions) {
    out += "  => " + phrase_of(decision) + "\n";
  }
  return out + to_lines(*shown.outcome, 2);
}

}  // namespace

ExitCode log_show(Inspection& log, const LogShowOptions& options, std::ostream& out) {
  const auto seq = log.position(options.at, log.last());
  if (!seq) return log.code();
  auto read = log.history().events->read(*seq)->next();
  if (!read) {
    log.fail(read.error());
    return log.code();
  }
  if (!read->has_value() || (**read).event.seq != *seq) {
    log.fail({storage::StorageError::kDamaged, *seq, "the event is missing"});
    return log.code();
  }
  Shown shown;
  shown.event = std::move((**read).event);
  shown.chain = (**read).chain;
  shown.recorded_digest = (**read).effects_digest;
  shown.contents = contents_of(*log.history().events, shown.event);
  // The record is shown even when what it caused can not be told.
  if (!options.raw) static_cast<void>(reduce_into(log, shown));
  out << (options.json ? to_json(shown) + "\n" : text_of(shown));
  for (const ShownContent& content : shown.contents) {
    if (content.status != "missing") continue;
    log.fail({storage::StorageError::kContentMissing, *seq, core::to_hex0x(content.hash.view())});
  }
  const bool diverges = shown.recomputed_digest && shown.recorded_digest &&
                        *shown.recomputed_digest != *shown.recorded_digest;
  return log.code(diverges ? ExitCode::kDivergence : ExitCode::kClean);
}

}  // namespace preconf::replay
