#include "replay/why/chronicle.hpp"

#include <algorithm>

#include "core/effects/l1_observation.hpp"
#include "core/status.hpp"
#include "replay/first_state.hpp"
#include "replay/why/confirmed_sync.hpp"

namespace preconf::replay {
namespace {

using core::Decision;
using core::Seq;
using core::State;
using core::Verdict;

/// The engine's block of that height, when `event` is its answer to a read of it.
std::optional<core::Hash32> block_read(const core::Event& event, core::BlockNumber number) {
  const auto* answer = std::get_if<core::events::EngineAnswered>(&event.body);
  if (answer == nullptr) return std::nullopt;
  if (const auto* canonical = std::get_if<core::events::CanonicalRead>(&answer->result)) {
    const bool is_it = canonical->number == number && canonical->block;
    return is_it ? std::optional(canonical->block->header.hash) : std::nullopt;
  }
  const auto* read = std::get_if<core::events::BlockRead>(&answer->result);
  if (read == nullptr || read->number != number || !read->block) return std::nullopt;
  return read->block->hash;
}

bool is_about_head(Verdict verdict) {
  return verdict == Verdict::kApplied || verdict == Verdict::kAlreadyMaterialized ||
         verdict == Verdict::kHeadAdopted;
}

bool holds(const State& state, Criterion criterion) {
  switch (criterion) {
    case Criterion::kHeadKnown:
      return state.heads.unsafe.has_value();
    case Criterion::kRightChain:
      return !state.engine_fatal;
    case Criterion::kEngineUsable:
      return std::max(state.apply_backoff.failures, state.consistency_backoff.failures) <
             core::kEngineFailuresReadyMax;
    case Criterion::kScannerLive:
      return core::effects::follows_l1(state) ? state.l1_chain.is_live : state.l1.scanner_live;
    case Criterion::kConfirmedSync:
      return sync_obstacle(state) == SyncObstacle::kNone;
    case Criterion::kGateOpen:
      return state.gate.open;
  }
  return false;
}

}  // namespace

const char* name_of(Criterion criterion) {
  constexpr std::array<const char*, kCriterionCount> kNames{
      "head_known", "right_chain", "engine_usable", "scanner_live", "confirmed_sync", "gate_open"};
  return kNames[static_cast<std::size_t>(criterion)];
}

core::Result<Chronicle, storage::StorageFailure> Chronicle::record(const History& history,
                                                                   Seq until,
                                                                   const Interest& interest,
                                                                   const Progress& progress) {
  constexpr std::uint64_t kProgressEvery = 4'096;
  auto walker = walk_from_start(history);
  if (!walker) return core::Unexpected{walker.error()};
  Chronicle chronicle(history);
  chronicle.interest_ = interest;
  chronicle.first_ = core::next(walker->seq());
  chronicle.start_ = std::make_unique<State>(walker->state());
  if (chronicle.first_.value > 1) chronicle.begin(*chronicle.start_);
  if (interest.any_reorg) chronicle.reorgs_.observe(chronicle.start_->heads, walker->seq());
  while (walker->seq() < until) {
    const auto more = walker->next();
    if (!more) return core::Unexpected{more.error()};
    if (!*more) break;
    chronicle.observe(walker->state(), walker->event(), walker->outcome());
    if (walker->seq().value % kProgressEvery == 0 && progress) progress(walker->seq());
  }
  chronicle.state_ = std::make_unique<State>(walker->state());
  return chronicle;
}

/// What stands before the first event, of a log that does not begin with event 1.
void Chronicle::begin(const State& start) {
  for (std::size_t i = 0; i < kCriterionCount; ++i) {
    conditions_[i] = Condition{holds(start, static_cast<Criterion>(i)), Seq{0}};
  }
  gate_reason_ = start.gate.reason;
  for (const auto& [key, held] : start.book.held) {
    const bool is_named = interest_.hash && (*interest_.hash == held.facts.content_hash ||
                                             *interest_.hash == held.facts.commitment_hash);
    if (is_named && !alias_) alias_ = held.facts.preconf_hash;
  }
  if (!interest_.block) return;
  const auto block = start.heads.executed.find(*interest_.block);
  if (block != start.heads.executed.end()) block_hash_ = block->second.hash;
  const auto& head = start.heads.unsafe;
  if (head && head->number == *interest_.block) block_hash_ = head->hash;
}

void Chronicle::mark(Facet facet, Seq seq) {
  auto& seqs = facets_[static_cast<std::size_t>(facet)];
  if (seqs.empty() || seqs.back() < seq) seqs.push_back(seq);
}

void Chronicle::remember(Mention mention) {
  if (mentions_.size() == kMentionsMax) {
    const auto half = mentions_.begin() + static_cast<std::ptrdiff_t>(kMentionsMax / 2);
    forgotten_until_ = std::prev(half)->seq;
    mentions_.erase(mentions_.begin(), half);
  }
  mentions_.push_back(mention);
}

void Chronicle::observe(const State& state, const core::Event& event,
                        const core::Outcome& outcome) {
  namespace ev = core::events;
  const bool is_new_process = std::holds_alternative<ev::BootStarted>(event.body) ||
                              std::holds_alternative<ev::LogGapRecorded>(event.body);
  if (is_new_process) mark(Facet::kBoot, event.seq);
  if (std::holds_alternative<ev::ShutdownRequested>(event.body)) mark(Facet::kShutdown, event.seq);
  const bool is_about_sync = std::holds_alternative<ev::L1SyncObserved>(event.body) ||
                             std::holds_alternative<ev::L1TagsObserved>(event.body);
  if (is_about_sync) mark(Facet::kL1Sync, event.seq);
  if (const auto* answer = std::get_if<ev::EngineAnswered>(&event.body)) {
    if (std::holds_alternative<ev::HeadsRead>(answer->result)) {
      mark(Facet::kEngineReads, event.seq);
    }
  }
  if (const auto* received = std::get_if<ev::CommitmentReceived>(&event.body)) {
    const auto& facts = received->facts;
    if (interest_.hash && !alias_ &&
        (*interest_.hash == facts.content_hash || *interest_.hash == facts.commitment_hash)) {
      alias_ = facts.preconf_hash;
    }
  }
  observe_commands(event, outcome);
  observe_decisions(state, outcome);
  observe_l1(state, event, outcome);
  observe_conditions(state);
  observe_block(state, event, outcome);
  if (interest_.any_reorg) reorgs_.observe(state.heads, event.seq);
  if (event.seq.value % waypoint_every_ == 0) keep_waypoint(state);
}

void Chronicle::observe_commands(const core::Event& event, const core::Outcome& outcome) {
  for (const core::Command& command : outcome.commands) {
    const auto* timer = std::get_if<core::commands::SetTimer>(&command.body);
    if (timer == nullptr) continue;
    timers_[static_cast<std::size_t>(timer->timer)].emplace_back(timer->generation, event.seq);
    if (interest_.command == command.id) timer_asked_ = *timer;
  }
  if (!interest_.command || answered_) return;
  const core::CommandId* answers = core::answered_command(event.body);
  if (answers != nullptr && *answers == *interest_.command) answered_ = event.seq;
  const auto* fired = std::get_if<core::events::TimerFired>(&event.body);
  if (fired != nullptr && timer_asked_ && fired->timer == timer_asked_->timer &&
      fired->generation == timer_asked_->generation) {
    answered_ = event.seq;
  }
}

void Chronicle::observe_decisions(const State& state, const core::Outcome& outcome) {
  const Seq seq = state.last_seq;
  for (const Decision& decision : outcome.decisions) {
    if (is_about_head(decision.verdict)) mark(Facet::kHead, seq);
    if (decision.verdict == Verdict::kBoundaryMoved) mark(Facet::kBoundary, seq);
    const bool is_schedule = decision.verdict == Verdict::kScheduleAccepted ||
                             decision.verdict == Verdict::kScheduleDerived;
    if (is_schedule) mark(Facet::kSchedule, seq);
    if (decision.verdict == Verdict::kReadDeferred) mark(Facet::kEngineReads, seq);
    if (decision.verdict == Verdict::kEngineFatal) mark(Facet::kEngineFatal, seq);
    if (decision.verdict == Verdict::kProposalUndone) {
      undone_.emplace_back(seq, core::ProposalId{decision.a});
    }
    if (decision.subject.is_zero()) continue;
    remember(Mention{Mention::key_of(decision.subject), seq, decision.number, decision.verdict,
                     decision.reason});
  }
}

/// Before observe_conditions: it asks what stood before.
void Chronicle::observe_l1(const State& state, const core::Event& event,
                           const core::Outcome& outcome) {
  const auto refused = std::ranges::find(outcome.decisions, Verdict::kL1BlockRefused,
                                         [](const Decision& decision) { return decision.verdict; });
  if (refused == outcome.decisions.end()) {
    const bool is_linked = std::holds_alternative<core::events::L1BlockObserved>(event.body);
    const bool is_live_again =
        holds(state, Criterion::kScannerLive) &&
        !conditions_[static_cast<std::size_t>(Criterion::kScannerLive)].holds;
    if (is_linked || is_live_again) l1_refusals_.reset();
    return;
  }
  // What was offered upon a refused block is refused for that, which says nothing.
  if (l1_refusals_ && refused->reason == core::Reason::kL1Unlinked) return;
  if (l1_refusals_ && l1_refusals_->decision.reason == refused->reason) {
    ++l1_refusals_->count;
    return;
  }
  l1_refusals_ = L1Refusals{state.last_seq, *refused, 1};
}

void Chronicle::observe_conditions(const State& state) {
  const Seq seq = state.last_seq;
  for (std::size_t i = 0; i < kCriterionCount; ++i) {
    const bool now = holds(state, static_cast<Criterion>(i));
    Condition& condition = conditions_[i];
    const bool is_known = condition.since.value != 0 || first_.value > 1;
    if (is_known && condition.holds == now) continue;
    condition = Condition{now, seq};
  }
  if (state.gate.reason != gate_reason_) {
    mark(Facet::kGate, seq);
    gate_reason_ = state.gate.reason;
    if (!state.gate.open) conditions_[static_cast<std::size_t>(Criterion::kGateOpen)].since = seq;
  }
}

/// Only two things are certain: the head went below the height, or another hash stands there.
void Chronicle::observe_block(const State& state, const core::Event& event,
                              const core::Outcome& outcome) {
  if (!interest_.block || !state.heads.unsafe) return;
  const bool has_moved =
      std::any_of(outcome.decisions.begin(), outcome.decisions.end(),
                  [](const Decision& decision) { return is_about_head(decision.verdict); });
  if (!has_moved) return;
  const auto now = state.heads.executed.find(*interest_.block);
  // A head that was adopted is known before the book of executed blocks has it.
  std::optional<core::Hash32> here;
  if (now != state.heads.executed.end()) here = now->second.hash;
  if (state.heads.unsafe->number == *interest_.block) here = state.heads.unsafe->hash;
  if (!here) here = block_read(event, *interest_.block);
  const bool is_gone = state.heads.unsafe->number < *interest_.block;
  const bool is_other = here && block_hash_ && *here != *block_hash_;
  if (block_hash_ && (is_gone || is_other)) replacements_.push_back(state.last_seq);
  if (is_gone) block_hash_.reset();
  if (here) block_hash_ = here;
}

void Chronicle::keep_waypoint(const State& state) {
  if (waypoints_.size() == kWaypointsMax) {
    for (std::size_t i = 0; i < kWaypointsMax / 2; ++i) {
      waypoints_[i] = std::move(waypoints_[2 * i + 1]);
    }
    waypoints_.resize(kWaypointsMax / 2);
    waypoint_every_ *= 2;
    if (state.last_seq.value % waypoint_every_ != 0) return;
  }
  waypoints_.push_back(std::make_unique<State>(state));
}

}  // namespace preconf::replay
