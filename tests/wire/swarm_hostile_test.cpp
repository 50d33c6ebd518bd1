// A node under siege, without I/O: honest peers publish while others do, round after round,
// whatever a seed chooses of what peers can do to hurt. Equal seeds, equal histories.
#include <gtest/gtest.h>

#include "io/wire/gossipsub/limits.hpp"
#include "tests/wire/gossip/rpc_bytes.hpp"
#include "tests/wire/support/raw_peer.hpp"

namespace preconf::io::wire::test {
namespace {

using core::Bytes;
using core::Millis;

const Topic kTopic = "/taiko/167000/0/preconfirmationCommitments";
const std::string kMeshsub = "/meshsub/1.1.0";

Bytes framed(const Bytes& rpc) { return *frame_of(rpc); }

struct Besieger {
  std::unique_ptr<RawPeer> peer;
  std::optional<StreamId> gossip;
};

class Siege {
 public:
  Siege(std::uint64_t seed, std::size_t honest, std::size_t hostile)
      : prng(seed), identity(test::identity_of(60'000)), swarm(config(), identity, {}, seed, now) {
    for (std::size_t i = 0; i < honest + hostile; ++i) {
      all.push_back(join(static_cast<std::uint8_t>(i + 1)));
      is_honest.push_back(i < honest);
      pump();
      now = Millis{now.value + 100};
    }
  }

  void round() {
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (all[i].peer->closed) {
        ASSERT_FALSE(is_honest[i]) << name_of(*all[i].peer->closed);
        if (prng.below(4) == 0) all[i] = join(static_cast<std::uint8_t>(i + 1));
      } else if (is_honest[i]) {
        publish(all[i]);
      } else {
        for (std::uint64_t n = prng.below(4); n > 0; --n) harm(all[i]);
      }
      pump();
    }
    now = Millis{now.value + 100};
    swarm.on_time(now);
    pump();
    check_bounds();
  }

  std::size_t published = 0;
  std::size_t cut = 0;  ///< connections that the node ended
  std::map<MessageId, std::size_t> delivered;  ///< honest ones: how often
  std::vector<std::uint64_t> history;
  std::vector<Besieger> all;

 private:
  static SwarmConfig config() {
    SwarmConfig out;
    out.topics = {kTopic};
    out.accepts.rate_per_address = 0;  // strangers come again with the same address
    return out;
  }
  Besieger join(std::uint8_t key) {
    Besieger one{std::make_unique<RawPeer>(swarm, key, std::vector<std::string>{kMeshsub}, now),
                 {}};
    joining = &one;
    pump();
    joining = nullptr;
    if (one.peer->connection.established() && !one.peer->closed) {
      one.gossip = one.peer->open(kMeshsub, framed(rpc_subscription(kTopic)));
    }
    return one;
  }
  void publish(Besieger& one) {
    Bytes data(100, 0xff);
    data[1] = static_cast<std::uint8_t>(published >> 8);
    data[2] = static_cast<std::uint8_t>(published++);
    say(one, rpc_message(signed_parts(one.peer->identity, published, kTopic, data)));
  }
  void say(Besieger& one, const Bytes& rpc) { write(one, framed(rpc)); }
  static void write(Besieger& one, Bytes bytes) {
    if (one.gossip && one.peer->connection.has_stream(*one.gossip)) {
      (void)one.peer->connection.write(*one.gossip, share(std::move(bytes)));
    }
  }
  Bytes random(std::size_t size) {
    Bytes out(size);
    for (auto& byte : out) byte = static_cast<std::uint8_t>(prng.next());
    return out;
  }

