// A deterministic model of an execution engine, at the level of commands and their answers.
//
// It learns the chain from recorded answers, and then answers as a healthy engine does: what is
// built on a known block is VALID, reads show the canonical chain. A block with exactly the
// attributes of a recorded one is that block; of any other the hash is the model's own, and the gas
// used is that of its parent.
#pragma once

#include <map>
#include <optional>

#include "core/commands/commands.hpp"
#include "core/events/engine.hpp"
#include "core/state.hpp"

namespace preconf::replay {

class ModelEngine {
 public:
  /// Blocks remembered; older ones are forgotten.
  static constexpr std::size_t kBlocksMax = 16'384;
  /// Recorded blocks that are known by what they were built from.
  static constexpr std::size_t kRecordedMax = 131'072;

  /// What a state knows about the engine.
  void learn(const core::State& state);
  /// A recorded answer to a command: the engine has this and did that.
  void learn(const core::CommandBody& command, const core::events::EngineResult& result);
  /// What does not follow from our commands: the boundary that L1 moves.
  void learn_from_outside(const core::events::EngineResult& result);

  /// A block that the real engine built from these attributes, at any time of history.
  void remember_built(const core::protocol::PayloadAttributes& attributes,
                      const core::events::PayloadTaken& taken);
  /// What the real engine said of a block by its hash, at any time of history: what is in it, and
  /// in the state after it.
  void remember_block(const core::CommandBody& command, const core::events::EngineResult& result);
  /// The safe and finalized block are the ones that it is told with a head; otherwise they move as
  /// in history, from outside.
  void set_labels_are_ours(bool are_ours) { labels_are_ours_ = are_ours; }
  /// A payload that the real engine refused for good.
  void remember_invalid(const core::Hash32& block_hash) { invalid_[block_hash] = true; }

  [[nodiscard]] core::events::EngineResult perform(const core::CommandBody& command);

 private:
  struct Performing;
  /// What its database has beside the chain; known only as far as history read or wrote it.
  struct Tables {
    std::map<core::BlockNumber, core::protocol::OriginRow> rows;
    std::map<core::BlockNumber, core::Signature65> signatures;
    std::map<core::ProposalId, core::BlockNumber> batches;
    std::map<core::Hash32, std::uint64_t> nonces;  ///< golden touch's, by block
    std::map<core::Hash32, core::L1BlockNumber> anchors;
    std::map<core::Hash32, core::protocol::CanonicalBlockFacts> facts;
  };
  /// What never changes, by the hash of a block of history.
  struct Blocks {
    std::map<core::Hash32, std::uint64_t> nonces;
    std::map<core::Hash32, core::L1BlockNumber> anchors;
    std::map<core::Hash32, core::protocol::CanonicalBlockFacts> facts;
  };
  struct Built {
    core::protocol::HeaderFacts header;
    core::ContentRef payload;
    std::uint32_t transactions = 0;
  };

  void add_block(const core::protocol::HeaderFacts& header);
  void make_canonical(const core::Hash32& head);
  void take_labels(const core::commands::ForkchoiceState& state);
  void learn_table(const core::CommandBody& command, const core::events::EngineResult& result);
  void start(const core::protocol::PayloadAttributes& attributes, core::L1BlockNumber l1_height,
             const core::Hash32& l1_hash, bool is_forced_inclusion);
  [[nodiscard]] core::events::EngineResult read_canonical(core::BlockNumber number) const;
  [[nodiscard]] Built build(const core::protocol::PayloadAttributes& attributes) const;

  std::uint64_t chain_id_ = 0;
  std::optional<core::BlockRef> safe_;
  std::optional<core::BlockRef> finalized_;
  std::optional<core::BlockNumber> head_l1_origin_;
  std::map<core::Hash32, core::protocol::HeaderFacts> blocks_;
  std::map<core::BlockNumber, core::Hash32> canonical_;
  Tables tables_;
  Blocks of_history_;
  bool labels_are_ours_ = false;
  std::map<core::PayloadId, core::protocol::PayloadAttributes> jobs_;
  std::map<core::PayloadId, Built> recorded_;  ///< by the payload id of their attributes
  std::map<core::Hash32, core::protocol::HeaderFacts> payloads_;  ///< by block hash
  std::map<core::Hash32, bool> invalid_;  ///< blocks that the real engine refused
};

}  // namespace preconf::replay
