#include "core/effects/engine_consistency.hpp"

#include "core/base/assert.hpp"
#include "core/effects/apply_matching.hpp"
#include "core/effects/engine_verdict.hpp"
#include "core/effects/head_moves.hpp"
#include "core/effects/safety_reversal.hpp"
#include "core/effects/unsafe_block_processing.hpp"
#include "core/limits.hpp"

namespace preconf::core::effects {
namespace {

void retry_later(Step& step, Reason reason, std::uint64_t detail, bool wedged) {
  Backoff& backoff = step.state.consistency_backoff;
  const Millis delay = wedged ? Millis{limits::kRetryDelayMaxMs} : retry_delay(backoff.failures);
  ++backoff.failures;
  backoff.waiting = true;
  step.decide(Decision{Verdict::kReadDeferred, reason, Hash32{}, BlockNumber{0}, detail,
                       delay.value, Hash32{}});
  step.set_timer(TimerId::kReadRetry, delay);
  step.state.lane = LaneIdle{};
}

void settle(Step& step) {
  step.state.lane = LaneIdle{};
  step.state.consistency_due = false;
  step.state.consistency_backoff = Backoff{};
  step.state.heads.confirmed_this_epoch = true;
  step.set_timer(TimerId::kEnginePoll, Millis{limits::kEnginePollMs});
}

/// The parent's timestamp when it is known without asking.
std::optional<UnixSeconds> known_parent_time(const Heads& heads,
                                             const protocol::HeaderFacts& header) {
  if (header.number.value == 0) return UnixSeconds{0};
  const auto below = heads.executed.find(BlockNumber{header.number.value - 1});
  if (below == heads.executed.end() || below->second.hash != header.parent_hash) {
    return std::nullopt;
  }
  return below->second.timestamp;
}

/// The engine is ahead of us and a commitment explains it: the apply plan's probe will find out,
/// and keeps the link between commitment and block that an adoption would lose.
bool apply_plan_will_catch_up(const State& state, const protocol::HeaderFacts& latest) {
  return !state.adopt_engine_head && latest.number > state.heads.unsafe->number &&
         executable_commitment(state) != nullptr;
}

void take_over(Step& step, const protocol::HeaderFacts& latest) {
  if (const auto parent_time = known_parent_time(step.state.heads, latest)) {
    adopt_head(step, latest, *parent_time);
    settle(step);
    return;
  }
  ConsistencyPlan plan;
  plan.step = ConsistencyStep::kReadParent;
  plan.adopting = latest;
  plan.command = step.issue(commands::ReadBlock{BlockNumber{latest.number.value - 1}});
  step.state.lane = std::move(plan);
}

void on_heads(Step& step, const events::HeadsRead& read) {
  State& state = step.state;
  if (read.chain_id != state.chain.chain_id) {
    state.engine_fatal = true;
    state.lane = LaneIdle{};
    step.decide(Decision{Verdict::kEngineFatal, Reason::kEngineWrongChain, Hash32{}, BlockNumber{0},
                         read.chain_id, state.chain.chain_id, Hash32{}});
    return;
  }
  if (!read.latest) {
    retry_later(step, Reason::kEngineMissingHead, 0, false);
    return;
  }
  state.heads.safe = read.safe;
  state.heads.finalized = read.finalized;
  move_boundary(step, read.head_l1_origin);
  reconcile_with_engine(step, read.latest->number, read.head_l1_origin);
  compare_labels(state);
  const auto& ours = state.heads.unsafe;
  const bool is_ours = ours && ours->hash == read.latest->hash;
  if (state.reducer_version >= kL1MemoryVersion) state.engine_is_ahead = !is_ours;
  if (is_ours || (ours && apply_plan_will_catch_up(state, *read.latest))) {
    settle(step);
    return;
  }
  take_over(step, *read.latest);
}

void on_parent(Step& step, const ConsistencyPlan& plan, const events::BlockRead& read) {
  const bool right = read.block && next(read.number) == plan.adopting.number &&
                     read.block->hash == plan.adopting.parent_hash;
  if (!right) {
    retry_later(step, Reason::kEngineUnexpected, 0, false);
    return;
  }
  adopt_head(step, plan.adopting, read.block->timestamp);
  settle(step);
}

/// A held commitment whose block the head may be, as far as the header tells: the head came from
/// the engine (another node of ours drives it, or it was ahead), so its commitment is not known.
const Commitment* head_suspect(const State& state) {
  const auto& head = state.heads.unsafe;
  if (!head || !state.heads.confirmed_this_epoch) return nullptr;
  const auto executed = state.heads.executed.find(head->number);
  if (executed == state.heads.executed.end() || !executed->second.preconf_hash.is_zero()) {
    return nullptr;
  }
  const auto& heights = state.book.by_height;
  for (auto it = heights.lower_bound(HeightKey{head->number, CommitmentKey{}});
       it != heights.end() && it->number == head->number; ++it) {
    const Commitment* commitment = state.book.find(it->key);
    PRECONF_ASSERT(commitment != nullptr);
    const bool is_open =
        commitment->phase == Phase::kAdmitted && commitment->not_block != head->hash;
    const auto* list = state.txlists.facts_of(commitment->facts.raw_tx_list_hash);
    if (is_open && list != nullptr && could_be_block_of(state, commitment->facts, *head)) {
      return commitment;
    }
  }
  return nullptr;
}

void identify_head(Step& step, const Commitment& suspect) {
  ConsistencyPlan plan;
  plan.step = ConsistencyStep::kIdentify;
  plan.suspect = suspect.key();
  plan.command = step.issue(commands::ReadBlock{suspect.facts.block_number});
  step.state.lane = std::move(plan);
}

/// The origin row names the payload id, which covers the transaction list: now it is certain.
void on_identified(Step& step, const ConsistencyPlan& plan, const events::BlockRead& read) {
  State& state = step.state;
  state.lane = LaneIdle{};
  move_boundary(step, read.head_l1_origin);
  Commitment* suspect = state.book.find(plan.suspect);
  if (suspect == nullptr || suspect->phase != Phase::kAdmitted || !state.heads.unsafe ||
      suspect->facts.block_number != state.heads.unsafe->number) {
    return;
  }
  const auto* list = state.txlists.facts_of(suspect->facts.raw_tx_list_hash);
  const bool same_block = read.block && read.block->hash == state.heads.unsafe->hash;
  if (same_block && list != nullptr && is_block_of(state, suspect->facts, *list, read)) {
    link_head(step, plan.suspect.preconf_hash);
  } else {
    suspect->not_block = state.heads.unsafe->hash;
  }
}

}  // namespace

void keep_engine_consistent(Step& step) {
  State& state = step.state;
  const bool may_start = !state.stopping && !state.engine_fatal &&
                         !state.consistency_backoff.waiting &&
                         std::holds_alternative<LaneIdle>(state.lane);
  if (!may_start) return;
  if (!state.consistency_due) {
    if (const Commitment* suspect = head_suspect(state)) identify_head(step, *suspect);
    return;
  }
  ConsistencyPlan plan;
  plan.command = step.issue(commands::ReadHeads{});
  state.lane = std::move(plan);
}

void on_consistency_answer(Step& step, const Command& asked, const events::EngineAnswered& answer) {
  const auto* current = std::get_if<ConsistencyPlan>(&step.state.lane);
  PRECONF_ASSERT(current != nullptr);
  const ConsistencyPlan plan = *current;
  const EngineOutcomeClass outcome = outcome_class_of(answer.result);
  const EngineAction action = action_for(method_of(asked.body), outcome);
  const auto* heads = std::get_if<events::HeadsRead>(&answer.result);
  const auto* block = std::get_if<events::BlockRead>(&answer.result);
  if (action != EngineAction::kDone) {
    retry_later(step, Reason::kEngineUnavailable, static_cast<std::uint64_t>(outcome),
                action == EngineAction::kWedged);
  } else if (plan.step == ConsistencyStep::kReadHeads && heads != nullptr) {
    on_heads(step, *heads);
  } else if (plan.step == ConsistencyStep::kReadParent && block != nullptr) {
    on_parent(step, plan, *block);
  } else if (plan.step == ConsistencyStep::kIdentify && block != nullptr) {
    on_identified(step, plan, *block);
  } else {
    retry_later(step, Reason::kEngineUnexpected, static_cast<std::uint64_t>(outcome), false);
  }
}

void on_consistency_timer(Step& step) {
  step.state.consistency_backoff.waiting = false;
  step.state.consistency_due = true;
}

}  // namespace preconf::core::effects
