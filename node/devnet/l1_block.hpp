// A block of the simulated L1: a real header over the logs of the calls that it includes.
//
// Real are the header's RLP and hash, the logs bloom, the receipts and their root, the slots.
// Made up from what the block has: transaction hashes, state root, fees, beacon roots.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/codec/header.hpp"
#include "node/devnet/l1_contracts.hpp"

namespace preconf::node::devnet {

/// A call as it waits and as it is included; the number makes its transaction hash, so the same
/// call on another branch is the same transaction.
struct L1Transaction {
  std::uint64_t nonce = 0;
  L1Call call;
  [[nodiscard]] core::Hash32 hash() const;
};

struct L1Block {
  core::codec::Header header;
  core::Hash32 hash;  ///< keccak256 of the header's RLP
  std::vector<L1Transaction> transactions;
  std::vector<std::string> reverts;  ///< per transaction; empty: executed
  std::vector<L1Log> logs;
  std::vector<std::size_t> log_transaction;  ///< per log, index of its transaction
  std::vector<core::Hash32> blobs;           ///< versioned hashes, in order
  L1Contracts contracts;                     ///< after this block

  [[nodiscard]] core::L1BlockNumber number() const { return core::L1BlockNumber{header.number}; }
  [[nodiscard]] core::UnixSeconds timestamp() const { return core::UnixSeconds{header.timestamp}; }
};

/// Bloom over addresses and topics (yellow paper 4.3.1).
[[nodiscard]] core::codec::LogsBloom logs_bloom_of(std::span<const L1Log> logs);

/// Root of the beacon block that carries this execution block; made up.
[[nodiscard]] core::Hash32 beacon_root_of(const core::Hash32& block_hash);

/// The block on `parent` (null: block 0) at `time`. `branch` makes blocks of different branches
/// differ. Transactions that revert are included without logs.
[[nodiscard]] L1Block make_l1_block(const core::protocol::L1Deployment& deployment,
                                    const L1Block* parent, core::UnixSeconds time,
                                    std::uint32_t branch, std::vector<L1Transaction> transactions);

}  // namespace preconf::node::devnet
