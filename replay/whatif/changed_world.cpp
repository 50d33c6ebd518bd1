#include "replay/whatif/changed_world.hpp"

#include <algorithm>

#include "core/effects/l1_observation.hpp"

namespace preconf::replay {
namespace {

void set_command(core::EventBody& body, const core::CommandId& id) {
  if (auto* answer = std::get_if<core::events::EngineAnswered>(&body)) answer->command = id;
  if (auto* answer = std::get_if<core::events::PeerAnswered>(&body)) answer->command = id;
  if (auto* answer = std::get_if<core::events::Published>(&body)) answer->command = id;
  if (auto* answer = std::get_if<core::events::L1Answered>(&body)) answer->command = id;
}

/// The model has an engine and no network: its peers never get the question.
core::EventBody answer_of_no_network(const core::Command& command) {
  const bool is_published =
      std::holds_alternative<core::commands::PublishCommitment>(command.body) ||
      std::holds_alternative<core::commands::PublishTxList>(command.body);
  if (is_published) {
    return core::events::Published{command.id, 0, core::events::PublishResult::kNotSent, 0};
  }
  return core::events::PeerAnswered{
      command.id, 0, core::events::PeerFailed{core::events::PeerFailureKind::kNotSent, "model"}};
}

}  // namespace

ChangedWorld::ChangedWorld(std::unique_ptr<core::State> state)
    : state_(std::move(state)), now_(state_->last_wall) {
  engine_.learn(*state_);
  for (const auto& [id, command] : state_->in_flight) {
    outstanding_.push_back({command, core::WallNanos{now_.value + kAnswerNanos}});
  }
}

const core::Outcome& ChangedWorld::reduce(core::Event event) {
  event.seq = core::next(state_->last_seq);
  now_ = std::max(now_, event.wall);
  event.wall = now_;
  mono_ = event.mono = std::max(mono_, event.mono);
  if (std::holds_alternative<core::events::BootStarted>(event.body)) outstanding_.clear();
  core::reduce(*state_, event, outcome_);
  ++events_;
  for (const core::Command& command : outcome_.commands) {
    if (!core::has_outcome(command.body)) continue;
    outstanding_.push_back({command, core::WallNanos{now_.value + kAnswerNanos}});
  }
  if (on_step) on_step(outcome_);
  return outcome_;
}

const core::Outcome& ChangedWorld::feed(const core::Event& like, core::EventBody body) {
  core::Event event = like;
  event.body = std::move(body);
  return reduce(std::move(event));
}

const core::Outcome* ChangedWorld::answer(const core::Event& like, const core::CommandBody& asked) {
  const auto found =
      std::find_if(outstanding_.begin(), outstanding_.end(),
                   [&asked](const Outstanding& one) { return one.command.body == asked; });
  if (found == outstanding_.end()) return nullptr;
  core::Event event = like;
  set_command(event.body, found->command.id);
  outstanding_.erase(found);
  if (const auto* answer = std::get_if<core::events::EngineAnswered>(&event.body)) {
    engine_.learn(asked, answer->result);
  }
  return &reduce(std::move(event));
}

const core::Outcome& ChangedWorld::fire(const core::Event& like, core::TimerId timer) {
  core::events::TimerFired fired{timer, 0};
  if (static_cast<std::size_t>(timer) < core::kTimerCount) {
    fired.generation = core::timer_of(*state_, timer).generation;
  }
  return feed(like, fired);
}

/// What L1 holds is not in the log beyond what it answered.
core::events::L1Result ChangedWorld::answer_of_l1(const Outstanding& asked) {
  if (const core::events::L1Result* known = l1_.answer(asked.command.body, asked.due)) {
    ++l1_answers_;
    return *known;
  }
  ++l1_unanswered_;
  return core::events::L1Failed{core::events::L1FailureKind::kNotExecuted, {}, "model"};
}

void ChangedWorld::answer_front() {
  Outstanding next = std::move(outstanding_.front());
  outstanding_.pop_front();
  core::Event event;
  event.wall = next.due;
  event.mono = mono_;
  if (core::is_for_peers(next.command.body)) {
    event.lane = core::Lane::kPeer;
    event.body = answer_of_no_network(next.command);
  } else if (core::is_for_l1(next.command.body)) {
    event.lane = core::Lane::kL1;
    event.source = core::SourceKind::kL1;
    event.body = core::events::L1Answered{next.command.id, 0, answer_of_l1(next)};
  } else {
    event.lane = core::Lane::kEngine;
    event.source = core::SourceKind::kEngine;
    engine_.set_labels_are_ours(core::effects::follows_l1(*state_));
    event.body = core::events::EngineAnswered{next.command.id,
                                              static_cast<std::uint32_t>(kAnswerNanos / 1000),
                                              engine_.perform(next.command.body)};
  }
  ++answers_modelled_;
  reduce(std::move(event));
}

std::optional<core::TimerId> ChangedWorld::first_timer() const {
  std::optional<core::TimerId> first;
  for (std::size_t i = 0; i < core::kTimerCount; ++i) {
    const core::TimerState& timer = core::timer_of(*state_, static_cast<core::TimerId>(i));
    if (!timer.armed) continue;
    const bool is_earlier = !first || timer.due < core::timer_of(*state_, *first).due;
    if (is_earlier) first = static_cast<core::TimerId>(i);
  }
  return first;
}

void ChangedWorld::run_until(core::WallNanos time) {
  if (!has_model_) return;
  for (;;) {
    const auto timer = state_->stopping ? std::nullopt : first_timer();
    const core::WallNanos timer_due =
        timer ? core::timer_of(*state_, *timer).due : core::WallNanos{~0ULL};
    const core::WallNanos answer_due =
        outstanding_.empty() ? core::WallNanos{~0ULL} : outstanding_.front().due;
    if (std::min(timer_due, answer_due) > time) return;
    if (answer_due <= timer_due) {
      answer_front();
      continue;
    }
    core::Event event;
    event.wall = timer_due;
    event.mono = mono_;
    event.lane = core::Lane::kTimer;
    event.source = core::SourceKind::kTimer;
    fire(event, *timer);
  }
}

void ChangedWorld::settle() {
  constexpr int kAnswersMax = 10'000;  // a plan has six steps
  for (int i = 0; has_model_ && !outstanding_.empty() && i < kAnswersMax; ++i) answer_front();
}

}  // namespace preconf::replay
