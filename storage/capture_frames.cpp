#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "core/crypto/hash.hpp"
#include "storage/capture_file_impl.hpp"

namespace preconf::storage {

using capture::FrameHeader;
using core::Ok;
using core::Unexpected;

namespace {

/// Inflated frames kept for look-ups, bytes; one larger frame is kept alone.
constexpr std::size_t kCacheBytesMax = 16 * capture::kMiB;

StorageFailure damage(std::string detail) {
  return StorageFailure{StorageError::kDamaged, {}, std::move(detail)};
}

IoResult<core::Bytes> read_exactly(const File& file, std::uint64_t offset, std::size_t count) {
  auto bytes = read_at(file, offset, count);
  if (bytes && bytes->size() != count) return Unexpected{damage("the capture ends early")};
  return bytes;
}

IoResult<Ok> check_header(core::BytesView header) {
  const auto format = [](const char* detail) {
    return Unexpected{StorageFailure{StorageError::kFormat, {}, detail}};
  };
  if (header.size() < capture::kMagic.size() ||
      !std::equal(capture::kMagic.begin(), capture::kMagic.end(), header.begin())) {
    return format("this file is no capture");
  }
  if (header.size() < capture::kHeaderBytes) return Unexpected{damage("the capture ends early")};
  if (!capture::is_known_version(capture::get_u32(header, 8))) {
    return format("a capture of a format version that this program does not know");
  }
  if (capture::get_u32(header, 12) != 0) return Unexpected{damage("the header is damaged")};
  return Ok{};
}

}  // namespace

IoResult<std::unique_ptr<CaptureFrames>> CaptureFrames::open(const std::filesystem::path& path) {
  auto file = open_file(path, O_RDONLY);
  if (!file) {
    StorageFailure failure = file.error();
    if (errno == ENOENT) failure.code = StorageError::kNotFound;
    return Unexpected{std::move(failure)};
  }
  std::unique_ptr<CaptureFrames> out(new CaptureFrames());
  out->file_ = std::move(file).value();
  struct stat info = {};
  if (::fstat(out->file_.fd(), &info) != 0) return Unexpected{io_failure("stat " + path.string())};
  if (!S_ISREG(info.st_mode)) {
    return Unexpected{StorageFailure{StorageError::kFormat, {}, path.string() + " is no file"}};
  }
  if (auto read = out->read_index(static_cast<std::uint64_t>(info.st_size)); !read) {
    StorageFailure failure = read.error();
    failure.detail = path.string() + ": " + failure.detail;
    return Unexpected{std::move(failure)};
  }
  return out;
}

IoResult<Ok> CaptureFrames::read_index(std::uint64_t file_size) {
  const auto header = read_at(file_, 0, capture::kHeaderBytes);
  if (!header) return Unexpected{header.error()};
  if (auto good = check_header(*header); !good) return good;
  constexpr std::uint64_t kLeast =
      capture::kHeaderBytes + capture::kFrameHeaderBytes + capture::kTrailerBytes;
  if (file_size < kLeast) return Unexpected{damage("the capture ends early")};
  const auto trailer =
      read_exactly(file_, file_size - capture::kTrailerBytes, capture::kTrailerBytes);
  if (!trailer) return Unexpected{trailer.error()};
  const std::uint64_t index_at = capture::get_u64(*trailer, 0);
  if (!std::equal(capture::kEndMagic.begin(), capture::kEndMagic.end(), trailer->begin() + 16)) {
    return Unexpected{damage("no trailer: the capture was cut, or is damaged at its end")};
  }
  if (capture::get_u64(*trailer, 8) != file_size || index_at < capture::kHeaderBytes ||
      index_at > file_size - capture::kFrameHeaderBytes - capture::kTrailerBytes) {
    return Unexpected{damage("the capture has another size than it says: bytes are missing")};
  }
  const auto start = read_exactly(file_, index_at, capture::kFrameHeaderBytes);
  if (!start) return Unexpected{start.error()};
  const auto frame = capture::parse_header(*start);
  if (!frame || frame->type != capture::FrameType::kIndex ||
      index_at + capture::kFrameHeaderBytes + frame->stored_size + capture::kTrailerBytes !=
          file_size ||
      frame->count * capture::kFrameHeaderBytes != frame->raw_size || frame->first != 0) {
    return Unexpected{damage("the index is damaged")};
  }
  version_ = capture::get_u32(*header, 8);
  core::crypto::Sha256 hash;
  hash.update(*header);
  hash.update(frame->checksum.view());
  hash.update(core::BytesView(*trailer).first(24));
  checksum_ = hash.finish();
  if (checksum_ != core::Hash32::from(core::BytesView(*trailer).subspan(24))) {
    return Unexpected{damage("header, index or trailer is damaged: wrong checksum")};
  }
  const auto stored =
      read_exactly(file_, index_at + capture::kFrameHeaderBytes, frame->stored_size);
  if (!stored) return Unexpected{stored.error()};
  core::Bytes index;
  if (!capture::unpack(*frame, *stored, index)) return Unexpected{damage("the index is damaged")};
  return place_frames(index, index_at);
}

IoResult<Ok> CaptureFrames::place_frames(core::BytesView index, std::uint64_t index_at) {
  std::uint64_t offset = capture::kHeaderBytes;
  headers_.reserve(index.size() / capture::kFrameHeaderBytes);
  offsets_.reserve(headers_.capacity());
  for (std::size_t at = 0; at < index.size(); at += capture::kFrameHeaderBytes) {
    const auto header = capture::parse_header(index.subspan(at, capture::kFrameHeaderBytes));
    if (!header) return Unexpected{damage("a frame is out of bounds")};
    headers_.push_back(*header);
    offsets_.push_back(offset);
    offset += capture::kFrameHeaderBytes + header->stored_size;
  }
  if (offset != index_at) return Unexpected{damage("the frames do not fill the file")};
  return Ok{};
}

SharedBytes CaptureFrames::load(std::size_t frame) const {
  const FrameHeader& header = headers_[frame];
  const auto bytes =
      read_at(file_, offsets_[frame], capture::kFrameHeaderBytes + header.stored_size);
  if (!bytes || bytes->size() != capture::kFrameHeaderBytes + header.stored_size) return nullptr;
  const core::BytesView view(*bytes);
  if (capture::parse_header(view) != header) return nullptr;
  auto raw = std::make_shared<core::Bytes>();
  if (!capture::unpack(header, view.subspan(capture::kFrameHeaderBytes), *raw)) return nullptr;
  return raw;
}

SharedBytes CaptureFrames::load_cached(std::size_t frame) const {
  {
    const std::lock_guard lock(mutex_);
    for (Cached& cached : cache_) {
      if (cached.frame != frame) continue;
      cached.used = ++uses_;
      return cached.bytes;
    }
  }
  SharedBytes bytes = load(frame);
  if (bytes == nullptr) return nullptr;
  const std::lock_guard lock(mutex_);
  cache_bytes_ += bytes->size();
  cache_.push_back({frame, ++uses_, bytes});
  while (cache_bytes_ > kCacheBytesMax && cache_.size() > 1) {
    const auto oldest =
        std::min_element(cache_.begin(), cache_.end(),
                         [](const Cached& a, const Cached& b) { return a.used < b.used; });
    cache_bytes_ -= oldest->bytes->size();
    cache_.erase(oldest);
  }
  return bytes;
}

}  // namespace preconf::storage
