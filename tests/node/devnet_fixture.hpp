// Inputs of the devnet tests that come from tests/vectors/devnet_blocks.mjs, and small helpers.
#pragma once

#include <gtest/gtest.h>

#include "core/base/hex.hpp"
#include "core/codec/txlist.hpp"
#include "core/protocol/anchor_tx.hpp"
#include "core/protocol/payload_attributes.hpp"
#include "node/devnet/engine_chain.hpp"

namespace preconf::node::devnet::testing {

inline core::protocol::ChainProfile devnet_profile() {
  return *core::protocol::chain_profile("devnet");
}
inline core::Bytes bytes_of(std::string_view hex) {
  auto bytes = core::from_hex(hex);
  EXPECT_TRUE(bytes.has_value()) << hex;
  return bytes.value_or(core::Bytes{});
}
template <std::size_t N>
core::FixedBytes<N> fixed(std::string_view hex) {
  return core::FixedBytes<N>::from(bytes_of(hex));
}
inline core::Hash32 hash_of(std::string_view hex) { return fixed<32>(hex); }

/// Signed by npm's ethers with the key 01..01.
inline constexpr std::string_view kTransfer =
    "0x02f86e83028c5907830f42408402faf080825208945050a4f4b3f9338c3472dcc01a87c76a144b3c9c82303980c0"
    "80a08ed990692f695f67f1f835d52064682736ef38682332133c0e91afd1263e0996a0125ccc46e83896d8954702bd"
    "26ed776f94f5a9815c8c400212882510a4a236dc";
inline constexpr std::string_view kLegacy =
    "0xf86a0884017d7840827530945050a4f4b3f9338c3472dcc01a87c76a144b3c9c018400ff00ff830518d6a076f112"
    "1d3255d9b8a6a5bd51ea2968cdeac1d274c08ae560bb7930283e61f319a046bd024d0b5f05ae32508a137116144f0e"
    "616c1b581c78cc36fc3c5f0434b5fe";

inline core::Hash32 filled(std::uint8_t byte) {
  core::Hash32 hash;
  hash.bytes.fill(byte);
  return hash;
}

/// The anchor transaction of the derivation reference's worked example, for any nonce and fee.
inline core::Bytes anchor_tx(std::uint64_t nonce, std::uint64_t base_fee) {
  core::protocol::AnchorTxInput input;
  input.chain_id = 167001;
  input.nonce = nonce;
  input.base_fee_wei = base_fee;
  input.anchor_address = devnet_profile().anchor_address;
  input.call = {core::L1BlockNumber{12345678}, filled(0x11), filled(0x22)};
  return core::protocol::build_anchor_tx(input);
}

inline std::uint64_t next_base_fee(const EngineChain& chain, const SimBlock& parent) {
  const SimBlock* grandparent = chain.by_hash(parent.header.parent_hash);
  core::protocol::BaseFeeParent base;
  base.number = core::BlockNumber{parent.number()};
  base.gas_limit = parent.header.gas_limit;
  base.gas_used = parent.header.gas_used;
  base.base_fee_wei = *parent.header.base_fee_wei;
  base.block_time_seconds =
      grandparent == nullptr ? 0 : parent.header.timestamp - grandparent->header.timestamp;
  return *core::protocol::base_fee_after(base, chain.profile());
}

/// Attributes of a preconfirmed block on `parent`, with the given user transactions.
inline BuildRequest request_on(const EngineChain& chain, const SimBlock& parent,
                               std::vector<core::Bytes> users = {}, std::uint64_t seconds = 2) {
  BuildRequest request;
  const std::uint64_t number = parent.number() + 1;
  request.timestamp =
      core::UnixSeconds{parent.number() == 0 ? 1'700'000'000 : parent.header.timestamp + seconds};
  request.prev_randao =
      core::protocol::mix_hash_of(parent.header.difficulty, core::BlockNumber{number});
  request.fee_recipient = fixed<20>("0x00000000000000000000000000000000000000c0");
  request.base_fee_wei = next_base_fee(chain, parent);
  request.gas_limit = 16'000'000;
  users.insert(users.begin(), anchor_tx(parent.golden_nonce, request.base_fee_wei));
  request.tx_list = core::codec::encode_txlist(users);
  const auto extra = core::protocol::extra_data_of(75, core::ProposalId{1});
  request.extra_data.assign(extra.bytes.begin(), extra.bytes.end());
  request.origin.block_id = number;
  return request;
}

inline core::commands::ForkchoiceState state_at(const core::Hash32& head) {
  core::commands::ForkchoiceState state;
  state.head = head;
  return state;
}

/// What a client sends to newPayload for this block.
inline PayloadClaim claim_of(const SimBlock& block) {
  PayloadClaim claim;
  claim.header = block.header;
  claim.tx_hash = block.header.transactions_root;
  claim.withdrawals_hash = block.header.withdrawals_root;
  claim.block_hash = block.hash;
  for (const SimTransaction& transaction : block.transactions) {
    claim.transactions.push_back(transaction.raw);
  }
  claim.difficulty_given = true;
  return claim;
}

/// Builds, takes, inserts and promotes one block, as a driver does. Null after a failed
/// expectation.
inline const SimBlock* apply(EngineChain& chain, const SimBlock& parent,
                             const BuildRequest& request) {
  const auto started = chain.forkchoice_updated(state_at(parent.hash), &request);
  EXPECT_TRUE(started.has_value());
  if (!started || !started->payload_id) return nullptr;
  const auto payload = chain.get_payload(*started->payload_id);
  EXPECT_TRUE(payload.has_value());
  if (!payload) return nullptr;
  const core::Hash32 hash = (*payload)->hash;
  const StatusAnswer inserted = chain.new_payload(claim_of(**payload));
  EXPECT_EQ(inserted.status, core::events::PayloadStatus::kValid) << inserted.validation_error;
  const auto promoted = chain.forkchoice_updated(state_at(hash), nullptr);
  EXPECT_TRUE(promoted.has_value());
  return chain.by_hash(hash);
}

/// Extends the head by `count` empty (anchor only) blocks.
inline void extend(EngineChain& chain, int count) {
  for (int i = 0; i < count; ++i) {
    ASSERT_NE(apply(chain, chain.head(), request_on(chain, chain.head())), nullptr);
  }
}

}  // namespace preconf::node::devnet::testing
