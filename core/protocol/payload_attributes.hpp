// Payload attributes of a preconfirmed block, and the numbers in them.
// Source: derivation rules of Taiko Shasta (mix hash, EIP-4396 base fee, extraData, payload id).
#pragma once

#include <optional>

#include "core/base/bytes.hpp"
#include "core/base/fields.hpp"
#include "core/protocol/chain_profile.hpp"
#include "core/types.hpp"

namespace preconf::core::protocol {

using ExtraData7 = FixedBytes<7>;  ///< basefeeSharingPctg(1) | proposal id uint48 big-endian(6)

/// What engine_forkchoiceUpdatedV2 needs to build one block. The transaction list itself is named
/// by its content; the executor inflates it.
struct PayloadAttributes {
  BlockNumber block_number;
  Hash32 parent_hash;
  UnixSeconds timestamp;
  Hash32 prev_randao;     ///< also blockMetadata.mixHash
  Address fee_recipient;  ///< also blockMetadata.beneficiary
  std::uint64_t gas_limit = 0;
  std::uint64_t base_fee_wei = 0;
  ExtraData7 extra_data;
  Hash32 tx_list_hash;      ///< content store key: keccak256 of the compressed list
  Hash32 tx_list_rlp_hash;  ///< keccak256 of the inflated RLP list
  PayloadId payload_id;     ///< expected id, see payload_id_of
  PRECONF_FIELDS(PayloadAttributes, block_number, parent_hash, timestamp, prev_randao,
                 fee_recipient, gas_limit, base_fee_wei, extra_data, tx_list_hash, tx_list_rlp_hash,
                 payload_id);
};

/// keccak256(abi.encode(bytes32(parent difficulty), uint256(number))).
[[nodiscard]] Hash32 mix_hash_of(const U256& parent_difficulty, BlockNumber number);

/// Input of the base fee rule: the parent header and how long after its own parent it came.
struct BaseFeeParent {
  BlockNumber number;
  std::uint64_t gas_limit = 0;
  std::uint64_t gas_used = 0;
  std::uint64_t base_fee_wei = 0;
  std::uint64_t block_time_seconds = 0;  ///< parent.timestamp - grandparent.timestamp
};
/// Base fee of the child (EIP-4396 variant). Nothing when the rule divides by zero (gas limit < 2).
[[nodiscard]] std::optional<std::uint64_t> base_fee_after(const BaseFeeParent& parent,
                                                          const ChainProfile& chain);

/// Requires id <= kUint48Max.
[[nodiscard]] ExtraData7 extra_data_of(std::uint8_t base_fee_sharing_pctg, ProposalId id);

/// buildPayloadArgsId: SHA-256 over parent hash, timestamp, prevRandao, fee recipient, RLP of an
/// empty withdrawals list, tx_list_rlp_hash and extraData; first 8 bytes, byte 0 set to 2.
[[nodiscard]] PayloadId payload_id_of(const PayloadAttributes& attributes);

/// Inclusive bounds of a header gas limit above a parent (derivation validation, +1M anchor gas).
struct GasLimitBounds {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  friend bool operator==(const GasLimitBounds&, const GasLimitBounds&) = default;
};
[[nodiscard]] GasLimitBounds gas_limit_bounds(BlockNumber parent_number,
                                              std::uint64_t parent_gas_limit);

}  // namespace preconf::core::protocol
