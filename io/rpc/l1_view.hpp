// What the L1 follower reads of the state: where to go on, and whether there is room. A pure
// function of the state; readers get a published copy.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "core/state.hpp"
#include "core/types.hpp"

namespace preconf::io {

/// The newest proposal that was observed: the next one names its hash as its parent.
struct NewestProposal {
  core::ProposalId id;
  core::Hash32 hash;
  core::L1BlockNumber landed;
  core::Seq seen;  ///< event that brought it
};

struct L1View {
  std::optional<core::ScanStart> start;
  std::shared_ptr<const std::vector<core::L1Link>> links;  ///< never null; oldest first
  std::optional<core::events::L1Ref> safe;
  std::optional<core::events::L1Ref> finalized;
  bool is_live = false;
  std::size_t proposals_pending = 0;  ///< on L1, not derived yet
  std::optional<NewestProposal> newest;
};

/// Nothing while no L1 is followed. `before`, if any, is an earlier view of the same state: links
/// that did not change since are shared with it, so that a view costs little.
[[nodiscard]] std::shared_ptr<const L1View> l1_view_of(const core::State& state,
                                                       const L1View* before);

}  // namespace preconf::io
