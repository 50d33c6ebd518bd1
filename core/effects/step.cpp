#include "core/effects/step.hpp"

#include <algorithm>

#include "core/base/assert.hpp"
#include "core/limits.hpp"

namespace preconf::core::effects {

CommandId Step::issue(CommandBody body) {
  PRECONF_ASSERT(out.commands.size() < limits::kCommandsPerEventMax);
  PRECONF_ASSERT(state.in_flight.size() < limits::kInFlightMax);
  const CommandId id{event.seq, static_cast<std::uint32_t>(out.commands.size())};
  out.commands.push_back(Command{id, state.engine_epoch, std::move(body)});
  state.in_flight.emplace(id, out.commands.back());
  return id;
}

void Step::order(CommandBody body) {
  PRECONF_ASSERT(out.commands.size() < limits::kCommandsPerEventMax && !has_outcome(body));
  const CommandId id{event.seq, static_cast<std::uint32_t>(out.commands.size())};
  out.commands.push_back(Command{id, state.engine_epoch, std::move(body)});
}

void Step::set_timer(TimerId timer, Millis delay) {
  PRECONF_ASSERT(out.commands.size() < limits::kCommandsPerEventMax);
  TimerState& armed = timer_of(state, timer);
  armed.armed = true;
  ++armed.generation;
  armed.due = WallNanos{event.wall.value + delay.value * 1'000'000};
  const CommandId id{event.seq, static_cast<std::uint32_t>(out.commands.size())};
  out.commands.push_back(
      Command{id, state.engine_epoch, commands::SetTimer{timer, armed.generation, delay}});
}

void Step::decide(const Decision& decision) {
  PRECONF_ASSERT(out.decisions.size() < limits::kDecisionsPerEventMax);
  out.decisions.push_back(decision);
  ++state.counters[counter_key(decision.verdict, decision.reason)];
}

void Step::add_evidence(const Evidence& evidence) {
  const bool known = std::ranges::any_of(state.evidence, [&evidence](const Evidence& other) {
    return other.kind == evidence.kind && other.signer == evidence.signer &&
           other.window_end == evidence.window_end && other.number == evidence.number;
  });
  if (known) return;
  if (state.evidence.size() == limits::kEvidenceMax) state.evidence.erase(state.evidence.begin());
  state.evidence.push_back(evidence);
}

Millis retry_delay(std::uint32_t attempts) {
  constexpr std::uint32_t kDoublingsMax = 16;
  const std::uint64_t delay = limits::kRetryDelayFirstMs << std::min(attempts, kDoublingsMax);
  return Millis{std::min(delay, limits::kRetryDelayMaxMs)};
}

BlockNumber confirmed_boundary(const State& state) {
  return state.heads.head_l1_origin.value_or(BlockNumber{0});
}

Decision about(const protocol::CommitmentFacts& facts, Verdict verdict, Reason reason,
               std::uint64_t a, std::uint64_t b, const Hash32& hash) {
  return Decision{verdict, reason, facts.preconf_hash, facts.block_number, a, b, hash};
}

}  // namespace preconf::core::effects
