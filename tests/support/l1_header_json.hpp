// A header as L1's JSON-RPC shows it, with the hash that its fields have.
#pragma once

#include <string>

#include "core/base/hex.hpp"
#include "core/codec/header.hpp"

namespace preconf::tests {

/// `extra`: more members, each with a comma before it.
inline std::string l1_header_json(const core::codec::Header& header,
                                  const std::string& extra = "") {
  const auto data = [](const char* name, core::BytesView value) {
    return std::string("\"") + name + "\":\"" + core::to_hex0x(value) + "\",";
  };
  const auto quantity = [](const char* name, std::uint64_t value) {
    return std::string("\"") + name + "\":\"" + core::to_quantity(value) + "\",";
  };
  std::string out =
      "{" + data("parentHash", header.parent_hash.view()) +
      data("sha3Uncles", header.ommers_hash.view()) + data("miner", header.beneficiary.view()) +
      data("stateRoot", header.state_root.view()) +
      data("transactionsRoot", header.transactions_root.view()) +
      data("receiptsRoot", header.receipts_root.view()) +
      data("logsBloom", header.logs_bloom.view()) +
      quantity("difficulty", header.difficulty.low_u64()) + quantity("number", header.number) +
      quantity("gasLimit", header.gas_limit) + quantity("gasUsed", header.gas_used) +
      quantity("timestamp", header.timestamp) + data("extraData", header.extra_data) +
      data("mixHash", header.mix_hash.view()) + data("nonce", header.nonce.view());
  if (header.base_fee_wei) out += quantity("baseFeePerGas", *header.base_fee_wei);
  const core::Hash32 hash = core::codec::hash_header(header);
  return out + "\"hash\":\"" + core::to_hex0x(hash.view()) + "\"" + extra + "}";
}

}  // namespace preconf::tests
