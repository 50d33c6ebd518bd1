// The blocks that were offered or are linked already, oldest first: what a new block must stand on.
#pragma once

#include <deque>
#include <optional>
#include <vector>

#include "core/state/l1_state.hpp"
#include "core/types.hpp"
#include "io/rpc/l1_view.hpp"

namespace preconf::node::l1 {

struct KnownBlock {
  core::L1BlockNumber number;
  core::Hash32 hash;
  core::UnixSeconds timestamp;
  /// The newest proposal at or below it; none: not known.
  std::optional<core::ProposalId> proposal;
  /// Its hash, which the next one names as its parent; none: likewise.
  std::optional<core::Hash32> proposal_hash;
  /// Of its facts as they were read; none: an earlier scan read them.
  std::optional<core::Hash32> facts_hash;
};

class KnownChain {
 public:
  /// `newest`, if any, is the newest proposal that was observed in these blocks or below.
  void reset(const std::vector<core::L1Link>& links,
             const std::optional<io::NewestProposal>& newest);
  /// Requires number > tip().number.
  void append(const KnownBlock& block);
  /// Blocks above `number` are on another branch, or are read again. Returns them, oldest first.
  std::deque<KnownBlock> cut_above(core::L1BlockNumber number);
  /// Blocks below `number` are not remembered any more.
  void forget_below(core::L1BlockNumber number);

  [[nodiscard]] bool empty() const { return blocks_.empty(); }
  [[nodiscard]] std::size_t size() const { return blocks_.size(); }
  /// Requires that it is not empty.
  [[nodiscard]] const KnownBlock& tip() const { return blocks_.back(); }
  [[nodiscard]] const KnownBlock& oldest() const { return blocks_.front(); }
  /// The block with this number; blocks that were skipped are not here.
  [[nodiscard]] const KnownBlock* at(core::L1BlockNumber number) const;
  /// The block that brought tip().proposal. Nothing: not among the remembered blocks.
  [[nodiscard]] const KnownBlock* newest_with_proposal() const;
  /// Numbers of at most `count` blocks, from the highest one that is not above `from` downwards.
  [[nodiscard]] std::vector<core::L1BlockNumber> down_from(core::L1BlockNumber from,
                                                           std::size_t count) const;

 private:
  [[nodiscard]] std::deque<KnownBlock>::const_iterator first_above(
      core::L1BlockNumber number) const;

  std::deque<KnownBlock> blocks_;
};

}  // namespace preconf::node::l1
