// The three tables that a Taiko engine keeps beside its chain. They are independent: none is
// unwound when the chain reorganises (engine reference page, section 4).
#pragma once

#include <map>
#include <optional>

#include "core/base/bytes.hpp"

namespace preconf::node::devnet {

/// One l1_origin row. A preconfirmed block has L1 height zero and L1 hash zero.
struct StoredOrigin {
  std::uint64_t block_id = 0;
  core::Hash32 l2_block_hash;
  core::U256 l1_block_height;
  core::Hash32 l1_block_hash;
  core::PayloadId build_payload_args_id;
  bool is_forced_inclusion = false;
  core::Signature65 signature;  ///< of the preconfer, zero when unknown

  [[nodiscard]] bool is_preconfirmation() const { return l1_block_height.be.is_zero(); }
  friend bool operator==(const StoredOrigin&, const StoredOrigin&) = default;
};

struct TaikoTables {
  std::map<std::uint64_t, StoredOrigin> origins;        ///< by L2 block number
  std::optional<std::uint64_t> head_origin;             ///< last L2 block known to come from L1
  std::map<std::uint64_t, std::uint64_t> batch_blocks;  ///< proposal id -> its last L2 block

  /// Writes the row of a block that is being built. A block that comes from L1 also moves the head
  /// pointer and, when a proposal id is given, that proposal's last block.
  void record_build(const StoredOrigin& origin, std::optional<std::uint64_t> proposal_id);

  /// The row at `block_id`, or nothing.
  [[nodiscard]] const StoredOrigin* origin_at(std::uint64_t block_id) const;
  /// The row that the head pointer names; nothing without a pointer or without that row.
  [[nodiscard]] const StoredOrigin* head_row() const;
};

}  // namespace preconf::node::devnet
