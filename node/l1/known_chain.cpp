#include "node/l1/known_chain.hpp"

#include <algorithm>

#include "core/base/assert.hpp"

namespace preconf::node::l1 {

void KnownChain::reset(const std::vector<core::L1Link>& links,
                       const std::optional<io::NewestProposal>& newest) {
  blocks_.clear();
  for (const core::L1Link& link : links) {
    KnownBlock& block = blocks_.emplace_back();
    block.number = link.number;
    block.hash = link.hash;
    block.timestamp = link.timestamp;
    if (!newest || link.number < newest->landed) continue;
    block.proposal = newest->id;
    block.proposal_hash = newest->hash;
  }
}

void KnownChain::append(const KnownBlock& block) {
  PRECONF_ASSERT(blocks_.empty() || block.number > blocks_.back().number);
  blocks_.push_back(block);
}

std::deque<KnownBlock> KnownChain::cut_above(core::L1BlockNumber number) {
  std::deque<KnownBlock> out;
  while (!blocks_.empty() && blocks_.back().number > number) {
    out.push_front(blocks_.back());
    blocks_.pop_back();
  }
  return out;
}

void KnownChain::forget_below(core::L1BlockNumber number) {
  while (!blocks_.empty() && blocks_.front().number < number) blocks_.pop_front();
}

const KnownBlock* KnownChain::at(core::L1BlockNumber number) const {
  const auto above = first_above(number);
  if (above == blocks_.begin() || std::prev(above)->number != number) return nullptr;
  return &*std::prev(above);
}

const KnownBlock* KnownChain::newest_with_proposal() const {
  if (blocks_.empty() || !blocks_.back().proposal) return nullptr;
  const KnownBlock* first = nullptr;
  for (auto at = blocks_.rbegin(); at != blocks_.rend(); ++at) {
    if (at->proposal != blocks_.back().proposal) return first;
    first = &*at;
  }
  return nullptr;
}

std::vector<core::L1BlockNumber> KnownChain::down_from(core::L1BlockNumber from,
                                                       std::size_t count) const {
  std::vector<core::L1BlockNumber> out;
  for (auto at = first_above(from); at != blocks_.begin() && out.size() < count;) {
    out.push_back((--at)->number);
  }
  return out;
}

std::deque<KnownBlock>::const_iterator KnownChain::first_above(core::L1BlockNumber number) const {
  return std::upper_bound(
      blocks_.begin(), blocks_.end(), number,
      [](core::L1BlockNumber wanted, const KnownBlock& block) { return wanted < block.number; });
}

}  // namespace preconf::node::l1
