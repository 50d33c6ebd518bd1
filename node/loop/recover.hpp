// Recovery: from a log on disk to the state it folds to.
//
// The log is the truth; a snapshot only shortens the fold. What the log recorded about the fold
// (one effects digest per event) is compared as it goes: a program that would have acted
// differently on this history must not continue it.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/state.hpp"
#include "core/types.hpp"
#include "storage/event_log.hpp"
#include "storage/snapshot_store.hpp"
#include "storage/storage_error.hpp"

namespace preconf::node {

struct Recovered {
  std::unique_ptr<core::State> state;
  storage::LogPosition end;           ///< of the log; state->last_seq is its seq
  core::Seq snapshot_seq;             ///< 0: folded from the first event
  std::uint64_t events_replayed = 0;  ///< after the snapshot
  std::chrono::microseconds elapsed{0};
  /// Digests of the tail that a crash kept from being recorded; to be written before going on.
  std::vector<storage::EffectsDigests> missing_digests;
  /// Snapshots that were passed over, with the reason; for the log output.
  std::vector<std::string> unusable_snapshots;
};

enum class RecoveryError : std::uint8_t {
  kStorage,         ///< the log can not be read; `storage` says why
  kDivergence,      ///< recomputed effects differ from the recorded ones at `seq`
  kReducerVersion,  ///< the log began or went on under rules this program does not have
  kNoGenesis,       ///< the first event is not GenesisRecorded
};

struct RecoveryFailure {
  RecoveryError code = RecoveryError::kStorage;
  core::Seq seq;
  std::string detail;  ///< for a person; names what was recorded and what was recomputed
  storage::StorageFailure storage;
};

/// Folds the newest usable snapshot (its reducer version, chain and state hash checked) and every
/// event after it. An empty log gives the initial state.
[[nodiscard]] core::Result<Recovered, RecoveryFailure> recover(
    const storage::EventLog& log, const storage::SnapshotStore& snapshots);

}  // namespace preconf::node
