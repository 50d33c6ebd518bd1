// Ethereum block header: RLP and hash.
#pragma once

#include <optional>

#include "core/base/bytes.hpp"
#include "core/base/fields.hpp"
#include "core/base/hex_literal.hpp"

namespace preconf::core::codec {

using LogsBloom = FixedBytes<256>;

/// keccak256 of the RLP of an empty list: the header has no ommers.
inline constexpr Hash32 kEmptyOmmersHash =
    fixed_hex("1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347");
/// Root of a trie without entries: no transactions, no receipts, no withdrawals.
inline constexpr Hash32 kEmptyTrieRoot =
    fixed_hex("56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421");
/// SHA-256 of nothing: no execution requests (EIP-7685).
inline constexpr Hash32 kEmptyRequestsHash =
    fixed_hex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");

/// Fields in the order of the RLP list. An optional field belongs to a fork; a header that has one
/// has all before it.
struct Header {
  Hash32 parent_hash;
  Hash32 ommers_hash = kEmptyOmmersHash;
  Address beneficiary;
  Hash32 state_root;
  Hash32 transactions_root = kEmptyTrieRoot;
  Hash32 receipts_root = kEmptyTrieRoot;
  LogsBloom logs_bloom;
  U256 difficulty;
  std::uint64_t number = 0;
  std::uint64_t gas_limit = 0;
  std::uint64_t gas_used = 0;
  std::uint64_t timestamp = 0;  ///< seconds
  Bytes extra_data;
  Hash32 mix_hash;
  FixedBytes<8> nonce;
  std::optional<std::uint64_t> base_fee_wei;       ///< London
  std::optional<Hash32> withdrawals_root;          ///< Shanghai
  std::optional<std::uint64_t> blob_gas_used;      ///< Cancun
  std::optional<std::uint64_t> excess_blob_gas;    ///< Cancun
  std::optional<Hash32> parent_beacon_block_root;  ///< Cancun
  std::optional<Hash32> requests_hash;             ///< Prague
  PRECONF_FIELDS(Header, parent_hash, ommers_hash, beneficiary, state_root, transactions_root,
                 receipts_root, logs_bloom, difficulty, number, gas_limit, gas_used, timestamp,
                 extra_data, mix_hash, nonce, base_fee_wei, withdrawals_root, blob_gas_used,
                 excess_blob_gas, parent_beacon_block_root, requests_hash);
};

/// RLP of the header; optional fields appear when present.
[[nodiscard]] Bytes encode_header(const Header& header);

/// The block hash: keccak256 of the RLP.
[[nodiscard]] Hash32 hash_header(const Header& header);

}  // namespace preconf::core::codec
