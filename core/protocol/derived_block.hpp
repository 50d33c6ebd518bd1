// From a valid block of a segment to what the engine is asked to build.
#pragma once

#include <optional>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "core/protocol/anchor_tx.hpp"
#include "core/protocol/payload_attributes.hpp"
#include "core/protocol/segment.hpp"

namespace preconf::core::protocol {

/// Why no attributes can be made: the inputs contradict each other, so waiting for better ones is
/// all that helps. Persistent values: never renumber.
enum class DeriveDefect : std::uint8_t {
  kNone = 0,
  kForkInactive = 1,      ///< the parent is older than the Shasta fork
  kBaseFeeUndefined = 2,  ///< the parent's gas limit is below 2
  kNumberRange = 3,       ///< proposal id or anchor number over uint48, or no block number left
};
[[nodiscard]] const char* name_of(DeriveDefect defect);

/// Everything of the attributes that needs neither the transactions nor L1: the transaction hashes
/// and the payload id are still zero.
[[nodiscard]] Result<PayloadAttributes, DeriveDefect> derive_metadata(
    const DerivationParent& parent, const ProposalFacts& proposal,
    const codec::BlockManifest& block, const ChainProfile& chain);

/// What only other nodes know: the L1 block that the anchor names, and the sender's nonce.
struct AnchorFactsFromChains {
  AnchorCall call;                 ///< block_number is the manifest's anchor
  std::uint64_t golden_nonce = 0;  ///< of golden touch in the parent block's state
};

/// One block, ready for the engine.
struct DerivedBlock {
  /// tx_list_hash stays zero: how the list is stored is not derived.
  PayloadAttributes attributes;
  Bytes anchor_tx;    ///< raw transaction 0
  Bytes tx_list_rlp;  ///< anchor transaction, then the manifest's
};

/// `transactions`: RLP items, see Manifest::transactions_of. Requires that anchor.call names the
/// block's anchor number.
[[nodiscard]] Result<DerivedBlock, DeriveDefect> derive_block(const DerivationParent& parent,
                                                              const ProposalFacts& proposal,
                                                              const codec::BlockManifest& block,
                                                              BytesView transactions,
                                                              const AnchorFactsFromChains& anchor,
                                                              const ChainProfile& chain);

/// The RLP list of the anchor transaction and `transactions`.
[[nodiscard]] Bytes assemble_tx_list(BytesView anchor_tx, BytesView transactions);

/// Anchor number that an older block's first transaction states: anchorV4, or anchorV3 before
/// Shasta. Nothing when it is neither or calls another contract.
[[nodiscard]] std::optional<L1BlockNumber> anchor_number_of_transaction(
    BytesView raw, const Address& anchor_address);

/// Answer of the anchor contract's getBlockState(): the newest L1 block that L2 knows.
inline constexpr FixedBytes<4> kGetBlockStateSelector = fixed_hex("0f439bd9");
[[nodiscard]] std::optional<L1BlockNumber> read_anchor_block_state(BytesView data);

}  // namespace preconf::core::protocol
