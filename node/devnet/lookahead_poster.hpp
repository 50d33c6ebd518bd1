// Posts the lookahead of each epoch to the simulated L1: one slot, the epoch's last, all of them
// the same committer's. So windows follow each other without a gap.
#pragma once

#include "core/protocol/schedule.hpp"
#include "node/devnet/l1_chain.hpp"

namespace preconf::node::devnet {

class LookaheadPoster {
 public:
  /// `l1` outlives it and has a lookahead store.
  LookaheadPoster(L1Chain& l1, const core::Address& committer) : l1_(l1), committer_(committer) {}

  /// Submits what is missing up to the epoch after that of L1's next block.
  void post_due();

 private:
  L1Chain& l1_;
  core::Address committer_;
  core::UnixSeconds next_epoch_;  ///< first one that is not posted; zero: none is
};

/// The windows that these lookaheads amount to, from the first epoch of the chain on.
[[nodiscard]] core::protocol::Schedule posted_schedule(const core::protocol::EpochClock& clock,
                                                       std::size_t windows,
                                                       const core::Address& committer);

}  // namespace preconf::node::devnet
