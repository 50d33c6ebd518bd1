// The program as a process: how long bytes need from the RPC socket to the engine's, how long
// status takes while blocks stream in, and how much memory it holds.
//
// The node runs as a process of its own with all its threads; client, simulated engine and proxies
// share this process. The scheduler places all of them on the same cores. PRECONF_BENCH_BLOCKS sets
// how many blocks the node holds when its memory is read (1,500).
#include <benchmark/benchmark.h>

#include <atomic>
#include <cstdlib>
#include <thread>

#include "core/base/assert.hpp"
#include "io/json/json_reader.hpp"
#include "io/rpc/publish.hpp"
#include "tests/bench/support/node_network.hpp"
#include "tests/bench/support/samples.hpp"
#include "tests/io/support/raw_client.hpp"

namespace preconf::bench {
namespace {

using io::test::RawClient;

constexpr std::size_t kLatencyBlocks = 400;
constexpr std::size_t kStreamedBlocks = 600;
constexpr std::string_view kStatusCall =
    R"({"jsonrpc":"2.0","id":1,"method":"preconf_status","params":[]})";

std::size_t blocks_wanted() {
  const char* text = std::getenv("PRECONF_BENCH_BLOCKS");
  const std::size_t wanted = text != nullptr ? std::strtoull(text, nullptr, 10) : 1'500;
  return std::max(wanted, kLatencyBlocks + kStreamedBlocks);
}

/// One node for all benchmarks of this program, and the blocks it has been given.
struct Run {
  NodeNetwork network{blocks_wanted()};
  std::size_t next = 0;

