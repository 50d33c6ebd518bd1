#include "core/protocol/derived_block.hpp"

#include <algorithm>

#include "core/base/assert.hpp"
#include "core/codec/abi.hpp"
#include "core/codec/rlp.hpp"
#include "core/codec/transaction.hpp"
#include "core/crypto/hash.hpp"

namespace preconf::core::protocol {
namespace {

constexpr std::uint64_t kMax = ~std::uint64_t{0};
constexpr unsigned kUint48 = 48;
constexpr unsigned kUint64 = 64;
constexpr FixedBytes<4> kAnchorV3Selector = fixed_hex("48080a45");

BaseFeeParent base_fee_parent(const DerivationParent& parent) {
  BaseFeeParent out;
  out.number = parent.header.number;
  out.gas_limit = parent.header.gas_limit;
  out.gas_used = parent.header.gas_used;
  out.base_fee_wei = parent.header.base_fee_wei;
  out.block_time_seconds = parent.block_time_seconds;
  return out;
}

bool starts_with(BytesView data, const FixedBytes<4>& selector) {
  return data.size() >= selector.kSize &&
         std::equal(selector.bytes.begin(), selector.bytes.end(), data.begin());
}

}  // namespace

Result<PayloadAttributes, DeriveDefect> derive_metadata(const DerivationParent& parent,
                                                        const ProposalFacts& proposal,
                                                        const codec::BlockManifest& block,
                                                        const ChainProfile& chain) {
  if (parent.header.timestamp < chain.shasta_time) return Unexpected{DeriveDefect::kForkInactive};
  if (proposal.id.value > kUint48Max || block.anchor_block_number.value > kUint48Max ||
      parent.header.number.value == kMax) {
    return Unexpected{DeriveDefect::kNumberRange};
  }
  const auto base_fee = base_fee_after(base_fee_parent(parent), chain);
  if (!base_fee) return Unexpected{DeriveDefect::kBaseFeeUndefined};
  PayloadAttributes out;
  out.block_number = next(parent.header.number);
  out.parent_hash = parent.header.hash;
  out.timestamp = block.timestamp;
  out.prev_randao = mix_hash_of(parent.header.difficulty, out.block_number);
  out.fee_recipient = block.coinbase;
  out.gas_limit = block.gas_limit + std::min(kMax - block.gas_limit, kAnchorGasLimit);
  out.base_fee_wei = *base_fee;
  out.extra_data = extra_data_of(proposal.base_fee_sharing_pctg, proposal.id);
  return out;
}

Result<DerivedBlock, DeriveDefect> derive_block(const DerivationParent& parent,
                                                const ProposalFacts& proposal,
                                                const codec::BlockManifest& block,
                                                BytesView transactions,
                                                const AnchorFactsFromChains& anchor,
                                                const ChainProfile& chain) {
  PRECONF_ASSERT(anchor.call.block_number == block.anchor_block_number);
  auto metadata = derive_metadata(parent, proposal, block, chain);
  if (!metadata) return Unexpected{metadata.error()};
  AnchorTxInput input;
  input.chain_id = chain.chain_id;
  input.nonce = anchor.golden_nonce;
  input.base_fee_wei = metadata->base_fee_wei;
  input.anchor_address = chain.anchor_address;
  input.call = anchor.call;
  DerivedBlock out;
  out.attributes = *metadata;
  out.anchor_tx = build_anchor_tx(input);
  out.tx_list_rlp = assemble_tx_list(out.anchor_tx, transactions);
  out.attributes.tx_list_rlp_hash = crypto::keccak256(out.tx_list_rlp);
  out.attributes.payload_id = payload_id_of(out.attributes);
  return out;
}

Bytes assemble_tx_list(BytesView anchor_tx, BytesView transactions) {
  const std::size_t anchor_bytes = codec::rlp_header_size(anchor_tx.size()) + anchor_tx.size();
  const std::size_t payload = anchor_bytes + transactions.size();
  Bytes out;
  out.reserve(codec::rlp_header_size(payload) + payload);
  codec::append_rlp_list_header(out, payload);
  codec::append_rlp_string(out, anchor_tx);
  out.insert(out.end(), transactions.begin(), transactions.end());
  return out;
}

std::optional<L1BlockNumber> anchor_number_of_transaction(BytesView raw,
                                                          const Address& anchor_address) {
  const auto transaction = codec::decode_transaction(raw);
  if (!transaction || transaction->to != anchor_address) return std::nullopt;
  const BytesView data = transaction->data;
  unsigned bits = 0;
  if (starts_with(data, kAnchorV4Selector)) bits = kUint48;
  if (starts_with(data, kAnchorV3Selector)) bits = kUint64;
  if (bits == 0) return std::nullopt;
  codec::AbiDefect defect = codec::AbiDefect::kNone;
  codec::AbiReader arguments(data.subspan(kAnchorV4Selector.kSize), defect);
  const L1BlockNumber number{arguments.uint(bits)};
  if (defect != codec::AbiDefect::kNone) return std::nullopt;
  return number;
}

std::optional<L1BlockNumber> read_anchor_block_state(BytesView data) {
  codec::AbiDefect defect = codec::AbiDefect::kNone;
  codec::AbiReader in(data, defect);
  const L1BlockNumber number{in.uint(kUint48)};
  in.word();  // ancestorsHash
  if (defect != codec::AbiDefect::kNone || data.size() != 2 * codec::kAbiWordBytes) {
    return std::nullopt;
  }
  return number;
}

const char* name_of(DeriveDefect defect) {
  // clang-format off
  switch (defect) {
    case DeriveDefect::kNone: return "none";
    case DeriveDefect::kForkInactive: return "fork_inactive";
    case DeriveDefect::kBaseFeeUndefined: return "base_fee_undefined";
    case DeriveDefect::kNumberRange: return "number_range";
  }
  // clang-format on
  return "unknown";
}

}  // namespace preconf::core::protocol
