#include "core/reducer.hpp"

#include "core/base/assert.hpp"
#include "core/codec/canonical.hpp"
#include "core/crypto/hash.hpp"
#include "core/effects/commitment_admission.hpp"
#include "core/effects/engine_consistency.hpp"
#include "core/effects/ingress_gate.hpp"
#include "core/effects/schedule_tracking.hpp"
#include "core/effects/step.hpp"
#include "core/effects/txlist_acquisition.hpp"
#include "core/effects/unsafe_block_processing.hpp"
#include "core/limits.hpp"
#include "core/state.hpp"

namespace preconf::core {
namespace {

using effects::Step;

void ignore(Step& step, Reason reason) {
  step.decide(Decision{Verdict::kIgnored, reason, Hash32{}, BlockNumber{0}, 0, 0, Hash32{}});
}

/// Takes one event into the state. What follows from the new state is evaluated afterwards.
struct Apply {
  Step& step;

  void operator()(const events::GenesisRecorded& genesis) const {
    State& state = step.state;
    if (step.event.seq != Seq{1}) {
      ignore(step, Reason::kNone);
      return;
    }
    state.reducer_version = genesis.reducer_version;
    state.chain = genesis.chain;
    state.network = genesis.network;
  }

  // Whatever was in flight belonged to a process that is gone: no answer will come. Plans start
  // anew after the engine's heads have been read, and begin with a probe, so that no overwrite is
  // repeated blindly.
  void operator()(const events::BootStarted&) const {
    State& state = step.state;
    ++state.boots;
    ++state.engine_epoch;
    state.stopping = false;
    state.engine_fatal = false;
    state.in_flight.clear();
    for (TimerState& timer : state.timers) timer.armed = false;
    state.lane = LaneIdle{};
    state.consistency_due = true;
    state.apply_backoff = Backoff{};
    state.consistency_backoff = Backoff{};
    state.heads.confirmed_this_epoch = false;
    state.l1.scanner_live = false;
  }

  void operator()(const events::ShutdownRequested&) const { step.state.stopping = true; }

  void operator()(const events::ScheduleConfigured& configured) const {
    effects::configure_schedule(step, configured);
  }

  void operator()(const events::IngressRejected& rejected) const {
    auto& counts = step.state.ingress_rejected;
    const bool known = counts.contains(rejected.reason);
    if (known || counts.size() < limits::kIngressReasonsMax) {
      counts[rejected.reason] += rejected.count;
    } else {
      ignore(step, Reason::kBufferFull);
    }
  }

  void operator()(const events::L1SyncObserved& observed) const {
    effects::observe_l1_sync(step, observed);
  }

  void operator()(const events::CommitmentReceived& received) const {
    effects::admit_commitment(step, received);
  }

  void operator()(const events::TxListReceived& received) const {
    effects::accept_txlist(step, received);
  }

  void operator()(const events::TimerFired& fired) const {
    const auto index = static_cast<std::size_t>(fired.timer);
    if (index >= kTimerCount || !step.state.timers[index].armed ||
        step.state.timers[index].generation != fired.generation) {
      ignore(step, Reason::kLateAnswer);
      return;
    }
    step.state.timers[index].armed = false;
    switch (fired.timer) {
      case TimerId::kApplyRetry:
        effects::on_apply_retry(step);
        return;
      case TimerId::kEnginePoll:
      case TimerId::kReadRetry:
        effects::on_consistency_timer(step);
        return;
    }
  }

  void operator()(const events::EngineAnswered& answer) const {
    State& state = step.state;
    const auto asked = state.in_flight.find(answer.command);
    if (asked == state.in_flight.end()) {
      ignore(step, Reason::kLateAnswer);
      return;
    }
    const Command command = std::move(asked->second);
    state.in_flight.erase(asked);
    if (state.stopping) {
      ignore(step, Reason::kGateStopped);
      state.lane = LaneIdle{};
      return;
    }
    const auto* apply = std::get_if<ApplyPlan>(&state.lane);
    const auto* consistency = std::get_if<ConsistencyPlan>(&state.lane);
    if (apply != nullptr && apply->command == answer.command) {
      effects::on_apply_answer(step, command, answer);
    } else if (consistency != nullptr && consistency->command == answer.command) {
      effects::on_consistency_answer(step, command, answer);
    } else {
      ignore(step, Reason::kLateAnswer);
    }
  }
};

/// Every driver effect's condition, in a fixed order. The gate comes first: it decides whether
/// others may start. Engine consistency precedes block processing: a plan starts from known heads.
void evaluate_effects(Step& step) {
  effects::update_gate(step);
  if (step.state.stopping) return;
  effects::keep_engine_consistent(step);
  effects::process_unsafe_blocks(step);
}

}  // namespace

void reduce(State& state, const Event& event, Outcome& out) {
  PRECONF_ASSERT(event.seq == next(state.last_seq));
  PRECONF_ASSERT(
      (event.seq == Seq{1}) ==
      (state.reducer_version == 0 && std::holds_alternative<events::GenesisRecorded>(event.body)));
  out.clear();
  state.last_seq = event.seq;
  state.last_wall = event.wall;
  Step step{state, event, out};
  std::visit(Apply{step}, event.body);
  evaluate_effects(step);
}

Hash32 effects_digest(const Outcome& outcome) {
  static constexpr std::array<std::uint8_t, 8> kEmpty{};
  if (outcome.commands.empty() && outcome.decisions.empty()) {
    return crypto::sha256(BytesView{kEmpty});
  }
  Bytes bytes;
  bytes.reserve(512);
  codec::CanonicalWriter(bytes).put(outcome);
  return crypto::sha256(bytes);
}

Hash32 state_hash(const State& state) {
  Bytes bytes;
  codec::CanonicalWriter writer(bytes);
  writer.put(kReducerVersion);
  writer.put(state);
  return crypto::sha256(bytes);
}

}  // namespace preconf::core
