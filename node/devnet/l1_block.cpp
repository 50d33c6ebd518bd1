#include "node/devnet/l1_block.hpp"

#include <fmt/format.h>

#include "core/codec/blob.hpp"
#include "core/codec/rlp.hpp"
#include "core/codec/trie.hpp"
#include "core/crypto/hash.hpp"

namespace preconf::node::devnet {
namespace {

using core::Bytes;
using core::Hash32;

constexpr std::uint64_t kGasLimit = 36'000'000;
constexpr std::uint64_t kGasPerTransaction = 150'000;
constexpr std::uint64_t kBaseFeeWei = 1'000'000'000;
constexpr std::uint8_t kBlobTransactionType = 3;
constexpr std::uint8_t kDynamicFeeType = 2;

Bytes text_bytes(const std::string& text) { return Bytes(text.begin(), text.end()); }

Hash32 made_up(const char* what, const Hash32& from) {
  core::crypto::Keccak256 hash;
  hash.update(text_bytes(fmt::format("preconf simulated L1 {} ", what)));
  hash.update(from.view());
  return hash.finish();
}

void add_to_bloom(core::codec::LogsBloom& bloom, core::BytesView value) {
  const Hash32 hash = core::crypto::keccak256(value);
  for (std::size_t i = 0; i < 6; i += 2) {
    const std::size_t bit =
        ((std::size_t{hash.bytes[i]} << 8) | hash.bytes[i + 1]) % (8 * bloom.bytes.size());
    bloom.bytes[bloom.bytes.size() - 1 - bit / 8] |= static_cast<std::uint8_t>(1U << (bit % 8));
  }
}

/// type | [status, cumulative gas, bloom, [[address, [topic..], data]..]] (EIP-2718).
Bytes receipt_of(std::uint8_t type, bool succeeded, std::uint64_t gas,
                 std::span<const L1Log> logs) {
  Bytes list;
  for (const L1Log& log : logs) {
    Bytes topics;
    for (const Hash32& topic : log.log.topics) core::codec::append_rlp_string(topics, topic.view());
    Bytes one;
    core::codec::append_rlp_string(one, log.address.view());
    core::codec::append_rlp_list_header(one, topics.size());
    one.insert(one.end(), topics.begin(), topics.end());
    core::codec::append_rlp_string(one, log.log.data);
    core::codec::append_rlp_list_header(list, one.size());
    list.insert(list.end(), one.begin(), one.end());
  }
  Bytes fields;
  core::codec::append_rlp_u64(fields, succeeded ? 1 : 0);
  core::codec::append_rlp_u64(fields, gas);
  core::codec::append_rlp_string(fields, logs_bloom_of(logs).view());
  core::codec::append_rlp_list_header(fields, list.size());
  fields.insert(fields.end(), list.begin(), list.end());
  Bytes receipt{type};
  core::codec::append_rlp_list_header(receipt, fields.size());
  receipt.insert(receipt.end(), fields.begin(), fields.end());
  return receipt;
}

/// Executes the block's transactions; fills logs, reverts, blobs, receipts root, bloom and gas.
void execute_all(const core::protocol::L1Deployment& deployment, L1Block& block) {
  const L1BlockContext context{block.number(), block.timestamp(), block.header.parent_hash};
  std::vector<Bytes> receipts;
  std::vector<Bytes> hashes;
  for (std::size_t i = 0; i < block.transactions.size(); ++i) {
    const L1Transaction& transaction = block.transactions[i];
    const std::size_t first = block.logs.size();
    block.reverts.push_back(
        execute_l1_call(deployment, context, transaction.call, block.contracts, block.logs));
    block.log_transaction.resize(block.logs.size(), i);
    const auto blobs = blobs_of(transaction.call);
    block.blobs.insert(block.blobs.end(), blobs.begin(), blobs.end());
    block.header.gas_used += kGasPerTransaction;
    receipts.push_back(receipt_of(blobs.empty() ? kDynamicFeeType : kBlobTransactionType,
                                  block.reverts.back().empty(), block.header.gas_used,
                                  std::span(block.logs).subspan(first)));
    const Hash32 hash = transaction.hash();
    hashes.emplace_back(hash.bytes.begin(), hash.bytes.end());
  }
  block.header.receipts_root = core::codec::ordered_trie_root(receipts);
  block.header.transactions_root = core::codec::ordered_trie_root(hashes);
  block.header.logs_bloom = logs_bloom_of(block.logs);
  block.header.blob_gas_used = core::codec::kBlobBytes * block.blobs.size();
}

}  // namespace

Hash32 L1Transaction::hash() const {
  return core::crypto::keccak256(
      text_bytes(fmt::format("preconf simulated L1 transaction {}", nonce)));
}

core::codec::LogsBloom logs_bloom_of(std::span<const L1Log> logs) {
  core::codec::LogsBloom bloom;
  for (const L1Log& log : logs) {
    add_to_bloom(bloom, log.address.view());
    for (const Hash32& topic : log.log.topics) add_to_bloom(bloom, topic.view());
  }
  return bloom;
}

Hash32 beacon_root_of(const Hash32& block_hash) { return made_up("beacon block", block_hash); }

L1Block make_l1_block(const core::protocol::L1Deployment& deployment, const L1Block* parent,
                      core::UnixSeconds time, std::uint32_t branch,
                      std::vector<L1Transaction> transactions) {
  L1Block block;
  core::codec::Header& header = block.header;
  if (parent != nullptr) {
    block.contracts = parent->contracts;
    header.parent_hash = parent->hash;
    header.number = parent->header.number + 1;
    header.parent_beacon_block_root = beacon_root_of(parent->hash);
  } else {
    header.parent_beacon_block_root = Hash32{};
  }
  header.gas_limit = kGasLimit;
  header.base_fee_wei = kBaseFeeWei;
  header.timestamp = time.value;
  header.extra_data = text_bytes(fmt::format("sim branch {}", branch));
  header.withdrawals_root = core::codec::kEmptyTrieRoot;
  header.excess_blob_gas = 0;
  header.requests_hash = core::codec::kEmptyRequestsHash;
  header.mix_hash = made_up("randao", header.parent_hash);
  block.transactions = std::move(transactions);
  execute_all(deployment, block);
  Hash32 state_seed = header.receipts_root;
  for (std::size_t i = 0; i < state_seed.bytes.size(); ++i) {
    state_seed.bytes[i] ^= header.mix_hash.bytes[i];
  }
  header.state_root = made_up("state", state_seed);
  block.hash = core::codec::hash_header(header);
  return block;
}

}  // namespace preconf::node::devnet
