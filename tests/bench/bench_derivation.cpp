// From blobs to manifests, each beside its floor in the same run: moving the same bytes, and zlib
// alone on the same stream.
#include <benchmark/benchmark.h>
#define ZLIB_CONST
#include <zlib.h>

#include <cstring>
#include <random>

#include "core/codec/blob.hpp"
#include "core/codec/manifest.hpp"
#include "core/codec/rlp.hpp"
#include "core/limits_l1.hpp"
#include "core/protocol/anchor_tx.hpp"
#include "core/protocol/derived_block.hpp"
#include "core/protocol/inbox.hpp"
#include "core/protocol/segment.hpp"

namespace preconf::core {
namespace {

void set_bytes(benchmark::State& state, std::size_t bytes) {
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes));
}

Bytes random_bytes(std::size_t size, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  Bytes out(size);
  for (std::uint8_t& byte : out) byte = static_cast<std::uint8_t>(random());
  return out;
}

/// Items like those of a busy block: signatures, hashes and amounts are random, the rest is not.
Bytes transaction_items(std::size_t count) {
  Bytes out;
  protocol::AnchorTxInput input;
  input.chain_id = 167000;
  input.base_fee_wei = 25'000'000;
  for (std::size_t i = 0; i < count; ++i) {
    const Bytes noise = random_bytes(64, i);
    input.nonce = i;
    input.call.block_hash = Hash32::from(noise);
    input.call.state_root = Hash32::from(BytesView(noise).subspan(32));
    codec::append_rlp_string(out, protocol::build_anchor_tx(input));
  }
  return out;
}

/// `blocks` blocks of 50 transactions each: 10 kB a block.
Bytes manifest_payload(std::size_t blocks) {
  std::vector<codec::BlockToPropose> all(blocks);
  for (std::size_t i = 0; i < blocks; ++i) {
    all[i].block.timestamp = UnixSeconds{1'775'200'000 + i};
    all[i].transactions = transaction_items(50);
  }
  return codec::encode_manifest(all);
}

constexpr codec::ManifestBounds kBounds{768, limits::kManifestBytesMax};

void memcpy_blob(benchmark::State& state) {
  const Bytes blob = random_bytes(codec::kBlobBytes, 1);
  Bytes out(codec::kBlobBytes);
  for (auto _ : state) {
    std::memcpy(out.data(), blob.data(), blob.size());
    benchmark::DoNotOptimize(out.data());
    benchmark::ClobberMemory();
  }
  set_bytes(state, codec::kBlobBytes);
}
BENCHMARK(memcpy_blob);

void decode_blob(benchmark::State& state) {
  const Bytes blob = codec::encode_blob(random_bytes(static_cast<std::size_t>(state.range(0)), 1));
  Bytes out;
  out.reserve(codec::kBlobPayloadBytesMax + 128);
  for (auto _ : state) {
    out.clear();
    benchmark::DoNotOptimize(codec::decode_blob(blob, out).has_value());
    benchmark::DoNotOptimize(out.data());
    benchmark::ClobberMemory();
  }
  set_bytes(state, codec::kBlobBytes);
}
BENCHMARK(decode_blob)->Arg(100)->Arg(codec::kBlobPayloadBytesMax);

void encode_blob(benchmark::State& state) {
  const Bytes payload = random_bytes(codec::kBlobPayloadBytesMax, 1);
  for (auto _ : state) benchmark::DoNotOptimize(codec::encode_blob(payload));
  set_bytes(state, codec::kBlobBytes);
}
BENCHMARK(encode_blob);

/// The floor of a manifest: copying what comes out.
void memcpy_manifest(benchmark::State& state) {
  const Bytes payload = manifest_payload(static_cast<std::size_t>(state.range(0)));
  const auto manifest = codec::decode_manifest(payload, 0, kBounds).value();
  Bytes out(manifest.bytes.size());
  for (auto _ : state) {
    std::memcpy(out.data(), manifest.bytes.data(), out.size());
    benchmark::DoNotOptimize(out.data());
    benchmark::ClobberMemory();
  }
  set_bytes(state, out.size());
}
BENCHMARK(memcpy_manifest)->Arg(10)->Arg(192);

/// zlib alone, into a buffer of the right size.
void inflate_manifest_alone(benchmark::State& state) {
  const Bytes payload = manifest_payload(static_cast<std::size_t>(state.range(0)));
  const std::size_t size = codec::decode_manifest(payload, 0, kBounds)->bytes.size();
  Bytes out(size);
  for (auto _ : state) {
    uLongf produced = size;
    benchmark::DoNotOptimize(
        uncompress(out.data(), &produced, payload.data() + 64, payload.size() - 64));
    benchmark::ClobberMemory();
  }
  set_bytes(state, size);
}
BENCHMARK(inflate_manifest_alone)->Arg(10)->Arg(192);

/// Inflated, checked transaction by transaction, indexed.
void decode_manifest(benchmark::State& state) {
  const Bytes payload = manifest_payload(static_cast<std::size_t>(state.range(0)));
  const std::size_t size = codec::decode_manifest(payload, 0, kBounds)->bytes.size();
  for (auto _ : state) {
    benchmark::DoNotOptimize(codec::decode_manifest(payload, 0, kBounds).has_value());
  }
  set_bytes(state, size);
}
BENCHMARK(decode_manifest)->Arg(10)->Arg(192);

/// What a hostile blob can cost: a stream of zeros at zlib's best ratio, refused at its first byte.
void refuse_zero_bomb(benchmark::State& state) {
  std::vector<codec::BlockToPropose> one(1);
  one[0].transactions = Bytes(static_cast<std::size_t>(state.range(0)));
  const Bytes payload = codec::encode_manifest(one);
  for (auto _ : state) {
    benchmark::DoNotOptimize(codec::decode_manifest(payload, 0, kBounds).has_value());
  }
}
BENCHMARK(refuse_zero_bomb)->Arg(64 * 1024 * 1024);

void read_proposed(benchmark::State& state) {
  protocol::ProposedFacts facts;
  facts.id = ProposalId{11};
  facts.sources.resize(static_cast<std::size_t>(state.range(0)));
  for (auto& source : facts.sources) source.blobs.blob_hashes.resize(1);
  const auto log = protocol::encode_proposed(facts);
  for (auto _ : state) {
    benchmark::DoNotOptimize(protocol::read_proposed(log.topics, log.data).has_value());
  }
}
BENCHMARK(read_proposed)->Arg(1)->Arg(11);

/// One block of 50 transactions, without its manifest: anchor transaction, list, hashes, id.
void derive_block(benchmark::State& state) {
  const auto chain = protocol::chain_profile("devnet").value();
  protocol::DerivationParent parent;
  parent.header.number = BlockNumber{7};
  parent.header.gas_limit = 31'000'000;
  parent.header.base_fee_wei = 25'000'000;
  protocol::ProposalFacts proposal;
  codec::BlockManifest block;
  const protocol::AnchorFactsFromChains anchor{};
  const Bytes items = transaction_items(50);
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        protocol::derive_block(parent, proposal, block, items, anchor, chain).has_value());
  }
}
BENCHMARK(derive_block);

}  // namespace
}  // namespace preconf::core

BENCHMARK_MAIN();
