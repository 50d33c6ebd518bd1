// A host alone with peers that give it as much as it takes, over loopback sockets: connections per
// second, messages per second, and the CPU of each beside that of its curve operations.
#include <benchmark/benchmark.h>

#include <chrono>

#include "io/loop/event_loop.hpp"
#include "tests/bench/support/child.hpp"
#include "tests/bench/support/curve_floor.hpp"
#include "tests/bench/support/hostile_peers.hpp"
#include "tests/bench/support/victim.hpp"

namespace preconf::bench {
namespace {

constexpr int kVictimPriority = 5;
constexpr std::chrono::seconds kRampTime{2};
constexpr std::chrono::seconds kTime{4};

/// The time over which something is counted.
void wait(std::chrono::nanoseconds time) {
  io::EventLoop loop;
  loop.arm(time, [&loop] { loop.stop(); });
  loop.run();
}

/// A host, and the peers around it, as processes.
struct Crowd {
  Crowd(int count, Harm harm)
      : victim([](int in, int out) { run_victim(in, out, true); }),
        port(static_cast<std::uint16_t>(field(victim.line(), "port"))),
        peers([&](int in, int out) {
          run_hostile_peers(in, out, port, count, static_cast<int>(harm));
        }) {}

  Child victim;
  std::uint16_t port;
  Child peers;
};

/// So many peers send messages that were signed in advance, as fast as they are taken; one host
/// verifies each and forwards it to a mesh of up to twelve of them.
void gossip_through_sockets(benchmark::State& state) {
  for (auto _ : state) {
    const CurveFloor floor = measure_curve_floor();
    take_priority(kVictimPriority);
    Crowd crowd(static_cast<int>(state.range(0)), Harm::kNone);
    for (double arrived = 0; arrived == 0; arrived = field(crowd.victim.ask(), "arrivals")) {
      wait(std::chrono::milliseconds(100));
    }
    wait(kRampTime);
    (void)crowd.victim.ask();
    wait(kTime);
    const std::string seen = crowd.victim.ask();
    const double arrived = std::max(field(seen, "arrivals"), 1.0);
    const auto seconds = static_cast<double>(kTime.count());
    const double cpu = field(seen, "cpu_us") / arrived;
    state.SetIterationTime(seconds / arrived);
    state.counters["arrived_per_s"] = arrived / seconds;
    state.counters["cpu_us_per_message"] = cpu;
    state.counters["floor_us"] = floor.message_us;
    state.counters["ratio"] = cpu / floor.message_us;
    state.counters["cpu_share"] = field(seen, "cpu_us") / 1e6 / seconds;
  }
}
BENCHMARK(gossip_through_sockets)
    ->ArgName("peers")
    ->Arg(1)
    ->Arg(50)
    ->UseManualTime()
    ->Iterations(1)
    ->Unit(benchmark::kMicrosecond);

/// So many strangers upgrade, go and come again: TCP, multistream, Noise, yamux, and on our side
/// the streams that follow at once.
void handshakes_through_sockets(benchmark::State& state) {
  for (auto _ : state) {
    const CurveFloor floor = measure_curve_floor();
    take_priority(kVictimPriority);
    Crowd crowd(static_cast<int>(state.range(0)), Harm::kHandshakeFlood);
    wait(kRampTime);
    const std::string before = crowd.peers.ask();
    (void)crowd.victim.ask();
    wait(kTime);
    const std::string seen = crowd.victim.ask();
    const std::string after = crowd.peers.ask();
    const double made = std::max(field(after, "upgraded") - field(before, "upgraded"), 1.0);
    const auto seconds = static_cast<double>(kTime.count());
    const double cpu = field(seen, "cpu_us") / made;
    state.SetIterationTime(seconds / made);
    state.counters["handshakes_per_s"] = made / seconds;
    state.counters["cpu_us_per_handshake"] = cpu;
    state.counters["floor_us"] = floor.handshake_us;
    state.counters["ratio"] = cpu / floor.handshake_us;
    state.counters["cpu_share"] = field(seen, "cpu_us") / 1e6 / seconds;
    state.counters["their_cpu_us"] = (field(after, "cpu_us") - field(before, "cpu_us")) / made;
  }
}
BENCHMARK(handshakes_through_sockets)
    ->ArgName("strangers")
    ->Arg(1)
    ->Arg(50)
    ->UseManualTime()
    ->Iterations(1)
    ->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace preconf::bench

BENCHMARK_MAIN();
