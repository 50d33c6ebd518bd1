// Snapshots as claims: a file that says what the fold of the log was after one event.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "core/base/fields.hpp"
#include "core/base/result.hpp"
#include "core/state.hpp"
#include "replay/difference.hpp"
#include "storage/event_source.hpp"
#include "storage/snapshot_store.hpp"

namespace preconf::replay {

inline constexpr const char* kSnapshotDirectory = "snapshots";

enum class SnapshotHealth : std::uint8_t {
  kEqual,         ///< state and state hash are those of the fold
  kDiffers,       ///< a readable snapshot of this history that says something else
  kUnreadable,    ///< missing, cut or wrong checksum: counts as absent
  kForeign,       ///< of another history: its chain hash is not in this log
  kOtherVersion,  ///< of another reducer version
  kNotReached,    ///< outside the part that was folded
};
[[nodiscard]] const char* name_of(SnapshotHealth health);

/// The fold of the log after one event.
struct FoldedState {
  core::Hash32 chain;
  const core::State& state;
  const core::Bytes& bytes;  ///< canonical encoding of `state`
};

struct SnapshotJudgement {
  SnapshotHealth health = SnapshotHealth::kUnreadable;
  std::optional<Difference> difference;  ///< with kDiffers
  std::unique_ptr<core::State> state;    ///< with kEqual: as decoded from the file
};

/// Compares what a snapshot says with what the fold gives.
[[nodiscard]] SnapshotJudgement judge_snapshot(const std::optional<storage::Snapshot>& snapshot,
                                               const FoldedState& folded);

/// The state in the snapshot at `seq`, fit to go on from: right version, right history, decodes,
/// has its own hash, breaks no invariant. Otherwise the reason.
[[nodiscard]] core::Result<std::unique_ptr<core::State>, std::string> load_state(
    const storage::EventSource& log, const storage::SnapshotSource& store, core::Seq seq);

/// The state after event `seq`: the newest usable snapshot at or below it, then the fold. When
/// event `seq` is one that a repair found lost, the state after the last event before the gap.
/// A failure is that of reading the log; kPruned when `seq` lies before base().
[[nodiscard]] core::Result<std::unique_ptr<core::State>, storage::StorageFailure> state_after(
    const storage::EventSource& log, const storage::SnapshotSource& store, core::Seq seq);

/// Why `event` can not be reduced after `state` (core::refusal_of): kUndecodable when this program
/// lacks the rules, kDamaged when the log contradicts itself.
[[nodiscard]] std::optional<storage::StorageFailure> refuse(const core::State& state,
                                                            const core::Event& event);

}  // namespace preconf::replay
