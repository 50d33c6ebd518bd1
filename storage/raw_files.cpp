#include "storage/raw_files.hpp"

#include <algorithm>
#include <optional>

#include "storage/crc32c.hpp"
#include "storage/little_endian.hpp"
#include "storage/rocks.hpp"

namespace preconf::storage {

namespace {

// RocksDB's log_format.h: blocks of 32 KiB with fragments, none across a block boundary, each of
// masked crc32c of type and data (4), length (2), type (1), data.
constexpr std::size_t kBlockBytes = 32'768;
constexpr std::size_t kHeaderBytes = 7;
constexpr std::uint8_t kFull = 1;
constexpr std::uint8_t kFirst = 2;
constexpr std::uint8_t kLast = 4;
constexpr std::size_t kBatchHeaderBytes = 12;

/// The fragment at the begin of some bytes; when it is longer than they are, what is there of it.
struct Fragment {
  std::uint8_t type = 0;
  core::BytesView data;
  std::size_t size = 0;  ///< with its header, as it says
  bool is_checked = false;
};

std::optional<Fragment> fragment_at(core::BytesView bytes) {
  if (bytes.size() < kHeaderBytes) return std::nullopt;
  const std::size_t length = get_le<std::uint16_t>(bytes.subspan(4));
  Fragment out;
  out.type = bytes[6];
  if (out.type < kFull || out.type > kLast) return std::nullopt;
  out.size = kHeaderBytes + length;
  out.data = bytes.subspan(kHeaderBytes, std::min(length, bytes.size() - kHeaderBytes));
  out.is_checked = out.data.size() == length &&
                   get_le<std::uint32_t>(bytes) == masked_crc32c(bytes.subspan(6, length + 1));
  return out;
}

/// Puts fragments together.
class Writes {
 public:
  explicit Writes(const std::function<void(const std::string&, bool)>& visit) : visit_(visit) {}

  void add(const Fragment& fragment) {
    if (fragment.type == kFull || fragment.type == kFirst) begin();
    if (fragment.type != kFull && fragment.type != kFirst && !is_open_) return;
    batch_.append(to_slice(fragment.data).data(), fragment.data.size());
    is_checked_ = is_checked_ && fragment.is_checked;
    if (fragment.type == kFull || fragment.type == kLast) {
      deliver();
      is_open_ = false;
    }
  }
  /// Something is missing here: what was begun is not a whole write.
  void interrupt() {
    if (is_open_) {
      is_checked_ = false;
      deliver();
    }
    is_open_ = false;
  }

 private:
  void begin() {
    interrupt();
    batch_.clear();
    is_open_ = true;
    is_checked_ = true;
  }
  void deliver() const {
    if (batch_.size() >= kBatchHeaderBytes) visit_(batch_, is_checked_);
  }

  const std::function<void(const std::string&, bool)>& visit_;
  std::string batch_;
  bool is_open_ = false;
  bool is_checked_ = true;
};

/// Where in `block`, from `at` on, a fragment with its checksum begins; its size when none does.
std::size_t next_checked(core::BytesView block, std::size_t at) {
  for (; at + kHeaderBytes <= block.size(); ++at) {
    const auto fragment = fragment_at(block.subspan(at));
    if (fragment && fragment->is_checked && !fragment->data.empty()) return at;
  }
  return block.size();
}

}  // namespace

void scan_wal(core::BytesView file,
              const std::function<void(const std::string& batch, bool is_checked)>& visit) {
  Writes writes(visit);
  for (std::size_t begin = 0; begin < file.size(); begin += kBlockBytes) {
    const core::BytesView block = file.subspan(begin, std::min(kBlockBytes, file.size() - begin));
    std::size_t at = 0;
    while (at + kHeaderBytes <= block.size()) {
      const auto fragment = fragment_at(block.subspan(at));
      if (fragment && fragment->is_checked) {
        writes.add(*fragment);
        at += fragment->size;
        continue;
      }
      // Damaged: what is in it may still prove itself. Its length is right when another one
      // follows.
      if (fragment) writes.add(*fragment);
      const std::size_t behind = fragment ? at + fragment->size : block.size() + 1;
      const auto next = behind <= block.size() ? fragment_at(block.subspan(behind)) : std::nullopt;
      if ((next && next->is_checked) || (behind <= block.size() && block.size() == kBlockBytes &&
                                         behind + kHeaderBytes > block.size())) {
        at = behind;
        continue;
      }
      writes.interrupt();
      at = next_checked(block, at + 1);
    }
  }
  writes.interrupt();
}

void scan_blobs(
    core::BytesView file,
    const std::function<void(const rocksdb::Slice& key, const rocksdb::Slice& value)>& visit) {
  // RocksDB's blob_log_format.h: a header of 30 bytes, then records of key size u64, value size
  // u64, expiration u64, masked crc32c of these 24 bytes, checksum of key and value, key, value.
  constexpr std::size_t kFileHeader = 30;
  constexpr std::size_t kSizesBytes = 24;
  constexpr std::size_t kRecordHeader = 32;
  constexpr std::size_t kKeyBytes = 32;
  std::size_t at = std::min(kFileHeader, file.size());
  bool is_expected = true;  // a record ended just before
  while (at + kRecordHeader + kKeyBytes <= file.size()) {
    const core::BytesView record = file.subspan(at);
    const std::size_t room = record.size() - kRecordHeader - kKeyBytes;
    const auto value_size = get_le<std::uint64_t>(record.subspan(8));
    const bool fits = get_le<std::uint64_t>(record) == kKeyBytes && value_size <= room;
    const bool is_checked = fits && get_le<std::uint32_t>(record.subspan(kSizesBytes)) ==
                                        masked_crc32c(record.first(kSizesBytes));
    if (is_checked || (fits && is_expected)) {
      const auto size = static_cast<std::size_t>(value_size);
      visit(to_slice(record.subspan(kRecordHeader, kKeyBytes)),
            to_slice(record.subspan(kRecordHeader + kKeyBytes, size)));
    }
    is_expected = is_checked;
    at += is_checked ? kRecordHeader + kKeyBytes + static_cast<std::size_t>(value_size) : 1;
  }
}

}  // namespace preconf::storage
