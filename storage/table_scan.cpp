#include "storage/table_scan.hpp"

#include <optional>
#include <string>
#include <vector>

#include "storage/little_endian.hpp"
#include "storage/rocks.hpp"

namespace preconf::storage {

namespace {

/// Sequence and type (8) behind every user key; the keys of this program have 4 to 40 bytes.
constexpr std::size_t kKeySuffixBytes = 8;
constexpr std::size_t kKeyBytesMin = 4 + kKeySuffixBytes;
constexpr std::size_t kKeyBytesMax = 64;
constexpr std::size_t kTrailerBytes = 5;  ///< type and checksum of a block
/// A block is closed at 32 KiB; a longer run of entries is none.
constexpr std::size_t kBlockBytesMax = 128 * 1024;
constexpr std::uint8_t kDeletion = 0x0;
constexpr std::uint8_t kValue = 0x1;
constexpr std::uint8_t kSingleDeletion = 0x7;
constexpr std::uint8_t kBlobIndex = 0x11;

bool is_known_type(std::uint8_t type) {
  return type == kDeletion || type == kValue || type == kSingleDeletion || type == kBlobIndex;
}

/// A block found at some offset.
struct Block {
  struct Entry {
    std::string key;  ///< with its suffix
    core::BytesView value;
  };
  std::vector<Entry> entries;
  std::size_t size = 0;   ///< with its trailer, when it is whole
  std::size_t read = 0;   ///< bytes of its entries
  bool is_whole = false;  ///< the entries are followed by exactly their restart offsets
};

class BlockParser {
 public:
  explicit BlockParser(core::BytesView bytes) : bytes_(bytes) {}

  Block run() {
    Block out;
    std::vector<std::size_t> unshared;
    while (at_ <= kBlockBytesMax && next_entry(out, unshared)) {
    }
    out.read = at_;
    if (!out.entries.empty()) finish(out, unshared);
    return out;
  }

 private:
  std::optional<std::uint32_t> varint(std::size_t& at) const {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 35 && at < bytes_.size(); shift += 7) {
      const std::uint8_t byte = bytes_[at++];
      value |= std::uint64_t{byte & 0x7fu} << shift;
      if (byte < 0x80) {
        if (value > ~std::uint32_t{0}) return std::nullopt;
        return static_cast<std::uint32_t>(value);
      }
    }
    return std::nullopt;
  }

  bool next_entry(Block& out, std::vector<std::size_t>& unshared) {
    std::size_t at = at_;
    const auto shared = varint(at);
    const auto added = shared ? varint(at) : std::nullopt;
    const auto value_size = added ? varint(at) : std::nullopt;
    if (!value_size || *shared > key_.size() || *added > kKeyBytesMax) return false;
    const std::size_t key_size = std::size_t{*shared} + *added;
    if (key_size < kKeyBytesMin || key_size > kKeyBytesMax) return false;
    if (*added > bytes_.size() - at || *value_size > bytes_.size() - at - *added) return false;
    std::string key = key_.substr(0, *shared);
    key.append(to_slice(bytes_.subspan(at, *added)).data(), *added);
    const auto type = static_cast<std::uint8_t>(key[key_size - kKeySuffixBytes]);
    if (!is_known_type(type)) return false;
    if (*shared == 0) unshared.push_back(at_);
    at += *added;
    key_ = key;
    out.entries.push_back({std::move(key), bytes_.subspan(at, *value_size)});
    at_ = at + *value_size;
    return true;
  }

  /// Restart offsets point to entries with a whole key; the first one to the first entry.
  void finish(Block& out, const std::vector<std::size_t>& unshared) const {
    std::size_t found = 0;
    for (std::size_t count = 0; count < unshared.size(); ++count) {
      const std::size_t at = at_ + 4 * count;
      if (at + 4 > bytes_.size()) return;
      const std::size_t offset = get_le<std::uint32_t>(bytes_.subspan(at));
      while (found < unshared.size() && unshared[found] < offset) ++found;
      if (found == unshared.size() || unshared[found] != offset) return;
      if (count == 0 && offset != 0) return;
      // The number of offsets is read as one of them when it happens to be the offset of an entry,
      // which it is not: entries are longer than there are restarts.
      if (at + 8 + kTrailerBytes > bytes_.size()) return;
      if (get_le<std::uint32_t>(bytes_.subspan(at + 4)) != count + 1) continue;
      out.size = at + 8 + kTrailerBytes;
      out.is_whole = bytes_[at + 8] == 0;  // not compressed
      return;
    }
  }

  core::BytesView bytes_;
  std::size_t at_ = 0;
  std::string key_;
};

void deliver(const Block& block, const std::function<void(const TableEntry&)>& visit) {
  for (const Block::Entry& entry : block.entries) {
    const core::BytesView suffix =
        to_view(rocksdb::Slice(entry.key)).subspan(entry.key.size() - kKeySuffixBytes);
    TableEntry out;
    out.key = rocksdb::Slice(entry.key.data(), entry.key.size() - kKeySuffixBytes);
    out.sequence = get_le<std::uint64_t>(suffix) >> 8;
    out.is_value = suffix[0] == kValue;
    out.value = to_slice(entry.value);
    out.is_in_whole_block = block.is_whole;
    visit(out);
  }
}

/// Whether a block may begin here: its first key is whole.
bool may_begin(core::BytesView bytes) {
  return bytes.size() > kKeyBytesMin && bytes[0] == 0 && bytes[1] >= kKeyBytesMin &&
         bytes[1] <= kKeyBytesMax;
}

}  // namespace

void scan_table(core::BytesView file, const std::function<void(const TableEntry&)>& visit) {
  std::size_t at = 0;
  bool is_expected = true;  // a block ended just before
  while (at < file.size()) {
    const core::BytesView rest = file.subspan(at);
    if (!may_begin(rest)) {
      is_expected = false;
      ++at;
      continue;
    }
    const Block block = BlockParser(rest).run();
    if (block.is_whole || is_expected) deliver(block, visit);
    if (block.is_whole) {
      is_expected = true;
      at += block.size;
    } else {
      is_expected = false;
      ++at;
    }
  }
}

}  // namespace preconf::storage
