#include "storage/capture_writer.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <deque>
#include <future>
#include <map>
#include <unordered_map>
#include <vector>

#include "core/base/hex.hpp"
#include "core/crypto/hash.hpp"
#include "storage/capture_format.hpp"
#include "storage/capture_removed.hpp"
#include "storage/snapshot_codec.hpp"

namespace preconf::storage {

namespace {

using capture::FrameHeader;
using capture::FrameType;
using capture::PackedFrame;
using core::Ok;
using core::Unexpected;

/// Frames that are being compressed or wait for those before them.
constexpr std::size_t kFramesAhead = 4;

/// keccak256 is as good as any hash function for a table.
struct HashOfHash {
  std::size_t operator()(const core::Hash32& hash) const {
    std::size_t out = 0;
    std::memcpy(&out, hash.bytes.data(), sizeof(out));
    return out;
  }
};

StorageFailure refused(std::string detail) {
  return StorageFailure{StorageError::kIo, {}, std::move(detail)};
}

}  // namespace

struct CaptureWriter::Impl {
  std::filesystem::path path;
  std::filesystem::path temporary;
  File file;
  std::uint64_t offset = 0;
  bool finished = false;

  core::Bytes index;             ///< headers of the frames written
  std::uint32_t next_frame = 0;  ///< number of the next frame handed over
  std::deque<std::future<PackedFrame>> packing;

  // The open records frame.
  std::uint64_t first_seq = 0;
  std::vector<std::uint32_t> sizes;
  core::Bytes records;
  core::Bytes flags;
  core::Bytes digests;

  // The open contents frame.
  core::Bytes contents;
  std::vector<core::Hash32> content_hashes;
  std::unordered_map<core::Hash32, std::uint32_t, HashOfHash> content_frames;

  std::map<core::Hash32, RemovedContent> removed;

  CaptureManifest counts;

  [[nodiscard]] std::size_t records_raw_size() const {
    return sizes.size() * capture::kRecordOverhead + records.size();
  }

  IoResult<Ok> write(core::BytesView bytes) {
    auto written = write_at(file, offset, bytes);
    if (written) offset += bytes.size();
    return written;
  }

  /// Writes finished frames until at most `left` are under way.
  IoResult<Ok> drain(std::size_t left) {
    while (packing.size() > left) {
      const PackedFrame frame = packing.front().get();
      packing.pop_front();
      const std::size_t at = index.size();
      append_header(frame.header, index);
      if (auto written = write(core::BytesView(index).subspan(at)); !written) return written;
      if (auto written = write(frame.stored); !written) return written;
    }
    return Ok{};
  }

  IoResult<Ok> hand_over(FrameType type, std::uint64_t first, std::uint64_t count,
                         core::Bytes raw) {
    if (raw.size() > capture::raw_size_max(type) || next_frame >= capture::kFramesMax) {
      return Unexpected{refused("more than a capture can hold: export a smaller range")};
    }
    FrameHeader header;
    header.type = type;
    header.first = first;
    header.count = count;
    packing.push_back(std::async(
        std::launch::async,
        [header](const core::Bytes& bytes) { return capture::pack(header, bytes); },
        std::move(raw)));
    ++next_frame;
    return drain(kFramesAhead - 1);
  }

  IoResult<Ok> close_records() {
    if (sizes.empty()) return Ok{};
    core::Bytes raw;
    raw.reserve(records_raw_size() + 8);
    for (const std::uint32_t size : sizes) capture::put_u32(raw, size);
    raw.resize((raw.size() + 7) / 8 * 8);
    capture::put_bytes(raw, records);
    capture::put_bytes(raw, flags);
    capture::put_bytes(raw, digests);
    const std::size_t count = sizes.size();
    sizes.clear();
    records.clear();
    flags.clear();
    digests.clear();
    return hand_over(FrameType::kRecords, first_seq, count, std::move(raw));
  }

  IoResult<Ok> close_contents() {
    if (content_hashes.empty()) return Ok{};
    for (const core::Hash32& hash : content_hashes) content_frames[hash] = next_frame;
    const std::size_t count = content_hashes.size();
    content_hashes.clear();
    return hand_over(FrameType::kContents, content_frames.size() - count, count,
                     std::exchange(contents, {}));
  }

