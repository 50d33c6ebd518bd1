// EventLoop: one thread that runs posted functions, timers, sockets and signal callbacks, one at a
// time. Boost.Asio is inside and stays there.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace preconf::io {

/// Names one armed timer; 0 names none. Never reused within a loop.
struct TimerHandle {
  std::uint64_t id = 0;
  friend bool operator==(const TimerHandle&, const TimerHandle&) = default;
};

class EventLoop {
 public:
  using Function = std::function<void()>;

  EventLoop();
  /// Requires that run() is not running. Everything built on the loop (servers, clients) must be
  /// destroyed before it. Functions that never ran are dropped.
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  /// Runs on the calling thread until stop(), even while there is nothing to do. May be called
  /// again after it returned; what was posted meanwhile runs then.
  void run();
  /// Makes run() return after the function in progress; before run(), makes the next run() return
  /// at once. Any thread.
  void stop();

  /// Runs `function` on the loop's thread, never inside post(). Any thread.
  void post(Function function);

  /// Runs `function` once, `delay` from now, on the loop's thread. Loop thread only, or before
  /// run().
  TimerHandle arm(std::chrono::nanoseconds delay, Function function);
  /// Disarms; false when the timer is unknown or has fired. Same threads as arm().
  bool cancel(TimerHandle handle);

  /// Calls `function(signal)` on the loop's thread for each of these signals (SIGINT, SIGTERM,
  /// SIGHUP, ...), replacing their default action until the loop is destroyed. One set per loop; a
  /// second call replaces the first.
  void on_signals(const std::vector<int>& signals, std::function<void(int)> function);

  struct Impl;
  /// For io/ only: the Asio side (loop/asio_loop.hpp).
  [[nodiscard]] Impl& impl() { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace preconf::io
