// Frames of a capture file: their headers, bounds and compression (docs/capture_format.md).
#pragma once

#include <array>
#include <optional>
#include <string>

#include "core/base/bytes.hpp"
#include "core/types.hpp"
#include "schemas/codec/event_codec.hpp"

namespace preconf::storage::capture {

inline constexpr std::array<std::uint8_t, 8> kMagic = {'P', 'C', 'C', 'A', 'P', '0', '1', '\n'};
inline constexpr std::array<std::uint8_t, 8> kEndMagic = {'P', 'C', 'C', 'A', 'P', 'E', 'N', 'D'};
/// A writer uses the least version that has what it writes.
inline constexpr std::uint32_t kFormatVersion = 1;
/// With frames of removed contents.
inline constexpr std::uint32_t kFormatVersionRemoved = 2;
[[nodiscard]] constexpr bool is_known_version(std::uint32_t version) {
  return version == kFormatVersion || version == kFormatVersionRemoved;
}
inline constexpr std::size_t kHeaderBytes = 16;
inline constexpr std::size_t kTrailerBytes = 56;
inline constexpr std::size_t kFrameHeaderBytes = 64;
inline constexpr std::size_t kHashBytes = 32;

/// Persistent values: never renumber.
enum class FrameType : std::uint32_t {
  kRecords = 1,
  kContents = 2,
  kSnapshot = 3,
  kContentIndex = 4,
  kManifest = 5,
  kIndex = 6,
  kRemoved = 7,  ///< since version 2
};

inline constexpr std::size_t kMiB = std::size_t{1} << 20;
/// A writer begins a new records or contents frame above this, bytes.
inline constexpr std::size_t kFrameRawTarget = kMiB;
/// Of a records frame: size, digest flag and digest of one record beside its bytes.
inline constexpr std::size_t kRecordOverhead = 37;
/// Of a contents frame: size and hash of one content beside its bytes.
inline constexpr std::size_t kContentOverhead = 36;
inline constexpr std::size_t kContentIndexEntryBytes = 36;
inline constexpr std::size_t kContentIndexEntriesMax = 16'384;

inline constexpr std::size_t kRemovedEntriesMax = 4'096;
inline constexpr std::size_t kRemovedRawMax = 2 * kMiB;

inline constexpr std::size_t kRecordsRawMax = 2 * kMiB + 8 * 1024;
/// Lists are bounded by 2 MiB, payload texts by the engine client; both are far below.
inline constexpr std::size_t kContentBytesMax = 64 * kMiB;
inline constexpr std::size_t kSnapshotRawMax = 256 * kMiB;
inline constexpr std::size_t kManifestRawMax = 64 * 1024;
inline constexpr std::size_t kNoteBytesMax = 1'024;
inline constexpr std::size_t kFramesMax = std::size_t{1} << 20;
/// Deflate can not do better: a small file can not ask for much memory.
inline constexpr std::uint64_t kInflateRatioMax = 1'032;
/// Events between two snapshots of a capture.
inline constexpr std::uint64_t kSnapshotEvery = 250'000;

static_assert(kFrameRawTarget + schemas::kRecordBytesMax + kRecordOverhead + 8 <= kRecordsRawMax);

struct FrameHeader {
  FrameType type = FrameType::kRecords;
  std::uint32_t stored_size = 0;
  std::uint32_t raw_size = 0;
  std::uint64_t first = 0;
  std::uint64_t count = 0;
  core::Hash32 checksum;
  friend bool operator==(const FrameHeader&, const FrameHeader&) = default;
};

/// Largest raw size of a frame of this type; 0 = no such type.
[[nodiscard]] std::size_t raw_size_max(FrameType type);

void append_header(const FrameHeader& header, core::Bytes& out);
/// `in` has kFrameHeaderBytes. Nothing when magic, type or a size is out of bounds: a header that
/// passes may be allocated for.
[[nodiscard]] std::optional<FrameHeader> parse_header(core::BytesView in);

/// SHA-256 over the header's first 32 bytes and the stored bytes.
[[nodiscard]] core::Hash32 checksum_of(const FrameHeader& header, core::BytesView stored);

/// A frame ready to be written.
struct PackedFrame {
  FrameHeader header;
  core::Bytes stored;
};
/// Compresses; sets sizes and checksum of `header`.
[[nodiscard]] PackedFrame pack(FrameHeader header, core::BytesView raw);
/// Checks the checksum, then inflates to exactly header.raw_size bytes. Nothing when anything is
/// off. `out` is reused.
[[nodiscard]] bool unpack(const FrameHeader& header, core::BytesView stored, core::Bytes& out);

/// The record at `index` of a records frame, as offsets into its raw bytes.
struct RecordsView {
  core::BytesView raw;
  std::uint64_t count = 0;
  std::size_t records_at = 0;  ///< where the first record begins
  std::size_t flags_at = 0;    ///< where the digest flags begin

  /// Nothing when sizes and digests do not fill the frame exactly.
  [[nodiscard]] static std::optional<RecordsView> parse(core::BytesView raw, std::uint64_t count);
  [[nodiscard]] std::size_t record_size(std::uint64_t index) const;
};

// Little-endian integers at an offset the caller has checked.
[[nodiscard]] std::uint32_t get_u32(core::BytesView in, std::size_t at);
[[nodiscard]] std::uint64_t get_u64(core::BytesView in, std::size_t at);
void put_u32(core::Bytes& out, std::uint32_t value);
void put_u64(core::Bytes& out, std::uint64_t value);
void put_bytes(core::Bytes& out, core::BytesView bytes);

/// The first 8 bytes of a hash, big-endian: numeric order is byte order.
[[nodiscard]] std::uint64_t hash_prefix(const core::Hash32& hash);

}  // namespace preconf::storage::capture
