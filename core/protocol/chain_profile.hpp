// The rules of one chain and one network, as data. They are recorded in the log's first event, so
// that a log explains itself; nothing in core/ reads a flag.
#pragma once

#include <optional>
#include <string_view>

#include "core/base/bytes.hpp"
#include "core/base/fields.hpp"
#include "core/types.hpp"

namespace preconf::core::protocol {

/// Consensus constants of an L2 chain (Taiko Shasta and Unzen).
struct ChainProfile {
  std::uint64_t chain_id = 0;
  Hash32 genesis_hash;                     ///< recorded; not compared with the engine's block 0
  UnixSeconds shasta_time;                 ///< first timestamp of the Shasta fork
  UnixSeconds unzen_time;                  ///< first timestamp of the Unzen fork; all ones = never
  std::uint64_t min_base_fee_wei = 0;      ///< lower clamp of the EIP-4396 base fee
  std::uint64_t anchor_lag_max = 0;        ///< L1 blocks an anchor may lie behind the origin block
  std::uint64_t timestamp_lag_max = 0;     ///< seconds an L2 timestamp may lie behind its proposal
  std::uint8_t base_fee_sharing_pctg = 0;  ///< first byte of extraData (Inbox getConfig)
  Address anchor_address;                  ///< anchor contract, also the treasury

  PRECONF_FIELDS(ChainProfile, chain_id, genesis_hash, shasta_time, unzen_time, min_base_fee_wei,
                 anchor_lag_max, timestamp_lag_max, base_fee_sharing_pctg, anchor_address);
};

/// Rules of the preconfirmation network (permissionless P2P specification).
struct NetworkProfile {
  Hash32 preconf_domain;    ///< DOMAIN_PRECONF, prefix of the signing hash
  Address slasher_address;  ///< every commitment must name exactly this slasher

  PRECONF_FIELDS(NetworkProfile, preconf_domain, slasher_address);
};

/// Built-in chains by name: "mainnet", "hoodi", "masaya", "devnet". Nothing for other names.
[[nodiscard]] std::optional<ChainProfile> chain_profile(std::string_view name);

/// The permissionless network: the domain that deployed peers sign under, and the given slasher.
[[nodiscard]] NetworkProfile permissionless_network(const Address& slasher);

/// Anchor contract of a chain: decimal chain id, zeros up to 35 digits, then 10001 (40 hex digits).
[[nodiscard]] Address anchor_address_of(std::uint64_t chain_id);

[[nodiscard]] inline bool unzen_active(const ChainProfile& chain, UnixSeconds timestamp) {
  return timestamp >= chain.unzen_time;
}

}  // namespace preconf::core::protocol
