#include "replay/whatif/whatif.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/codec/canonical.hpp"
#include "core/crypto/hash.hpp"
#include "replay/first_state.hpp"
#include "replay/log_tools.hpp"
#include "replay/whatif/changed_world.hpp"
#include "replay/why/causes.hpp"

namespace preconf::replay {
namespace {

namespace ev = core::events;
using core::Decision;
using core::Seq;

constexpr std::size_t kHeadsShownMax = 50;

/// Two decisions are the same when they say the same about the same; operands that are sequence
/// numbers shift with the input.
bool same(const Decision& a, const Decision& b) {
  return a.verdict == b.verdict && a.reason == b.reason && a.subject == b.subject &&
         a.number == b.number && a.hash == b.hash;
}

bool same(const std::vector<Decision>& a, const std::vector<Decision>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const Decision& left, const Decision& right) { return same(left, right); });
}

/// Calls of both sides, by content. Timers are bound to generations and left out.
std::vector<const core::CommandBody*> calls_of(const core::Outcome& outcome) {
  std::vector<const core::CommandBody*> calls;
  for (const core::Command& command : outcome.commands) {
    if (core::has_outcome(command.body)) calls.push_back(&command.body);
  }
  return calls;
}

bool same_calls(const core::Outcome& a, const core::Outcome& b) {
  const auto left = calls_of(a);
  const auto right = calls_of(b);
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](const auto* one, const auto* other) { return *one == *other; });
}

std::vector<std::string> phrases(const core::Outcome& outcome) {
  std::vector<std::string> out;
  for (const Decision& decision : outcome.decisions) out.push_back(phrase_of(decision));
  return out;
}

/// The state from which the changed history goes on; rules that are already in it change with it.
std::unique_ptr<core::State> start_of(const core::State& recorded, const InputChanges& changes) {
  auto state = std::make_unique<core::State>(recorded);
  if (state->last_seq.value != 0) changes.rules.apply(*state);
  return state;
}

struct CommandTally {
  std::string name;
  std::int64_t balance = 0;  ///< history minus changed history
};

class WhatIf {
 public:
  WhatIf(Walker& recorded, const InputChanges& changes, const WhatIfOptions& options)
      : recorded_(recorded),
        changes_(changes),
        options_(options),
        world_(start_of(recorded.state(), changes)) {
    recorded_base_ = recorded.state().counters;
    for (const auto& [id, command] : recorded.state().in_flight) asked_.emplace(id, command.body);
    world_.on_step = [this](const core::Outcome& outcome) { after_change(outcome); };
  }

  /// Takes note of every block that the real engine built, early or late in history.
  std::optional<storage::StorageFailure> learn_blocks(Walker walker);
  core::Result<WhatIfReport, storage::StorageFailure> run(const std::function<void(Seq)>& progress);

 private:
  void remember_refusal(const core::CommandBody& asked, const ev::EngineResult& result);
  std::optional<storage::StorageFailure> step();
  void step_input(const core::Event& event, const core::Outcome& outcome);
  void step_answer(const core::Event& event, const core::Outcome& outcome);
  void step_timer(const core::Event& event, const ev::TimerFired& fired,
                  const core::Outcome& outcome);
  void compare(const core::Event& event, const core::Outcome& outcome,
               const core::Outcome& changed);
  void begin_model(const core::Event& event, std::string why);
  void differ(const core::Event& event, const core::Outcome& recorded,
              const core::Outcome& changed);
  void insert_after(const core::Event& event);
  void after_recorded(const core::Outcome& outcome);
  void after_change(const core::Outcome& outcome);
  void tally(const core::Outcome& outcome, std::int64_t sign);
  void finish();

  Walker& recorded_;
  const InputChanges& changes_;
  const WhatIfOptions& options_;
  ChangedWorld world_;
  WhatIfReport report_;
  std::map<core::CommandId, core::CommandBody> asked_;  ///< by history, not answered
  std::map<std::uint32_t, std::uint64_t> recorded_base_;
  std::map<core::Hash32, CommandTally> tallies_;
  core::Hash32 recorded_head_;
  core::Hash32 changed_head_;
  std::string trouble_;
};

void WhatIf::tally(const core::Outcome& outcome, std::int64_t sign) {
  if (!report_.first && !report_.model) return;  // equal up to here
  for (const core::CommandBody* body : calls_of(outcome)) {
    const core::Hash32 key = core::crypto::sha256(core::codec::canonical_bytes(*body));
    const auto at = tallies_.find(key);
    if (at == tallies_.end() && tallies_.size() >= kWhatIfCommandsMax) continue;
    CommandTally& tally = tallies_[key];
    tally.name = core::name_of(*body);
    tally.balance += sign;
  }
}

