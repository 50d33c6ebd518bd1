#include "storage/capture_format.hpp"

#include <zlib.h>

#include <algorithm>

#include "core/crypto/hash.hpp"

namespace preconf::storage::capture {

namespace {

constexpr std::array<std::uint8_t, 4> kFrameMagic = {'P', 'C', 'F', '1'};
constexpr std::size_t kHashedHeaderBytes = 32;
/// Hashes do not shrink, whatever the effort; the rest does at the first attempt.
constexpr int kLevel = 3;

}  // namespace

std::uint32_t get_u32(core::BytesView in, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < sizeof(value); ++i) value |= std::uint32_t{in[at + i]} << (8 * i);
  return value;
}
std::uint64_t get_u64(core::BytesView in, std::size_t at) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < sizeof(value); ++i) value |= std::uint64_t{in[at + i]} << (8 * i);
  return value;
}
void put_u32(core::Bytes& out, std::uint32_t value) {
  for (std::size_t i = 0; i < sizeof(value); ++i) {
    out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
  }
}
void put_u64(core::Bytes& out, std::uint64_t value) {
  for (std::size_t i = 0; i < sizeof(value); ++i) {
    out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
  }
}
void put_bytes(core::Bytes& out, core::BytesView bytes) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}

std::uint64_t hash_prefix(const core::Hash32& hash) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < sizeof(value); ++i) value = (value << 8) | hash.bytes[i];
  return value;
}

std::size_t raw_size_max(FrameType type) {
  // clang-format off
  switch (type) {
    case FrameType::kRecords: return kRecordsRawMax;
    case FrameType::kContents: return kContentBytesMax + kContentOverhead;
    case FrameType::kSnapshot: return kSnapshotRawMax;
    case FrameType::kContentIndex: return kContentIndexEntriesMax * kContentIndexEntryBytes;
    case FrameType::kManifest: return kManifestRawMax;
    case FrameType::kIndex: return kFramesMax * kFrameHeaderBytes;
    case FrameType::kRemoved: return kRemovedRawMax;
  }
  // clang-format on
  return 0;
}

void append_header(const FrameHeader& header, core::Bytes& out) {
  put_bytes(out, kFrameMagic);
  put_u32(out, static_cast<std::uint32_t>(header.type));
  put_u32(out, header.stored_size);
  put_u32(out, header.raw_size);
  put_u64(out, header.first);
  put_u64(out, header.count);
  put_bytes(out, header.checksum.view());
}

std::optional<FrameHeader> parse_header(core::BytesView in) {
  if (!std::equal(kFrameMagic.begin(), kFrameMagic.end(), in.begin())) return std::nullopt;
  FrameHeader out;
  out.type = static_cast<FrameType>(get_u32(in, 4));
  out.stored_size = get_u32(in, 8);
  out.raw_size = get_u32(in, 12);
  out.first = get_u64(in, 16);
  out.count = get_u64(in, 24);
  out.checksum = core::Hash32::from(in.subspan(kHashedHeaderBytes));
  if (out.raw_size > raw_size_max(out.type)) return std::nullopt;  // an unknown type has 0
  if (out.raw_size == 0 && out.type != FrameType::kIndex) return std::nullopt;
  if (out.raw_size > kInflateRatioMax * out.stored_size) return std::nullopt;
  // Every item takes at least one byte.
  if (out.count > out.raw_size) return std::nullopt;
  if (out.type == FrameType::kContents) {
    // Small items share a frame, a large one has its own: a frame is cheap to look into.
    if (out.count > out.raw_size / kContentOverhead) return std::nullopt;
    if (out.count > 1 && out.raw_size > kFrameRawTarget) return std::nullopt;
  }
  return out;
}

core::Hash32 checksum_of(const FrameHeader& header, core::BytesView stored) {
  core::Bytes bytes;
  bytes.reserve(kFrameHeaderBytes);
  append_header(header, bytes);
  core::crypto::Sha256 hash;
  hash.update(core::BytesView(bytes).first(kHashedHeaderBytes));
  hash.update(stored);
  return hash.finish();
}

PackedFrame pack(FrameHeader header, core::BytesView raw) {
  PRECONF_ASSERT(raw.size() <= raw_size_max(header.type));
  PackedFrame out;
  uLongf size = ::compressBound(static_cast<uLong>(raw.size()));
  out.stored.resize(size);
  const int result =
      ::compress2(out.stored.data(), &size, raw.data(), static_cast<uLong>(raw.size()), kLevel);
  PRECONF_ASSERT(result == Z_OK);  // the buffer is as large as zlib asks for
  out.stored.resize(size);
  header.stored_size = static_cast<std::uint32_t>(size);
  header.raw_size = static_cast<std::uint32_t>(raw.size());
  header.checksum = checksum_of(header, out.stored);
  out.header = header;
  return out;
}

bool unpack(const FrameHeader& header, core::BytesView stored, core::Bytes& out) {
  if (stored.size() != header.stored_size || checksum_of(header, stored) != header.checksum) {
    return false;
  }
  out.resize(header.raw_size);
  uLongf size = header.raw_size;
  uLong used = static_cast<uLong>(stored.size());
  std::uint8_t nothing = 0;  // zlib wants a place even for no bytes
  const int result =
      ::uncompress2(out.empty() ? &nothing : out.data(), &size, stored.data(), &used);
  return result == Z_OK && size == header.raw_size && used == stored.size();
}

std::optional<RecordsView> RecordsView::parse(core::BytesView raw, std::uint64_t count) {
  if (count == 0 || count > raw.size() / kRecordOverhead + 1 || count * 5 > raw.size()) {
    return std::nullopt;
  }
  RecordsView view{raw, count, 0, 0};
  view.records_at = (static_cast<std::size_t>(count) * 4 + 7) / 8 * 8;
  std::uint64_t end = view.records_at;
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::size_t size = view.record_size(i);
    if (size == 0 || size > schemas::kRecordBytesMax) return std::nullopt;
    end += size;
  }
  if (end + count > raw.size()) return std::nullopt;
  view.flags_at = static_cast<std::size_t>(end);
  const core::BytesView flags = raw.subspan(view.flags_at, static_cast<std::size_t>(count));
  std::uint64_t digests = 0;
  for (const std::uint8_t flag : flags) {
    if (flag > 1) return std::nullopt;
    digests += flag;
  }
  if (end + count + digests * kHashBytes != raw.size()) return std::nullopt;
  return view;
}

std::size_t RecordsView::record_size(std::uint64_t index) const {
  return get_u32(raw, static_cast<std::size_t>(index) * 4);
}

}  // namespace preconf::storage::capture
