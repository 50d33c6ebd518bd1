#include <fmt/format.h>

#include <map>
#include <ostream>
#include <vector>

#include "core/event_content.hpp"
#include "core/reducer.hpp"
#include "replay/event_stream.hpp"
#include "replay/history.hpp"
#include "replay/json_printer.hpp"
#include "replay/log_tools.hpp"
#include "replay/report.hpp"
#include "replay/snapshots.hpp"
#include "replay/stamp.hpp"
#include "storage/capture_file.hpp"
#include "storage/data_directory.hpp"
#include "storage/event_source.hpp"
#include "storage/high_water_mark.hpp"
#include "storage/losses.hpp"

namespace preconf::replay {
namespace {

/// Events that a repair found lost.
struct Gap {
  core::Seq from;
  core::Seq to;
  bool lost_known = false;
  std::string reason;
  PRECONF_FIELDS(Gap, from, to, lost_known, reason);
};

/// Events that were removed on purpose.
struct Pruned {
  core::Seq from;
  core::Seq to;
  core::Hash32 chain_before;
  core::Hash32 chain_at_to;
  core::WallNanos pruned_at;
  PRECONF_FIELDS(Pruned, from, to, chain_before, chain_at_to, pruned_at);
};

/// Content that is not here, and it is written down why.
struct Removed {
  core::Hash32 content;
  std::string cause;  ///< redacted, pruned, lost
  std::uint32_t size_bytes = 0;
  std::optional<core::WallNanos> removed_at;  ///< none: nobody wrote down when
  std::string reason;
  PRECONF_FIELDS(Removed, content, cause, size_bytes, removed_at, reason);
};

struct Coverage {
  core::Seq base;  ///< events up to here are not in this log
  core::Seq first;
  core::Seq last;
  core::WallNanos first_wall;
  core::WallNanos last_wall;
  core::Hash32 chain;
  std::map<std::string, std::uint64_t> kinds;
  std::uint64_t contents = 0;       ///< references to content, with repetitions
  std::uint64_t content_bytes = 0;  ///< of those present
  /// Distinct contents that are not here, and it is written down why.
  std::uint64_t removed = 0;
  std::uint64_t lost = 0;             ///< of `removed`: nobody wanted that
  std::vector<Removed> removed_list;  ///< the first ones
  std::uint64_t digests = 0;
  core::Seq digests_until;
  core::Seq high_water_mark;
  std::vector<Gap> gaps;
  std::vector<Pruned> pruned;
  PRECONF_FIELDS(Coverage, base, first, last, first_wall, last_wall, chain, kinds, contents,
                 content_bytes, removed, lost, removed_list, digests, digests_until,
                 high_water_mark, gaps, pruned);
};

struct Verification {
  ReplayResult result = ReplayResult::kClean;
  Coverage coverage;
  std::vector<SnapshotCheck> snapshots;
  std::uint64_t missing_total = 0;
  std::vector<MissingContent> missing;  ///< the first ones
  std::optional<LogTrouble> trouble;
  PRECONF_FIELDS(Verification, result, coverage, snapshots, missing_total, missing, trouble);
};

constexpr std::size_t kMissingShown = 100;

/// Contents as they were found; each is looked at once. 40 bytes and a little per distinct content.
class ContentCheck {
 public:
  ContentCheck(const storage::EventSource& log, Verification& found) : log_(log), found_(found) {}

  void check(const core::Event& event) {
    for (const core::ContentRef& ref : core::content_refs(event.body)) check(event.seq, ref, true);
    for (const core::ContentRef& ref : core::contents_borrowed(event.body)) {
      check(event.seq, ref, false);
    }
  }
  /// Distinct contents that events refer to, without what they borrow.
  [[nodiscard]] std::uint64_t missing() const { return missing_; }

 private:
  enum class Presence : std::uint8_t { kHere, kRemoved, kMissing };
  struct Known {
    Presence presence = Presence::kMissing;
    std::uint32_t size = 0;
    bool is_referred_to = false;
  };

