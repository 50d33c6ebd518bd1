#include "core/protocol/known_canonical.hpp"

#include <algorithm>

#include "core/codec/header.hpp"

namespace preconf::core::protocol {
namespace {

/// From Unzen on the difficulty is the zk gas that the block used, never zero, and the header has
/// the fields of Cancun and Prague with their empty values; before, it has none of them.
bool fork_fields_match(const CanonicalBlockFacts& block, const ChainProfile& chain) {
  const bool has_difficulty = !block.header.difficulty.be.is_zero();
  if (!unzen_active(chain, block.header.timestamp)) {
    return !has_difficulty && !block.blob_gas_used && !block.excess_blob_gas &&
           !block.parent_beacon_block_root && !block.requests_hash;
  }
  return has_difficulty && block.blob_gas_used == 0U && block.excess_blob_gas == 0U &&
         block.parent_beacon_block_root == Hash32{} &&
         block.requests_hash == codec::kEmptyRequestsHash;
}

CanonicalMismatch compare_origin(const PayloadAttributes& derived,
                                 const CanonicalBlockFacts& block) {
  if (!block.origin || block.origin->block_number != derived.block_number) {
    return CanonicalMismatch::kNoOriginRow;
  }
  // A row may lack the hash; one of another block says nothing about this one.
  const Hash32& named = block.origin->l2_block_hash;
  if (!named.is_zero() && named != block.header.hash) return CanonicalMismatch::kNoOriginRow;
  if (block.origin->build_payload_args_id.is_zero()) return CanonicalMismatch::kNoPayloadId;
  if (block.origin->build_payload_args_id != derived.payload_id) {
    return CanonicalMismatch::kPayloadId;
  }
  return CanonicalMismatch::kNone;
}

CanonicalMismatch compare_header(const PayloadAttributes& derived, const CanonicalBlockFacts& block,
                                 const ChainProfile& chain) {
  const HeaderFacts& header = block.header;
  if (header.parent_hash != derived.parent_hash) return CanonicalMismatch::kParentHash;
  if (block.ommers != 0) return CanonicalMismatch::kOmmers;
  if (header.beneficiary != derived.fee_recipient) return CanonicalMismatch::kBeneficiary;
  if (!fork_fields_match(block, chain)) return CanonicalMismatch::kForkFields;
  if (header.mix_hash != derived.prev_randao) return CanonicalMismatch::kMixHash;
  if (header.number != derived.block_number) return CanonicalMismatch::kNumber;
  if (header.gas_limit != derived.gas_limit) return CanonicalMismatch::kGasLimit;
  if (header.timestamp != derived.timestamp) return CanonicalMismatch::kTimestamp;
  if (!std::ranges::equal(header.extra_data, derived.extra_data.bytes)) {
    return CanonicalMismatch::kExtraData;
  }
  if (header.base_fee_wei != derived.base_fee_wei) return CanonicalMismatch::kBaseFee;
  if (block.withdrawals != 0) return CanonicalMismatch::kWithdrawals;
  return CanonicalMismatch::kNone;
}

}  // namespace

CanonicalMismatch compare_with_canonical(const PayloadAttributes& derived,
                                         const Hash32& anchor_tx_hash,
                                         const std::optional<CanonicalBlockFacts>& canonical,
                                         const ChainProfile& chain) {
  if (!canonical) return CanonicalMismatch::kNoBlock;
  const CanonicalMismatch origin = compare_origin(derived, *canonical);
  if (origin != CanonicalMismatch::kNone) return origin;
  if (!canonical->first_tx_hash) return CanonicalMismatch::kNoTransactions;
  if (*canonical->first_tx_hash != anchor_tx_hash) return CanonicalMismatch::kAnchorTransaction;
  return compare_header(derived, *canonical, chain);
}

const char* name_of(CanonicalMismatch mismatch) {
  // clang-format off
  switch (mismatch) {
    case CanonicalMismatch::kNone: return "none";
    case CanonicalMismatch::kNoBlock: return "no_block";
    case CanonicalMismatch::kNoOriginRow: return "no_origin_row";
    case CanonicalMismatch::kNoPayloadId: return "no_payload_id";
    case CanonicalMismatch::kPayloadId: return "payload_id";
    case CanonicalMismatch::kNoTransactions: return "no_transactions";
    case CanonicalMismatch::kAnchorTransaction: return "anchor_transaction";
    case CanonicalMismatch::kParentHash: return "parent_hash";
    case CanonicalMismatch::kOmmers: return "ommers";
    case CanonicalMismatch::kBeneficiary: return "beneficiary";
    case CanonicalMismatch::kForkFields: return "fork_fields";
    case CanonicalMismatch::kMixHash: return "mix_hash";
    case CanonicalMismatch::kNumber: return "number";
    case CanonicalMismatch::kGasLimit: return "gas_limit";
    case CanonicalMismatch::kTimestamp: return "timestamp";
    case CanonicalMismatch::kExtraData: return "extra_data";
    case CanonicalMismatch::kBaseFee: return "base_fee";
    case CanonicalMismatch::kWithdrawals: return "withdrawals";
  }
  // clang-format on
  return "unknown";
}

}  // namespace preconf::core::protocol
