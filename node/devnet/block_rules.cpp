#include "node/devnet/block_rules.hpp"

#include <fmt/format.h>

#include "core/base/hex.hpp"
#include "core/crypto/hash.hpp"
#include "core/limits.hpp"
#include "core/protocol/payload_attributes.hpp"
#include "node/devnet/execution.hpp"

namespace preconf::node::devnet {
namespace {

void update_u64(core::crypto::Sha256& hash, std::uint64_t value) {
  std::array<std::uint8_t, 8> bytes{};
  for (std::size_t i = 0; i < 8; ++i) bytes[i] = static_cast<std::uint8_t>(value >> (56 - 8 * i));
  hash.update(bytes);
}

std::string differs(std::string_view what, const core::Hash32& got, const core::Hash32& expected) {
  return fmt::format("mismatched block {}: got {}, expected {}", what, core::to_hex0x(got.view()),
                     core::to_hex0x(expected.view()));
}

std::string differs(std::string_view what, std::uint64_t got, std::uint64_t expected) {
  return fmt::format("block {} mismatch: got {}, expected {}", what, got, expected);
}

}  // namespace

core::PayloadId payload_args_id(const core::Hash32& parent, const BuildRequest& request) {
  constexpr std::array<std::uint8_t, 1> kEmptyList = {0xc0};
  core::crypto::Sha256 hash;
  hash.update(parent.view());
  update_u64(hash, request.timestamp.value);
  hash.update(request.prev_randao.view());
  hash.update(request.fee_recipient.view());
  if (request.withdrawals_present) hash.update(kEmptyList);
  if (request.parent_beacon_block_root) hash.update(request.parent_beacon_block_root->view());
  const core::Hash32 list =
      request.tx_list ? core::crypto::keccak256(*request.tx_list) : core::Hash32{};
  hash.update(list.view());
  hash.update(request.extra_data);
  auto id = core::PayloadId::from(hash.finish().view());
  id.bytes[0] = 2;
  return id;
}

std::string check_header(const core::codec::Header& header, const SimBlock& parent,
                         const SimBlock* grandparent, const core::protocol::ChainProfile& chain) {
  const bool unzen = core::protocol::unzen_active(chain, core::UnixSeconds{header.timestamp});
  if (!unzen && !header.difficulty.be.is_zero()) return "difficulty after merge is not zero";
  if (header.extra_data.size() > core::limits::kExtraDataBytesMax) {
    return fmt::format("extra data {} exceeds max length", header.extra_data.size());
  }
  if (header.gas_used > header.gas_limit) {
    return fmt::format("block used gas ({}) is greater than gas limit ({})", header.gas_used,
                       header.gas_limit);
  }
  if (header.number != parent.number() + 1) {
    return fmt::format("block number {} does not match parent block number {}", header.number,
                       parent.number());
  }
  if (header.timestamp <= parent.header.timestamp) {
    return fmt::format("block timestamp {} is in the past compared to the parent timestamp {}",
                       header.timestamp, parent.header.timestamp);
  }
  core::protocol::BaseFeeParent base;
  base.number = core::BlockNumber{parent.number()};
  base.gas_limit = parent.header.gas_limit;
  base.gas_used = parent.header.gas_used;
  base.base_fee_wei = parent.header.base_fee_wei.value_or(0);
  base.block_time_seconds =
      grandparent == nullptr ? 0 : parent.header.timestamp - grandparent->header.timestamp;
  const auto expected = core::protocol::base_fee_after(base, chain);
  if (!expected) return "base fee can not be computed from the parent's gas limit";
  const std::uint64_t got = header.base_fee_wei.value_or(0);
  if (got != *expected) return differs("base fee", got, *expected);
  return {};
}

std::string check_body(const core::codec::Header& header,
                       const std::vector<core::Bytes>& transactions, const SimBlock& parent,
                       const core::protocol::ChainProfile& chain, SimBlock& block) {
  BlockInputs inputs;
  inputs.timestamp = header.timestamp;
  inputs.beneficiary = header.beneficiary;
  inputs.prev_randao = header.mix_hash;
  inputs.gas_limit = header.gas_limit;
  inputs.base_fee_wei = header.base_fee_wei.value_or(0);
  inputs.extra_data = header.extra_data;
  std::vector<core::BytesView> views(transactions.begin(), transactions.end());
  std::vector<TxOutcome> outcomes;
  block = execute_block(parent, inputs, views, chain, &outcomes);
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    if (outcomes[i] == TxOutcome::kIncluded) continue;
    if (outcomes[i] == TxOutcome::kBlob) return "Blob transactions are not allowed";
    if (outcomes[i] == TxOutcome::kZkGas) {
      return fmt::format(
          "Unzen block body extends past zk gas truncation point: body has {} transactions but "
          "execution committed {}",
          transactions.size(), block.transactions.size());
    }
    return fmt::format("transaction {} can not be executed: {}", i, name_of(outcomes[i]));
  }
  if (block.transactions.size() != transactions.size()) return "a transaction does not decode";
  if (auto reason = check_anchor_rules(block); !reason.empty()) return reason;

  const core::codec::Header& executed = block.header;
  if (header.gas_used != executed.gas_used) {
    return differs("gas used", header.gas_used, executed.gas_used);
  }
  if (header.receipts_root != executed.receipts_root) {
    return differs("receipt root", header.receipts_root, executed.receipts_root);
  }
  if (header.state_root != executed.state_root) {
    return differs("state root", header.state_root, executed.state_root);
  }
  if (header.difficulty != executed.difficulty) return "block difficulty is not its zk gas";
  if (header != executed) return "a header field is not what this chain has there";
  return {};
}

}  // namespace preconf::node::devnet