void note_head(const core::State& state, core::Hash32& last, bool is_shown,
               std::vector<HeadAt>& heads) {
  if (!state.heads.unsafe || state.heads.unsafe->hash == last) return;
  last = state.heads.unsafe->hash;
  if (is_shown && heads.size() < kHeadsShownMax) {
    heads.push_back({state.last_wall, state.heads.unsafe->number, last});
  }
}

void WhatIf::after_recorded(const core::Outcome& outcome) {
  tally(outcome, 1);
  note_head(recorded_.state(), recorded_head_, report_.first.has_value(), report_.recorded_heads);
}

void WhatIf::after_change(const core::Outcome& outcome) {
  tally(outcome, -1);
  note_head(world_.state(), changed_head_, report_.first.has_value(), report_.changed_heads);
}

void WhatIf::begin_model(const core::Event& event, std::string why) {
  if (world_.has_model()) return;
  world_.begin_model();
  report_.model = ModelBegin{event.seq, event.wall, std::move(why)};
}

void WhatIf::differ(const core::Event& event, const core::Outcome& recorded,
                    const core::Outcome& changed) {
  if (report_.first) return;
  report_.first = FirstDifference{event.seq,
                                  world_.state().last_seq,
                                  event.wall,
                                  core::name_of(core::kind_of(event.body)),
                                  summary_of(event.body),
                                  phrases(recorded),
                                  phrases(changed)};
}

void WhatIf::compare(const core::Event& event, const core::Outcome& outcome,
                     const core::Outcome& changed) {
  if (!same(outcome.decisions, changed.decisions)) differ(event, outcome, changed);
  if (world_.has_model() || same_calls(outcome, changed)) return;
  begin_model(event,
              fmt::format("event {} causes other engine calls than in history", event.seq.value));
  tally(outcome, 1);
  tally(changed, -1);
}

/// What the real engine refuses for good it also refuses in the changed history.
void WhatIf::remember_refusal(const core::CommandBody& asked, const ev::EngineResult& result) {
  const auto* payload = std::get_if<core::commands::NewPayload>(&asked);
  const auto* judged = std::get_if<ev::PayloadJudged>(&result);
  if (payload == nullptr || judged == nullptr) return;
  if (judged->status != ev::PayloadStatus::kInvalid) return;
  world_.engine().remember_invalid(payload->block_hash);
}

std::optional<storage::StorageFailure> WhatIf::learn_blocks(Walker walker) {
  while (walker.seq() < options_.to) {
    const auto more = walker.next();
    if (!more) return more.error();
    if (!*more) break;
    const auto* answer = std::get_if<ev::EngineAnswered>(&walker.event().body);
    const auto* taken =
        answer == nullptr ? nullptr : std::get_if<ev::PayloadTaken>(&answer->result);
    const auto* plan = std::get_if<core::ApplyPlan>(&walker.state().lane);
    if (taken == nullptr || plan == nullptr || plan->built.hash != taken->header.hash) continue;
    world_.engine().remember_built(plan->attributes, *taken);
  }
  return std::nullopt;
}

void WhatIf::step_answer(const core::Event& event, const core::Outcome& outcome) {
  const auto asked = asked_.find(*core::answered_command(event.body));
  if (world_.has_model()) {
    if (const auto* answer = std::get_if<ev::EngineAnswered>(&event.body)) {
      world_.engine().learn_from_outside(answer->result);
      if (asked != asked_.end()) remember_refusal(asked->second, answer->result);
    }
  } else if (asked == asked_.end()) {
    // Nobody waited for it in history either.
    compare(event, outcome, world_.feed(event, event.body));
  } else if (const core::Outcome* changed = world_.answer(event, asked->second)) {
    ++report_.answers_recorded;
    compare(event, outcome, *changed);
  } else {
    differ(event, outcome, {});
    begin_model(event, "an answer of history to a question that is not asked");
  }
  if (asked != asked_.end()) asked_.erase(asked);
}

void WhatIf::step_timer(const core::Event& event, const ev::TimerFired& fired,
                        const core::Outcome& outcome) {
  const bool was_late = std::any_of(
      outcome.decisions.begin(), outcome.decisions.end(),
      [](const Decision& decision) { return decision.verdict == core::Verdict::kIgnored; });
  // Generations count from 1: 0 is late on the other side, too.
  compare(event, outcome,
          was_late ? world_.feed(event, ev::TimerFired{fired.timer, 0})
                   : world_.fire(event, fired.timer));
}

void WhatIf::step_input(const core::Event& event, const core::Outcome& outcome) {
  const bool applies = event.seq >= options_.from;
  auto changed = applies ? changed_event(changes_, event) : std::optional<core::Event>{event};
  if (!changed) {
    trouble_ = changed.error();
    return;
  }
  if (!*changed) {
    ++report_.dropped;
    compare(event, outcome, {});
    return;
  }
  compare(event, outcome, world_.feed(event, std::move((*changed)->body)));
}

