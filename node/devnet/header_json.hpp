// The members of a header that blocks of L1 and of L2 both show in eth_getBlockBy*.
#pragma once

#include "core/codec/header.hpp"
#include "io/json/json_writer.hpp"

namespace preconf::node::devnet {

/// From "number" to "baseFeePerGas"; what later forks added differs.
inline void write_header(io::JsonWriter& out, const core::codec::Header& header,
                         const core::Hash32& hash) {
  out.key("number").quantity(header.number);
  out.key("hash").data(hash.view());
  out.key("parentHash").data(header.parent_hash.view());
  out.key("sha3Uncles").data(header.ommers_hash.view());
  out.key("miner").data(header.beneficiary.view());
  out.key("stateRoot").data(header.state_root.view());
  out.key("transactionsRoot").data(header.transactions_root.view());
  out.key("receiptsRoot").data(header.receipts_root.view());
  out.key("logsBloom").data(header.logs_bloom.view());
  out.key("difficulty").quantity(header.difficulty);
  out.key("gasLimit").quantity(header.gas_limit);
  out.key("gasUsed").quantity(header.gas_used);
  out.key("timestamp").quantity(header.timestamp);
  out.key("extraData").data(header.extra_data);
  out.key("mixHash").data(header.mix_hash.view());
  out.key("nonce").data(header.nonce.view());
  out.key("baseFeePerGas").quantity(header.base_fee_wei.value_or(0));
}

}  // namespace preconf::node::devnet
