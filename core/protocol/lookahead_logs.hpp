// Logs that say who may preconfirm: of the lookahead store (permissionless preconfirmations) and of
// the preconfer whitelist, whose operator is the fallback. Source: LookaheadStore.sol,
// PreconfWhitelist.sol.
#pragma once

#include <span>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/fields.hpp"
#include "core/base/hex_literal.hpp"
#include "core/base/result.hpp"
#include "core/protocol/inbox.hpp"
#include "core/protocol/l1_deployment.hpp"

namespace preconf::core::protocol {

/// LookaheadPosted(uint256,bytes32,(address,uint256,bytes32,uint256)[])
inline constexpr Hash32 kLookaheadPostedTopic =
    fixed_hex("ae9b6437ad267553afbf07550405458fc43f11f8c50037a3f6b4d7937064cc0a");
/// Blacklisted(bytes32,uint48)
inline constexpr Hash32 kBlacklistedTopic =
    fixed_hex("1a878b2bf8680c02f7d79c199a61adbe8744e8ccb0f17e36229b619331fa2e13");
/// Unblacklisted(bytes32,uint48)
inline constexpr Hash32 kUnblacklistedTopic =
    fixed_hex("9682ae3fb79c10948116fe2a224cca9025fb76716477d713dfec766d8bccee17");
/// OperatorAdded(address,address,uint256)
inline constexpr Hash32 kOperatorAddedTopic =
    fixed_hex("20c899c9053446f0d7a408c709f0196e2c26c6a985dcad854dc19ad567c4531f");
/// OperatorRemoved(address,address,uint256)
inline constexpr Hash32 kOperatorRemovedTopic =
    fixed_hex("a85b3d3497f1e4522d447f02e1a1d16506431ba902da11611a51d8502400e4ea");

/// Who preconfirms up to an L1 slot in which its validator proposes.
struct LookaheadSlot {
  Address committer;
  UnixSeconds timestamp;  ///< of the L1 slot
  Hash32 registration_root;
  U256 validator_leaf_index;
  PRECONF_FIELDS(LookaheadSlot, committer, timestamp, registration_root, validator_leaf_index);
};

/// The slots of one epoch, strictly increasing; none: the fallback has the epoch.
struct LookaheadPosted {
  UnixSeconds epoch;
  Hash32 lookahead_hash;  ///< 26 bytes, then zeros
  std::vector<LookaheadSlot> slots;
  PRECONF_FIELDS(LookaheadPosted, epoch, lookahead_hash, slots);
};
[[nodiscard]] Result<LookaheadPosted, LogDefect> read_lookahead_posted(
    std::span<const Hash32> topics, BytesView data, const EpochClock& clock);
[[nodiscard]] EncodedLog encode_lookahead_posted(const LookaheadPosted& posted);
/// First 26 bytes of keccak256(abi.encode(epoch, slots)), then zeros.
[[nodiscard]] Hash32 lookahead_hash_of(UnixSeconds epoch, std::span<const LookaheadSlot> slots);

/// An operator lost, or has again, the right to its slots.
struct BlacklistChanged {
  Hash32 registration_root;
  UnixSeconds since;
  bool is_listed = false;
  PRECONF_FIELDS(BlacklistChanged, registration_root, since, is_listed);
};
/// Reads both events.
[[nodiscard]] Result<BlacklistChanged, LogDefect> read_blacklist_changed(
    std::span<const Hash32> topics, BytesView data);
[[nodiscard]] EncodedLog encode_blacklist_changed(const BlacklistChanged& changed);

/// The whitelist changed: whom it selects must be read again at this block.
struct OperatorChanged {
  Address proposer;
  Address sequencer;
  U256 since;  ///< seconds: active or inactive since
  bool is_added = false;
  PRECONF_FIELDS(OperatorChanged, proposer, sequencer, since, is_added);
};
[[nodiscard]] Result<OperatorChanged, LogDefect> read_operator_changed(
    std::span<const Hash32> topics, BytesView data);

}  // namespace preconf::core::protocol
