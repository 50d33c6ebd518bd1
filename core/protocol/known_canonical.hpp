// Is a derived block the one that the chain has already? Then nothing is built and only its origin
// row changes: a preconfirmation that was kept. Field by field, so that a difference has a name.
#pragma once

#include <optional>

#include "core/base/bytes.hpp"
#include "core/base/fields.hpp"
#include "core/protocol/block_header.hpp"
#include "core/protocol/chain_profile.hpp"
#include "core/protocol/derived_block.hpp"

namespace preconf::core::protocol {

/// What the engine has at the height of a derived block. Absent optionals: the engine's answer had
/// no such field.
struct CanonicalBlockFacts {
  HeaderFacts header;
  std::optional<OriginRow> origin;      ///< nothing: the engine has no row
  std::optional<Hash32> first_tx_hash;  ///< nothing: the block has no transactions
  std::uint32_t ommers = 0;
  std::uint32_t withdrawals = 0;
  std::optional<std::uint64_t> blob_gas_used;
  std::optional<std::uint64_t> excess_blob_gas;
  std::optional<Hash32> parent_beacon_block_root;
  std::optional<Hash32> requests_hash;
  PRECONF_FIELDS(CanonicalBlockFacts, header, origin, first_tx_hash, ommers, withdrawals,
                 blob_gas_used, excess_blob_gas, parent_beacon_block_root, requests_hash);
};

/// The first thing that differs, in the order of the checks. Persistent values: never renumber.
enum class CanonicalMismatch : std::uint8_t {
  kNone = 0,
  kNoBlock = 1,      ///< the engine has no block at this height
  kNoOriginRow = 2,  ///< or its row names another block
  kNoPayloadId = 3,  ///< the row's buildPayloadArgsId is zero
  kPayloadId = 4,    ///< parent, time, randao, coinbase, transactions or extraData differ
  kNoTransactions = 5,
  kAnchorTransaction = 6,
  kParentHash = 7,
  kOmmers = 8,
  kBeneficiary = 9,
  kForkFields = 10,  ///< difficulty, blob gas, beacon root or requests hash are of another fork
  kMixHash = 11,
  kNumber = 12,
  kGasLimit = 13,
  kTimestamp = 14,
  kExtraData = 15,
  kBaseFee = 16,
  kWithdrawals = 17,
};
[[nodiscard]] const char* name_of(CanonicalMismatch mismatch);

/// `canonical` is the block at derived.block_number, nothing when there is none.
/// `anchor_tx_hash`: keccak256 of the derived anchor transaction.
[[nodiscard]] CanonicalMismatch compare_with_canonical(
    const PayloadAttributes& derived, const Hash32& anchor_tx_hash,
    const std::optional<CanonicalBlockFacts>& canonical, const ChainProfile& chain);

}  // namespace preconf::core::protocol
