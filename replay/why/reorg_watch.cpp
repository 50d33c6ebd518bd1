#include "replay/why/reorg_watch.hpp"

#include <iterator>

namespace preconf::replay {
namespace {

using core::BlockNumber;
using core::Hash32;

/// The block at a height at or below the head, when that is known.
std::optional<Hash32> block_at(const core::Heads& heads, BlockNumber number) {
  if (number == heads.unsafe->number) return heads.unsafe->hash;
  if (core::next(number) == heads.unsafe->number) return heads.unsafe->parent_hash;
  const auto executed = heads.executed.find(number);
  return executed == heads.executed.end() ? std::nullopt : std::optional(executed->second.hash);
}

}  // namespace

bool ReorgWatch::drop_gone(const core::Heads& heads, core::Seq seq) {
  std::optional<Reorg> gone;
  while (!chain_.empty()) {
    const auto top = std::prev(chain_.end());
    const auto [number, hash] = *top;
    if (number <= heads.unsafe->number) {
      const auto here = block_at(heads, number);
      if (!here) chain_.clear();  // who knows
      if (!here || *here == hash) break;
    }
    if (!gone) gone = Reorg{seq, number, number, hash};
    gone->lowest = number;
    gone->lowest_hash = hash;
    chain_.erase(top);
  }
  if (gone) {
    newest_ = gone;
    ++count_;
  }
  return !chain_.empty();
}

void ReorgWatch::observe(const core::Heads& heads, core::Seq seq) {
  if (!heads.unsafe) return;
  const core::protocol::HeaderFacts& head = *heads.unsafe;
  if (!chain_.empty() && chain_.rbegin()->second == head.hash) return;
  const bool is_linked = drop_gone(heads, seq);
  if (!is_linked) {
    for (const auto& [number, block] : heads.executed) chain_.emplace(number, block.hash);
  }
  if (head.number.value > 0) chain_[BlockNumber{head.number.value - 1}] = head.parent_hash;
  chain_[head.number] = head.hash;
  while (chain_.size() > kBlocksMax) chain_.erase(chain_.begin());
}

}  // namespace preconf::replay
