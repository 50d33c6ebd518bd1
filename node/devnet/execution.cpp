#include "node/devnet/execution.hpp"

#include <algorithm>
#include <array>

#include "core/codec/rlp.hpp"
#include "core/codec/transaction.hpp"
#include "core/codec/trie.hpp"
#include "core/crypto/hash.hpp"
#include "core/protocol/anchor_tx.hpp"
#include "core/protocol/execution_payload.hpp"

namespace preconf::node::devnet {
namespace {

using core::codec::Transaction;
using core::codec::TransactionType;

constexpr std::uint8_t kBlobType = 3;
constexpr std::uint8_t kSetCodeType = 4;

/// Intrinsic gas (yellow paper 6.2, EIP-2028, EIP-2930, EIP-3860).
std::uint64_t intrinsic_gas(const Transaction& transaction) {
  const auto zeros = static_cast<std::uint64_t>(
      std::count(transaction.data.begin(), transaction.data.end(), std::uint8_t{0}));
  const std::uint64_t bytes = transaction.data.size();
  std::uint64_t gas = 21'000 + 4 * zeros + 16 * (bytes - zeros);
  if (!transaction.to) gas += 32'000 + 2 * ((bytes + 31) / 32);
  gas += 2'400 * std::uint64_t{transaction.access_list_addresses};
  gas += 1'900 * std::uint64_t{transaction.access_list_slots};
  return gas;
}

/// Builds one block; lives for one call of execute_block.
class BlockExecution {
 public:
  BlockExecution(const SimBlock& parent, const BlockInputs& inputs,
                 const core::protocol::ChainProfile& chain)
      : inputs_(inputs), chain_(chain) {
    block_.golden_nonce = parent.golden_nonce;
    block_.anchor_number = parent.anchor_number;
    block_.ancestors_hash = parent.ancestors_hash;
    core::codec::Header& header = block_.header;
    header.parent_hash = parent.hash;
    header.beneficiary = inputs.beneficiary;
    header.number = parent.number() + 1;
    header.gas_limit = inputs.gas_limit;
    header.timestamp = inputs.timestamp;
    header.extra_data = inputs.extra_data;
    header.mix_hash = inputs.prev_randao;
    header.base_fee_wei = inputs.base_fee_wei;
    core::protocol::set_taiko_constants(header, chain);
    unzen_ = core::protocol::unzen_active(chain, core::UnixSeconds{inputs.timestamp});
    state_.update(parent.header.state_root.view());
  }

  /// Includes `raw` or says why not.
  TxOutcome execute(core::BytesView raw, const Transaction& transaction) {
    const auto sender = core::codec::recover_sender(transaction);
    if (!sender) return TxOutcome::kUnrecoverable;
    const std::uint64_t gas = intrinsic_gas(transaction);
    const TxOutcome outcome = check(transaction, *sender, gas);
    if (outcome != TxOutcome::kIncluded) return outcome;

    zk_gas_ += kZkGasPerTransaction + gas;
    block_.header.gas_used += gas;
    if (*sender == core::protocol::kGoldenTouchAddress) {
      ++block_.golden_nonce;
      if (transaction.to == chain_.anchor_address) anchor(transaction.data);
    }
    SimTransaction included;
    included.raw.assign(raw.begin(), raw.end());
    included.hash = core::codec::transaction_hash(raw);
    included.sender = *sender;
    state_.update(included.hash.view());
    receipts_.push_back(receipt_of(transaction.type));
    block_.transactions.push_back(std::move(included));
    return TxOutcome::kIncluded;
  }

  SimBlock finish() && {
    core::codec::Header& header = block_.header;
    header.state_root = state_.finish();
    header.receipts_root = core::codec::ordered_trie_root(receipts_);
    std::vector<core::BytesView> raws;
    raws.reserve(block_.transactions.size());
    std::uint64_t body_bytes = 0;
    for (const SimTransaction& transaction : block_.transactions) {
      raws.emplace_back(transaction.raw);
      body_bytes += transaction.raw.size() + 4;
    }
    header.transactions_root = core::codec::ordered_trie_root(raws);
    if (unzen_) header.difficulty = core::U256::from_u64(zk_gas_);
    const core::Bytes encoded = core::codec::encode_header(header);
    block_.hash = core::crypto::keccak256(encoded);
    block_.rlp_bytes = encoded.size() + body_bytes;
    return std::move(block_);
  }

 private:
  /// What the anchor contract keeps: a lower or equal number changes only the ancestors' hash.
  void anchor(core::BytesView data) {
    const auto call = core::protocol::decode_anchor_call(data);
    if (!call) return;
    block_.anchor_number = std::max(block_.anchor_number, call->block_number.value);
    core::crypto::Keccak256 hash;
    hash.update(block_.ancestors_hash.view());
    hash.update(block_.header.parent_hash.view());
    block_.ancestors_hash = hash.finish();
  }

  [[nodiscard]] TxOutcome check(const Transaction& transaction, const core::Address& sender,
                                std::uint64_t gas) const {
    if (transaction.chain_id && *transaction.chain_id != chain_.chain_id) {
      return TxOutcome::kWrongChain;
    }
    if (sender == core::protocol::kGoldenTouchAddress && transaction.nonce != block_.golden_nonce) {
      return TxOutcome::kNonce;
    }
    if (transaction.gas_limit < gas) return TxOutcome::kIntrinsicGas;
    if (unzen_ && transaction.gas_limit > kTransactionGasMax) return TxOutcome::kGasCap;
    if (transaction.max_fee_per_gas < core::U256::from_u64(inputs_.base_fee_wei) ||
        transaction.max_fee_per_gas < transaction.max_priority_fee_per_gas) {
      return TxOutcome::kFee;
    }
    const std::uint64_t left = inputs_.gas_limit - block_.header.gas_used;
    if (transaction.gas_limit > left) return TxOutcome::kBlockGas;
    if (unzen_ && zk_gas_ + kZkGasPerTransaction + gas > kZkGasPerBlock) return TxOutcome::kZkGas;
    return TxOutcome::kIncluded;
  }