  IoResult<Ok> write_content_index() {
    std::vector<std::pair<core::Hash32, std::uint32_t>> entries(content_frames.begin(),
                                                                content_frames.end());
    std::sort(entries.begin(), entries.end());
    for (std::size_t begin = 0; begin < entries.size(); begin += capture::kContentIndexEntriesMax) {
      const std::size_t end = std::min(entries.size(), begin + capture::kContentIndexEntriesMax);
      core::Bytes raw;
      for (std::size_t i = begin; i < end; ++i) {
        capture::put_bytes(raw, entries[i].first.view());
        capture::put_u32(raw, entries[i].second);
      }
      auto done = hand_over(FrameType::kContentIndex, capture::hash_prefix(entries[begin].first),
                            end - begin, std::move(raw));
      if (!done) return done;
    }
    return Ok{};
  }

  IoResult<Ok> write_removed() {
    auto at = removed.begin();
    while (at != removed.end()) {
      const std::uint64_t first = capture::hash_prefix(at->first);
      core::Bytes raw;
      std::uint64_t count = 0;
      for (; at != removed.end() && count < capture::kRemovedEntriesMax; ++at, ++count) {
        append_removed({at->first, at->second}, raw);
      }
      if (auto done = hand_over(FrameType::kRemoved, first, count, std::move(raw)); !done) {
        return done;
      }
    }
    return Ok{};
  }

