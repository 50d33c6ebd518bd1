// Checkpoint sync: brings an engine that has nothing from L1 yet to the newest block that L1 has
// proven, before the node follows L1.
//
// The target is L1's word (getCoreState() in L1's finalized block), the block's bytes are another
// node's, hash checked, and everything below the engine fetches by its own peer-to-peer sync.
// Source: checkpoint sync of the Taiko drivers; docs/l1_client.md.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/events/l1.hpp"
#include "core/protocol/chain_profile.hpp"
#include "io/engine/engine_client.hpp"
#include "node/config/l1_settings.hpp"

namespace preconf::node::l1 {

struct CheckpointSyncOptions {
  const L1Config* l1 = nullptr;  ///< with checkpoint_urls; outlives the sync
  io::EngineClientOptions engine;
  core::protocol::ChainProfile chain;
  /// Between two looks at the engine while it syncs, and after a failure, at the most.
  std::chrono::milliseconds interval_max{12'000};
};

struct CheckpointSynced {
  std::optional<core::events::CheckpointReached> reached;
  bool is_stopped = false;  ///< SIGINT or SIGTERM came
  std::string remark;       ///< why there was nothing to do; empty with `reached`
};

/// Runs until the engine has the block, there is nothing to do, a signal comes, or it can not be
/// done: L1 or every checkpoint node is silent from the beginning, or the engine calls the proven
/// block invalid. The error names the option at fault. Whatever else fails is tried again for ever.
[[nodiscard]] core::Result<CheckpointSynced, std::string> sync_to_checkpoint(
    CheckpointSyncOptions options);

}  // namespace preconf::node::l1
