// The reducer alone: how long one event takes, with few and with many blocks in the state; and what
// is computed beside it (effects digest, state hash, snapshot), against the hash of the same bytes.
#include <benchmark/benchmark.h>

#include <array>
#include <string>

#include "core/base/assert.hpp"
#include "core/codec/canonical.hpp"
#include "core/crypto/hash.hpp"
#include "core/invariants.hpp"
#include "core/limits.hpp"
#include "core/reducer.hpp"
#include "core/state.hpp"
#include "core/state_bytes.hpp"
#include "tests/bench/support/samples.hpp"
#include "tests/bench/support/traffic.hpp"

namespace preconf::bench {
namespace {

/// Blocks that are measured, after as many as fill the state.
constexpr std::uint64_t kMeasuredBlocks = 800;
constexpr std::uint64_t kManyBlocks = core::limits::kExecutedBlocksMax + kMeasuredBlocks;
constexpr std::uint64_t kFewBlocks = 200 + kMeasuredBlocks;
constexpr double kGoalP50 = 1.0;
constexpr double kGoalP99 = 5.0;

/// Connected peers of the scene in which everything comes by gossip; a deployed node has 8 to 50.
constexpr std::uint64_t kPeers = 50;

/// A state and the events that come next.
struct Scene {
  Traffic traffic;
  core::State state;
  std::size_t first = 0;  ///< index of the first event after `state`

  Scene(std::uint64_t blocks, L1 l1) : traffic(record_traffic(blocks, l1)) {
    core::Outcome outcome;
    while (!state.heads.unsafe || state.heads.unsafe->number.value < blocks - kMeasuredBlocks) {
      core::reduce(state, traffic.events.at(first++), outcome);
    }
  }

