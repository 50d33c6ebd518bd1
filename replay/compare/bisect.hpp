// `preconf bisect`: the first event where something begins to be so.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "replay/history.hpp"
#include "replay/predicate.hpp"
#include "replay/state_diff.hpp"

namespace preconf::replay {

/// The event that was found, and what it did.
struct BisectReport {
  bool found = false;
  std::string message;  ///< a sentence: what was found, or why nothing
  std::optional<core::Seq> seq;
  std::optional<core::WallNanos> time;
  std::string kind;
  std::string summary;
  std::vector<std::string> decisions;
  std::vector<Change> delta;  ///< of the state, the first ones
  std::uint64_t delta_total = 0;
  std::uint64_t probes = 0;  ///< states looked at by bisection, or asked of the other program
  std::uint64_t events_folded = 0;  ///< beside that
  std::string ours;                 ///< with --against: what each side has at the event
  std::string theirs;
  PRECONF_FIELDS(BisectReport, found, message, seq, time, kind, summary, decisions, delta,
                 delta_total, probes, events_folded, ours, theirs);
};

struct BisectFailure {
  std::string message;
  std::optional<storage::StorageFailure> storage;  ///< reading a log failed
};
using BisectResult = core::Result<BisectReport, BisectFailure>;

struct BisectRange {
  core::Seq from;  ///< first event that may be the one
  core::Seq to;
};
using BisectProgress = std::function<void(core::Seq)>;

/// The first event in `range` after which `predicate` holds. Looks at snapshots by bisection,
/// assuming that it stays true once it is, then folds the one interval between two snapshots; with
/// `linear`, or when the predicate asks about events, every event from `range.from` on is looked at
/// and nothing is assumed. Memory: one state.
[[nodiscard]] BisectResult bisect_predicate(const History& history, const Predicate& predicate,
                                            BisectRange range, bool linear,
                                            const BisectProgress& progress);

/// The first event in `range` where two logs part: the chains by bisection (they can not meet
/// again), then, before that, recorded effects digests one by one. Memory: two events.
[[nodiscard]] BisectResult bisect_logs(const History& ours, const History& theirs,
                                       BisectRange range, const BisectProgress& progress);

/// The state hash that another program computes after event `seq`, or why it gives none.
using StateHashOf = std::function<core::Result<core::Hash32, std::string>(core::Seq seq)>;

/// The first event in `range` after which the other program's state hash differs from this one's,
/// assuming that states stay different once they are. Memory: one state here; what the other
/// program needs is its own affair.
[[nodiscard]] BisectResult bisect_program(const History& history, const StateHashOf& other,
                                          BisectRange range, const BisectProgress& progress);

[[nodiscard]] std::string to_text(const BisectReport& report);

}  // namespace preconf::replay