  const PublishedBlock& take() { return *network.blocks().at(next++); }
};

Run& run() {
  static Run instance;
  return instance;
}

std::string http_post(const std::string& body) {
  return "POST / HTTP/1.1\r\nHost: node\r\nContent-Type: application/json\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

void expect_accepted(const io::test::RawResponse& response) {
  const bool is_accepted =
      response.status == 200 && response.body.find("\"error\"") == std::string::npos;
  if (!is_accepted) std::fprintf(stderr, "%s\n", response.body.c_str());
  PRECONF_ASSERT(is_accepted);
}

/// What the node can not do without: one hop of these bytes over loopback to another thread.
void measure_hop(RawClient& client, TimedProxy& proxy, const std::string& request, Samples& out) {
  proxy.arm();
  const auto start = Clock::now();
  PRECONF_ASSERT(client.send(request));
  client.response();
  PRECONF_ASSERT(proxy.first_bytes().has_value());
  out.add(std::chrono::duration<double, std::micro>(*proxy.first_bytes() - start).count());
}

/// And the checks of the request: JSON, hex, hashes, inflation, one signature.
void measure_checks(const PublishedBlock& block, const core::protocol::NetworkProfile& network,
                    Samples& out) {
  out.time([&] {
    const auto document = io::JsonDocument::parse(block.request, io::JsonLimits{1 << 20, 32});
    PRECONF_ASSERT(document.has_value());
    PRECONF_ASSERT(
        io::check_publish(io::PublishMethod::kBlock, document->root().get("params"), network)
            .has_value());
  });
}

/// preconf_publishBlock on an idle node: from the first byte sent to the first byte that the
/// engine's socket receives (the probe for the block). Includes both loopback hops, HTTP, JSON,
/// verification, the reducer, and the wake-ups between threads. Excludes the engine.
void publish_to_engine_call(benchmark::State& state) {
  NodeNetwork& network = run().network;
  RawClient client(network.rpc_port());
  TimedProxy hop_proxy(network.engine_port());
  RawClient hop_client(hop_proxy.port());
  Samples latency;
  Samples answer;
  Samples executed;
  Samples hop;
  Samples checks;
  for (auto _ : state) {
    const PublishedBlock& block = run().take();
    const std::string request = http_post(block.request);
    measure_hop(hop_client, hop_proxy, request, hop);
    measure_checks(block, network.network(), checks);
    network.arm_engine();
    const auto start = Clock::now();
    PRECONF_ASSERT(client.send(request));
    const auto response = client.response();
    answer.add(micros_since(start));
    expect_accepted(response);
    network.wait_head(block.number);
    executed.add(micros_since(start));
    const auto first = network.first_engine_bytes();
    PRECONF_ASSERT(first.has_value());
    const double taken = std::chrono::duration<double, std::micro>(*first - start).count();
    latency.add(taken);
    state.SetIterationTime(taken * 1e-6);
  }
  const double raw = 2 * hop.p50() + checks.p50();
  state.counters["p50_us"] = latency.p50();
  state.counters["p90_us"] = latency.at(0.9);
  state.counters["p99_us"] = latency.p99();
  state.counters["ratio_to_raw"] = latency.p50() / raw;
  state.counters["raw_hop_us"] = hop.p50();
  state.counters["raw_checks_us"] = checks.p50();
  state.counters["durable_answer_p50_us"] = answer.p50();
  state.counters["executed_p50_us"] = executed.p50();
}
BENCHMARK(publish_to_engine_call)
    ->UseManualTime()
    ->Iterations(kLatencyBlocks)
    ->Unit(benchmark::kMicrosecond);

Samples status_calls(RawClient& client, const std::atomic<bool>& is_over, std::size_t at_least) {
  Samples out;
  while (out.count() < at_least || !is_over) {
    out.time([&] { PRECONF_ASSERT(client.post(kStatusCall).status == 200); });
  }
  return out;
}

/// preconf_status, one call after the other, while one client publishes new blocks without waiting
/// for their execution and another one repeats old ones; against the same call on the idle node.
void status_while_catching_up(benchmark::State& state) {
  NodeNetwork& network = run().network;
  RawClient client(network.rpc_port());
  std::atomic<bool> is_over = true;
  Samples idle = status_calls(client, is_over, 1'000);
  for (auto _ : state) {
    is_over = false;
    const std::size_t first = run().next;
    run().next += kStreamedBlocks;
    std::atomic<std::uint64_t> published = 0;
    std::thread fresh([&] {
      RawClient publisher(network.rpc_port());
      for (std::size_t i = first; i < first + kStreamedBlocks; ++i, ++published) {
        expect_accepted(publisher.post(network.blocks()[i]->request));
      }
      network.wait_head(network.blocks()[first + kStreamedBlocks - 1]->number);
      is_over = true;
    });
    std::thread repeats([&] {
      RawClient publisher(network.rpc_port());
      for (std::size_t i = 0; !is_over; ++i, ++published) {
        publisher.post(network.blocks()[i % first]->request);
      }
    });
    const auto start = Clock::now();
    Samples busy = status_calls(client, is_over, 1);
    const double seconds = micros_since(start) * 1e-6;
    fresh.join();
    repeats.join();
    state.SetIterationTime(seconds);
    state.counters["p50_us"] = busy.p50();
    state.counters["p99_us"] = busy.p99();
    state.counters["p999_us"] = busy.at(0.999);
    state.counters["calls"] = static_cast<double>(busy.count());
    state.counters["published_per_s"] = static_cast<double>(published) / seconds;
    state.counters["idle_p50_us"] = idle.p50();
    state.counters["idle_p99_us"] = idle.p99();
    state.counters["ratio_to_idle"] = busy.p50() / idle.p50();
  }
}
BENCHMARK(status_while_catching_up)->UseManualTime()->Iterations(1)->Unit(benchmark::kMillisecond);

/// Memory of the follower after all blocks (nothing is confirmed by L1: it holds all of them).
void follower_memory(benchmark::State& state) {
  constexpr double kGoalMib = 256;
  NodeNetwork& network = run().network;
  RawClient client(network.rpc_port());
  for (auto _ : state) {
    while (run().next < network.blocks().size()) {
      const PublishedBlock& block = run().take();
      expect_accepted(client.post(block.request));
      network.wait_head(block.number);
    }
  }
  state.counters["blocks"] = static_cast<double>(run().next);
  state.counters["rss_mib"] = network.memory_mib("VmRSS");
  state.counters["peak_mib"] = network.memory_mib("VmHWM");
  state.counters["rss_to_goal"] = network.memory_mib("VmRSS") / kGoalMib;
}
BENCHMARK(follower_memory)->Iterations(1)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace preconf::bench

BENCHMARK_MAIN();