void WhatIf::insert_after(const core::Event& event) {
  const auto [begin, end] = changes_.inserts.equal_range(event.seq);
  for (auto it = begin; it != end; ++it) {
    core::Event like = event;
    like.source = core::SourceKind::kLocal;
    like.request = core::RequestId{};
    ++report_.inserted;
    const core::Outcome changed = world_.feed(like, it->second);
    like.body = it->second;
    compare(like, {}, changed);
  }
}

std::optional<storage::StorageFailure> WhatIf::step() {
  const core::Event& event = recorded_.event();
  const core::Outcome& outcome = recorded_.outcome();
  if (!std::holds_alternative<ev::BootStarted>(event.body)) world_.run_until(event.wall);
  if (core::answered_command(event.body) != nullptr) {
    step_answer(event, outcome);
  } else if (const auto* fired = std::get_if<ev::TimerFired>(&event.body)) {
    if (!world_.has_model()) step_timer(event, *fired, outcome);
  } else {
    step_input(event, outcome);
  }
  if (std::holds_alternative<ev::BootStarted>(event.body)) asked_.clear();
  for (const core::Command& command : outcome.commands) {
    if (core::has_outcome(command.body)) {
      asked_.emplace(command.id, command.body);
    }
  }
  after_recorded(outcome);
  insert_after(event);
  if (!trouble_.empty()) {
    return storage::StorageFailure{storage::StorageError::kFormat, event.seq, trouble_};
  }
  return std::nullopt;
}

void WhatIf::finish() {
  world_.settle();
  const auto& recorded = recorded_.state();
  const auto& changed = world_.state();
  std::map<std::uint32_t, DecisionCounts> counts;
  for (const auto& [key, value] : recorded.counters) counts[key].recorded = value;
  for (const auto& [key, value] : changed.counters) counts[key].changed = value;
  for (const auto& [key, value] : counts) {
    if (value.recorded == value.changed) continue;
    const auto before = recorded_base_.find(key);
    const std::uint64_t base = before == recorded_base_.end() ? 0 : before->second;
    std::string name = core::name_of(static_cast<core::Verdict>(key >> 16));
    const auto reason = static_cast<core::Reason>(key & 0xffff);
    if (reason != core::Reason::kNone) name += std::string("/") + core::name_of(reason);
    report_.decisions[name] = {value.recorded - base, value.changed - base};
  }
  for (const auto& [key, tally] : tallies_) {
    if (tally.balance > 0) {
      report_.commands[tally.name].gone += static_cast<std::uint64_t>(tally.balance);
    }
    if (tally.balance < 0) {
      report_.commands[tally.name].added += static_cast<std::uint64_t>(-tally.balance);
    }
  }
  const auto head = [](const core::State& state) -> std::optional<HeadAt> {
    if (!state.heads.unsafe) return std::nullopt;
    return HeadAt{state.last_wall, state.heads.unsafe->number, state.heads.unsafe->hash};
  };
  report_.recorded_head = head(recorded);
  report_.changed_head = head(changed);
  report_.events_changed = world_.events();
  report_.answers_modelled = world_.answers_modelled();
  const bool same_head =
      report_.recorded_head.has_value() == report_.changed_head.has_value() &&
      (!report_.recorded_head || report_.recorded_head->hash == report_.changed_head->hash);
  report_.differs = report_.first.has_value() || !same_head;
  if (!report_.model) {
    report_.statement = "exact: every engine answer and timer is that of history";
  } else {
    report_.statement = fmt::format(
        "exact up to event {}; from there the engine's answers and the timers are a model's, "
        "because {}",
        report_.model->seq.value, report_.model->why);
  }
}

core::Result<WhatIfReport, storage::StorageFailure> WhatIf::run(
    const std::function<void(Seq)>& progress) {
  constexpr std::uint64_t kProgressEvery = 4'096;
  while (recorded_.seq() < options_.to) {
    const auto more = recorded_.next();
    if (!more) return core::Unexpected{more.error()};
    if (!*more) break;
    ++report_.events_recorded;
    if (auto failure = step()) return core::Unexpected{*failure};
    if (recorded_.seq().value % kProgressEvery == 0 && progress) progress(recorded_.seq());
  }
  finish();
  return std::move(report_);
}

}  // namespace

core::Result<WhatIfReport, storage::StorageFailure> what_if(
    const History& history, const InputChanges& changes, const WhatIfOptions& options,
    const std::function<void(Seq)>& progress) {
  const auto start = [&] {
    return options.from.value <= 1 ? walk_from_start(history)
                                   : Walker::start(history, Seq{options.from.value - 1});
  };
  auto recorded = start();
  if (!recorded) return core::Unexpected{recorded.error()};
  WhatIf what(*recorded, changes, options);
  auto ahead = start();
  if (!ahead) return core::Unexpected{ahead.error()};
  if (auto failure = what.learn_blocks(std::move(ahead).value())) {
    return core::Unexpected{*failure};
  }
  return what.run(progress);
}

}  // namespace preconf::replay
