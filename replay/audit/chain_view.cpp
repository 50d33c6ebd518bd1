#include "replay/audit/chain_view.hpp"

#include <algorithm>
#include <utility>

namespace preconf::replay::audit {

using core::BlockNumber;
using core::Seq;
using core::protocol::HeaderFacts;

void ChainView::observe(const HeaderFacts& header, Seq seq) {
  // The link first: replacing the parent forgets everything above it.
  check_link(header, seq);
  place(header.number, header.hash, &header, seq);
}

void ChainView::begin_with(BlockNumber number, const core::Hash32& hash) {
  blocks_.insert_or_assign(number, ChainBlock{hash, std::nullopt, Seq{0}, true, true});
}

std::optional<Replacement> ChainView::move_head(const HeaderFacts& header, Seq seq) {
  observe(header, seq);
  blocks_.at(header.number).was_ours = true;
  for (auto it = blocks_.upper_bound(header.number); it != blocks_.end(); ++it) {
    if (it->second.attached && it->second.was_ours)
      leave(it->first, it->second, core::Hash32{}, seq);
    it->second.attached = false;
  }
  if (open_) {
    open_->maybe_lower = doubtful_.has_value();
    const auto lowest = blocks_.lower_bound(open_->lowest);
    const bool has_below = lowest != blocks_.begin() &&
                           core::next(std::prev(lowest)->first) == open_->lowest &&
                           std::prev(lowest)->second.was_ours;
    open_->below_unknown = !has_below && open_->lowest.value > 0;
  }
  // The parent is ours, too; from now on, as it may have come with this head.
  if (header.number.value > 0) blocks_.at(BlockNumber{header.number.value - 1}).was_ours = true;
  return std::exchange(open_, std::nullopt);
}

const ChainBlock* ChainView::at(BlockNumber number) const {
  if (doubtful_ && number <= *doubtful_ && number > doubtful_above_) return nullptr;
  const auto found = blocks_.find(number);
  return found == blocks_.end() || !found->second.attached ? nullptr : &found->second;
}

void ChainView::forget_below(BlockNumber number) {
  blocks_.erase(blocks_.begin(), blocks_.lower_bound(number));
}

void ChainView::place(BlockNumber number, const core::Hash32& hash, const HeaderFacts* header,
                      Seq seq) {
  auto found = blocks_.find(number);
  if (found != blocks_.end() && found->second.hash != hash) {
    replace(number, hash, seq);
    found = blocks_.end();
  }
  if (found == blocks_.end()) {
    found =
        blocks_.insert_or_assign(number, ChainBlock{hash, std::nullopt, seq, false, true}).first;
  }
  found->second.attached = true;
  if (header != nullptr && !found->second.header) found->second.header = *header;
}

void ChainView::leave(BlockNumber number, const ChainBlock& block,
                      const std::optional<core::Hash32>& by, Seq seq) {
  if (!open_ || number < open_->lowest) {
    if (!open_) open_.emplace().highest = number;
    open_->lowest = number;
    open_->old_hash = block.hash;
    open_->new_hash = by.value_or(core::Hash32{});
    open_->new_unknown = !by;
  }
  open_->highest = std::max(open_->highest, number);
  if (open_->seqs.empty() || open_->seqs.back() != seq) open_->seqs.push_back(seq);
}

void ChainView::replace(BlockNumber number, const core::Hash32& hash, Seq seq) {
  const auto first = blocks_.find(number);
  for (auto it = first; it != blocks_.end(); ++it) {
    // What the head went back from has left the chain before.
    // Only at `number` is it known what came instead.
    const auto by = it == first ? std::optional(hash) : std::nullopt;
    if (it->second.attached && it->second.was_ours) leave(it->first, it->second, by, seq);
  }
  blocks_.erase(first, blocks_.end());
}

void ChainView::check_link(const HeaderFacts& header, Seq seq) {
  if (header.number.value == 0) return;
  const BlockNumber below{header.number.value - 1};
  const auto found = blocks_.find(below);
  const bool agrees = found != blocks_.end() && found->second.hash == header.parent_hash;
  if (agrees) {
    for (auto it = found; !it->second.attached; --it) {
      it->second.attached = true;
      if (it == blocks_.begin()) break;
    }
    // The blocks below were linked to it when it was placed, unless only its hash was known.
    if (doubtful_ && below <= *doubtful_) doubtful_.reset();
    return;
  }
  const bool has_lower = !blocks_.empty() && blocks_.begin()->first < below;
  place(below, header.parent_hash, nullptr, seq);
  if (has_lower) {
    const BlockNumber doubt{below.value - 1};
    if (!doubtful_ || doubt < *doubtful_) doubtful_above_ = boundary_;
    doubtful_ = doubt;
  }
}

}  // namespace preconf::replay::audit
