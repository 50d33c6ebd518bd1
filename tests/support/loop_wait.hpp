// Waiting for something that handlers on the same loop bring about.
#pragma once

#include <chrono>
#include <functional>

#include "io/loop/event_loop.hpp"

namespace preconf::tests {

/// The condition is asked after every change, never by the clock.
class LoopWait {
 public:
  explicit LoopWait(io::EventLoop& loop) : loop_(loop) {}

  /// A handler did something that a condition may look at.
  void changed() {
    if (condition_ != nullptr && (*condition_)()) loop_.stop();
  }
  /// Runs the loop until the condition holds. False: it did not within the deadline.
  [[nodiscard]] bool until(const std::function<bool()>& condition,
                           std::chrono::nanoseconds deadline) {
    condition_ = &condition;
    bool is_late = false;
    const auto timer = loop_.arm(deadline, [&] {
      is_late = true;
      loop_.stop();
    });
    if (!condition()) loop_.run();
    loop_.cancel(timer);
    condition_ = nullptr;
    return !is_late;
  }

 private:
  io::EventLoop& loop_;
  const std::function<bool()>* condition_ = nullptr;
};

}  // namespace preconf::tests
