// Facts about a transaction list: a pure function of its compressed bytes.
#pragma once

#include "core/base/bytes.hpp"
#include "core/base/fields.hpp"
#include "core/types.hpp"

namespace preconf::core::protocol {

/// Why a transaction list can not be used. Persistent values: never renumber.
enum class TxListDefect : std::uint8_t {
  kNone = 0,
  kCompressedTooLarge = 1,    ///< over limits::kTxListBytesMax
  kZlibDecode = 2,            ///< not a zlib stream (RFC 1950), or it ends early
  kDecompressedTooLarge = 3,  ///< inflates to more than limits::kTxListInflatedBytesMax
  kRlpNotAList = 4,
  kRlpTruncated = 5,         ///< declared list payload is longer than the bytes
  kRlpElementOverrun = 6,    ///< an element ends after the list, or is not canonical RLP
  kTooManyTransactions = 7,  ///< over limits::kTxListTransactionsMax
};
[[nodiscard]] const char* name_of(TxListDefect defect);

/// What element 0 of the list is. Persistent values: never renumber.
enum class AnchorDefect : std::uint8_t {
  kNone = 0,
  kMissing = 1,        ///< the list is empty
  kNotDynamicFee = 2,  ///< not an EIP-1559 transaction
  kMalformed = 3,      ///< EIP-1559 RLP does not decode
  kNotAnchorV4 = 4,    ///< selector or argument length differ from anchorV4
  kUnrecoverable = 5,  ///< no sender can be recovered
};
[[nodiscard]] const char* name_of(AnchorDefect defect);

/// The anchor transaction as decoded; whether it is the right one for a block is the reducer's
/// question (ruling: golden touch sender, selector, anchor contract, anchor number).
struct AnchorFacts {
  AnchorDefect defect = AnchorDefect::kMissing;
  Address sender;
  Address to;
  std::uint64_t chain_id = 0;
  std::uint64_t nonce = 0;
  std::uint64_t gas_limit = 0;
  U256 max_fee_per_gas;
  U256 max_priority_fee_per_gas;
  bool value_is_zero = false;
  std::uint64_t anchor_block_number = 0;
  Hash32 anchor_block_hash;
  Hash32 anchor_state_root;
  PRECONF_FIELDS(AnchorFacts, defect, sender, to, chain_id, nonce, gas_limit, max_fee_per_gas,
                 max_priority_fee_per_gas, value_is_zero, anchor_block_number, anchor_block_hash,
                 anchor_state_root);
};

struct TxListFacts {
  Hash32 hash;  ///< keccak256 of the compressed bytes: the list's identity
  std::uint32_t compressed_bytes = 0;
  TxListDefect defect = TxListDefect::kNone;
  std::uint32_t inflated_bytes = 0;  ///< size of the RLP list as inflated, trailing bytes included
  std::uint32_t transactions = 0;
  /// keccak256 of the RLP list (header and payload, without trailing bytes): what the engine
  /// receives as txList and what enters the payload id.
  Hash32 rlp_hash;
  AnchorFacts anchor;
  PRECONF_FIELDS(TxListFacts, hash, compressed_bytes, defect, inflated_bytes, transactions,
                 rlp_hash, anchor);
};

/// Version of verify_txlist's answers; recorded beside them.
inline constexpr std::uint16_t kTxListVerifierVersion = 1;

/// Computes the facts of `compressed`. Total; hashes before it inflates; output is bounded.
[[nodiscard]] TxListFacts verify_txlist(BytesView compressed);

}  // namespace preconf::core::protocol
