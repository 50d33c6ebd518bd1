#include "replay/promise_on_l1.hpp"

#include "core/protocol/extra_data.hpp"

namespace preconf::replay {
namespace {

/// One that was judged before an L1 reorg is not held any more, but remembered.
const core::JudgedPromise* judged_promise(const core::State& state,
                                          const core::Hash32& preconf_hash,
                                          core::BlockNumber number) {
  const auto& promises = state.judged_promises;
  auto at = promises.lower_bound(core::HeightKey{number, core::CommitmentKey{preconf_hash, {}}});
  const bool is_it = at != promises.end() && at->first.number == number &&
                     at->first.key.preconf_hash == preconf_hash;
  return is_it ? &at->second : nullptr;
}

const core::protocol::CommitmentFacts* promise_of(const core::State& state,
                                                  const core::Hash32& preconf_hash) {
  const auto& held = state.book.held;
  auto at = held.lower_bound(core::CommitmentKey{preconf_hash, {}});
  for (; at != held.end() && at->first.preconf_hash == preconf_hash; ++at) {
    const core::Phase phase = at->second.phase;
    if (phase == core::Phase::kAdmitted || phase == core::Phase::kExecuted) {
      return &at->second.facts;
    }
  }
  return nullptr;
}

}  // namespace

std::vector<PromiseDifference> differences_on_l1(const core::State& state,
                                                 const core::Hash32& preconf_hash) {
  std::vector<PromiseDifference> out;
  const auto* plan = std::get_if<core::DerivePlan>(&state.lane);
  if (plan == nullptr) return out;
  const auto* judged = judged_promise(state, preconf_hash, plan->attributes.block_number);
  const auto* facts = judged != nullptr ? &judged->facts : promise_of(state, preconf_hash);
  if (facts == nullptr) return out;
  const core::protocol::CommitmentFacts& promised = *facts;
  if (plan->attributes.block_number != promised.block_number) return out;
  const core::protocol::PayloadAttributes& derived = plan->attributes;
  compare_member(out, "timestamp", promised.timestamp.value, derived.timestamp.value);
  compare_member(out, "coinbase", promised.coinbase, derived.fee_recipient);
  compare_member(out, "gas_limit", promised.gas_limit, derived.gas_limit);
  const auto proposal = core::protocol::proposal_in(derived.extra_data.view());
  compare_member(out, "proposal_id", promised.proposal_id.value, proposal ? proposal->value : 0);
  compare_member(out, "base_fee_sharing_pctg", unsigned{state.chain.base_fee_sharing_pctg},
                 unsigned{derived.extra_data.bytes.front()});
  if (judged != nullptr && judged->list_rlp_hash) {
    compare_member(out, "transactions", *judged->list_rlp_hash, derived.tx_list_rlp_hash);
  } else if (const auto* list = state.txlists.facts_of(promised.raw_tx_list_hash)) {
    compare_member(out, "transactions", list->rlp_hash, derived.tx_list_rlp_hash);
  }
  return out;
}

std::string text_of(const std::vector<PromiseDifference>& differences) {
  std::string out;
  for (const PromiseDifference& one : differences) {
    out += (out.empty() ? "" : "; ") + one.field + ": promised " + one.promised + ", on L1 " +
           one.on_l1;
  }
  return out;
}

}  // namespace preconf::replay
