// A thousand hostile connections against a real host on loopback sockets, while honest peers
// publish: when their messages arrive with and without the strangers, in the same run; what a
// stranger's message costs; what a connection holds.
//
// Three processes: the victim, the strangers (low priority: a real flood is made elsewhere), and
// this one with the honest peers. All of two cores is used. PRECONF_BENCH_REALTIME=1 (as root) runs
// them before everything else on the machine, for a minute or two: on a busy one the figures are
// otherwise those of its scheduler.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <future>
#include <thread>

#include "core/base/assert.hpp"
#include "io/clock.hpp"
#include "io/p2p/p2p_host.hpp"
#include "tests/bench/support/child.hpp"
#include "tests/bench/support/cpu_time.hpp"
#include "tests/bench/support/hostile_peers.hpp"
#include "tests/bench/support/samples.hpp"
#include "tests/bench/support/victim.hpp"

namespace preconf::bench {
namespace {

constexpr int kStrangers = 1'000;
constexpr int kVictimPriority = 5;  // the strangers have 1
constexpr std::size_t kHonest = 10;
constexpr std::chrono::microseconds kPublishInterval{100'000};  // of each
constexpr std::chrono::seconds kMeshTime{8};
constexpr std::chrono::seconds kQuietTime{6};
constexpr std::chrono::seconds kRampTime{6};
constexpr std::chrono::seconds kFloodTime{12};

/// All of them on one thread. They know only the victim, so what one publishes reaches the others
/// through it.
class HonestPeers {
 public:
  HonestPeers(std::uint16_t port, std::size_t count, std::chrono::microseconds interval)
      : interval_(interval) {
    io::wire::Multiaddr address = *io::wire::parse_multiaddr("/ip4/127.0.0.1/tcp/1");
    address.tcp_port = port;
    for (std::size_t i = 0; i < count; ++i) {
      io::wire::Identity::Secret secret;
      secret.bytes.fill(static_cast<std::uint8_t>(100 + i));
      identities_.push_back(std::make_unique<io::wire::Identity>(
          *io::wire::Identity::from_secret(io::wire::KeyType::kEd25519, secret)));
      io::P2pHostOptions options;
      options.swarm.topics = {kTopic};
      options.swarm.static_peers = {address};
      options.swarm.gossip.first_seqno = io::wall_now().value;
      hosts_.push_back(std::make_unique<io::P2pHost>(
          loop_, options, *identities_.back(),
          [this, i](io::wire::SwarmAction event) { on_event(i, event); }));
      PRECONF_ASSERT(hosts_.back()->start().has_value());
      loop_.arm(kMeshTime + interval * i / count, [this, i] { publish(i); });
    }
    thread_ = std::thread([this] { loop_.run(); });
  }
  ~HonestPeers() {
    loop_.stop();
    thread_.join();
  }
  HonestPeers(const HonestPeers&) = delete;
  HonestPeers& operator=(const HonestPeers&) = delete;

  /// Returns when so much time has passed.
  void wait(std::chrono::nanoseconds time) {
    std::promise<void> over;
    loop_.post([&] { loop_.arm(time, [&over] { over.set_value(); }); });
    over.get_future().wait();
  }
  /// From publisher through the victim to another honest peer, and how many were published, since
  /// the last call.
  struct Seen {
    Samples through;
    std::uint32_t published = 0;
  };
  Seen take() {
    std::promise<Seen> taken;
    loop_.post([&] {
      taken.set_value({std::exchange(through_, {}), number_ - std::exchange(taken_, number_)});
    });
    return taken.get_future().get();
  }

 private:
  static constexpr const char* kTopic = "/taiko/167000/0/preconfirmationCommitments";

  void on_event(std::size_t i, const io::wire::SwarmAction& event) {
    const auto* delivered = std::get_if<io::wire::gossip::Deliver>(&event);
    if (delivered == nullptr) return;
    const std::uint64_t sent = published_at(delivered->message->data);
    if (sent != 0) through_.add(static_cast<double>(io::mono_now().value - sent) / 1e3);
    hosts_[i]->swarm().report_validation(delivered->message->id, io::wire::Verdict::kAccept,
                                         hosts_[i]->now());
  }
  void publish(std::size_t i) {
    const auto message = honest_message(io::mono_now().value, ++number_);
    (void)hosts_[i]->swarm().publish(kTopic, message, hosts_[i]->now());
    hosts_[i]->done();
    loop_.arm(interval_, [this, i] { publish(i); });
  }

  std::chrono::microseconds interval_;
  io::EventLoop loop_;
  std::vector<std::unique_ptr<io::wire::Identity>> identities_;
  std::vector<std::unique_ptr<io::P2pHost>> hosts_;
  Samples through_;
  std::uint32_t number_ = 0;
  std::uint32_t taken_ = 0;
  std::thread thread_;
};

/// `range(0)`: may everybody in, or do the limits of a node hold; `range(1)`: which harm, -1 all.
void hostile(benchmark::State& state) {
  const bool admits_all = state.range(0) != 0;
  const int only = static_cast<int>(state.range(1));
  for (auto _ : state) {
    take_priority(kVictimPriority);
    Child victim([&](int in, int out) { run_victim(in, out, admits_all); });
    const auto port = static_cast<std::uint16_t>(field(victim.line(), "port"));
    Child strangers([&](int in, int out) {
      char go = 0;  // they begin at the first line
      if (::read(in, &go, 1) != 1) std::_Exit(0);
      (void)!::write(out, "\n", 1);
      run_hostile_peers(in, out, port, kStrangers, only);
    });
    HonestPeers honest(port, kHonest, kPublishInterval);
    honest.wait(kMeshTime + std::chrono::seconds(1));
    (void)victim.ask();
    (void)honest.take();
    honest.wait(kQuietTime);
    const std::string quiet = victim.ask();
    HonestPeers::Seen quiet_seen = honest.take();
    (void)strangers.ask();
    honest.wait(kRampTime);
    (void)victim.ask();
    (void)honest.take();
    const std::string before = strangers.ask();
    const std::uint64_t honest_before = cpu_micros();
    honest.wait(kFloodTime);
    const std::string flood = victim.ask();
    const std::string after = strangers.ask();
    const std::uint64_t honest_after = cpu_micros();
    HonestPeers::Seen seen = honest.take();

    auto& out = state.counters;
    out["quiet_p50_us"] = field(quiet, "p50_us");
    out["quiet_p99_us"] = field(quiet, "p99_us");
    out["p50_us"] = field(flood, "p50_us");
    out["p99_us"] = field(flood, "p99_us");
    out["max_us"] = field(flood, "max_us");
    out["quiet_through_p99_us"] = quiet_seen.through.p99();
    out["through_p50_us"] = seen.through.p50();
    out["through_p99_us"] = seen.through.p99();
    out["arrived"] = field(flood, "arrivals");
    out["published"] = static_cast<double>(seen.published);
    const double rpcs = field(flood, "rpcs") - field(flood, "arrivals");
    const auto seconds = static_cast<double>(kFloodTime.count());
    out["cpu_share"] = field(flood, "cpu_us") / 1e6 / seconds;
    out["quiet_cpu_share"] = field(quiet, "cpu_us") / 1e6 / static_cast<double>(kQuietTime.count());
    out["hostile_cpu_share"] = (field(after, "cpu_us") - field(before, "cpu_us")) / 1e6 / seconds;
    out["honest_cpu_share"] = static_cast<double>(honest_after - honest_before) / 1e6 / seconds;
    out["hostile_rpcs_per_s"] = rpcs / seconds;
    out["cpu_us_per_rpc"] = rpcs > 0 ? field(flood, "cpu_us") / rpcs : 0;
    out["accepted_per_s"] = field(flood, "accepted") / seconds;
    out["refused_per_s"] = field(flood, "refused") / seconds;
    out["hostile_MiB_per_s"] =
        (field(after, "bytes") - field(before, "bytes")) / 1'048'576 / seconds;
    out["connected"] = field(after, "connected");
    out["peers"] = field(flood, "peers");
    out["KiB_per_connection"] = (field(flood, "rss_kib") - field(quiet, "rss_kib")) / kStrangers;
    state.SetIterationTime(field(flood, "p99_us") / 1e6);
    state.SetLabel(only < 0 ? "all kinds" : name_of(static_cast<Harm>(only)));
  }
}
BENCHMARK(hostile)
    ->ArgNames({"admits_all", "harm"})
    ->Args({0, -1})
    ->Args({1, -1})
    ->Args({1, 0})
    ->Args({1, 1})
    ->Args({1, 2})
    ->Args({1, 3})
    ->Args({1, 4})
    ->Args({1, 5})
    ->Args({1, 6})
    ->Args({1, 7})
    ->UseManualTime()
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace preconf::bench

BENCHMARK_MAIN();
