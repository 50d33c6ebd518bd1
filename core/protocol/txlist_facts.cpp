#include "core/protocol/txlist_facts.hpp"

#include <algorithm>

#include "core/codec/transaction.hpp"
#include "core/codec/txlist.hpp"
#include "core/crypto/hash.hpp"
#include "core/protocol/anchor_tx.hpp"

namespace preconf::core::protocol {
namespace {

std::uint32_t saturated(std::size_t size) {
  return static_cast<std::uint32_t>(std::min<std::size_t>(size, ~std::uint32_t{0}));
}

AnchorFacts anchor_facts(BytesView raw) {
  AnchorFacts facts;
  if (raw.empty() || raw[0] != static_cast<std::uint8_t>(codec::TransactionType::kDynamicFee)) {
    facts.defect = AnchorDefect::kNotDynamicFee;
    return facts;
  }
  const auto decoded = codec::decode_transaction(raw);
  if (!decoded) {
    facts.defect = AnchorDefect::kMalformed;
    return facts;
  }
  facts.to = decoded->to.value_or(Address{});
  facts.chain_id = decoded->chain_id.value_or(0);
  facts.nonce = decoded->nonce;
  facts.gas_limit = decoded->gas_limit;
  facts.max_fee_per_gas = decoded->max_fee_per_gas;
  facts.max_priority_fee_per_gas = decoded->max_priority_fee_per_gas;
  facts.value_is_zero = decoded->value.be.is_zero();

  const auto call = decode_anchor_call(decoded->data);
  if (!call) {
    facts.defect = AnchorDefect::kNotAnchorV4;
    return facts;
  }
  facts.anchor_block_number = call->block_number.value;
  facts.anchor_block_hash = call->block_hash;
  facts.anchor_state_root = call->state_root;

  const auto sender = codec::recover_sender(*decoded);
  facts.defect = sender ? AnchorDefect::kNone : AnchorDefect::kUnrecoverable;
  facts.sender = sender.value_or(Address{});
  return facts;
}

}  // namespace

TxListFacts verify_txlist(BytesView compressed) {
  TxListFacts facts;
  facts.hash = crypto::keccak256(compressed);
  facts.compressed_bytes = saturated(compressed.size());
  const auto inflated = codec::inflate_txlist_counted(compressed);
  if (!inflated) {
    facts.defect = inflated.error();
    return facts;
  }
  facts.inflated_bytes = static_cast<std::uint32_t>(inflated->inflated_bytes);
  const auto transactions = codec::split_txlist(inflated->rlp);
  if (!transactions) {
    facts.defect = transactions.error();
    return facts;
  }
  facts.transactions = static_cast<std::uint32_t>(transactions->size());
  facts.rlp_hash = crypto::keccak256(inflated->rlp);
  if (!transactions->empty()) facts.anchor = anchor_facts(transactions->front());
  return facts;
}

const char* name_of(TxListDefect defect) {
  // clang-format off
  switch (defect) {
    case TxListDefect::kNone: return "none";
    case TxListDefect::kCompressedTooLarge: return "compressed_too_large";
    case TxListDefect::kZlibDecode: return "zlib_decode";
    case TxListDefect::kDecompressedTooLarge: return "decompressed_too_large";
    case TxListDefect::kRlpNotAList: return "rlp_not_a_list";
    case TxListDefect::kRlpTruncated: return "rlp_truncated";
    case TxListDefect::kRlpElementOverrun: return "rlp_element_overrun";
    case TxListDefect::kTooManyTransactions: return "too_many_transactions";
  }
  // clang-format on
  return "unknown";
}

const char* name_of(AnchorDefect defect) {
  // clang-format off
  switch (defect) {
    case AnchorDefect::kNone: return "none";
    case AnchorDefect::kMissing: return "missing";
    case AnchorDefect::kNotDynamicFee: return "not_dynamic_fee";
    case AnchorDefect::kMalformed: return "malformed";
    case AnchorDefect::kNotAnchorV4: return "not_anchor_v4";
    case AnchorDefect::kUnrecoverable: return "unrecoverable";
  }
  // clang-format on
  return "unknown";
}

}  // namespace preconf::core::protocol
