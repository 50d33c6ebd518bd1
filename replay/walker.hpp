// Walking along a history: each event with the state it meets and what it causes.
#pragma once

#include <memory>

#include "core/reducer.hpp"
#include "core/state.hpp"
#include "replay/history.hpp"

namespace preconf::replay {

class Walker {
 public:
  /// Stands after event `after` (0: before the first): the nearest snapshot, then the fold.
  /// `history` outlives the walker. A failure is that of reading the log up to there.
  [[nodiscard]] static core::Result<Walker, storage::StorageFailure> start(const History& history,
                                                                           core::Seq after);

  /// Folds the next event: true, or false at the end of the log.
  [[nodiscard]] core::Result<bool, storage::StorageFailure> next();

  /// The event folded last, what it caused, and the state after it.
  [[nodiscard]] const storage::LoggedEvent& logged() const { return logged_; }
  [[nodiscard]] const core::Event& event() const { return logged_.event; }
  [[nodiscard]] const core::Outcome& outcome() const { return outcome_; }
  [[nodiscard]] const core::State& state() const { return *state_; }
  [[nodiscard]] core::Seq seq() const { return state_->last_seq; }

 private:
  Walker(std::unique_ptr<core::State> state, std::unique_ptr<storage::LogReader> reader)
      : state_(std::move(state)), reader_(std::move(reader)) {}

  std::unique_ptr<core::State> state_;
  std::unique_ptr<storage::LogReader> reader_;
  storage::LoggedEvent logged_;
  core::Outcome outcome_;
};

}  // namespace preconf::replay
