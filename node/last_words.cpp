#include "node/last_words.hpp"

#include <csignal>
#include <ctime>

#include <atomic>
#include <cstdint>

namespace preconf::node::last_words {
namespace {

// A signal handler can reach nothing but globals. NOLINTBEGIN(*-non-const-global-variables)
std::atomic<std::uint64_t> submitted_seq{0};
std::atomic<std::uint64_t> durable_seq{0};
// NOLINTEND(*-non-const-global-variables)
static_assert(std::atomic<std::uint64_t>::is_always_lock_free);

extern "C" void wait_for_writer(int signal) {
  constexpr int kRounds = 200;
  const timespec pause{0, 10'000'000};
  for (int round = 0; round < kRounds && durable_seq.load() < submitted_seq.load(); ++round) {
    nanosleep(&pause, nullptr);
  }
  // SA_RESETHAND: the default action comes back, and abort() goes on to dump core.
  (void)signal;
}

}  // namespace

void install() {
  struct sigaction action {};
  action.sa_handler = wait_for_writer;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  sigemptyset(&action.sa_mask);
  sigaction(SIGABRT, &action, nullptr);
}

void submitted(core::Seq seq) { submitted_seq.store(seq.value); }
void durable(core::Seq seq) { durable_seq.store(seq.value); }

}  // namespace preconf::node::last_words
