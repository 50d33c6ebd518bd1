#include "core/reducer.hpp"

#include "core/base/assert.hpp"
#include "core/codec/canonical.hpp"
#include "core/crypto/hash.hpp"
#include "core/effects/attributes_generation.hpp"
#include "core/effects/commitment_admission.hpp"
#include "core/effects/commitment_backfill.hpp"
#include "core/effects/commitment_publication.hpp"
#include "core/effects/derivation_retry.hpp"
#include "core/effects/engine_consistency.hpp"
#include "core/effects/gossip_reward.hpp"
#include "core/effects/ingress_gate.hpp"
#include "core/effects/l1_observation.hpp"
#include "core/effects/peer_requests.hpp"
#include "core/effects/peer_tracking.hpp"
#include "core/effects/proposal_settlement.hpp"
#include "core/effects/resume_point.hpp"
#include "core/effects/safety_progression.hpp"
#include "core/effects/safety_reversal.hpp"
#include "core/effects/schedule_tracking.hpp"
#include "core/effects/step.hpp"
#include "core/effects/txlist_acquisition.hpp"
#include "core/effects/txlist_fetch.hpp"
#include "core/effects/unsafe_block_processing.hpp"
#include "core/limits.hpp"
#include "core/state.hpp"

namespace preconf::core {
namespace {

using effects::Step;

void ignore(Step& step, Reason reason) {
  step.decide(Decision{Verdict::kIgnored, reason, Hash32{}, BlockNumber{0}, 0, 0, Hash32{}});
}

bool knows_peers(const State& state) { return state.reducer_version >= kP2pVersion; }

bool is_publication(const CommandBody& body) {
  return std::holds_alternative<commands::PublishCommitment>(body) ||
         std::holds_alternative<commands::PublishTxList>(body);
}

std::string version_text(std::uint32_t version) { return std::to_string(version); }

std::optional<std::string> refuse_versions(const State& state,
                                           const events::ReducerActivated& barrier) {
  if (barrier.to_version > kReducerVersion) {
    return "reducer version " + version_text(barrier.to_version) +
           " was activated, this program has versions 1 to " + version_text(kReducerVersion);
  }
  if (barrier.from_version != state.reducer_version || barrier.to_version <= barrier.from_version) {
    return "reducer_activated from version " + version_text(barrier.from_version) + " to " +
           version_text(barrier.to_version) + " where version " +
           version_text(state.reducer_version) + " holds";
  }
  return std::nullopt;
}

/// An answer nobody waits for. Version 1 did not say to which command.
void ignore_answer(Step& step, const CommandId& command) {
  Decision decision{Verdict::kIgnored, Reason::kLateAnswer, Hash32{}, BlockNumber{0}, 0, 0,
                    Hash32{}};
  if (step.state.reducer_version >= 2) {
    decision.a = command.cause.value;
    decision.b = command.ordinal;
  }
  step.decide(decision);
}

/// Whatever was in flight belonged to a process that is gone: no answer will come. Plans start anew
/// after the engine's heads have been read, and begin with a probe, so that no overwrite is
/// repeated blindly.
void forget_process(State& state) {
  state.in_flight.clear();
  for (std::size_t i = 0; i < kTimerCount; ++i) {
    timer_of(state, static_cast<TimerId>(i)).armed = false;
  }
  state.lane = LaneIdle{};
  state.consistency_due = true;
  state.apply_backoff = Backoff{};
  state.consistency_backoff = Backoff{};
  state.heads.confirmed_this_epoch = false;
  state.l1.scanner_live = false;
  state.l1_chain.is_live = false;
  state.l1_chain.resolving.reset();
  state.l1_chain.backoff = Backoff{};
  state.l1_chain.resolve_backoff = Backoff{};
  effects::restart_derivation(state.l1_chain);
  effects::forget_connections(state);
}

/// Events that change neither what is known nor what must be done: no effect is evaluated.
bool is_inert(const EventBody& body) {
  return std::holds_alternative<events::ReducerActivated>(body) ||
         std::holds_alternative<events::IgnorableRecorded>(body);
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

  void operator()(const events::BootStarted&) const {
    State& state = step.state;
    ++state.boots;
    ++state.engine_epoch;
    state.stopping = false;
    state.engine_fatal = false;
    forget_process(state);
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
    if (!knows_peers(step.state)) return;
    effects::judge_gossip(step);
    if (step.event.source == SourceKind::kRpc) effects::note_own_commitment(step, received);
  }

  void operator()(const events::TxListReceived& received) const {
    effects::accept_txlist(step, received);
    if (knows_peers(step.state)) effects::judge_gossip(step);
  }

  void operator()(const events::TimerFired& fired) const {
    const bool is_known = static_cast<std::size_t>(fired.timer) < kTimerCount;
    if (!is_known || !timer_of(step.state, fired.timer).armed ||
        timer_of(step.state, fired.timer).generation != fired.generation) {
      ignore(step, Reason::kLateAnswer);
      return;
    }
    timer_of(step.state, fired.timer).armed = false;
    switch (fired.timer) {
      case TimerId::kApplyRetry:
        effects::on_apply_retry(step);
        return;
      case TimerId::kEnginePoll:
      case TimerId::kReadRetry:
        effects::on_consistency_timer(step);
        return;
      case TimerId::kPeerPoll:
        effects::on_peer_poll(step);
        return;
      case TimerId::kBackfillRetry:
        effects::on_backfill_retry(step);
        return;
      case TimerId::kPublishRetry:
        effects::on_publish_retry(step);
        return;
      case TimerId::kDeriveRetry:
        effects::on_derive_retry(step);
        return;
      case TimerId::kResolveRetry:
        effects::on_resolve_retry(step);
        return;
      case TimerId::kTxListRetry:
        return;  // the fetches know when they are due
    }
  }

  void operator()(const events::EngineAnswered& answer) const {
    State& state = step.state;
    const auto asked = state.in_flight.find(answer.command);
    if (asked == state.in_flight.end()) {
      ignore_answer(step, answer.command);
      return;
    }
    if (is_for_peers(asked->second.body) || is_for_l1(asked->second.body)) {
      ignore_answer(step, answer.command);  // an engine's answer to a question to somebody else
      return;
    }
    const Command command = std::move(asked->second);
    state.in_flight.erase(asked);
    if (state.stopping) {
      ignore(step, Reason::kGateStopped);
      state.lane = LaneIdle{};
      return;
    }
    const CommandId* waited_for = lane_command(state.lane);
    if (waited_for == nullptr || *waited_for != answer.command) {
      ignore_answer(step, answer.command);
    } else if (std::holds_alternative<ApplyPlan>(state.lane)) {
      effects::on_apply_answer(step, command, answer);
    } else if (std::holds_alternative<ConsistencyPlan>(state.lane)) {
      effects::on_consistency_answer(step, command, answer);
    } else if (std::holds_alternative<DerivePlan>(state.lane)) {
      effects::on_derive_answer(step, command, answer);
    } else if (std::holds_alternative<SettlePlan>(state.lane)) {
      effects::on_settle_answer(step, command, answer);
    } else {
      effects::on_resume_answer(step, command, answer);
    }
  }

  // A repair wrote it while no process ran, and what happened in the gap is unknown: as after a
  // crash, and nothing starts before the next boot.
  void operator()(const events::LogGapRecorded& gap) const {
    forget_process(step.state);
    step.state.stopping = true;
    step.decide(Decision{Verdict::kEventsLost, Reason::kNone, Hash32{}, BlockNumber{0},
                         gap.from.value, gap.to.value, Hash32{}});
  }

  void operator()(const events::ReducerActivated& barrier) const {
    if (refuse_versions(step.state, barrier)) {
      ignore(step, Reason::kNone);
      return;
    }
    step.decide(Decision{Verdict::kRulesChanged, Reason::kNone, Hash32{}, BlockNumber{0},
                         step.state.reducer_version, barrier.to_version, barrier.state_hash});
    step.state.reducer_version = barrier.to_version;
  }

  void operator()(const events::NetworkStarted&) const {
    if (has_peers_in_its_rules()) effects::on_network_started(step);
  }
  void operator()(const events::PeerConnected& connected) const {
    if (has_peers_in_its_rules()) effects::on_peer_connected(step, connected);
  }
  void operator()(const events::PeerDisconnected& disconnected) const {
    if (has_peers_in_its_rules()) effects::on_peer_disconnected(step, disconnected);
  }
  void operator()(const events::DialFailed& failed) const {
    if (has_peers_in_its_rules()) step.state.p2p.dial_failures += failed.attempts;
  }
  void operator()(const events::PeerReported& reported) const {
    if (has_peers_in_its_rules()) effects::on_peer_reported(step, reported);
  }

  void operator()(const events::PeerAnswered& answer) const {
    const auto asked = step.state.in_flight.find(answer.command);
    if (asked == step.state.in_flight.end() || !effects::peer_of(asked->second.body)) {
      ignore_answer(step, answer.command);
      return;
    }
    const Command command = std::move(asked->second);
    step.state.in_flight.erase(asked);
    if (step.state.stopping) {
      ignore(step, Reason::kGateStopped);
      return;
    }
    effects::on_peer_answer(step, command, answer.result);
  }

  void operator()(const events::Published& published) const {
    const auto asked = step.state.in_flight.find(published.command);
    if (asked == step.state.in_flight.end() || !is_publication(asked->second.body)) {
      ignore_answer(step, published.command);
      return;
    }
    const Command command = std::move(asked->second);
    step.state.in_flight.erase(asked);
    if (step.state.stopping) {
      ignore(step, Reason::kGateStopped);
      return;
    }
    effects::on_published(step, command, published);
  }
  void operator()(const events::L1DeploymentRecorded& recorded) const {
    if (has_l1_in_its_rules()) effects::follow_l1(step, recorded);
  }
  void operator()(const events::L1BlockObserved& observed) const {
    if (has_l1_in_its_rules()) effects::observe_l1_block(step, observed);
  }
  void operator()(const events::L1TagsObserved& observed) const {
    if (has_l1_in_its_rules()) effects::observe_l1_tags(step, observed);
  }
  void operator()(const events::CheckpointReached& reached) const {
    if (has_l1_in_its_rules()) effects::take_checkpoint(step, reached);
  }
  /// Its bytes matter to whoever decodes manifests; the answer about those follows.
  void operator()(const events::BlobReceived&) const {}

  void operator()(const events::L1Answered& answer) const {
    State& state = step.state;
    const auto asked = state.in_flight.find(answer.command);
    if (asked == state.in_flight.end() || !is_for_l1(asked->second.body)) {
      ignore_answer(step, answer.command);
      return;
    }
    state.in_flight.erase(asked);
    if (state.stopping) {
      ignore(step, Reason::kGateStopped);
      effects::forget_l1_command(state, answer.command);
      return;
    }
    const auto* derive = std::get_if<DerivePlan>(&state.lane);
    if (state.l1_chain.resolving == answer.command) {
      effects::on_sources_answer(step, answer);
    } else if (derive != nullptr && derive->command == answer.command) {
      effects::on_derive_answer(step, answer);
    } else {
      ignore_answer(step, answer.command);
    }
  }
  void operator()(const events::IgnorableRecorded&) const {}

 private:
  [[nodiscard]] bool has_l1_in_its_rules() const {
    const bool is_stopping = step.state.stopping;
    if (step.state.reducer_version >= kL1Version && !is_stopping) return true;
    ignore(step, is_stopping ? Reason::kGateStopped : Reason::kNone);
    return false;
  }
  /// Older rules know no peers: their logs have no such events, and if they had, nothing follows.
  [[nodiscard]] bool has_peers_in_its_rules() const {
    const bool is_stopping = step.state.stopping;
    if (knows_peers(step.state) && !is_stopping) return true;
    ignore(step, is_stopping ? Reason::kGateStopped : Reason::kNone);
    return false;
  }
};

/// An answer of the engine that decided nothing has moved no head and no commitment: the plans that
/// ask peers stand where they stood. Most answers are of this kind.
bool concerns_peers(const Step& step) {
  const auto* answer = std::get_if<events::EngineAnswered>(&step.event.body);
  return answer == nullptr || !step.out.decisions.empty() ||
         std::holds_alternative<events::HeadsRead>(answer->result);
}

/// What L1 says comes before what is promised: first back to what it still says, then forward.
void derive_from_l1(Step& step) {
  effects::rewind_head_origin(step);
  effects::generate_attributes(step);
  effects::find_resume_point(step);
  effects::progress_safety(step);
  effects::settle_proposal(step);
  effects::update_gate(step);
}

/// Every driver effect's condition, in a fixed order. The gate comes first: it decides whether
/// others may start. Engine consistency precedes block processing: a plan starts from known heads.
void evaluate_effects(Step& step) {
  effects::update_gate(step);
  if (step.state.stopping) return;
  effects::keep_engine_consistent(step);
  if (effects::follows_l1(step.state)) derive_from_l1(step);
  effects::process_unsafe_blocks(step);
  if (!step.state.p2p.is_on || !concerns_peers(step)) return;
  effects::backfill_commitments(step);
  effects::fetch_txlists(step);
  effects::publish_commitments(step);
}

}  // namespace

void reduce(State& state, const Event& event, Outcome& out) {
  PRECONF_ASSERT(follows(state.last_seq, event));
  PRECONF_ASSERT(
      (event.seq == Seq{1}) ==
      (state.reducer_version == 0 && std::holds_alternative<events::GenesisRecorded>(event.body)));
  out.clear();
  state.last_seq = event.seq;
  state.last_wall = event.wall;
  Step step{state, event, out};
  std::visit(Apply{step}, event.body);
  if (!is_inert(event.body)) evaluate_effects(step);
}

namespace {

std::optional<Refusal> refuse_genesis(const Event& event) {
  const auto* genesis = std::get_if<events::GenesisRecorded>(&event.body);
  if (genesis == nullptr) return Refusal{false, "the first event is not genesis_recorded"};
  if (has_reducer_version(genesis->reducer_version)) return std::nullopt;
  return Refusal{false, "the log was begun by reducer version " +
                            version_text(genesis->reducer_version) +
                            ", which this program does not have"};
}

std::optional<Refusal> refuse_barrier(const State& state, const events::ReducerActivated& barrier) {
  if (auto reason = refuse_versions(state, barrier)) return Refusal{false, std::move(*reason)};
  if (barrier.state_hash != state_hash(state)) {
    return Refusal{true, "the state before reducer_activated has another hash than was recorded"};
  }
  return std::nullopt;
}

}  // namespace

std::optional<Refusal> refusal_of(const State& state, const Event& event) {
  if (state.reducer_version == 0) return refuse_genesis(event);
  const auto* barrier = std::get_if<events::ReducerActivated>(&event.body);
  return barrier != nullptr ? refuse_barrier(state, *barrier) : std::nullopt;
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

}  // namespace preconf::core
