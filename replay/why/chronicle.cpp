#include "replay/why/chronicle.hpp"

#include <algorithm>

#include "core/effects/ingress_gate.hpp"
#include "core/status.hpp"
#include "replay/first_state.hpp"
#include "replay/snapshots.hpp"

namespace preconf::replay {
namespace {

using core::Decision;
using core::Seq;
using core::State;
using core::Verdict;

std::uint64_t key_of(const core::Hash32& hash) {
  std::uint64_t key = 0;
  for (std::size_t i = 0; i < 8; ++i) key = (key << 8) | hash.bytes[i];
  return key;
}

/// The engine's block of that height, when `event` is its answer to a read of it.
std::optional<core::Hash32> block_read(const core::Event& event, core::BlockNumber number) {
  const auto* answer = std::get_if<core::events::EngineAnswered>(&event.body);
  if (answer == nullptr) return std::nullopt;
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
      return state.l1.scanner_live;
    case Criterion::kConfirmedSync:
      return core::effects::confirmed_sync_ready(state);
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
  if (std::holds_alternative<ev::L1SyncObserved>(event.body)) mark(Facet::kL1Sync, event.seq);
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
  observe_conditions(state);
  observe_block(state, event, outcome);
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
    if (decision.verdict == Verdict::kScheduleAccepted) mark(Facet::kSchedule, seq);
    if (decision.verdict == Verdict::kReadDeferred) mark(Facet::kEngineReads, seq);
    if (decision.verdict == Verdict::kEngineFatal) mark(Facet::kEngineFatal, seq);
    if (decision.subject.is_zero()) continue;
    remember(
        Mention{key_of(decision.subject), seq, decision.number, decision.verdict, decision.reason});
  }
}

void Chronicle::observe_conditions(const State& state) {
  const Seq seq = state.last_seq;
  for (std::size_t i = 0; i < kCriterionCount; ++i) {
    const bool now = holds(state, static_cast<Criterion>(i));
    Condition& condition = conditions_[i];
    if (condition.since.value != 0 && condition.holds == now) continue;
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

std::optional<Seq> Chronicle::last(Facet facet, Seq seq) const {
  const auto& seqs = facets_[static_cast<std::size_t>(facet)];
  const auto after = std::upper_bound(seqs.begin(), seqs.end(), seq);
  if (after == seqs.begin()) return std::nullopt;
  return *std::prev(after);
}

std::vector<Mention> Chronicle::mentions(const core::Hash32& subject, Seq seq) const {
  const std::uint64_t key = key_of(subject);
  std::vector<Mention> found;
  for (const Mention& mention : mentions_) {
    if (mention.seq > seq) break;
    if (mention.key == key) found.push_back(mention);
  }
  return found;
}

std::vector<Mention> Chronicle::mentions_at(core::BlockNumber number) const {
  std::vector<Mention> found;
  for (const Mention& mention : mentions_) {
    if (mention.number == number) found.push_back(mention);
  }
  return found;
}

std::optional<Seq> Chronicle::armed(core::TimerId timer, std::uint32_t generation) const {
  const auto index = static_cast<std::size_t>(timer);
  if (index >= timers_.size()) return std::nullopt;
  const auto& armings = timers_[index];
  const auto found = std::lower_bound(armings.begin(), armings.end(),
                                      std::pair<std::uint32_t, Seq>{generation, Seq{0}});
  if (found == armings.end() || found->first != generation) return std::nullopt;
  return found->second;
}

std::string Chronicle::missing_before() const {
  if (first_.value > 1) {
    return "events before " + std::to_string(first_.value) + " are not in this log";
  }
  if (forgotten_until_.value > 0) {
    return "decisions up to event " + std::to_string(forgotten_until_.value) +
           " are not kept in memory (the newest " + std::to_string(kMentionsMax / 2) + " are)";
  }
  return {};
}

core::Result<storage::LoggedEvent, storage::StorageFailure> Chronicle::event(Seq seq) const {
  auto read = history_->events->read(seq)->next();
  if (!read) return core::Unexpected{read.error()};
  if (!read->has_value() || (**read).event.seq != seq) {
    return core::Unexpected{
        storage::StorageFailure{storage::StorageError::kDamaged, seq, "the log does not have it"}};
  }
  return std::move(**read);
}

core::Result<Moment, storage::StorageFailure> Chronicle::moment(Seq seq) const {
  if (seq < first_) {
    return core::Unexpected{
        storage::StorageFailure{storage::StorageError::kDamaged, seq, missing_before()}};
  }
  const Seq wanted{seq.value - 1};  // perhaps in a gap
  const State* nearest = start_.get();
  for (const auto& waypoint : waypoints_) {
    if (waypoint->last_seq <= wanted) nearest = waypoint.get();
  }
  const auto seqs = history_->snapshots->list();
  const auto above = std::upper_bound(seqs.begin(), seqs.end(), wanted);
  const bool has_snapshot = above != seqs.begin();
  auto before = std::make_unique<State>();
  if (has_snapshot && nearest->last_seq < *std::prev(above)) {
    auto state = state_after(*history_->events, *history_->snapshots, wanted);
    if (!state) return core::Unexpected{state.error()};
    before = std::move(state).value();
  } else {
    *before = *nearest;
  }
  // These events were folded before, so each of them can be reduced.
  Moment moment;
  const auto reader = history_->events->read(core::next(before->last_seq));
  for (;;) {
    const auto more = reader->next_into(moment.logged);
    if (!more) return core::Unexpected{more.error()};
    if (!*more || moment.logged.event.seq > seq) {
      return core::Unexpected{storage::StorageFailure{storage::StorageError::kDamaged, seq,
                                                      "the log does not have it"}};
    }
    if (moment.logged.event.seq == seq) break;
    core::reduce(*before, moment.logged.event, moment.outcome);
  }
  moment.after = std::make_unique<State>(*before);
  core::reduce(*moment.after, moment.logged.event, moment.outcome);
  moment.before = std::move(before);
  return moment;
}

}  // namespace preconf::replay