  /// The same events, from peers.
  void come_by_gossip() {
    core::P2p& p2p = state.p2p;
    p2p.is_on = true;
    for (std::uint64_t i = 1; i <= kPeers; ++i) {
      core::Peer peer;
      peer.peer_id = core::Bytes(34, static_cast<std::uint8_t>(i));
      p2p.records[peer.peer_id].connected_as = core::PeerNumber{i};
      p2p.peers.emplace(core::PeerNumber{i}, std::move(peer));
    }
    for (std::size_t i = 0; i < traffic.events.size(); ++i) {
      core::Event& event = traffic.events[i];
      const bool is_input = std::holds_alternative<core::events::CommitmentReceived>(event.body) ||
                            std::holds_alternative<core::events::TxListReceived>(event.body);
      if (!is_input) continue;
      event.source = core::SourceKind::kGossip;
      event.source_id = 1 + i % kPeers;
    }
  }
};

const Scene& scene(bool is_large) {
  if (is_large) {
    static const Scene large(kManyBlocks, L1::kStandsStill);
    return large;
  }
  static const Scene small(kFewBlocks, L1::kConfirms);
  return small;
}

void describe(benchmark::State& state, const core::State& folded) {
  state.counters["blocks_held"] = static_cast<double>(folded.heads.executed.size());
  state.counters["commitments_held"] = static_cast<double>(folded.book.held.size());
}

const Scene& scene_of_gossip() {
  static const Scene* const made = [] {
    static Scene gossip(kFewBlocks, L1::kConfirms);
    gossip.come_by_gossip();
    return &gossip;
  }();
  return *made;
}

/// Arg: 1 = the state is full; 2 = few blocks, and everything comes by gossip of many peers.
void reduce_one(benchmark::State& state) {
  const Scene& setting = state.range(0) == 2 ? scene_of_gossip() : scene(state.range(0) == 1);
  Samples all;
  Samples clock;
  std::array<Samples, std::variant_size_v<core::EventBody>> by_kind;
  core::Outcome outcome;
  core::State folded;
  std::uint64_t events = 0;
  for (auto _ : state) {
    state.PauseTiming();
    folded = setting.state;
    state.ResumeTiming();
    for (std::size_t i = setting.first; i < setting.traffic.events.size(); ++i, ++events) {
      const core::Event& event = setting.traffic.events[i];
      const double taken = all.time([&] { core::reduce(folded, event, outcome); });
      by_kind[event.body.index()].add(taken);
      if (i % 16 == 0) clock.time([] {});
    }
  }
  // Every recorded answer was waited for: the fold is the recorded life, not a heap of late
  // answers.
  PRECONF_ASSERT(folded.heads.unsafe.has_value() && core::broken_invariant(folded) == nullptr);
  PRECONF_ASSERT(folded.heads.unsafe->number.value ==
                 setting.state.heads.unsafe->number.value + kMeasuredBlocks);
  state.SetItemsProcessed(static_cast<std::int64_t>(events));
  describe(state, folded);
  state.counters["p50_us"] = all.p50();
  state.counters["p99_us"] = all.p99();
  state.counters["p999_us"] = all.at(0.999);
  state.counters["clock_us"] = clock.p50();
  state.counters["p50_to_goal"] = all.p50() / kGoalP50;
  state.counters["p99_to_goal"] = all.p99() / kGoalP99;
  for (std::size_t kind = 0; kind < by_kind.size(); ++kind) {
    if (by_kind[kind].count() < 100) continue;
    const std::string name = core::name_of(static_cast<core::EventKind>(kind + 1));
    state.counters["p50_us_" + name] = by_kind[kind].p50();
  }
}
BENCHMARK(reduce_one)->Arg(0)->Arg(1)->Arg(2)->Iterations(5)->Unit(benchmark::kMillisecond);

/// The same without a clock between events. Arg 2: 1 = with the effects digest, as every fold does.
void reduce_stream(benchmark::State& state) {
  const Scene& setting = scene(state.range(0) == 1);
  core::Outcome outcome;
  core::State folded;
  std::uint64_t events = 0;
  for (auto _ : state) {
    state.PauseTiming();
    folded = setting.state;
    state.ResumeTiming();
    for (std::size_t i = setting.first; i < setting.traffic.events.size(); ++i, ++events) {
      core::reduce(folded, setting.traffic.events[i], outcome);
      if (state.range(1) == 1) benchmark::DoNotOptimize(core::effects_digest(outcome));
    }
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(events));
}
BENCHMARK(reduce_stream)
    ->ArgsProduct({{0, 1}, {0, 1}})
    ->ArgNames({"full", "digest"})
    ->Iterations(5)
    ->Unit(benchmark::kMillisecond);

/// Digest of what one event caused, against SHA-256 of the finished bytes.
void effects_digest(benchmark::State& state) {
  const Scene& setting = scene(false);
  std::vector<core::Outcome> outcomes;
  std::vector<core::Bytes> encoded;
  core::State folded = setting.state;
  for (std::size_t i = setting.first; i < setting.traffic.events.size(); ++i) {
    core::Outcome& outcome = outcomes.emplace_back();
    core::reduce(folded, setting.traffic.events[i], outcome);
    encoded.push_back(core::codec::canonical_bytes(outcome));
  }
  double ours = 0;
  double raw = 0;
  for (auto _ : state) {
    auto start = Clock::now();
    for (const core::Bytes& bytes : encoded) {
      benchmark::DoNotOptimize(core::crypto::sha256(bytes));
    }
    raw += micros_since(start);
    start = Clock::now();
    for (const core::Outcome& outcome : outcomes) {
      benchmark::DoNotOptimize(core::effects_digest(outcome));
    }
    ours += micros_since(start);
  }
  const double count =
      static_cast<double>(outcomes.size()) * static_cast<double>(state.iterations());
  state.counters["us_per_event"] = ours / count;
  state.counters["ratio_to_sha256"] = ours / raw;
}
BENCHMARK(effects_digest)->Iterations(20)->Unit(benchmark::kMillisecond);

/// Canonical encoding of the state (what a snapshot holds), its hash, and decoding, against SHA-256
/// of the finished bytes.
void snapshot(benchmark::State& state) {
  const core::State& folded = scene(state.range(0) == 1).state;
  const core::Bytes encoded = core::encode_state(folded);
  Samples sha;
  Samples encode;
  Samples hash;
  Samples decode;
  for (auto _ : state) {
    sha.time([&] { benchmark::DoNotOptimize(core::crypto::sha256(encoded)); });
    encode.time([&] { benchmark::DoNotOptimize(core::encode_state(folded)); });
    hash.time([&] { benchmark::DoNotOptimize(core::state_hash(folded)); });
    decode.time([&] {
      core::State decoded;
      PRECONF_ASSERT(core::decode_state(encoded, decoded));
    });
  }
  describe(state, folded);
  state.counters["bytes"] = static_cast<double>(encoded.size());
  state.counters["encode_us"] = encode.p50();
  state.counters["state_hash_us"] = hash.p50();
  state.counters["decode_us"] = decode.p50();
  state.counters["state_hash_to_sha256"] = hash.p50() / sha.p50();
}
BENCHMARK(snapshot)->Arg(0)->Arg(1)->Iterations(50)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace preconf::bench

BENCHMARK_MAIN();
