#include "core/served_chain.hpp"

#include "core/effects/step.hpp"
#include "core/limits.hpp"
#include "core/state.hpp"

namespace preconf::core {
namespace {

bool is_promised(const Commitment& commitment) {
  return commitment.phase == Phase::kAdmitted || commitment.phase == Phase::kExecuted;
}

}  // namespace

ServedHead served_head(const State& state) {
  if (!state.heads.unsafe) return {};
  const BlockNumber linked = state.p2p.backfill.linked;
  if (linked <= effects::confirmed_boundary(state)) return {};
  const auto& heights = state.book.by_height;
  for (auto it = heights.lower_bound(HeightKey{linked, CommitmentKey{}});
       it != heights.end() && it->number == linked; ++it) {
    const Commitment* commitment = state.book.find(it->key);
    if (commitment != nullptr && is_promised(*commitment)) {
      return ServedHead{linked, commitment->facts.window_end};
    }
  }
  return {};
}

ServedChain::ServedChain(const State& state) {
  for (const auto& [key, commitment] : state.book.held) {
    if (!is_promised(commitment)) continue;
    add({commitment.facts.block_number, !commitment.facts.eop_only(), commitment.received,
         key.preconf_hash});
  }
}

void ServedChain::note(const Decision& decision) {
  switch (decision.verdict) {
    case Verdict::kAdmitted:
    case Verdict::kHandoff:
      add({decision.number, decision.verdict == Verdict::kAdmitted, Seq{decision.a},
           decision.subject});
      return;
    case Verdict::kInvalidated:
    case Verdict::kEvicted:
    case Verdict::kStale:
      remove(decision.subject);
      return;
    case Verdict::kBoundaryMoved:
      prune(BlockNumber{decision.a});
      return;
    default:
      return;
  }
}

std::vector<ServedCommitment> ServedChain::range(BlockNumber start, std::size_t count) const {
  std::vector<ServedCommitment> out;
  auto it = by_number_.lower_bound(ServedCommitment{start, false, Seq{}, Hash32{}});
  for (; it != by_number_.end() && out.size() < count; ++it) {
    if (!out.empty() && distance(out.back().number, it->number) > 1) break;
    out.push_back(*it);
  }
  return out;
}

void ServedChain::add(const ServedCommitment& commitment) {
  if (!by_hash_.emplace(commitment.preconf_hash, commitment).second) return;
  by_number_.insert(commitment);
}

void ServedChain::remove(const Hash32& preconf_hash) {
  const auto found = by_hash_.find(preconf_hash);
  if (found == by_hash_.end()) return;
  by_number_.erase(found->second);
  by_hash_.erase(found);
}

void ServedChain::prune(BlockNumber boundary) {
  while (!by_number_.empty() &&
         distance(by_number_.begin()->number, boundary) > limits::kHeightsAheadMax) {
    by_hash_.erase(by_number_.begin()->preconf_hash);
    by_number_.erase(by_number_.begin());
  }
}

}  // namespace preconf::core
