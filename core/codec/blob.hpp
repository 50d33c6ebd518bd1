// Payload bytes in the field elements of an EIP-4844 blob: the coder of OP-stack blobs, version 0,
// which Taiko's inbox uses. A blob is 4,096 elements of 32 bytes, of each 254 bits are usable.
#pragma once

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"

namespace preconf::core::codec {

inline constexpr std::size_t kBlobBytes = 131'072;
/// 1,024 rounds of four elements carry 127 bytes each, less version and length (4 bytes).
inline constexpr std::size_t kBlobPayloadBytesMax = 130'044;

using KzgCommitment = FixedBytes<48>;

/// Why a blob can not be decoded. Persistent values: never renumber.
enum class BlobDefect : std::uint8_t {
  kNone = 0,
  kWrongSize = 1,      ///< not kBlobBytes
  kVersion = 2,        ///< version byte is not 0
  kLength = 3,         ///< declared length over kBlobPayloadBytesMax
  kHighBits = 4,       ///< an element uses its two top bits
  kStrayPayload = 5,   ///< the last round holds bytes after the declared length
  kStrayElements = 6,  ///< elements after the last round are not zero
};
[[nodiscard]] const char* name_of(BlobDefect defect);

/// Appends the payload of `blob` to `out` and returns its size; `out` is unchanged on a defect. A
/// blob of zeros is a payload of no bytes.
[[nodiscard]] Result<std::size_t, BlobDefect> decode_blob(BytesView blob, Bytes& out);

/// The blob of a payload. Requires payload.size() <= kBlobPayloadBytesMax.
[[nodiscard]] Bytes encode_blob(BytesView payload);

/// EIP-4844 versioned hash: 0x01, then the last 31 bytes of the commitment's SHA-256.
[[nodiscard]] Hash32 versioned_hash_of(const KzgCommitment& commitment);

}  // namespace preconf::core::codec
