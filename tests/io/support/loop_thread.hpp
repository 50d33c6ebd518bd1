// An EventLoop on a thread of its own, and waiting with a deadline.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <memory>
#include <stdexcept>
#include <thread>
#include <utility>

#include "io/loop/event_loop.hpp"

namespace preconf::io::test {

/// Long enough for a loaded machine, and never waited out by a test that passes.
inline constexpr std::chrono::seconds kDeadline{20};

/// The value, as soon as it is there. Throws (the test fails) at the deadline.
template <class T>
T await(std::future<T>& future) {
  if (future.wait_for(kDeadline) != std::future_status::ready) {
    throw std::runtime_error("nothing came within the deadline");
  }
  return future.get();
}

class LoopThread {
 public:
  LoopThread() : thread_([this] { loop.run(); }) {}
  ~LoopThread() { join(); }

  /// After this nothing runs on the loop; what is built on it may be destroyed.
  void join() {
    loop.stop();
    if (thread_.joinable()) thread_.join();
  }

  /// Runs `function` on the loop and returns what it returned.
  template <class Function>
  auto call(Function function) {
    using Value = decltype(function());
    auto task = std::make_shared<std::packaged_task<Value()>>(std::move(function));
    std::future<Value> done = task->get_future();
    loop.post([task] { (*task)(); });
    return await(done);
  }

  EventLoop loop;

 private:
  std::thread thread_;
};

/// A value that a callback delivers once; copies of set() name the same value.
template <class T>
class Once {
 public:
  Once() : promise_(std::make_shared<std::promise<T>>()), future_(promise_->get_future()) {}
  [[nodiscard]] std::function<void(T)> set() {
    return [promise = promise_](T value) { promise->set_value(std::move(value)); };
  }
  [[nodiscard]] T get() { return await(future_); }

 private:
  std::shared_ptr<std::promise<T>> promise_;
  std::future<T> future_;
};

}  // namespace preconf::io::test
