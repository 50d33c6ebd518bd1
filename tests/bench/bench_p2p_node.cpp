// The program as a process among peers: how long a gossiped commitment needs until it is in the log
// and until the engine is called.
//
// The publisher and the receiver are libp2p hosts of this process, each on a thread of its own;
// they know only the node. A message is forwarded when its verdict is durable, so the receiver
// sees when it was in the log, one hop later.
#include <benchmark/benchmark.h>

#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "core/base/assert.hpp"
#include "core/codec/p2p_ssz.hpp"
#include "io/clock.hpp"
#include "io/p2p/p2p_host.hpp"
#include "tests/bench/support/node_network.hpp"
#include "tests/bench/support/samples.hpp"

namespace preconf::bench {
namespace {

constexpr std::size_t kBlocks = 300;
constexpr std::chrono::seconds kDeadline{30};
constexpr const char* kCommitments = "/taiko/167000/0/preconfirmationCommitments";
constexpr const char* kLists = "/taiko/167000/0/rawTxLists";

/// A host on a thread of its own that dials `address`.
class Peer {
 public:
  Peer(std::uint8_t seed, const std::string& address)
      : identity_(*io::wire::Identity::from_secret(io::wire::KeyType::kEd25519, [seed] {
          io::wire::Identity::Secret secret;
          secret.bytes.fill(seed);
          return secret;
        }())) {
    io::P2pHostOptions options;
    options.swarm.topics = {kCommitments, kLists};
    options.swarm.static_peers = {*io::wire::parse_multiaddr(address)};
    options.swarm.gossip.first_seqno = io::wall_now().value;
    host_ = std::make_unique<io::P2pHost>(
        loop_, options, identity_, [this](const io::wire::SwarmAction& event) { on_event(event); });
    PRECONF_ASSERT(host_->start().has_value());
    thread_ = std::thread([this] { loop_.run(); });
  }
  ~Peer() {
    loop_.stop();
    thread_.join();
  }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  /// When publishing began; the message is with the swarm when it returns. Waits for a subscriber.
  Clock::time_point publish(const char* topic, const core::Bytes& data) {
    Clock::time_point begun;
    for (bool is_sent = false; !is_sent;) {
      std::mutex mutex;
      std::condition_variable done;
      bool is_done = false;
      host_->post([&](io::P2pHost& host) {
        begun = Clock::now();
        is_sent = host.swarm().publish(topic, data, host.now()).has_value();
        host.done();
        const std::lock_guard lock(mutex);
        is_done = true;
        done.notify_one();
      });
      std::unique_lock lock(mutex);
      done.wait(lock, [&] { return is_done; });
    }
    return begun;
  }
  /// When the message with this content arrived here.
  Clock::time_point wait_for(const core::Bytes& data) {
    const auto id = io::wire::message_id(io::wire::MessageIdFormula::kContent, kLists, data);
    std::unique_lock lock(mutex_);
    const bool is_there = changed_.wait_for(lock, kDeadline, [&] { return arrived_.contains(id); });
    if (!is_there) {
      throw std::runtime_error("the node did not forward a message; " +
                               std::to_string(arrived_.size()) + " before it arrived");
    }
    return arrived_.at(id);
  }

 private:
  void on_event(const io::wire::SwarmAction& event) {
    if (const auto* asked = std::get_if<io::wire::swarm::InboundRequest>(&event)) {
      // Who does not answer loses its place in the mesh. We have nothing: head {0, 0}, no items.
      const bool is_head = asked->protocol == io::wire::ExchangeProtocol::kGetHead;
      host_->swarm().respond(asked->request, is_head ? core::Bytes(64) : core::Bytes{4, 0, 0, 0},
                             host_->now());
      return;
    }
    const auto* delivered = std::get_if<io::wire::gossip::Deliver>(&event);
    if (delivered == nullptr) return;
    const auto when = Clock::now();
    host_->swarm().report_validation(delivered->message->id, io::wire::Verdict::kIgnore,
                                     host_->now());
    const std::lock_guard lock(mutex_);
    arrived_.emplace(delivered->message->id, when);
    changed_.notify_all();
  }

  io::wire::Identity identity_;
  io::EventLoop loop_;
  std::unique_ptr<io::P2pHost> host_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<io::wire::MessageId, Clock::time_point> arrived_;
  std::thread thread_;
};

core::Bytes list_of(const PublishedBlock& block) {
  return core::codec::encode_raw_tx_list({block.tx_list_hash, *block.tx_list});
}

/// List first; when that is in the log, the commitment, on which the block is executed. From the
/// call of publish to the forwarded message at the receiver, and to the first byte at the engine's
/// socket. Both include the publisher's signature and the loopback hops.
void gossip_to_engine_call(benchmark::State& state) {
  NodeNetwork network(kBlocks + 2,
                      {"--p2p.listen", "127.0.0.1:0", "--p2p.exempt-loopback", "true"});
  Peer publisher(1, network.p2p_address());
  Peer receiver(2, network.p2p_address());
  // Each one's subscriptions go before what it publishes: when the publisher has heard the
  // receiver, the node knows both.
  (void)publisher.publish(kLists, list_of(*network.blocks().at(kBlocks)));
  const core::Bytes greeting = list_of(*network.blocks().at(kBlocks + 1));
  (void)receiver.publish(kLists, greeting);
  (void)publisher.wait_for(greeting);
  Samples to_engine;
  Samples to_log;
  Samples list_to_log;
  Samples executed;
  std::size_t next = 0;
  for (auto _ : state) {
    const PublishedBlock& block = *network.blocks().at(next++);
    const core::Bytes list = list_of(block);
    const auto list_sent = publisher.publish(kLists, list);
    const auto list_there = receiver.wait_for(list);
    network.arm_engine();
    const auto sent = publisher.publish(kCommitments, block.commitment);
    const auto there = receiver.wait_for(block.commitment);
    network.wait_head(block.number);
    const auto micros = [](Clock::duration time) {
      return std::chrono::duration<double, std::micro>(time).count();
    };
    const auto called = network.first_engine_bytes();
    PRECONF_ASSERT(called.has_value());
    state.SetIterationTime(micros(*called - sent) * 1e-6);
    if (next <= 20) continue;  // the mesh is young, caches are cold
    list_to_log.add(micros(list_there - list_sent));
    to_log.add(micros(there - sent));
    to_engine.add(micros(*called - sent));
    executed.add(micros_since(sent));
  }
  state.counters["to_engine_p50_us"] = to_engine.p50();
  state.counters["to_engine_p99_us"] = to_engine.p99();
  state.counters["to_log_p50_us"] = to_log.p50();
  state.counters["to_log_p99_us"] = to_log.p99();
  state.counters["list_to_log_p50_us"] = list_to_log.p50();
  state.counters["executed_p50_us"] = executed.p50();
}
BENCHMARK(gossip_to_engine_call)
    ->UseManualTime()
    ->Iterations(kBlocks)
    ->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace preconf::bench

BENCHMARK_MAIN();
