// What L1's nodes send, as text: how fast an answer with logs becomes facts, and a blob's JSON
// bytes. No network, and no simulated L1, whose answers were made before.
#include <benchmark/benchmark.h>

#include <cstring>

#include "core/base/assert.hpp"
#include "core/base/hex.hpp"
#include "core/codec/blob.hpp"
#include "io/l1/beacon_json.hpp"
#include "io/l1/rpc_batch.hpp"
#include "node/devnet/l1_methods.hpp"
#include "node/l1/ask_codec.hpp"
#include "node/l1/block_facts.hpp"
#include "tests/bench/support/samples.hpp"

namespace preconf::bench {
namespace {

namespace devnet = node::devnet;
namespace l1 = node::l1;
using core::Bytes;

/// What an L1 node answers about a range with a proposal in each of `blocks` blocks.
struct RangeText {
  explicit RangeText(std::uint64_t blocks) {
    core::protocol::EpochClock clock;
    clock.genesis = core::UnixSeconds{1'700'000'000};
    devnet::L1ChainOptions options;
    options.deployment = devnet::simulated_deployment(clock);
    deployment = options.deployment;
    devnet::L1Node node(std::move(options));
    node.chain.submit(devnet::l1_call::Activate{});
    node.chain.mine();
    devnet::l1_call::Propose call;
    call.blobs = {node.chain.add_blob(core::codec::encode_blob(Bytes(100, 1)))};
    for (std::uint64_t i = 0; i < blocks; ++i) {
      node.chain.submit(call);
      node.chain.mine();
    }
    filters.history = l1::history_filter(deployment);
    ask.range = {core::L1BlockNumber{2}, core::L1BlockNumber{1 + blocks}};
    const auto calls = l1::calls_of(l1::Ask{ask}, filters);
    answers = calls.size();
    for (std::size_t i = 0; i < answers; ++i) {
      const auto params = io::JsonDocument::parse(calls[i].params);
      const auto answer = devnet::call_l1_method(node, calls[i].method, params->root());
      text += (i == 0 ? "[" : ",") + devnet::rpc_response(std::to_string(i + 1), answer);
    }
    text += "]";
  }
  core::protocol::L1Deployment deployment;
  l1::AskFilters filters;
  l1::AskRange ask;
  std::string text;
  std::size_t answers = 0;
};

/// From the text of an answer to the facts of the blocks' events.
std::size_t read_facts(const RangeText& range) {
  io::l1::RpcBatch batch;
  PRECONF_ASSERT(batch.append(range.text, range.answers).has_value());
  const auto answer = l1::answer_of(l1::Ask{range.ask}, batch);
  const auto& logs = std::get<l1::RangeAnswer>(answer).logs;
  std::size_t facts = 0;
  for (const io::l1::L1Log& log : logs) {
    l1::BlockDraft draft;
    draft.header.number = log.block_number;
    l1::add_facts(draft, std::span(&log, 1), range.deployment, false);
    facts += draft.facts.size();
  }
  return facts;
}

void log_answer_to_facts(benchmark::State& state) {
  const RangeText range(static_cast<std::uint64_t>(state.range(0)));
  const auto logs = static_cast<std::size_t>(state.range(0));
  Samples all;
  Samples json;
  Samples copy;
  Bytes target(range.text.size());
  for (auto _ : state) {
    const double micros = all.time([&] { PRECONF_ASSERT(read_facts(range) == logs); });
    json.time([&] {
      benchmark::DoNotOptimize(
          io::JsonDocument::parse(range.text, io::JsonLimits{64 << 20, 32}).has_value());
    });
    copy.time([&] {
      std::memcpy(target.data(), range.text.data(), target.size());
      benchmark::DoNotOptimize(target.data());
    });
    state.SetIterationTime(micros * 1e-6);
  }
  state.counters["logs_per_s"] = static_cast<double>(logs) / (all.p50() * 1e-6);
  state.counters["us_per_log"] = all.p50() / static_cast<double>(logs);
  state.counters["bytes_per_log"] =
      static_cast<double>(range.text.size()) / static_cast<double>(logs);
  state.counters["MB_per_s"] = static_cast<double>(range.text.size()) / all.p50();
  state.counters["ratio_to_json"] = all.p50() / json.p50();
  state.counters["ratio_to_memcpy"] = all.p50() / copy.p50();
}
BENCHMARK(log_answer_to_facts)
    ->Arg(1'000)
    ->UseManualTime()
    ->Iterations(100)
    ->Unit(benchmark::kMillisecond);

/// A full blob as a beacon node sends it: JSON and hex to bytes, commitment checked.
void read_sidecar(benchmark::State& state) {
  Bytes blob(core::codec::kBlobBytes);
  for (std::size_t i = 0; i < blob.size(); ++i) blob[i] = static_cast<std::uint8_t>(i * 7);
  const std::string commitment = "0x" + std::string(96, 'c');
  const std::string body = R"({"data":[{"index":"0","blob":")" + core::to_hex0x(blob) +
                           R"(","kzg_commitment":")" + commitment + R"(","kzg_proof":")" +
                           commitment + R"("}]})";
  const core::Hash32 wanted = core::codec::versioned_hash_of(*core::fixed_from_hex<48>(commitment));
  Samples all;
  Samples copy;
  Bytes target(body.size());
  for (auto _ : state) {
    const double micros = all.time(
        [&] { PRECONF_ASSERT(io::l1::sidecars_from(body, std::span(&wanted, 1))->size() == 1); });
    copy.time([&] {
      std::memcpy(target.data(), body.data(), target.size());
      benchmark::DoNotOptimize(target.data());
    });
    state.SetIterationTime(micros * 1e-6);
  }
  state.counters["us"] = all.p50();
  state.counters["blob_MB_per_s"] = static_cast<double>(blob.size()) / all.p50();
  state.counters["ratio_to_memcpy"] = all.p50() / copy.p50();
}
BENCHMARK(read_sidecar)->UseManualTime()->Iterations(500)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace preconf::bench

BENCHMARK_MAIN();
