// eth_getBlockBy*: the block object of the Ethereum JSON-RPC interface.
#include "core/codec/transaction.hpp"
#include "node/devnet/engine_json.hpp"
#include "node/devnet/header_json.hpp"

namespace preconf::node::devnet {
namespace {

using core::codec::Transaction;
using core::codec::TransactionType;

core::U256 half(const Transaction& transaction, std::size_t offset) {
  core::U256 value;
  std::copy_n(transaction.signature.bytes.begin() + static_cast<std::ptrdiff_t>(offset), 32,
              value.be.bytes.begin());
  return value;
}

/// v of a legacy signature (EIP-155), else the y parity.
std::uint64_t v_of(const Transaction& transaction) {
  const std::uint64_t parity = transaction.signature.bytes[64];
  if (transaction.type != TransactionType::kLegacy) return parity;
  return transaction.chain_id ? *transaction.chain_id * 2 + 35 + parity : 27 + parity;
}

void write_transaction(io::JsonWriter& out, const SimBlock& block, std::size_t index) {
  const SimTransaction& included = block.transactions[index];
  const auto decoded = core::codec::decode_transaction(included.raw);
  PRECONF_ASSERT(decoded.has_value());  // execution decoded it
  const Transaction& transaction = *decoded;
  out.begin_object();
  out.key("hash").data(included.hash.view());
  out.key("type").quantity(static_cast<std::uint64_t>(transaction.type));
  out.key("blockHash").data(block.hash.view());
  out.key("blockNumber").quantity(block.number());
  out.key("transactionIndex").quantity(index);
  out.key("from").data(included.sender.view());
  out.key("to");
  if (transaction.to) {
    out.data(transaction.to->view());
  } else {
    out.null();
  }
  if (transaction.chain_id) out.key("chainId").quantity(*transaction.chain_id);
  out.key("nonce").quantity(transaction.nonce);
  out.key("gas").quantity(transaction.gas_limit);
  out.key("value").quantity(transaction.value);
  out.key("input").data(transaction.data);
  out.key("gasPrice").quantity(transaction.max_fee_per_gas);
  if (transaction.type == TransactionType::kDynamicFee) {
    out.key("maxFeePerGas").quantity(transaction.max_fee_per_gas);
    out.key("maxPriorityFeePerGas").quantity(transaction.max_priority_fee_per_gas);
  }
  out.key("r").quantity(half(transaction, 0));
  out.key("s").quantity(half(transaction, 32));
  out.key("v").quantity(v_of(transaction));
  if (transaction.type != TransactionType::kLegacy) {
    out.key("yParity").quantity(std::uint64_t{transaction.signature.bytes[64]});
  }
  out.end_object();
}

void write_fork_fields(io::JsonWriter& out, const core::codec::Header& header) {
  if (header.withdrawals_root) {
    out.key("withdrawalsRoot").data(header.withdrawals_root->view());
    out.key("withdrawals").begin_array().end_array();
  }
  if (header.blob_gas_used) out.key("blobGasUsed").quantity(*header.blob_gas_used);
  if (header.excess_blob_gas) out.key("excessBlobGas").quantity(*header.excess_blob_gas);
  if (header.parent_beacon_block_root) {
    out.key("parentBeaconBlockRoot").data(header.parent_beacon_block_root->view());
  }
  if (header.requests_hash) out.key("requestsHash").data(header.requests_hash->view());
}

}  // namespace

std::string block_json(const SimBlock& block, bool full) {
  const core::codec::Header& header = block.header;
  io::JsonWriter out(2048 + (full ? 4 * block.rlp_bytes : 70 * block.transactions.size()));
  out.begin_object();
  write_header(out, header, block.hash);
  write_fork_fields(out, header);
  out.key("size").quantity(block.rlp_bytes);
  out.key("uncles").begin_array().end_array();
  out.key("transactions").begin_array();
  for (std::size_t i = 0; i < block.transactions.size(); ++i) {
    if (full) {
      write_transaction(out, block, i);
    } else {
      out.data(block.transactions[i].hash.view());
    }
  }
  out.end_array().end_object();
  return out.take();
}

}  // namespace preconf::node::devnet
