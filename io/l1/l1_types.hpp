// L1 blocks and logs as JSON-RPC shows them.
#pragma once

#include <span>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/fields.hpp"
#include "core/types.hpp"

namespace preconf::io::l1 {

/// 2,048 bits (yellow paper, section 4.3.1).
using LogsBloom = core::FixedBytes<256>;

/// The fields of interest of a header whose hash was recomputed from all of its fields.
struct L1Header {
  core::L1BlockNumber number;
  core::Hash32 hash;
  core::Hash32 parent_hash;
  core::Hash32 state_root;
  core::UnixSeconds timestamp;
  LogsBloom logs_bloom;
  PRECONF_FIELDS(L1Header, number, hash, parent_hash, state_root, timestamp, logs_bloom);
};

struct L1Log {
  core::L1BlockNumber block_number;
  core::Hash32 block_hash;
  std::uint32_t log_index = 0;  ///< in its block
  core::Address address;
  std::vector<core::Hash32> topics;  ///< at most 4
  core::Bytes data;
  PRECONF_FIELDS(L1Log, block_number, block_hash, log_index, address, topics, data);
};

/// May the bloom's block have logs with this address or topic? False is certain.
[[nodiscard]] bool may_contain(const LogsBloom& bloom, core::BytesView value);
/// Sets the three bits of an address or topic.
void add_to_bloom(LogsBloom& bloom, core::BytesView value);
/// Addresses and topics of logs: what the bloom of their block must have, at least.
[[nodiscard]] LogsBloom bloom_of(std::span<const L1Log> logs);
/// Every bit of `part` is in `whole`.
[[nodiscard]] bool is_part_of(const LogsBloom& part, const LogsBloom& whole);

}  // namespace preconf::io::l1
