// How fast the pure functions of core/ are, beside the libraries that they rest on.
#include <benchmark/benchmark.h>
#include <secp256k1.h>
#include <secp256k1_recovery.h>

#include "core/codec/ssz.hpp"
#include "core/codec/transaction.hpp"
#include "core/codec/trie.hpp"
#include "core/codec/txlist.hpp"
#include "core/crypto/hash.hpp"
#include "core/crypto/secp256k1.hpp"
#include "core/protocol/anchor_tx.hpp"
#include "core/protocol/chain_profile.hpp"
#include "core/protocol/commitment.hpp"
#include "core/protocol/payload_attributes.hpp"
#include "core/protocol/txlist_facts.hpp"

namespace preconf::core {
namespace {

void keccak(benchmark::State& state) {
  Bytes data(static_cast<std::size_t>(state.range(0)), 0x5a);
  for (auto _ : state) {
    benchmark::DoNotOptimize(data.data());
    benchmark::DoNotOptimize(crypto::keccak256(data));
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * state.range(0));
}
BENCHMARK(keccak)->Arg(32)->Arg(300)->Arg(131072);

void sha256(benchmark::State& state) {
  Bytes data(static_cast<std::size_t>(state.range(0)), 0x5a);
  for (auto _ : state) {
    benchmark::DoNotOptimize(data.data());
    benchmark::DoNotOptimize(crypto::sha256(data));
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * state.range(0));
}
BENCHMARK(sha256)->Arg(400)->Arg(131072);

/// A commitment that passes every check of the bytes.
codec::SignedCommitmentSsz valid_commitment(const Hash32& domain) {
  protocol::SignedCommitment commitment;
  commitment.preconf.block_number = U256::from_u64(5);
  commitment.preconf.raw_tx_list_hash.bytes.fill(7);
  crypto::SecretKey key;
  key.bytes.fill(1);
  commitment.signature = *crypto::sign(protocol::signing_hash(commitment, domain), key);
  return codec::encode_signed_commitment(commitment);
}

void verify_commitment(benchmark::State& state) {
  const Hash32 domain = protocol::permissionless_network({}).preconf_domain;
  const auto raw = valid_commitment(domain);
  for (auto _ : state) {
    benchmark::DoNotOptimize(protocol::verify_commitment(raw.view(), domain));
  }
}
BENCHMARK(verify_commitment);

/// The lower bound of verify_commitment: the curve operation alone.
void secp256k1_recover_alone(benchmark::State& state) {
  Hash32 digest;
  digest.bytes.fill(9);
  crypto::SecretKey key;
  key.bytes.fill(1);
  const Signature65 signature = *crypto::sign(digest, key);
  secp256k1_ecdsa_recoverable_signature parsed;
  secp256k1_ecdsa_recoverable_signature_parse_compact(secp256k1_context_static, &parsed,
                                                      signature.data(), signature.bytes.back());
  for (auto _ : state) {
    secp256k1_pubkey public_key;
    benchmark::DoNotOptimize(
        secp256k1_ecdsa_recover(secp256k1_context_static, &public_key, &parsed, digest.data()));
    benchmark::DoNotOptimize(public_key);
  }
}
BENCHMARK(secp256k1_recover_alone);

std::vector<Bytes> transactions(std::size_t count) {
  protocol::AnchorTxInput input;
  input.chain_id = 167001;
  input.base_fee_wei = 25'000'000;
  input.anchor_address = protocol::anchor_address_of(167001);
  std::vector<Bytes> out;
  for (std::size_t i = 0; i < count; ++i) {
    input.nonce = i;
    input.call.block_number = L1BlockNumber{1000 + i};
    out.push_back(protocol::build_anchor_tx(input));
  }
  return out;
}

void build_anchor_tx(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(transactions(1));
}
BENCHMARK(build_anchor_tx);

void verify_txlist(benchmark::State& state) {
  const Bytes compressed =
      codec::compress_txlist(transactions(static_cast<std::size_t>(state.range(0))));
  for (auto _ : state) benchmark::DoNotOptimize(protocol::verify_txlist(compressed));
}
BENCHMARK(verify_txlist)->Arg(1)->Arg(100)->Arg(1000);

void decode_transaction(benchmark::State& state) {
  const Bytes raw = transactions(1).front();
  for (auto _ : state) benchmark::DoNotOptimize(codec::decode_transaction(raw));
}
BENCHMARK(decode_transaction);

void ordered_trie_root(benchmark::State& state) {
  const auto values = transactions(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(codec::ordered_trie_root(values));
}
BENCHMARK(ordered_trie_root)->Arg(1)->Arg(100)->Arg(1000);

void base_fee_after(benchmark::State& state) {
  protocol::BaseFeeParent parent;
  parent.number = BlockNumber{9};
  parent.gas_limit = 46'000'000;
  parent.gas_used = 30'000'000;
  parent.base_fee_wei = 25'000'000;
  parent.block_time_seconds = 2;
  protocol::ChainProfile chain;
  for (auto _ : state) {
    benchmark::DoNotOptimize(parent);
    benchmark::DoNotOptimize(protocol::base_fee_after(parent, chain));
  }
}
BENCHMARK(base_fee_after);

}  // namespace
}  // namespace preconf::core

BENCHMARK_MAIN();
