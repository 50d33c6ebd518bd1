// From a data directory to a state that may go on: opening, recovery, and the events that begin
// this life of the process.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "node/config.hpp"
#include "node/loop/ports.hpp"
#include "node/loop/recover.hpp"
#include "storage/event_log.hpp"
#include "storage/snapshot_store.hpp"

namespace preconf::node {

struct BootFailure {
  int exit_code = 1;
  std::string message;
};

struct Booted {
  std::unique_ptr<storage::EventLog> log;
  std::unique_ptr<storage::SnapshotStore> snapshots;
  Recovered recovered;
  std::optional<core::events::CheckpointReached> checkpoint;  ///< synced to in this life
};

/// Opens (or creates) the log, recovers, records the digests a crash kept from being written, and
/// compares the recorded chain and network with the configured ones.
[[nodiscard]] core::Result<Booted, BootFailure> boot(const NodeConfig& config);

/// First inputs of this life, in order: GenesisRecorded for a new log, ReducerActivated for one
/// whose rules are older than this program's, BootStarted, then what the configuration says and the
/// log does not yet, and `checkpoint`, if there is one.
[[nodiscard]] std::vector<Input> first_inputs(
    const NodeConfig& config, const core::State& state,
    const std::optional<core::events::CheckpointReached>& checkpoint = std::nullopt);

[[nodiscard]] int exit_code_of(const storage::StorageFailure& failure);
[[nodiscard]] std::string describe(const storage::StorageFailure& failure);

}  // namespace preconf::node
