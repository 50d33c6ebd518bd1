#include "core/effects/head_moves.hpp"

#include "core/base/assert.hpp"
#include "core/effects/commitment_admission.hpp"

namespace preconf::core::effects {
namespace {

ExecutedBlock executed_block(const protocol::HeaderFacts& header, const Hash32& preconf_hash) {
  return ExecutedBlock{header.hash, preconf_hash, header.timestamp, header.gas_limit};
}

/// The block is not on the executed chain any more: its commitment is only a promise again.
void unexecute(Step& step, const Hash32& preconf_hash, BlockNumber head) {
  const Commitment* found = step.state.book.find_linkable(preconf_hash);
  if (found == nullptr || found->phase != Phase::kExecuted) return;
  Commitment* commitment = step.state.book.find(found->key());
  step.state.book.set_phase(*commitment, Phase::kAdmitted);
  if (commitment->facts.block_number > head) {
    step.decide(about(commitment->facts, Verdict::kReopened, Reason::kEngineOlderHead, head.value,
                      commitment->facts.block_number.value));
  }
}

/// Keeps of the executed chain what is at or below `header` and linked to it.
void cut_executed_chain(Step& step, const protocol::HeaderFacts& header) {
  auto& executed = step.state.heads.executed;
  const auto same = executed.find(header.number);
  const bool head_is_known = same != executed.end() && same->second.hash == header.hash;
  const auto below = header.number.value == 0 ? executed.end()
                                              : executed.find(BlockNumber{header.number.value - 1});
  const bool chain_goes_on =
      head_is_known || (below != executed.end() && below->second.hash == header.parent_hash);
  for (auto it = executed.begin(); it != executed.end();) {
    const bool is_head = it->first == header.number;
    const bool keep = chain_goes_on && (it->first < header.number || (is_head && head_is_known));
    if (keep) {
      ++it;
      continue;
    }
    unexecute(step, it->second.preconf_hash, header.number);
    it = executed.erase(it);
  }
}

/// The commitment that was executed as this very block before, when the chain comes back to it.
Hash32 preconf_executed_as(const State& state, const protocol::HeaderFacts& header) {
  const auto& heights = state.book.by_height;
  for (auto it = heights.lower_bound(HeightKey{header.number, CommitmentKey{}});
       it != heights.end() && it->number == header.number; ++it) {
    const Commitment* commitment = state.book.find(it->key);
    PRECONF_ASSERT(commitment != nullptr);
    if (commitment->phase == Phase::kAdmitted && commitment->block_hash == header.hash) {
      return it->key.preconf_hash;
    }
  }
  return Hash32{};
}

Reason reason_for_adoption(const std::optional<protocol::HeaderFacts>& ours,
                           const protocol::HeaderFacts& theirs) {
  if (!ours) return Reason::kNone;
  return theirs.number < ours->number ? Reason::kEngineOlderHead : Reason::kEngineOtherHead;
}

}  // namespace

void advance_head(Step& step, const protocol::HeaderFacts& header, const CommitmentKey& key) {
  Heads& heads = step.state.heads;
  PRECONF_ASSERT(heads.unsafe && header.parent_hash == heads.unsafe->hash);
  Commitment* commitment = step.state.book.find(key);
  PRECONF_ASSERT(commitment != nullptr);
  step.state.book.set_phase(*commitment, Phase::kExecuted);
  commitment->block_hash = header.hash;
  heads.unsafe_parent_time = heads.unsafe->timestamp;
  heads.unsafe = header;
  heads.executed[header.number] = executed_block(header, key.preconf_hash);
  step.state.engine_is_ahead = false;
  step.state.apply_backoff = Backoff{};
  prune_commitments(step);
}

void adopt_head(Step& step, const protocol::HeaderFacts& header, UnixSeconds parent_time,
                Reason reason) {
  Heads& heads = step.state.heads;
  if (reason == Reason::kNone) reason = reason_for_adoption(heads.unsafe, header);
  const std::uint64_t ours = heads.unsafe ? heads.unsafe->number.value : 0;
  step.decide(Decision{Verdict::kHeadAdopted, reason, header.hash, header.number,
                       header.number.value, ours, heads.unsafe ? heads.unsafe->hash : Hash32{}});
  cut_executed_chain(step, header);
  heads.executed.emplace(header.number, executed_block(header, Hash32{}));
  heads.unsafe = header;
  heads.unsafe_parent_time = parent_time;
  step.state.engine_is_ahead = false;
  if (heads.executed.at(header.number).preconf_hash.is_zero()) {
    const Hash32 preconf_hash = preconf_executed_as(step.state, header);
    if (!preconf_hash.is_zero()) link_head(step, preconf_hash);
  }
  step.state.adopt_engine_head = false;
  step.state.apply_backoff = Backoff{};
  prune_commitments(step);
  readmit_above_head(step);
}

void link_head(Step& step, const Hash32& preconf_hash) {
  Heads& heads = step.state.heads;
  const Commitment* found = step.state.book.find_linkable(preconf_hash);
  PRECONF_ASSERT(heads.unsafe && found != nullptr && found->phase == Phase::kAdmitted &&
                 found->facts.block_number == heads.unsafe->number);
  Commitment* commitment = step.state.book.find(found->key());
  step.state.book.set_phase(*commitment, Phase::kExecuted);
  commitment->block_hash = heads.unsafe->hash;
  heads.executed.at(heads.unsafe->number).preconf_hash = preconf_hash;
  step.decide(about(commitment->facts, Verdict::kAlreadyMaterialized, Reason::kNone,
                    commitment->received.value, 0, heads.unsafe->hash));
}

void move_boundary(Step& step, const std::optional<BlockNumber>& head_l1_origin) {
  auto& current = step.state.heads.head_l1_origin;
  if (current == head_l1_origin) return;
  const std::uint64_t before = current.value_or(BlockNumber{0}).value;
  current = head_l1_origin;
  const BlockNumber now = confirmed_boundary(step.state);
  step.decide(
      Decision{Verdict::kBoundaryMoved, Reason::kNone, Hash32{}, now, now.value, before, Hash32{}});
  prune_commitments(step);
}

}  // namespace preconf::core::effects