  void check(core::Seq seq, const core::ContentRef& ref, bool is_own) {
    const auto [at, is_new] = known_.try_emplace(ref.hash);
    Known& known = at->second;
    if (is_new) known = look_at(ref.hash);
    if (is_own) {
      ++found_.coverage.contents;
      if (known.presence == Presence::kMissing && !known.is_referred_to) ++missing_;
      known.is_referred_to = true;
    } else if (known.presence == Presence::kHere) {
      return;
    }
    if (known.presence == Presence::kRemoved) return;
    const bool is_here = known.presence == Presence::kHere;
    if (is_here && known.size == ref.size_bytes) {
      found_.coverage.content_bytes += known.size;
      return;
    }
    ++found_.missing_total;
    if (found_.missing.size() == kMissingShown) return;
    const std::string what = core::to_hex0x(ref.hash.view());
    found_.missing.push_back({seq, is_here ? what + " has another size than recorded" : what});
  }

  Known look_at(const core::Hash32& hash) {
    if (const auto bytes = log_.content(hash)) {  // re-hashed by the log
      return {Presence::kHere, static_cast<std::uint32_t>(bytes->size())};
    }
    const auto removed = log_.removed(hash);
    if (!removed) return {};
    Coverage& coverage = found_.coverage;
    ++coverage.removed;
    if (removed->cause == storage::RemovalCause::kLost) ++coverage.lost;
    if (!log_.omits_content() && coverage.removed_list.size() < kMissingShown) {
      coverage.removed_list.push_back({hash, storage::name_of(removed->cause), removed->size_bytes,
                                       known_time(removed->removed_at), removed->reason});
    }
    return {Presence::kRemoved, removed->size_bytes};
  }

