// The peer-to-peer machines without a network: each beside the operations that it can not do
// without, in turns, so that a ratio does not depend on the minute. `ratio` is time of the machine
// over time of these operations; `copied` is what memcpy and memmove moved, bytes per message.
#include <benchmark/benchmark.h>
#include <nettle/chacha-poly1305.h>

#include <algorithm>
#include <cstring>
#include <ctime>

#include "io/wire/gossipsub/router.hpp"
#include "io/wire/noise_handshake.hpp"
#include "io/wire/noise_transport.hpp"
#include "io/wire/yamux.hpp"
#include "tests/bench/support/copied_bytes.hpp"
#include "tests/wire/gossip/rpc_bytes.hpp"

namespace preconf::bench {
namespace {

using namespace preconf::io::wire;  // NOLINT: one translation unit
using io::wire::test::identity_of;

const Topic kTopic = "/taiko/167000/0/preconfirmationCommitments";
constexpr Millis kStart{1'000'000};

/// Adds up both sides of a ratio, in CPU time: other programs of the machine disturb it least.
struct Ratio {
  double machine = 0;
  double floor = 0;
  static double cpu_seconds() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
  }
  template <class Work>
  static double seconds(Work&& work) {
    const double start = cpu_seconds();
    work();
    return cpu_seconds() - start;
  }
  void report(benchmark::State& state) const { state.counters["ratio"] = machine / floor; }
};

/// Signed messages of one author, as RPCs.
struct Messages {
  Messages(std::size_t count, std::size_t size) {
    for (std::size_t n = 0; n < count; ++n) {
      Bytes data(size, 0xff);
      std::memcpy(data.data() + 32, &n, sizeof n);  // what begins with ff is no Snappy
      const auto parts = io::wire::test::signed_parts(author, n, kTopic, data);
      ids.push_back(message_id(MessageIdFormula::kContent, kTopic, data));
      rpcs.push_back(io::wire::test::rpc_message(parts));
      signatures.push_back(parts.signature);
      datas.push_back(std::move(data));
    }
  }
  Identity author = identity_of(60'001);
  std::vector<Bytes> rpcs;
  std::vector<MessageId> ids;
  std::vector<Bytes> signatures;
  std::vector<Bytes> datas;
};

GossipRouter router_with(std::size_t peers, const Identity& self) {
  GossipRouter router(GossipConfig{}, self, Prng(1), kStart);
  router.subscribe(kTopic, kStart);
  for (std::uint32_t n = 1; n <= peers; ++n) {
    router.peer_connected(PeerRef{n}, io::wire::test::made_up_peer_id(n), Direction::kInbound,
                          GossipVersion::kV12, kStart);
    router.on_rpc(PeerRef{n}, io::wire::test::rpc_subscription(kTopic), kStart);
  }
  while (router.next_action()) {
  }
  return router;
}

std::size_t drain(GossipRouter& router) {
  std::size_t sent = 0;
  while (const auto action = router.next_action()) {
    if (std::holds_alternative<gossip::SendRpc>(*action)) ++sent;
  }
  return sent;
}

/// Every peer sends every message; the application accepts; the mesh gets it.
void gossip_router(benchmark::State& state) {
  const auto size = static_cast<std::size_t>(state.range(0));
  const auto peers = static_cast<std::size_t>(state.range(1));
  const std::size_t count = size > 100'000 ? 4 : 64;
  const Messages messages(count, size);
  const Identity self = identity_of(60'000);
  const PublicKey key = messages.author.public_key();
  Ratio ratio;
  std::size_t sent = 0;
  std::uint64_t copied = 0;
  for (auto _ : state) {
    GossipRouter router = router_with(peers, self);
    const std::uint64_t before = copied_bytes();
    const double took = Ratio::seconds([&] {
      for (std::size_t n = 0; n < count; ++n) {
        for (std::uint64_t peer = 1; peer <= peers; ++peer) {
          router.on_rpc(PeerRef{peer}, messages.rpcs[n], kStart);
          if (peer != 1) continue;
          (void)router.report_validation(messages.ids[n], Verdict::kAccept, kStart);
          sent += drain(router);
        }
        sent += drain(router);
      }
    });
    copied += copied_bytes() - before;
    ratio.machine += took;
    state.SetIterationTime(took);
    if (router.state().seen.size() != count) state.SkipWithError("messages were refused");
    ratio.floor += Ratio::seconds([&] {
      for (std::size_t n = 0; n < count; ++n) {
        for (std::size_t peer = 0; peer < peers; ++peer) {
          benchmark::DoNotOptimize(
              message_id(MessageIdFormula::kContent, kTopic, messages.datas[n]));
        }
        // What is signed is 115 bytes longer than the data.
        benchmark::DoNotOptimize(verify(key, messages.rpcs[n], messages.signatures[n]));
      }
    });
  }
  const auto total = static_cast<double>(state.iterations()) * static_cast<double>(count);
  state.SetItemsProcessed(static_cast<std::int64_t>(total));
  state.counters["sent"] = static_cast<double>(sent) / total;
  state.counters["copied"] = static_cast<double>(copied) / total;
  ratio.report(state);
}
BENCHMARK(gossip_router)
    ->ArgNames({"bytes", "peers"})
    ->Args({382, 1})
    ->Args({382, 50})
    ->Args({20'000, 50})
    ->Args({2'097'188, 1})
    ->Args({2'097'188, 50})
    ->UseManualTime();

/// Bad signatures as fast as they come: the second one graylists the peer.
void bad_signatures(benchmark::State& state) {
  const Messages messages(64, 382);
  const Identity self = identity_of(60'000);
  std::vector<Bytes> bad;
  for (Bytes rpc : messages.rpcs) {
    rpc.back() ^= 1;  // the last byte of the signature
    bad.push_back(std::move(rpc));
  }
  GossipRouter router = router_with(1, self);
  for (auto _ : state) {
    for (const Bytes& rpc : bad) router.on_rpc(PeerRef{1}, rpc, kStart);
  }
  drain(router);
  state.SetItemsProcessed(state.iterations() * 64);
}
BENCHMARK(bad_signatures);

/// IHAVE with 5,000 ids of nothing each, ten per heartbeat: what one peer can make us look at.
void ihave_flood(benchmark::State& state) {
  const Identity self = identity_of(60'000);
  std::vector<Bytes> rpcs;
  for (std::uint32_t n = 0; n < 10; ++n) {
    std::vector<MessageId> ids;
    for (std::uint32_t i = 0; i < 5'000; ++i) {
      ids.push_back(io::wire::test::made_up_id(n * 5'000 + i));
    }
    rpcs.push_back(io::wire::test::rpc_ihave(kTopic, ids));
  }
  GossipRouter router = router_with(1, self);
  Millis now = kStart;
  for (auto _ : state) {
    for (const Bytes& rpc : rpcs) router.on_rpc(PeerRef{1}, rpc, now);
    drain(router);
    now = Millis{now.value + 5'000};
    router.on_time(now);
    drain(router);
  }
  state.SetItemsProcessed(state.iterations() * 10);
}
BENCHMARK(ihave_flood);

struct Channel {
  Channel()
      : dialer_identity(identity_of(1)),
        listener_identity(identity_of(2)),
        dialer(NoiseRole::kInitiator, dialer_identity, keys(1), PeerId{}),
        listener(NoiseRole::kResponder, listener_identity, keys(2), PeerId{}) {}
  static NoiseXx::Keys keys(std::uint8_t n) {
    NoiseXx::Keys keys;
    keys.fixed.bytes.fill(n);
    keys.ephemeral.bytes.fill(static_cast<std::uint8_t>(n + 100));
    return keys;
  }
  bool shake_hands() {
    Bytes wire;
    for (int turn = 0; turn < 3; ++turn) {
      NoiseHandshake& from = turn % 2 == 0 ? dialer : listener;
      NoiseHandshake& to = turn % 2 == 0 ? listener : dialer;
      wire.clear();
      from.take_output(wire);
      BytesView in = wire;
      if (to.on_bytes(in) == NoiseHandshake::Status::kFailed) return false;
    }
    return true;
  }
  Identity dialer_identity;
  Identity listener_identity;
  NoiseHandshake dialer;
  NoiseHandshake listener;
};

/// Both sides; the floor is both sides' curve operations.
void noise_handshake(benchmark::State& state) {
  Ratio ratio;
  const Identity identity = identity_of(1);
  const Bytes message(56, 1);
  X25519Secret secret;
  secret.bytes.fill(3);
  const X25519Public point = x25519_public(secret);
  for (auto _ : state) {
    const double took = Ratio::seconds([&] {
      Channel channel;
      if (!channel.shake_hands()) state.SkipWithError("the handshake failed");
    });
    // The identities of the channel are part of the node, not of a handshake.
    const double setup = Ratio::seconds([&] {
      benchmark::DoNotOptimize(identity_of(1));
      benchmark::DoNotOptimize(identity_of(2));
    });
    ratio.machine += took - setup;
    state.SetIterationTime(took - setup);
    ratio.floor += Ratio::seconds([&] {
      for (int side = 0; side < 2; ++side) {
        benchmark::DoNotOptimize(x25519_public(secret));
        for (int i = 0; i < 3; ++i) benchmark::DoNotOptimize(x25519(secret, point));
        const Bytes signature = identity.sign(message);
        benchmark::DoNotOptimize(verify(identity.public_key(), message, signature));
      }
    });
  }
  state.SetItemsProcessed(state.iterations());
  ratio.report(state);
}
BENCHMARK(noise_handshake)->UseManualTime();

/// One mebibyte sealed at one end and opened at the other; the floor is the cipher alone, in
/// records of the same size.
void noise_channel(benchmark::State& state) {
  Channel channel;
  if (!channel.shake_hands()) state.SkipWithError("the handshake failed");
  NoiseTransport sender(channel.dialer.split());
  NoiseTransport receiver(channel.listener.split());
  const Bytes plain(1 << 20, 7);
  Bytes sealed;
  Bytes opened;
  Ratio ratio;
  std::uint64_t copied = 0;
  chacha_poly1305_ctx context;
  const Bytes key(32, 1);
  const Bytes nonce(12, 2);
  Bytes scratch(1 << 20);
  for (auto _ : state) {
    sealed.clear();
    opened.clear();
    const std::uint64_t before = copied_bytes();
    const double took = Ratio::seconds([&] {
      sender.seal(plain, sealed);
      if (!receiver.on_bytes(sealed, opened)) state.SkipWithError("not authentic");
    });
    copied += copied_bytes() - before;
    ratio.machine += took;
    state.SetIterationTime(took);
    ratio.floor += Ratio::seconds([&] {
      constexpr std::size_t kRecord = 64'511;
      chacha_poly1305_set_key(&context, key.data());
      for (const bool seals : {true, false}) {
        for (std::size_t at = 0; at < plain.size(); at += kRecord) {
          const std::size_t size = std::min(kRecord, plain.size() - at);
          std::uint8_t tag[16];
          chacha_poly1305_set_nonce(&context, nonce.data());
          seals ? chacha_poly1305_encrypt(&context, size, scratch.data() + at, plain.data() + at)
                : chacha_poly1305_decrypt(&context, size, scratch.data() + at, plain.data() + at);
          chacha_poly1305_digest(&context, sizeof tag, tag);
          benchmark::DoNotOptimize(tag);
        }
      }
    });
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(plain.size()));
  state.counters["copied"] =
      static_cast<double>(copied) / static_cast<double>(state.iterations()) / (1 << 20);
  ratio.report(state);
}
BENCHMARK(noise_channel)->UseManualTime();

/// One mebibyte through a stream of two sessions; the floor is one memcpy of it.
void yamux_stream(benchmark::State& state) {
  YamuxSession dialer(YamuxRole::kDialer, YamuxConfig{}, kStart);
  YamuxSession listener(YamuxRole::kListener, YamuxConfig{}, kStart);
  const StreamId stream = dialer.open_stream().value();
  const SharedBytes chunk = share(Bytes(1 << 17, 7));
  Bytes wire;
  Bytes back;
  Bytes copy(1 << 20);
  Ratio ratio;
  std::uint64_t copied = 0;
  for (auto _ : state) {
    const std::uint64_t before = copied_bytes();
    std::size_t received = 0;
    const double took = Ratio::seconds([&] {
      for (int i = 0; i < 8; ++i) {
        if (!dialer.write(stream, chunk)) state.SkipWithError("the stream is gone");
        wire.clear();
        dialer.take_output(wire, 1 << 20);
        BytesView in = wire;
        while (const auto event = listener.read(in, kStart)) {
          const auto* data = std::get_if<yamux::StreamData>(&*event);
          if (data == nullptr) continue;
          received += data->data.size();
          listener.consumed(data->stream, data->data.size());
        }
        back.clear();
        listener.take_output(back, 1 << 20);
        BytesView answer = back;
        while (dialer.read(answer, kStart)) {
        }
      }
    });
    copied += copied_bytes() - before;
    if (received != copy.size()) state.SkipWithError("bytes are missing");
    ratio.machine += took;
    state.SetIterationTime(took);
    ratio.floor += Ratio::seconds([&] {
      for (std::size_t at = 0; at < copy.size(); at += chunk->size()) {
        std::memcpy(copy.data() + at, chunk->data(), chunk->size());
      }
      benchmark::DoNotOptimize(copy.data());
    });
  }
  state.SetBytesProcessed(state.iterations() * (1 << 20));
  state.counters["copied"] =
      static_cast<double>(copied) / static_cast<double>(state.iterations()) / (1 << 20);
  ratio.report(state);
}
BENCHMARK(yamux_stream)->UseManualTime();

}  // namespace
}  // namespace preconf::bench

BENCHMARK_MAIN();
