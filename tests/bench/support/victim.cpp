#include "tests/bench/support/victim.hpp"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <numeric>
#include <string>
#include <thread>

#include "core/base/assert.hpp"
#include "io/clock.hpp"
#include "io/p2p/p2p_host.hpp"
#include "tests/bench/support/cpu_time.hpp"
#include "tests/bench/support/samples.hpp"

namespace preconf::bench {
namespace {

constexpr std::uint64_t kMark = 0x706c656173652121;  // nobody else writes that

struct Victim {
  explicit Victim(bool admits_all)
      : identity(*io::wire::Identity::from_secret(io::wire::KeyType::kEd25519, [] {
          io::wire::Identity::Secret secret;
          secret.bytes.fill(7);
          return secret;
        }())) {
    io::P2pHostOptions options;
    options.listen_address = "127.0.0.1";
    options.swarm.topics = {"/taiko/167000/0/preconfirmationCommitments",
                            "/taiko/167000/0/rawTxLists"};
    if (admits_all) {
      options.swarm.accepts = {0, 0, 0, true};
      options.swarm.connections.inbound = 2'000;
      options.swarm.connections.pending_inbound = 2'000;
      options.swarm.connections.total = 2'000;
    } else {
      // The honest peers of this benchmark share one address; the hostile ones have one each.
      options.swarm.accepts.per_address = 40;
      options.swarm.accepts.rate_per_address = 40;
    }
    host = std::make_unique<io::P2pHost>(loop, options, identity,
                                         [this](io::wire::SwarmAction event) { on_event(event); });
  }

  void on_event(const io::wire::SwarmAction& event) {
    const auto* delivered = std::get_if<io::wire::gossip::Deliver>(&event);
    if (delivered == nullptr) return;
    const std::uint64_t sent = published_at(delivered->message->data);
    if (sent != 0) {
      arrivals.add(static_cast<double>(io::mono_now().value - sent) / 1e3);
    }
    host->swarm().report_validation(
        delivered->message->id, sent != 0 ? io::wire::Verdict::kAccept : io::wire::Verdict::kReject,
        host->now());
  }

  void report(int out) {
    const io::wire::SwarmCounters now = host->swarm().counters();
    const auto sum = [](const io::wire::SwarmCounters& counters) {
      return std::accumulate(counters.accepts_refused.begin(), counters.accepts_refused.end(),
                             std::uint64_t{0});
    };
    const std::uint64_t cpu_us = cpu_micros();
    char line[400];
    const int size = std::snprintf(
        line, sizeof line,
        "arrivals=%zu p50_us=%.0f p99_us=%.0f max_us=%.0f cpu_us=%llu rpcs=%llu accepted=%llu "
        "refused=%llu peers=%zu rss_kib=%lu\n",
        arrivals.count(), arrivals.p50(), arrivals.p99(), arrivals.at(1),
        static_cast<unsigned long long>(cpu_us - last_cpu_us),
        static_cast<unsigned long long>(now.rpcs_received - last.rpcs_received),
        static_cast<unsigned long long>(now.accepted - last.accepted),
        static_cast<unsigned long long>(sum(now) - sum(last)), host->swarm().peers().size(),
        rss_kib());
    (void)!::write(out, line, static_cast<std::size_t>(size));
    last = now;
    last_cpu_us = cpu_us;
    arrivals = {};
  }

  static unsigned long rss_kib() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
      if (line.starts_with("VmRSS:")) return std::stoul(line.substr(6));
    }
    return 0;
  }

  io::EventLoop loop;
  io::wire::Identity identity;
  std::unique_ptr<io::P2pHost> host;
  Samples arrivals;
  io::wire::SwarmCounters last;
  std::uint64_t last_cpu_us = 0;
};

}  // namespace

core::Bytes honest_message(std::uint64_t nanos, std::uint32_t number) {
  core::Bytes data(kHonestBytes, 0xff);
  std::memcpy(data.data() + 8, &kMark, 8);
  std::memcpy(data.data() + 16, &nanos, 8);
  std::memcpy(data.data() + 24, &number, 4);
  return data;
}

std::uint64_t published_at(core::BytesView data) {
  if (data.size() != kHonestBytes) return 0;
  std::uint64_t mark = 0;
  std::uint64_t nanos = 0;
  std::memcpy(&mark, data.data() + 8, 8);
  std::memcpy(&nanos, data.data() + 16, 8);
  return mark == kMark ? nanos : 0;
}

void run_victim(int in, int out, bool admits_all) {
  Victim victim(admits_all);
  const auto started = victim.host->start();
  PRECONF_ASSERT(started && *started);
  char line[32];
  const int size = std::snprintf(line, sizeof line, "port=%u\n", unsigned{*(**started).tcp_port});
  (void)!::write(out, line, static_cast<std::size_t>(size));
  std::thread commands([&] {
    char byte = 0;
    while (::read(in, &byte, 1) == 1) {
      victim.host->post([&victim, out](io::P2pHost&) { victim.report(out); });
    }
    std::_Exit(0);
  });
  victim.loop.run();
  std::_Exit(0);
}

}  // namespace preconf::bench
