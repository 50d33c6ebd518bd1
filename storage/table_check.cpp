#include "storage/table_check.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "storage/rocks.hpp"

namespace preconf::storage {

namespace {

// The end of a block based table: checksum type (1), handles of the metaindex and the index block
// as varints, zeros up to 41 bytes, format version (4), magic (8).
constexpr std::size_t kFooterBytes = 53;
constexpr std::uint64_t kMagic = 0x88e241b785f4cff7;
constexpr std::size_t kMagicBytes = 8;
constexpr std::size_t kMetaindexBytesMax = std::size_t{1} << 16;
constexpr std::string_view kProperties = "rocksdb.properties";
/// In the last byte of a block: it has a hash index. Only data blocks may.
constexpr std::uint8_t kHashIndexFlag = 0x80;

/// Takes values off the front of some bytes; nothing when they are too few.
class Cursor {
 public:
  explicit Cursor(core::BytesView bytes) : bytes_(bytes) {}
  std::optional<std::uint64_t> varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && !bytes_.empty(); shift += 7) {
      const std::uint8_t byte = bytes_.front();
      bytes_ = bytes_.subspan(1);
      value |= std::uint64_t{byte & 0x7fu} << shift;
      if (byte < 0x80) return value;
    }
    return std::nullopt;
  }
  std::optional<core::BytesView> take(std::uint64_t size) {
    if (size > bytes_.size()) return std::nullopt;
    const core::BytesView out = bytes_.first(static_cast<std::size_t>(size));
    bytes_ = bytes_.subspan(static_cast<std::size_t>(size));
    return out;
  }

 private:
  core::BytesView bytes_;
};

struct Handle {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

std::optional<Handle> handle_in(Cursor& cursor) {
  const auto offset = cursor.varint();
  const auto size = offset ? cursor.varint() : std::nullopt;
  if (!size) return std::nullopt;
  return Handle{*offset, *size};
}

/// Exactly these bytes of the file, nothing when it does not have them.
std::optional<std::string> read(rocksdb::RandomAccessFile& file, const Handle& at) {
  if (at.size > kMetaindexBytesMax) return std::nullopt;
  const auto size = static_cast<std::size_t>(at.size);
  std::string buffer(size, '\0');
  rocksdb::Slice result;
  if (!file.Read(at.offset, size, &result, buffer.data()).ok()) return std::nullopt;
  if (result.size() != size) return std::nullopt;
  return result.ToString();
}

/// The entry of the properties block among those of the metaindex block.
std::optional<Handle> find_properties(core::BytesView metaindex) {
  Cursor cursor(metaindex);
  std::string key;
  for (;;) {
    const auto shared = cursor.varint();
    const auto added = shared ? cursor.varint() : std::nullopt;
    const auto value_size = added ? cursor.varint() : std::nullopt;
    if (!value_size || *shared > key.size()) return std::nullopt;
    const auto suffix = cursor.take(*added);
    const auto value = suffix ? cursor.take(*value_size) : std::nullopt;
    if (!value) return std::nullopt;
    key.resize(static_cast<std::size_t>(*shared));
    key.append(suffix->begin(), suffix->end());
    if (key != kProperties) continue;
    Cursor handle(*value);
    return handle_in(handle);
  }
}

bool claims_hash_index(rocksdb::Env& env, const std::string& path) {
  std::uint64_t size = 0;
  std::unique_ptr<rocksdb::RandomAccessFile> file;
  if (!env.GetFileSize(path, &size).ok() || size < kFooterBytes) return false;
  if (!env.NewRandomAccessFile(path, &file, rocksdb::EnvOptions()).ok()) return false;
  const auto footer = read(*file, {size - kFooterBytes, kFooterBytes});
  if (!footer) return false;
  std::uint64_t magic = 0;
  for (std::size_t i = 0; i < kMagicBytes; ++i) {
    const auto byte = static_cast<std::uint8_t>((*footer)[kFooterBytes - kMagicBytes + i]);
    magic |= std::uint64_t{byte} << (8 * i);
  }
  if (magic != kMagic) return false;
  Cursor handles(to_view(*footer).subspan(1));
  const auto metaindex_at = handle_in(handles);
  const auto metaindex = metaindex_at ? read(*file, *metaindex_at) : std::nullopt;
  const auto properties = metaindex ? find_properties(to_view(*metaindex)) : std::nullopt;
  if (!properties || properties->size == 0) return false;
  const auto last = read(*file, {properties->offset + properties->size - 1, 1});
  return last && (static_cast<std::uint8_t>(last->front()) & kHashIndexFlag) != 0;
}

}  // namespace

rocksdb::Status check_table(rocksdb::Env& env, const std::filesystem::path& path) {
  if (!claims_hash_index(env, path.string())) return rocksdb::Status::OK();
  return rocksdb::Status::Corruption("table properties damaged", path.filename().string());
}

rocksdb::Status check_tables(rocksdb::Env& env, const std::filesystem::path& directory) {
  std::vector<std::string> names;
  if (!env.GetChildren(directory.string(), &names).ok()) return rocksdb::Status::OK();
  for (const std::string& name : names) {
    if (!name.ends_with(".sst")) continue;
    if (auto status = check_table(env, directory / name); !status.ok()) return status;
  }
  return rocksdb::Status::OK();
}

}  // namespace preconf::storage
