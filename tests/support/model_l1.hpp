// A model of L1 and of the node's client for it: blocks with facts, proposals that describe blocks,
// and answers to commands to L1.
#pragma once

#include <map>
#include <vector>

#include "tests/support/world.hpp"

namespace preconf::tests {

/// One block that a proposal describes.
struct DescribedBlock {
  core::codec::BlockManifest block;  ///< gas limit without the anchor's million
  core::Hash32 rlp_hash;             ///< of its list, when it is assembled as promised
  std::uint64_t base_fee_wei = 0;    ///< for which that list was made
};
/// What the proposer of `promise` writes into its manifest.
[[nodiscard]] DescribedBlock described(const Promise& promise);

class ModelL1 {
 public:
  static constexpr std::uint64_t kFirst = 100;  ///< number of the first block
  static constexpr std::uint64_t kGenesisTime = 1'000;
  static constexpr std::uint64_t kSlot = 12;

  ModelL1();

  /// A block without anything.
  void mine(std::size_t count = 1);
  /// A block with this fact.
  void mine_with(core::events::L1FactBody fact);
  /// Blocks up to a time at which `blocks` may land, then one with the next proposal.
  void propose(const std::vector<DescribedBlock>& blocks, bool is_forced_inclusion = false);
  void propose(const std::vector<std::vector<DescribedBlock>>& sources);
  /// A proposal whose manifest is garbage: the default block.
  void propose_garbage();
  /// The newest `depth` blocks are gone; the next ones differ from them.
  void reorg(std::size_t depth);
  void finalize(std::size_t below_tip);

  /// Offers everything the world's state does not have yet, as the follower would.
  void tell(World& world, bool is_live = true);
  /// Makes the world follow this L1.
  void connect(World& world);

  [[nodiscard]] core::events::L1Result perform(const core::CommandBody& command);

  [[nodiscard]] const std::vector<core::events::L1BlockObserved>& chain() const { return chain_; }
  [[nodiscard]] core::ProposalId next_id() const;

  bool blobs_are_missing = false;
  /// Anchor number of every list that was assembled or registered, for engines.
  std::map<core::Hash32, core::L1BlockNumber> anchors;
  void register_list(const core::Hash32& rlp_hash, core::L1BlockNumber anchor);

 private:
  struct Content {
    std::vector<DescribedBlock> blocks;  ///< empty: garbage
  };
  struct Landed {
    core::ProposalId id;
    core::Hash32 hash;  ///< as the inbox keeps it
  };
  [[nodiscard]] std::optional<Landed> newest() const;
  core::events::L1BlockObserved next_block() const;

  std::vector<core::events::L1BlockObserved> chain_;
  std::map<core::Hash32, Content> contents_;  ///< by the source's first blob hash
  std::optional<core::events::L1Ref> finalized_;
  std::uint64_t salt_ = 0;
};

}  // namespace preconf::tests
