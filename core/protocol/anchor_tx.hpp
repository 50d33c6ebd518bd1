// The anchor transaction: element 0 of every L2 block, which tells the L2 about one L1 block.
// Source: derivation rules of Taiko Shasta; Anchor.sol anchorV4((uint48,bytes32,bytes32)).
#pragma once

#include <optional>

#include "core/base/bytes.hpp"
#include "core/base/fields.hpp"
#include "core/base/hex_literal.hpp"
#include "core/types.hpp"

namespace preconf::core::protocol {

/// The account that sends every anchor transaction. Its key is public by design.
inline constexpr Address kGoldenTouchAddress =
    fixed_hex("0000777735367b36bc9b61c50022d9d0700db4ec");
inline constexpr FixedBytes<32> kGoldenTouchKey =
    fixed_hex("92954368afd3caa1f3ce3ead0069c1af414054aefe1ef9aeacc1bf426222ce38");

inline constexpr std::uint64_t kAnchorGasLimit = 1'000'000;
inline constexpr FixedBytes<4> kAnchorV4Selector = fixed_hex("523e6854");
/// Selector and three static words.
inline constexpr std::size_t kAnchorV4CallBytes = 100;

/// Arguments of anchorV4: the L1 block that the L2 block refers to.
struct AnchorCall {
  L1BlockNumber block_number;  ///< uint48
  Hash32 block_hash;
  Hash32 state_root;
  PRECONF_FIELDS(AnchorCall, block_number, block_hash, state_root);
};

/// Requires block_number <= kUint48Max.
[[nodiscard]] Bytes encode_anchor_call(const AnchorCall& call);
/// Nothing unless `data` is exactly an anchorV4 call with a number of at most 48 bits.
[[nodiscard]] std::optional<AnchorCall> decode_anchor_call(BytesView data);

struct AnchorTxInput {
  std::uint64_t chain_id = 0;
  std::uint64_t nonce = 0;  ///< of golden touch in the parent block's state
  std::uint64_t base_fee_wei = 0;
  Address anchor_address;
  AnchorCall call;
};

/// The raw signed EIP-1559 transaction (type byte first). Every driver and prover must produce
/// these very bytes, so the signature uses the fixed nonce.
[[nodiscard]] Bytes build_anchor_tx(const AnchorTxInput& input);

}  // namespace preconf::core::protocol
