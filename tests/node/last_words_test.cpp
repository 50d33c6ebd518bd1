// An abort waits for the log's writer, so that what led to it can be replayed.
#include "node/last_words.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <future>
#include <thread>

namespace preconf::tests {
namespace {

// The writer only begins once the abort is under way: its hook runs in the aborting thread first.
[[noreturn]] void abort_with_a_slow_writer() {
  namespace last_words = node::last_words;
  last_words::durable(core::Seq{4});
  last_words::submitted(core::Seq{5});
  last_words::install();
  std::promise<void> about_to_abort;
  std::thread writer([&about_to_abort] {
    about_to_abort.get_future().wait();
    for (int i = 0; i < 1'000; ++i) std::this_thread::yield();
    std::fputs("event 5 is durable\n", stderr);
    last_words::durable(core::Seq{5});
  });
  about_to_abort.set_value();
  std::abort();
}

TEST(last_words_death, abort_waits_for_the_writer) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_EXIT(abort_with_a_slow_writer(), testing::KilledBySignal(SIGABRT), "event 5 is durable");
}

}  // namespace
}  // namespace preconf::tests
