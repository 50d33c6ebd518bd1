// The manifest of a derivation source: what a proposer wants the next blocks to be. In the decoded
// blobs stand, at the source's offset, a version word, a size word and a zlib stream of an RLP
// list. Source: Taiko Shasta derivation rules (DerivationSourceManifest).
#pragma once

#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/fields.hpp"
#include "core/base/result.hpp"
#include "core/types.hpp"

namespace preconf::core::codec {

/// One described block. Its transactions are a range of the manifest's bytes: the RLP items as they
/// enter the block's transaction list, without a list header.
struct BlockManifest {
  UnixSeconds timestamp;
  Address coinbase;
  L1BlockNumber anchor_block_number;
  std::uint64_t gas_limit = 0;  ///< without the anchor transaction's million
  std::uint32_t transactions = 0;
  std::uint32_t transactions_offset = 0;  ///< in the inflated manifest
  std::uint32_t transactions_bytes = 0;
  PRECONF_FIELDS(BlockManifest, timestamp, coinbase, anchor_block_number, gas_limit, transactions,
                 transactions_offset, transactions_bytes);
};

/// Why a source's bytes hold no manifest. Every value but the last means that the default manifest
/// stands in its place. Persistent values: never renumber.
enum class ManifestDefect : std::uint8_t {
  kNone = 0,
  kTooShort = 1,           ///< no room for the two words behind the offset
  kVersion = 2,            ///< the version word is not version 1
  kSizeBeyondEnd = 3,      ///< the size word exceeds the bytes that follow
  kZlib = 4,               ///< the stream is corrupt, cut short or asks for a dictionary
  kRlp = 5,                ///< not the RLP of a manifest, or not canonical
  kRlpTruncated = 6,       ///< the stream ends before the RLP does
  kTrailingBytes = 7,      ///< the stream goes on after the RLP
  kTransaction = 8,        ///< an element is not a transaction of a known type
  kTooManyBlocks = 9,      ///< more blocks than the fork allows
  kNoBlobs = 10,           ///< the source names no blob
  kOffset = 11,            ///< the offset leaves no room in the first blob
  kBlob = 12,              ///< a blob can not be decoded
  kForcedBlockCount = 13,  ///< a forced inclusion with another number of blocks than one
  kTooLarge = 14,          ///< well-formed, but over the bound: no default, nothing can be said
};
[[nodiscard]] const char* name_of(ManifestDefect defect);

struct Manifest {
  Bytes bytes;  ///< the inflated RLP
  std::vector<BlockManifest> blocks;

  [[nodiscard]] BytesView transactions_of(const BlockManifest& block) const {
    return BytesView(bytes).subspan(block.transactions_offset, block.transactions_bytes);
  }
};

/// Bounds of one decoding.
struct ManifestBounds {
  std::size_t blocks_max = 0;  ///< of the fork, see protocol::blocks_per_source_max
  std::size_t bytes_max = 0;   ///< inflated; limits::kManifestBytesMax but in tests
};

/// Decodes the manifest at `offset` of `payload` (the decoded blobs of one source, joined). Memory
/// stays below about twice bytes_max whatever the input. A malformed manifest of any size is named
/// as malformed, so that kTooLarge does not stand for what others replace by the default; only a
/// single transaction of more than bytes_max is not looked into.
[[nodiscard]] Result<Manifest, ManifestDefect> decode_manifest(BytesView payload,
                                                               std::size_t offset,
                                                               ManifestBounds bounds);

/// The manifest that stands in for one that can not be used: one block, all zero.
[[nodiscard]] Manifest default_manifest();
/// Exactly the all-zero block, whoever wrote it.
[[nodiscard]] bool is_default(std::span<const BlockManifest> blocks);

/// For proposers and tests: one block with its RLP items.
struct BlockToPropose {
  BlockManifest block;  ///< the three transaction fields are ignored
  Bytes transactions;   ///< RLP items one after another
};
/// Version word, size word, zlib stream.
[[nodiscard]] Bytes encode_manifest(std::span<const BlockToPropose> blocks);

}  // namespace preconf::core::codec
