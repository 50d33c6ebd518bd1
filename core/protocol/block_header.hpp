// The part of an L2 header that the node reasons about.
#pragma once

#include "core/base/bytes.hpp"
#include "core/base/fields.hpp"
#include "core/types.hpp"

namespace preconf::core::protocol {

/// Header fields as reported by the engine; `hash` is the engine's claim.
struct HeaderFacts {
  BlockNumber number;
  Hash32 hash;
  Hash32 parent_hash;
  UnixSeconds timestamp;
  Address beneficiary;
  Hash32 mix_hash;
  U256 difficulty;  ///< zero before Unzen, consumed zk gas after
  std::uint64_t gas_limit = 0;
  std::uint64_t gas_used = 0;
  std::uint64_t base_fee_wei = 0;
  Bytes extra_data;  ///< at most limits::kExtraDataBytesMax
  PRECONF_FIELDS(HeaderFacts, number, hash, parent_hash, timestamp, beneficiary, mix_hash,
                 difficulty, gas_limit, gas_used, base_fee_wei, extra_data);

  [[nodiscard]] BlockRef ref() const { return BlockRef{number, hash}; }
};

/// The engine's l1_origin row of one block. A preconfirmed block has L1 height zero.
struct OriginRow {
  BlockNumber block_number;
  Hash32 l2_block_hash;
  L1BlockNumber l1_block_height;
  Hash32 l1_block_hash;
  PayloadId build_payload_args_id;
  bool is_forced_inclusion = false;
  PRECONF_FIELDS(OriginRow, block_number, l2_block_hash, l1_block_height, l1_block_hash,
                 build_payload_args_id, is_forced_inclusion);
};

}  // namespace preconf::core::protocol