  void harm(Besieger& one) {
    const auto some = static_cast<std::uint32_t>(prng.below(100'000));
    switch (prng.below(10)) {
      case 0:
        return say(one, joined({rpc_subscription(kTopic, false), rpc_subscription(kTopic),
                                rpc_graft(kTopic), rpc_graft(kTopic)}));
      case 1: {
        std::vector<MessageId> ids;
        for (std::uint32_t i = 0; i < 500; ++i) ids.push_back(made_up_id(some + i));
        return say(one, prng.below(2) == 0 ? rpc_ihave(kTopic, ids) : rpc_iwant(ids));
      }
      case 2: {
        auto parts = signed_parts(one.peer->identity, some, kTopic, Bytes(60, 0xff));
        parts.signature[3] ^= 1;
        return say(one, rpc_message(parts));
      }
      case 3:  // well signed, and nothing that the application wants
        return say(one, rpc_message(signed_parts(one.peer->identity, some, kTopic, random(30))));
      case 4:
        return write(one, Bytes{0xff, 0xff, 0xff, 0x7f});  // 256 MiB are announced
      case 5:
        return write(one, Bytes{0x80, 0x80, 0x80, 0x05, 1, 2, 3});  // 10 MiB that never come
      case 6:
        return write(one, random(1 + prng.below(2'000)));
      case 7:
        (void)one.peer->open("/unknown/1.0.0", random(100));
        return;
      case 8:
        (void)one.peer->open("/taiko/167000/preconf/1/get_head", random(1 + prng.below(200)), true);
        return;
      default:
        one.peer->reads = !one.peer->reads;
    }
  }

  void take_actions() {
    while (auto action = swarm.next_action()) {
      if (const auto* close = std::get_if<swarm::Close>(&*action)) {
        for (Besieger& one : all) {
          if (one.peer->conn == close->conn) one.peer->closed = close->reason;
        }
        if (joining != nullptr && joining->peer->conn == close->conn) {
          joining->peer->closed = close->reason;
        }
        history.push_back(static_cast<std::uint64_t>(close->reason));
        ++cut;
      } else if (const auto* message = std::get_if<gossip::Deliver>(&*action)) {
        const bool is_good = message->message->data.size() == 100;
        if (is_good) ++delivered[message->message->id];
        swarm.report_validation(message->message->id, is_good ? Verdict::kAccept : Verdict::kReject,
                                now);
      } else if (const auto* request = std::get_if<swarm::InboundRequest>(&*action)) {
        swarm.refuse(request->request, now);
      }
    }
  }
  bool move(Besieger& one) {
    RawPeer& peer = *one.peer;
    if (peer.closed) return false;
    Bytes in;
    while (peer.reads && swarm.take_output(peer.conn, in, now)) {
    }
    if (!in.empty()) peer.receive(in);
    Bytes out;
    while (peer.connection.has_output()) peer.connection.take_output(out, peer.plain, 60'000);
    if (!out.empty()) swarm.on_bytes(peer.conn, out, now);
    history.push_back(in.size() + 3 * out.size());
    return !in.empty() || !out.empty();
  }
  void pump() {
    for (bool moved = true; moved;) {
      take_actions();
      moved = joining != nullptr && move(*joining);
      for (Besieger& one : all) moved = move(one) || moved;
    }
    take_actions();
  }
  void check_bounds() const {
    const RouterState& state = swarm.router().state();
    ASSERT_LE(state.promises.size(), gossip_limits::kPromisesMax);
    ASSERT_LE(state.pending.size(), gossip_limits::kPendingMax);
    ASSERT_LE(state.peers.size(), all.size());
    for (const PeerSummary& peer : swarm.peers()) ASSERT_LE(peer.queued_rpcs, limits::kRpcQueueMax);
  }

  Prng prng;
  Millis now{1'000'000};
  Identity identity;
  Swarm swarm;
  std::vector<bool> is_honest;
  Besieger* joining = nullptr;
};

TEST(SwarmHostile, HonestMessagesArriveOnceWhateverOthersDo) {
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Siege siege(seed, 5, 20);
    for (int i = 0; i < 40; ++i) {
      siege.round();
      if (HasFatalFailure()) return;
    }
    EXPECT_EQ(siege.delivered.size(), siege.published);
    for (const auto& [id, times] : siege.delivered) EXPECT_EQ(times, 1U);
    EXPECT_GT(siege.cut, 10U) << "the harm did none";
  }
}

TEST(SwarmHostile, EqualSeedsEqualHistories) {
  const auto history = [](std::uint64_t seed) {
    Siege siege(seed, 2, 6);
    for (int i = 0; i < 15; ++i) siege.round();
    return siege.history;
  };
  EXPECT_EQ(history(4), history(4));
  EXPECT_NE(history(4), history(5));
}

}  // namespace
}  // namespace preconf::io::wire::test
