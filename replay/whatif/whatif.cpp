#include "replay/whatif/whatif.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/effects/l1_observation.hpp"
#include "replay/first_state.hpp"
#include "replay/whatif/changed_world.hpp"
#include "replay/whatif/comparison.hpp"
#include "replay/whatif/inserts.hpp"

namespace preconf::replay {
namespace {

namespace ev = core::events;
using core::Decision;
using core::Seq;

/// The state from which the changed history goes on; rules that are already in it change with it.
std::unique_ptr<core::State> start_of(const core::State& recorded, const InputChanges& changes) {
  auto state = std::make_unique<core::State>(recorded);
  if (state->last_seq.value != 0) changes.rules.apply(*state);
  return state;
}

core::Unexpected<WhatIfFailure> failed(const storage::StorageFailure& failure) {
  return {WhatIfFailure{failure.detail, failure}};
}

class WhatIf {
 public:
  WhatIf(Walker& recorded, const InputChanges& changes, const WhatIfOptions& options)
      : recorded_(recorded),
        changes_(changes),
        options_(options),
        world_(start_of(recorded.state(), changes)),
        comparison_(recorded.state(), report_) {
    for (const auto& [id, command] : recorded.state().in_flight) asked_.emplace(id, command.body);
    world_.on_step = [this](const core::Outcome& outcome) {
      comparison_.note_changed(world_.state(), outcome);
    };
    if (recorded.state().last_seq.value != 0 && !changes.rules.is_empty()) ++report_.rewritten;
  }

  /// Takes note of every block that the real engine built, and of what L1 answered, early or late
  /// in history.
  std::optional<storage::StorageFailure> learn(Walker walker);
  core::Result<WhatIfReport, WhatIfFailure> run(const std::function<void(Seq)>& progress);

 private:
  void learn_built(const ev::PayloadTaken& taken, const core::State& state);
  void remember_refusal(const core::CommandBody& asked, const ev::EngineResult& result);
  void step();
  void step_input(const core::Event& event, const core::Outcome& outcome);
  void step_answer(const core::Event& event, const core::Outcome& outcome);
  void step_timer(const core::Event& event, const ev::TimerFired& fired,
                  const core::Outcome& outcome);
  void compare(const core::Event& event, const core::Outcome& outcome,
               const core::Outcome& changed);
  void follow_l1(const core::Event& event, const core::protocol::L1Deployment& deployment);
  void begin_model(const core::Event& event, std::string why);
  void insert_after(const core::Event& event);
  void count_not_droppable(const core::Event& event);
  void finish();
  [[nodiscard]] std::string statement_of_model() const;

