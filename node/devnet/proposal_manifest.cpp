#include "node/devnet/proposal_manifest.hpp"

#include <algorithm>

#include "core/base/assert.hpp"
#include "core/codec/blob.hpp"
#include "core/codec/rlp.hpp"
#include "core/codec/transaction.hpp"
#include "core/codec/txlist.hpp"
#include "core/limits_l1.hpp"
#include "core/protocol/derivation_rules.hpp"
#include "core/protocol/gas_limits.hpp"

namespace preconf::node::devnet {

using core::Bytes;
using core::codec::BlockToPropose;

core::protocol::AnchorCall anchor_of(const SimBlock& block) {
  PRECONF_ASSERT(!block.transactions.empty());
  const auto first = core::codec::decode_transaction(block.transactions.front().raw);
  PRECONF_ASSERT(first.has_value());
  const auto call = core::protocol::decode_anchor_call(first->data);
  PRECONF_ASSERT(call.has_value());
  return *call;
}

BlockToPropose describe_block(const SimBlock& block) {
  BlockToPropose out;
  out.block.timestamp = core::UnixSeconds{block.header.timestamp};
  out.block.coinbase = block.header.beneficiary;
  out.block.anchor_block_number = anchor_of(block).block_number;
  out.block.gas_limit = core::protocol::effective_gas_limit(core::BlockNumber{block.number()},
                                                            block.header.gas_limit);
  std::vector<Bytes> transactions;
  for (std::size_t i = 1; i < block.transactions.size(); ++i) {
    transactions.push_back(block.transactions[i].raw);
  }
  out.transactions = rlp_items_of(transactions);
  return out;
}

Bytes rlp_items_of(std::span<const Bytes> transactions) {
  const Bytes list = core::codec::encode_txlist(transactions);
  core::codec::RlpReader reader(list);
  const core::BytesView items = reader.list();
  PRECONF_ASSERT(reader.done());
  return Bytes(items.begin(), items.end());
}

std::vector<Bytes> blobs_of_payload(core::BytesView payload) {
  std::vector<Bytes> blobs;
  do {
    const std::size_t size = std::min(payload.size(), core::codec::kBlobPayloadBytesMax);
    blobs.push_back(core::codec::encode_blob(payload.first(size)));
    payload = payload.subspan(size);
  } while (!payload.empty());
  return blobs;
}

std::optional<std::vector<BlockToPropose>> read_proposed_blocks(
    std::span<const core::BytesView> blobs, std::size_t offset) {
  Bytes payload;
  for (const core::BytesView blob : blobs) {
    if (!core::codec::decode_blob(blob, payload)) return std::nullopt;
  }
  const auto manifest = core::codec::decode_manifest(
      payload, offset, {core::protocol::kBlocksPerSourceMaxUnzen, core::limits::kManifestBytesMax});
  if (!manifest) return std::nullopt;
  std::vector<BlockToPropose> blocks;
  for (const core::codec::BlockManifest& block : manifest->blocks) {
    const core::BytesView items = manifest->transactions_of(block);
    blocks.push_back(BlockToPropose{block, Bytes(items.begin(), items.end())});
  }
  return blocks;
}

const char* name_of(Contradiction kind) {
  return kind == Contradiction::kTransactions ? "transactions" : "coinbase";
}

std::optional<Contradiction> contradiction_from(std::string_view name) {
  for (const auto kind : {Contradiction::kTransactions, Contradiction::kCoinbase}) {
    if (name == name_of(kind)) return kind;
  }
  return std::nullopt;
}

void contradict(BlockToPropose& block, Contradiction kind) {
  if (kind == Contradiction::kTransactions && !block.transactions.empty()) {
    block.transactions.clear();
    return;
  }
  // A block without transactions has only this to lose.
  block.block.coinbase.bytes.back() ^= 0x01;
}

}  // namespace preconf::node::devnet
