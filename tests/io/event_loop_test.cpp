#include "io/loop/event_loop.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <vector>

#include "io/clock.hpp"
#include "io/loop/worker_pool.hpp"
#include "tests/io/support/loop_thread.hpp"

namespace preconf::io {
namespace {

using test::LoopThread;
using test::Once;

TEST(EventLoop, RunsPostedFunctionsInOrderAndNeverInsidePost) {
  EventLoop loop;
  std::vector<int> seen;
  loop.post([&] {
    loop.post([&] {
      seen.push_back(2);
      loop.stop();
    });
    seen.push_back(1);
  });
  EXPECT_TRUE(seen.empty());
  loop.run();
  EXPECT_EQ(seen, (std::vector{1, 2}));
}

TEST(EventLoop, RunsAgainAfterStop) {
  EventLoop loop;
  int runs = 0;
  for (int i = 0; i < 2; ++i) {
    loop.post([&] {
      ++runs;
      loop.stop();
    });
    loop.run();
  }
  EXPECT_EQ(runs, 2);
}

TEST(EventLoop, AStopBeforeRunIsNotLost) {
  EventLoop loop;
  loop.stop();
  loop.run();
  loop.post([&] { loop.stop(); });
  loop.run();
}

TEST(EventLoop, TimersFireInOrderOfTime) {
  EventLoop loop;
  std::vector<int> seen;
  loop.arm(std::chrono::milliseconds(2), [&] {
    seen.push_back(2);
    loop.stop();
  });
  loop.arm(std::chrono::milliseconds(1), [&] { seen.push_back(1); });
  loop.run();
  EXPECT_EQ(seen, (std::vector{1, 2}));
}

TEST(EventLoop, ACancelledTimerNeverFires) {
  EventLoop loop;
  bool fired = false;
  const TimerHandle timer = loop.arm(std::chrono::nanoseconds(0), [&] { fired = true; });
  // Expired or not when this runs: from here on it counts as cancelled.
  EXPECT_TRUE(loop.cancel(timer));
  EXPECT_FALSE(loop.cancel(timer));
  loop.arm(std::chrono::milliseconds(1), [&] { loop.stop(); });
  loop.run();
  EXPECT_FALSE(fired);
}

TEST(EventLoop, ATimerMayCancelAndArmTimers) {
  EventLoop loop;
  TimerHandle other{};
  bool fired = false;
  loop.arm(std::chrono::nanoseconds(0), [&] {
    EXPECT_TRUE(loop.cancel(other));
    loop.arm(std::chrono::milliseconds(1), [&] { loop.stop(); });
  });
  other = loop.arm(std::chrono::hours(1), [&] { fired = true; });
  loop.run();
  EXPECT_FALSE(fired);
}

TEST(EventLoop, SignalsBecomeCalls) {
  LoopThread thread;
  Once<int> seen;
  Once<int> again;
  auto first = seen.set();
  auto second = again.set();
  int count = 0;
  thread.call([&] {
    thread.loop.on_signals(
        {SIGHUP}, [&, first, second](int signal) { (++count == 1 ? first : second)(signal); });
    return 0;
  });
  ::raise(SIGHUP);
  EXPECT_EQ(seen.get(), SIGHUP);
  ::raise(SIGHUP);
  EXPECT_EQ(again.get(), SIGHUP);
  thread.join();
}

TEST(Clock, MonotonicDoesNotGoBack) {
  const auto first = mono_now();
  EXPECT_LE(first, mono_now());
  EXPECT_GT(wall_now().value, 1'700'000'000'000'000'000U);
}

TEST(WorkerPool, RefusesAboveItsBoundAndDropsTheQueueAtTheEnd) {
  std::promise<void> release;
  const std::shared_future<void> released = release.get_future().share();
  Once<bool> started;
  std::atomic<int> ran{0};
  {
    WorkerPool pool(1, 1);
    ASSERT_TRUE(pool.submit([&, set = started.set()] {
      set(true);
      released.wait();
      ++ran;
    }));
    EXPECT_TRUE(started.get());
    EXPECT_TRUE(pool.submit([&] { ++ran; }));
    EXPECT_FALSE(pool.submit([&] { ++ran; })) << "one runs, one waits, the third is refused";
    release.set_value();
  }
  EXPECT_GE(ran.load(), 1);
  EXPECT_LE(ran.load(), 2);
}

}  // namespace
}  // namespace preconf::io