  /// The index, which is not in itself, and the trailer.
  IoResult<Ok> write_end(core::BytesView header) {
    FrameHeader frame;
    frame.type = FrameType::kIndex;
    frame.count = next_frame;
    const PackedFrame packed = capture::pack(frame, index);
    core::Bytes end;
    append_header(packed.header, end);
    capture::put_bytes(end, packed.stored);
    const std::uint64_t index_at = offset;
    core::Bytes trailer;
    capture::put_u64(trailer, index_at);
    capture::put_u64(trailer, index_at + end.size() + capture::kTrailerBytes);
    capture::put_bytes(trailer, capture::kEndMagic);
    core::crypto::Sha256 hash;
    hash.update(header);
    hash.update(packed.header.checksum.view());
    hash.update(trailer);
    capture::put_bytes(trailer, hash.finish().view());
    if (auto written = write(end); !written) return written;
    return write(trailer);
  }
};

namespace {

core::Bytes file_header(std::uint32_t version) {
  core::Bytes out;
  capture::put_bytes(out, capture::kMagic);
  capture::put_u32(out, version);
  capture::put_u32(out, 0);
  return out;
}

}  // namespace

CaptureWriter::CaptureWriter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

CaptureWriter::~CaptureWriter() {
  impl_->packing.clear();
  if (!impl_->finished) ::unlink(impl_->temporary.c_str());
}

IoResult<std::unique_ptr<CaptureWriter>> CaptureWriter::create(const std::filesystem::path& path) {
  std::error_code error;
  if (std::filesystem::exists(std::filesystem::symlink_status(path, error))) {
    return Unexpected{refused(path.string() + " exists already")};
  }
  auto impl = std::make_unique<Impl>();
  impl->path = std::filesystem::absolute(path, error);
  impl->temporary = impl->path;
  impl->temporary += ".tmp";
  auto file = open_file(impl->temporary, O_RDWR | O_CREAT | O_TRUNC);
  if (!file) return Unexpected{file.error()};
  impl->file = std::move(file).value();
  std::unique_ptr<CaptureWriter> writer(new CaptureWriter(std::move(impl)));
  if (auto written = writer->impl_->write(file_header(capture::kFormatVersion)); !written) {
    return Unexpected{written.error()};
  }
  return writer;
}

IoResult<Ok> CaptureWriter::add_record(core::Seq seq, core::BytesView record,
                                       const std::optional<core::Hash32>& digest) {
  Impl& impl = *impl_;
  PRECONF_ASSERT(!record.empty() && record.size() <= schemas::kRecordBytesMax);
  if (!impl.sizes.empty() && impl.records_raw_size() + record.size() + capture::kRecordOverhead >
                                 capture::kFrameRawTarget) {
    if (auto done = impl.close_records(); !done) return done;
  }
  if (impl.sizes.empty()) impl.first_seq = seq.value;
  impl.sizes.push_back(static_cast<std::uint32_t>(record.size()));
  capture::put_bytes(impl.records, record);
  impl.flags.push_back(digest ? 1 : 0);
  if (digest) capture::put_bytes(impl.digests, digest->view());
  ++impl.counts.events;
  if (digest) ++impl.counts.digests;
  return Ok{};
}

bool CaptureWriter::has_content(const core::Hash32& hash) const {
  return impl_->content_frames.contains(hash);
}

IoResult<Ok> CaptureWriter::add_content(const core::Hash32& hash, core::BytesView bytes) {
  Impl& impl = *impl_;
  if (bytes.size() > capture::kContentBytesMax) {
    return Unexpected{refused("content " + core::to_hex0x(hash.view()) + " of " +
                              std::to_string(bytes.size()) +
                              " bytes is larger than a capture can "
                              "hold")};
  }
  if (!impl.contents.empty() &&
      impl.contents.size() + bytes.size() + capture::kContentOverhead > capture::kFrameRawTarget) {
    if (auto done = impl.close_contents(); !done) return done;
  }
  capture::put_u32(impl.contents, static_cast<std::uint32_t>(bytes.size()));
  capture::put_bytes(impl.contents, hash.view());
  capture::put_bytes(impl.contents, bytes);
  impl.content_hashes.push_back(hash);
  impl.content_frames.emplace(hash, 0);
  ++impl.counts.contents;
  impl.counts.content_bytes += bytes.size();
  return Ok{};
}

void CaptureWriter::add_removed(const core::Hash32& hash, const RemovedContent& removed) {
  impl_->removed.emplace(hash, removed);
}

IoResult<Ok> CaptureWriter::add_snapshot(const Snapshot& snapshot) {
  if (auto done = impl_->close_records(); !done) return done;
  ++impl_->counts.snapshots;
  return impl_->hand_over(FrameType::kSnapshot, snapshot.position.seq.value, 1,
                          encode_snapshot(snapshot));
}

IoResult<std::uint64_t> CaptureWriter::finish(CaptureManifest& manifest) {
  Impl& impl = *impl_;
  manifest.format = impl.removed.empty() ? capture::kFormatVersion : capture::kFormatVersionRemoved;
  manifest.contents_removed = impl.removed.size();
  manifest.events = impl.counts.events;
  manifest.digests = impl.counts.digests;
  manifest.contents = impl.counts.contents;
  manifest.content_bytes = impl.counts.content_bytes;
  manifest.snapshots = impl.counts.snapshots;
  const std::string json = to_json(manifest);
  const core::BytesView text{reinterpret_cast<const std::uint8_t*>(json.data()), json.size()};
  if (manifest.note.size() > capture::kNoteBytesMax || !parse_manifest(text)) {
    return Unexpected{refused("the note is too long, or no UTF-8 text")};
  }
  if (auto done = impl.close_contents(); !done) return Unexpected{done.error()};
  if (auto done = impl.close_records(); !done) return Unexpected{done.error()};
  if (auto done = impl.write_removed(); !done) return Unexpected{done.error()};
  if (auto done = impl.write_content_index(); !done) return Unexpected{done.error()};
  if (auto done = impl.hand_over(FrameType::kManifest, 0, 1, {text.begin(), text.end()}); !done) {
    return Unexpected{done.error()};
  }
  if (auto done = impl.drain(0); !done) return Unexpected{done.error()};
  const core::Bytes header = file_header(manifest.format);
  if (auto done = write_at(impl.file, 0, header); !done) return Unexpected{done.error()};
  if (auto done = impl.write_end(header); !done) return Unexpected{done.error()};
  if (::fsync(impl.file.fd()) != 0) return Unexpected{io_failure("fsync")};
  if (::rename(impl.temporary.c_str(), impl.path.c_str()) != 0) {
    return Unexpected{io_failure("rename to " + impl.path.string())};
  }
  impl.finished = true;
  if (auto done = sync_directory(impl.path.parent_path()); !done) return Unexpected{done.error()};
  return impl.offset;
}

}  // namespace preconf::storage
