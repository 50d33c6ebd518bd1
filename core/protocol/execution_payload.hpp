// From an Engine API payload to the header that it stands for.
// Source: derivation rules of Taiko Shasta and Unzen (block assembler of the execution engine).
#pragma once

#include <span>

#include "core/base/bytes.hpp"
#include "core/codec/header.hpp"
#include "core/protocol/block_header.hpp"
#include "core/protocol/chain_profile.hpp"
#include "core/types.hpp"

namespace preconf::core::protocol {

/// The fields of ExecutionPayloadV2 that enter the header; withdrawals are always empty.
struct ExecutionPayload {
  Hash32 parent_hash;
  Address fee_recipient;
  Hash32 state_root;
  Hash32 receipts_root;
  codec::LogsBloom logs_bloom;
  Hash32 prev_randao;
  BlockNumber block_number;
  std::uint64_t gas_limit = 0;
  std::uint64_t gas_used = 0;
  UnixSeconds timestamp;
  Bytes extra_data;  ///< at most limits::kExtraDataBytesMax
  std::uint64_t base_fee_wei = 0;
  Hash32 transactions_root;  ///< codec::ordered_trie_root of the raw transactions
  U256 block_value;          ///< of getPayload; under Unzen it carries the header difficulty
};

/// Sets what all headers of the chain have alike: no ommers, no withdrawals and, from Unzen on,
/// zero blob gas, a zero beacon root and no requests. Needs header.timestamp.
void set_taiko_constants(codec::Header& header, const ChainProfile& chain);

[[nodiscard]] codec::Header header_of(const ExecutionPayload& payload, const ChainProfile& chain);

/// The part of a header that the reducer knows. `hash` is taken as given.
[[nodiscard]] HeaderFacts facts_of(const codec::Header& header, const Hash32& hash);

}  // namespace preconf::core::protocol