  Walker& recorded_;
  const InputChanges& changes_;
  const WhatIfOptions& options_;
  ChangedWorld world_;
  WhatIfReport report_;
  WhatIfComparison comparison_;
  std::map<core::CommandId, core::CommandBody> asked_;  ///< by history, not answered
  bool has_dropped_blob_ = false;
  std::string trouble_;
};

void WhatIf::begin_model(const core::Event& event, std::string why) {
  if (world_.has_model()) return;
  world_.begin_model();
  report_.model = ModelBegin{event.seq, event.wall, std::move(why)};
}

void WhatIf::compare(const core::Event& event, const core::Outcome& outcome,
                     const core::Outcome& changed) {
  if (!same_decisions(outcome, changed)) {
    comparison_.differ(event, world_.state().last_seq, outcome, changed);
  }
  if (world_.has_model() || same_calls(outcome, changed)) return;
  begin_model(event,
              fmt::format("event {} causes other engine calls than in history", event.seq.value));
  comparison_.note_calls(outcome, changed);
}

/// What the real engine refuses for good it also refuses in the changed history.
void WhatIf::remember_refusal(const core::CommandBody& asked, const ev::EngineResult& result) {
  const auto* payload = std::get_if<core::commands::NewPayload>(&asked);
  const auto* judged = std::get_if<ev::PayloadJudged>(&result);
  if (payload == nullptr || judged == nullptr) return;
  if (judged->status != ev::PayloadStatus::kInvalid) return;
  world_.engine().remember_invalid(payload->block_hash);
}

/// The block that was just built, on its own or from L1.
void WhatIf::learn_built(const ev::PayloadTaken& taken, const core::State& state) {
  const auto* apply = std::get_if<core::ApplyPlan>(&state.lane);
  const auto* derive = std::get_if<core::DerivePlan>(&state.lane);
  if (apply != nullptr && apply->built.hash == taken.header.hash) {
    world_.engine().remember_built(apply->attributes, taken);
  } else if (derive != nullptr && derive->block.hash == taken.header.hash) {
    world_.engine().remember_built(derive->attributes, taken);
  }
}

std::optional<storage::StorageFailure> WhatIf::learn(Walker walker) {
  std::map<core::CommandId, core::CommandBody> asked = asked_;
  while (walker.seq() < options_.to) {
    const auto more = walker.next();
    if (!more) return more.error();
    if (!*more) break;
    const core::Event& event = walker.event();
    if (std::holds_alternative<ev::BootStarted>(event.body)) asked.clear();
    if (const core::CommandId* id = core::answered_command(event.body)) {
      const auto question = asked.find(*id);
      if (question == asked.end()) continue;  // nobody waited for it
      if (const auto* answer = std::get_if<ev::EngineAnswered>(&event.body)) {
        world_.engine().remember_block(question->second, answer->result);
        const auto* taken = std::get_if<ev::PayloadTaken>(&answer->result);
        if (taken != nullptr) learn_built(*taken, walker.state());
      } else if (const auto* from_l1 = std::get_if<ev::L1Answered>(&event.body)) {
        world_.l1().remember(question->second, from_l1->result, event.wall);
      }
      asked.erase(question);
    }
    for (const core::Command& command : walker.outcome().commands) {
      if (core::has_outcome(command.body)) asked.emplace(command.id, command.body);
    }
  }
  return std::nullopt;
}

void WhatIf::step_answer(const core::Event& event, const core::Outcome& outcome) {
  const auto asked = asked_.find(*core::answered_command(event.body));
  if (world_.has_model()) {
    if (const auto* answer = std::get_if<ev::EngineAnswered>(&event.body)) {
      // Where L1 is followed, the changed history moves the engine's labels and pointer itself.
      if (!core::effects::follows_l1(world_.state())) {
        world_.engine().learn_from_outside(answer->result);
      }
      if (asked != asked_.end()) remember_refusal(asked->second, answer->result);
    }
  } else if (asked == asked_.end()) {
    // Nobody waited for it in history either.
    compare(event, outcome, world_.feed(event, event.body));
  } else if (const core::Outcome* changed = world_.answer(event, asked->second)) {
    ++report_.answers_recorded;
    compare(event, outcome, *changed);
  } else {
    comparison_.differ(event, world_.state().last_seq, outcome, {});
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
    has_dropped_blob_ |= std::holds_alternative<ev::BlobReceived>(event.body);
    compare(event, outcome, {});
    return;
  }
  if (applies && !((*changed)->body == event.body)) ++report_.rewritten;
  compare(event, outcome, world_.feed(event, std::move((*changed)->body)));
  const auto* recorded = std::get_if<ev::L1DeploymentRecorded>(&event.body);
  if (applies && recorded != nullptr) follow_l1(event, recorded->deployment);
}

/// A table in the place of L1's is configured when L1 would begin to say who may sign.
void WhatIf::follow_l1(const core::Event& event, const core::protocol::L1Deployment& deployment) {
  trouble_ = changes_.rules.refusal(deployment);
  const core::protocol::Schedule* schedule = changes_.rules.in_place_of_l1();
  if (schedule == nullptr || !trouble_.empty()) return;
  compare(event, {}, world_.feed(event, ev::ScheduleConfigured{*schedule}));
}

/// A condition that holds only for what is no input changes nothing; whoever asks should know.
void WhatIf::count_not_droppable(const core::Event& event) {
  const bool can_be_dropped = is_input(event.body) && event.seq.value != 1;
  if (!changes_.drop || can_be_dropped || report_.dropped > 0 || event.seq < options_.from) return;
  const auto holds = changes_.drop->holds(nullptr, event);
  if (holds && *holds) ++report_.not_droppable;
}

void WhatIf::insert_after(const core::Event& event) {
  const auto [begin, end] = changes_.inserts.equal_range(event.seq);
  for (auto it = begin; it != end && trouble_.empty(); ++it) {
    core::Event like = event;
    like.source = core::SourceKind::kLocal;
    like.request = core::RequestId{};
    like.body = it->second;
    trouble_ = complete_insert(like.body, world_.state());
    if (!trouble_.empty()) return;
    ++report_.inserted;
    const core::Outcome changed = world_.feed(like, like.body);
    compare(like, {}, changed);
  }
}

void WhatIf::step() {
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
  comparison_.note_recorded(recorded_.state(), outcome);
  count_not_droppable(event);
  insert_after(event);
}

void WhatIf::finish() {
  world_.settle();
  comparison_.finish(recorded_.state(), world_.state());
  report_.events_changed = world_.events();
  report_.answers_modelled = world_.answers_modelled();
  report_.drops_asked = changes_.drop.has_value();
  report_.inserts_asked = changes_.inserts.size();
  report_.nothing_changed = report_.dropped == 0 && report_.inserted == 0 && report_.rewritten == 0;
  report_.l1_answers = world_.l1_answers();
  report_.l1_unanswered = world_.l1_unanswered();
  report_.statement = "exact: every engine answer and timer is that of history";
  if (report_.model) report_.statement = statement_of_model();
  if (has_dropped_blob_) {
    report_.statement +=
        "; the answers about L1's sources are history's and were made from the blobs that are "
        "dropped";
  }
}

std::string WhatIf::statement_of_model() const {
  std::string out = fmt::format(
      "exact up to event {}; model from there on, because {}: the engine's answers and the timers "
      "are a model's, and peers are not asked; inputs are those of history",
      report_.model->seq.value, report_.model->why);
  if (!core::effects::follows_l1(world_.state())) return out;
  out += ", L1's blocks and tags among them, and L1 answers a question as it did in history";
  if (report_.l1_unanswered > 0) {
    out += fmt::format(
        "; {} times L1 was asked what history never asked it: that stays without an answer, and "
        "what needs it is not derived",
        report_.l1_unanswered);
  }
  return out;
}

core::Result<WhatIfReport, WhatIfFailure> WhatIf::run(const std::function<void(Seq)>& progress) {
  constexpr std::uint64_t kProgressEvery = 4'096;
  const core::L1State& l1 = recorded_.state().l1_chain;
  if (l1.is_followed) trouble_ = changes_.rules.refusal(l1.deployment);
  if (!trouble_.empty()) return core::Unexpected{WhatIfFailure{trouble_, std::nullopt}};
  while (recorded_.seq() < options_.to) {
    const auto more = recorded_.next();
    if (!more) return failed(more.error());
    if (!*more) break;
    ++report_.events_recorded;
    step();
    if (!trouble_.empty()) {
      return core::Unexpected{WhatIfFailure{
          "event " + std::to_string(recorded_.seq().value) + ": " + trouble_, std::nullopt}};
    }
    if (recorded_.seq().value % kProgressEvery == 0 && progress) progress(recorded_.seq());
  }
  finish();
  return std::move(report_);
}

}  // namespace

core::Result<WhatIfReport, WhatIfFailure> what_if(const History& history,
                                                  const InputChanges& changes,
                                                  const WhatIfOptions& options,
                                                  const std::function<void(Seq)>& progress) {
  const auto start = [&] {
    return options.from.value <= 1 ? walk_from_start(history)
                                   : Walker::start(history, Seq{options.from.value - 1});
  };
  auto recorded = start();
  if (!recorded) return failed(recorded.error());
  WhatIf what(*recorded, changes, options);
  auto ahead = start();
  if (!ahead) return failed(ahead.error());
  if (const auto failure = what.learn(std::move(ahead).value())) return failed(*failure);
  return what.run(progress);
}

}  // namespace preconf::replay