  /// [status 1, cumulative gas, empty bloom, no logs], with the type in front (EIP-2718).
  [[nodiscard]] core::Bytes receipt_of(TransactionType type) const {
    core::Bytes fields;
    core::codec::append_rlp_u64(fields, 1);
    core::codec::append_rlp_u64(fields, block_.header.gas_used);
    core::codec::append_rlp_string(fields, core::codec::LogsBloom{}.view());
    core::codec::append_rlp_list_header(fields, 0);
    core::Bytes receipt;
    if (type != TransactionType::kLegacy) receipt.push_back(static_cast<std::uint8_t>(type));
    core::codec::append_rlp_list_header(receipt, fields.size());
    receipt.insert(receipt.end(), fields.begin(), fields.end());
    return receipt;
  }

  const BlockInputs& inputs_;
  const core::protocol::ChainProfile& chain_;
  SimBlock block_;
  bool unzen_ = false;
  std::uint64_t zk_gas_ = 0;
  core::crypto::Keccak256 state_;
  std::vector<core::Bytes> receipts_;
};

/// A transaction of a list, or why it is not tried.
struct Decoded {
  TxOutcome outcome = TxOutcome::kIncluded;
  Transaction transaction;
};

/// Nothing when the bytes are no transaction at all, which makes the whole list undecodable.
std::optional<Decoded> decode(core::BytesView raw) {
  Decoded decoded;
  auto transaction = core::codec::decode_transaction(raw);
  if (transaction) {
    decoded.transaction = *transaction;
    return decoded;
  }
  if (transaction.error() != core::codec::TransactionDefect::kUnsupportedType) return {};
  if (raw[0] != kBlobType && raw[0] != kSetCodeType) return {};
  decoded.outcome = raw[0] == kBlobType ? TxOutcome::kBlob : TxOutcome::kUnsupported;
  return decoded;
}

}  // namespace

const char* name_of(TxOutcome outcome) {
  switch (outcome) {
    case TxOutcome::kIncluded:
      return "included";
    case TxOutcome::kUnrecoverable:
      return "no sender can be recovered";
    case TxOutcome::kBlob:
      return "blob transaction";
    case TxOutcome::kUnsupported:
      return "unsupported transaction type";
    case TxOutcome::kWrongChain:
      return "wrong chain id";
    case TxOutcome::kNonce:
      return "wrong nonce";
    case TxOutcome::kIntrinsicGas:
      return "gas limit below intrinsic gas";
    case TxOutcome::kGasCap:
      return "gas limit above the transaction cap";
    case TxOutcome::kFee:
      return "maximum fee below base fee or tip";
    case TxOutcome::kBlockGas:
      return "gas limit above what the block has left";
    case TxOutcome::kZkGas:
      return "zk gas exhausted";
  }
  return "unknown";
}

SimBlock execute_block(const SimBlock& parent, const BlockInputs& inputs,
                       std::span<const core::BytesView> transactions,
                       const core::protocol::ChainProfile& chain,
                       std::vector<TxOutcome>* outcomes) {
  std::vector<Decoded> decoded;
  decoded.reserve(transactions.size());
  for (const core::BytesView raw : transactions) {
    auto one = decode(raw);
    if (!one) {
      decoded.clear();
      break;
    }
    decoded.push_back(*one);
  }
  BlockExecution execution(parent, inputs, chain);
  for (std::size_t i = 0; i < decoded.size(); ++i) {
    TxOutcome outcome = decoded[i].outcome;
    if (outcome == TxOutcome::kIncluded) {
      outcome = execution.execute(transactions[i], decoded[i].transaction);
    }
    if (outcomes != nullptr) outcomes->push_back(outcome);
    if (outcome == TxOutcome::kZkGas) break;
  }
  return std::move(execution).finish();
}

std::string check_anchor_rules(const SimBlock& block) {
  if (block.transactions.empty()) return {};
  const SimTransaction& first = block.transactions.front();
  const auto decoded = core::codec::decode_transaction(first.raw);
  if (!decoded) return "Anchor transaction does not decode";
  const auto& selector = core::protocol::kAnchorV4Selector.bytes;
  if (decoded->data.size() < selector.size() ||
      !std::equal(selector.begin(), selector.end(), decoded->data.begin())) {
    return "Anchor transaction input data does not match the expected selector";
  }
  if (!decoded->value.be.is_zero()) return "Anchor transaction value must be zero";
  if (decoded->gas_limit != core::protocol::kAnchorGasLimit) {
    return "Anchor transaction gas limit must be 1000000";
  }
  const core::U256 base_fee = core::U256::from_u64(block.header.base_fee_wei.value_or(0));
  if (!decoded->max_priority_fee_per_gas.be.is_zero() && decoded->max_fee_per_gas != base_fee) {
    return "Anchor transaction tip must be zero";
  }
  if (first.sender != core::protocol::kGoldenTouchAddress) {
    return "Anchor transaction sender must be the treasury address";
  }
  return {};
}

}  // namespace preconf::node::devnet