  const storage::EventSource& log_;
  Verification& found_;
  std::map<core::Hash32, Known> known_;
  std::uint64_t missing_ = 0;
};

void cover(const storage::LoggedEvent& logged, Coverage& coverage) {
  const core::Event& event = logged.event;
  if (coverage.first.value == 0) {
    coverage.first = event.seq;
    coverage.first_wall = event.wall;
  }
  coverage.last = event.seq;
  coverage.last_wall = event.wall;
  coverage.chain = logged.chain;
  ++coverage.kinds[core::name_of(core::kind_of(event.body))];
  if (const auto* gap = std::get_if<core::events::LogGapRecorded>(&event.body)) {
    coverage.gaps.push_back({gap->from, gap->to, gap->lost_known, gap->reason});
  }
  if (logged.effects_digest) {
    ++coverage.digests;
    coverage.digests_until = event.seq;
  }
}

/// Without a fold only the file itself can be judged.
SnapshotHealth health_of(const storage::EventSource& log, const storage::SnapshotSource& store,
                         core::Seq seq) {
  const auto snapshot = store.load(seq);
  if (!snapshot) return SnapshotHealth::kUnreadable;
  if (!core::has_reducer_version(snapshot->reducer_version)) return SnapshotHealth::kOtherVersion;
  const auto chain = log.chain_at(seq);
  if (!chain) return SnapshotHealth::kNotReached;
  if (*chain != snapshot->position.chain) return SnapshotHealth::kForeign;
  return load_state(log, store, seq) ? SnapshotHealth::kEqual : SnapshotHealth::kDiffers;
}

/// What reading events and content does not touch.
std::optional<storage::StorageFailure> check_rest(const std::filesystem::path& path,
                                                  const storage::EventSource& log,
                                                  const storage::CaptureSummary& summary) {
  if (auto failure = log.check_container()) return failure;
  const auto* capture = dynamic_cast<const storage::CaptureFile*>(&log);
  return capture != nullptr ? capture->check_summary(summary)
                            : storage::check_base_state(path, log.base());
}

Verification verify(const std::filesystem::path& directory) {
  Verification found;
  // Read before the log, as opening does: beside a running node the log may only be newer.
  const auto mark = storage::read_mark(directory / storage::kHighWaterFile);
  const auto history = open_history(directory);
  if (!history) {
    found.result = result_of(history.error());
    found.trouble = trouble_of(history.error());
    return found;
  }
  if (mark) found.coverage.high_water_mark = mark->position.seq;
  const storage::EventSource& log = *history->events;
  found.coverage.base = log.base().seq;
  for (const storage::PrunedRange& range : log.pruned()) {
    found.coverage.pruned.push_back(
        {range.from, range.to, range.chain_before, range.chain_at_to, range.pruned_at});
  }
  EventStream stream(log, {core::next(log.base().seq), log.end().seq});
  ContentCheck contents(log, found);
  storage::CaptureSummary summary;
  while (const EventRunPtr run = stream.next()) {
    for (const storage::LoggedEvent& logged : *run) {
      cover(logged, found.coverage);
      contents.check(logged.event);
      ++summary.events;
    }
  }
  summary.digests = found.coverage.digests;
  summary.first_wall = found.coverage.first_wall;
  summary.last_wall = found.coverage.last_wall;
  summary.contents_missing = contents.missing();
  summary.contents_removed = found.coverage.removed;
  const auto failure = stream.failure() ? stream.failure() : check_rest(directory, log, summary);
  if (failure) {
    found.trouble = trouble_of(*failure);
    found.result = result_of(*failure);
  } else if (found.missing_total > 0) {
    found.result = ReplayResult::kDamaged;
  }
  for (const core::Seq seq : history->snapshots->list()) {
    found.snapshots.push_back({seq, health_of(log, *history->snapshots, seq)});
  }
  return found;
}

const char* file_health(SnapshotHealth health) {
  if (health == SnapshotHealth::kEqual) return "sound";
  return health == SnapshotHealth::kDiffers ? "contradicts itself" : name_of(health);
}

/// "events 5..9 are lost"
std::string lost_text(const Gap& gap) {
  if (gap.to < gap.from) {
    return fmt::format("before event {}: {}", gap.from.value,
                       gap.lost_known ? "no event is lost" : "nothing proves that none is lost");
  }
  return fmt::format("events {}..{}{} are lost", gap.from.value, gap.to.value,
                     gap.lost_known ? "" : " or more");
}

std::string removed_text(const Coverage& coverage) {
  std::string out;
  for (const Removed& removed : coverage.removed_list) {
    out += fmt::format("{:<10} content {}, {} bytes, {}: ", removed.cause,
                       core::to_hex0x(removed.content.view()), removed.size_bytes,
                       removed.removed_at ? utc_time(*removed.removed_at) : "time unknown");
    append_quoted(out, removed.reason);
    out += '\n';
  }
  return out;
}

std::string text_of(const Verification& found) {
  const Coverage& coverage = found.coverage;
  std::string out;
  if (coverage.last.value > 0) {
    out += fmt::format("events     {}..{}, {} to {}\n", coverage.first.value, coverage.last.value,
                       utc_time(coverage.first_wall), utc_time(coverage.last_wall));
    for (const auto& [kind, count] : coverage.kinds) {
      out += fmt::format("  {:<22} {:>10}\n", kind, count);
    }
    out += fmt::format("content    {} references, {} bytes, {} missing, {} removed, {} lost\n",
                       coverage.contents, coverage.content_bytes, found.missing_total,
                       coverage.removed - coverage.lost, coverage.lost);
    out += removed_text(coverage);
    out += fmt::format("effects    {} digests, recorded up to event {}\n", coverage.digests,
                       coverage.digests_until.value);
    out += fmt::format("mark       event {} proved durable\n", coverage.high_water_mark.value);
    for (const Gap& gap : coverage.gaps) {
      std::string reason;
      append_quoted(reason, gap.reason);
      out += "gap        " + lost_text(gap) + ": " + reason + "\n";
    }
    for (const Pruned& pruned : coverage.pruned) {
      out += fmt::format("pruned     events {}..{}, {}\n", pruned.from.value, pruned.to.value,
                         utc_time(pruned.pruned_at));
    }
    for (const SnapshotCheck& check : found.snapshots) {
      out += fmt::format("snapshot   {} {}\n", check.seq.value, file_health(check.health));
    }
    out += fmt::format("chain      {}\n", core::to_hex0x(coverage.chain.view()));
  }
  for (const MissingContent& missing : found.missing) {
    out += fmt::format("missing    content of event {}: {}\n", missing.seq.value, missing.what);
  }
  if (found.trouble) {
    std::string detail;
    append_quoted(detail, found.trouble->detail);
    out += fmt::format("log {} at event {}: {}\n", found.trouble->code, found.trouble->seq.value,
                       detail);
  }
  const bool is_sound = found.result == ReplayResult::kClean;
  const bool is_whole = found.coverage.gaps.empty() && found.coverage.lost == 0;
  const char* sound = is_whole ? "sound: dense, every hash and the chain hold\n"
                               : "sound but for what is lost: every hash and the chain hold\n";
  return out + (is_sound ? std::string(sound) : std::string(name_of(found.result)) + "\n");
}

}  // namespace

int log_verify(const LogVerifyOptions& options, std::ostream& out, std::ostream& /*err*/) {
  const Verification found = verify(options.directory);
  out << (options.json ? to_json(found) + "\n" : text_of(found));
  return static_cast<int>(found.result);
}

}  // namespace preconf::replay
