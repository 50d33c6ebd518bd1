#include "io/rpc/l1_view.hpp"

#include "core/effects/l1_observation.hpp"
#include "core/protocol/inbox.hpp"

namespace preconf::io {
namespace {

/// The newest hash stands for everything below it; the oldest link says how far that is kept.
bool is_same(const std::vector<core::L1Link>& a, const std::vector<core::L1Link>& b) {
  if (a.size() != b.size() || a.empty()) return a.size() == b.size();
  return a.front() == b.front() && a.back() == b.back();
}

/// Hashed once.
std::optional<NewestProposal> newest_of(const core::L1State& l1, const L1View* before) {
  const core::ObservedProposal* newest = core::effects::newest_proposal(l1);
  if (newest == nullptr) return std::nullopt;
  const bool is_known = before != nullptr && before->newest &&
                        before->newest->seen == newest->seen &&
                        before->newest->id == newest->facts.id;
  if (is_known) return before->newest;
  return NewestProposal{newest->facts.id,
                        core::protocol::proposal_hash(newest->facts, newest->landed),
                        newest->landed.block_number, newest->seen};
}

}  // namespace

std::shared_ptr<const L1View> l1_view_of(const core::State& state, const L1View* before) {
  const core::L1State& l1 = state.l1_chain;
  if (!l1.is_followed) return nullptr;
  auto view = std::make_shared<L1View>();
  view->start = l1.start;
  view->safe = l1.safe;
  view->finalized = l1.finalized;
  view->is_live = l1.is_live;
  view->proposals_pending = l1.pending.size();
  view->newest = newest_of(l1, before);
  const bool is_shared = before != nullptr && is_same(*before->links, l1.links);
  view->links =
      is_shared ? before->links : std::make_shared<const std::vector<core::L1Link>>(l1.links);
  return view;
}

}  // namespace preconf::io
