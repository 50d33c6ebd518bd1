// The history that would have been: a fold of its own, fed with recorded inputs, recorded answers,
// and, from some point on, with the answers of a model.
#pragma once

#include <deque>
#include <functional>
#include <memory>

#include "core/reducer.hpp"
#include "core/state.hpp"
#include "replay/whatif/model_engine.hpp"
#include "replay/whatif/recorded_l1.hpp"

namespace preconf::replay {

class ChangedWorld {
 public:
  /// How long an answer of the model takes, ns.
  static constexpr std::uint64_t kAnswerNanos = 1'000'000;

  explicit ChangedWorld(std::unique_ptr<core::State> state);

  /// Appends an event at the recorded event's time and reduces it.
  const core::Outcome& feed(const core::Event& like, core::EventBody body);
  /// Gives a recorded answer to the oldest outstanding command with this body. Null when there is
  /// none.
  const core::Outcome* answer(const core::Event& like, const core::CommandBody& asked);
  /// Fires the armed timer with this name, whatever its generation.
  const core::Outcome& fire(const core::Event& like, core::TimerId timer);

  /// From now on the model answers.
  void begin_model() { has_model_ = true; }
  [[nodiscard]] bool has_model() const { return has_model_; }
  /// Everything that the model answers and timers that are due up to `time`.
  void run_until(core::WallNanos time);
  /// Until nothing is outstanding; timers stay.
  void settle();

  [[nodiscard]] const core::State& state() const { return *state_; }
  [[nodiscard]] core::WallNanos now() const { return now_; }
  [[nodiscard]] ModelEngine& engine() { return engine_; }
  [[nodiscard]] RecordedL1& l1() { return l1_; }
  [[nodiscard]] std::uint64_t events() const { return events_; }
  [[nodiscard]] std::uint64_t answers_modelled() const { return answers_modelled_; }
  /// Of those, what history was answered to the same question to L1, and questions it never asked.
  [[nodiscard]] std::uint64_t l1_answers() const { return l1_answers_; }
  [[nodiscard]] std::uint64_t l1_unanswered() const { return l1_unanswered_; }
  /// Called after each event with what it caused.
  std::function<void(const core::Outcome&)> on_step;

 private:
  struct Outstanding {
    core::Command command;
    core::WallNanos due;
  };
  const core::Outcome& reduce(core::Event event);
  void answer_front();
  [[nodiscard]] core::events::L1Result answer_of_l1(const Outstanding& asked);
  [[nodiscard]] std::optional<core::TimerId> first_timer() const;

  std::unique_ptr<core::State> state_;
  ModelEngine engine_;
  RecordedL1 l1_;
  std::deque<Outstanding> outstanding_;
  core::Outcome outcome_;
  core::WallNanos now_;
  core::MonoNanos mono_;
  std::uint64_t events_ = 0;
  std::uint64_t answers_modelled_ = 0;
  std::uint64_t l1_answers_ = 0;
  std::uint64_t l1_unanswered_ = 0;
  bool has_model_ = false;
};

}  // namespace preconf::replay
