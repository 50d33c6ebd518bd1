// A model of the execution engine at the level of commands and outcomes: what the reducer's plans
// talk to in tests. Headers are a pure function of the attributes.
#pragma once

#include <map>

#include "core/commands/commands.hpp"
#include "core/events/engine.hpp"

namespace preconf::tests {

/// Deterministic execution: the header that these attributes produce.
[[nodiscard]] core::protocol::HeaderFacts execute(
    const core::protocol::PayloadAttributes& attributes);
[[nodiscard]] core::protocol::HeaderFacts model_genesis();
/// Hash of the first transaction of a list.
[[nodiscard]] core::Hash32 model_anchor_tx_hash(const core::Hash32& rlp_hash);

struct ModelEngine {
  std::uint64_t chain_id = 0;
  std::map<core::Hash32, core::protocol::HeaderFacts> blocks;  ///< by hash, side blocks included
  std::map<core::BlockNumber, core::Hash32> canonical;
  std::map<core::BlockNumber, core::protocol::OriginRow> rows;
  std::map<core::PayloadId, core::protocol::PayloadAttributes> jobs;
  std::map<core::Hash32, core::protocol::HeaderFacts> payloads;  ///< by content hash
  std::optional<core::BlockNumber> head_l1_origin;
  /// As deployed engines: the pointer is read as none when its row is not there.
  bool pointer_needs_row = false;
  /// Blocks above are fetched and not executed: served by number, and none of them is the head.
  std::optional<core::BlockNumber> executed;
  std::map<core::ProposalId, core::BlockNumber> batches;  ///< proposal -> its last block
  std::map<core::Hash32, core::Hash32> lists;             ///< by block hash: its list's rlp hash
  /// Anchor number that a list states, by the list's rlp hash; filled by whoever makes lists.
  std::map<core::Hash32, core::L1BlockNumber> anchors;
  core::commands::ForkchoiceState labels;  ///< as told last
  std::uint64_t writes = 0;                ///< calls that may change something

  explicit ModelEngine(std::uint64_t chain);

  /// Performs the command and returns the answer a healthy engine gives.
  [[nodiscard]] core::events::EngineResult perform(const core::CommandBody& command);
  [[nodiscard]] const core::protocol::HeaderFacts& head() const;
  /// Forgets the newest blocks, as an engine does that restarts from an older state.
  void lose_blocks(std::uint64_t count);
  /// Makes a known block the head.
  void adopt(const core::Hash32& head);

 private:
  void make_canonical(const core::Hash32& head);
};

}  // namespace preconf::tests
