#include "storage/log_meta.hpp"

#include <rocksdb/write_batch.h>

#include <algorithm>

#include "core/base/assert.hpp"
#include "core/limits.hpp"
#include "storage/little_endian.hpp"

namespace preconf::storage {

using core::Unexpected;

const char* name_of(RemovalCause cause) {
  switch (cause) {
    case RemovalCause::kRedacted:
      return "redacted";
    case RemovalCause::kPruned:
      return "pruned";
    case RemovalCause::kLost:
      return "lost";
  }
  return "unknown";
}

namespace {

constexpr const char* kBaseKey = "base";
constexpr std::size_t kBaseBytes = 72;
constexpr std::string_view kPrunedPrefix = "pruned/";
constexpr std::size_t kPrunedBytes = 88;
constexpr std::string_view kRemovedPrefix = "removed/";
constexpr std::size_t kRemovedBytes = 13;  ///< without the text

std::string key_of(std::string_view prefix, const rocksdb::Slice& name) {
  return std::string(prefix) + name.ToString();
}

void put(const Rocks& rocks, const std::string& key, const core::Bytes& value,
         rocksdb::WriteBatch& batch) {
  const rocksdb::Status status = batch.Put(rocks.meta(), key, to_slice(value));
  PRECONF_ASSERT(status.ok());  // fails only when a batch outgrows its limit, and it has none
}

}  // namespace

IoResult<BaseMeta> read_base(const Rocks& rocks) {
  rocksdb::PinnableSlice value;
  const rocksdb::Status status = rocks.db().Get(point_read(), rocks.meta(), kBaseKey, &value);
  if (status.IsNotFound()) return BaseMeta{};
  if (!status.ok() || value.size() != kBaseBytes) {
    return Unexpected{StorageFailure{StorageError::kDamaged, core::Seq{1},
                                     "where the log begins can not be read: " + status.ToString()}};
  }
  const core::BytesView bytes = to_view(value);
  BaseMeta base;
  base.position.seq.value = get_le<std::uint64_t>(bytes);
  base.position.chain = core::Hash32::from(bytes.subspan(8));
  base.log_id = core::Hash32::from(bytes.subspan(40));
  return base;
}

void put_base(const Rocks& rocks, const BaseMeta& base, rocksdb::WriteBatch& batch) {
  core::Bytes value;
  put_le(value, base.position.seq.value);
  put_view(value, base.position.chain.view());
  put_view(value, base.log_id.view());
  put(rocks, kBaseKey, value, batch);
}

void drop_base(const Rocks& rocks, rocksdb::WriteBatch& batch) {
  const auto status = batch.Delete(rocks.meta(), kBaseKey);
  PRECONF_ASSERT(status.ok());
}

std::vector<PrunedRange> read_pruned(const Rocks& rocks) {
  std::vector<PrunedRange> out;
  const std::unique_ptr<rocksdb::Iterator> at(rocks.db().NewIterator(point_read(), rocks.meta()));
  for (at->Seek(rocksdb::Slice(kPrunedPrefix.data(), kPrunedPrefix.size()));
       at->Valid() && at->key().starts_with({kPrunedPrefix.data(), kPrunedPrefix.size()});
       at->Next()) {
    const core::BytesView bytes = to_view(at->value());
    if (bytes.size() != kPrunedBytes) continue;
    PrunedRange range;
    range.from.value = get_le<std::uint64_t>(bytes);
    range.to.value = get_le<std::uint64_t>(bytes.subspan(8));
    range.chain_before = core::Hash32::from(bytes.subspan(16));
    range.chain_at_to = core::Hash32::from(bytes.subspan(48));
    range.pruned_at.value = get_le<std::uint64_t>(bytes.subspan(80));
    out.push_back(range);
  }
  return out;
}

void put_pruned(const Rocks& rocks, const PrunedRange& range, rocksdb::WriteBatch& batch) {
  core::Bytes value;
  put_le(value, range.from.value);
  put_le(value, range.to.value);
  put_view(value, range.chain_before.view());
  put_view(value, range.chain_at_to.view());
  put_le(value, range.pruned_at.value);
  put(rocks, key_of(kPrunedPrefix, SeqKey(range.from).slice()), value, batch);
}

std::optional<RemovedContent> read_removed(const Rocks& rocks, const core::Hash32& hash) {
  rocksdb::PinnableSlice value;
  const std::string key = key_of(kRemovedPrefix, to_slice(hash.view()));
  if (!rocks.db().Get(point_read(), rocks.meta(), key, &value).ok()) return std::nullopt;
  const core::BytesView bytes = to_view(value);
  if (bytes.size() < kRemovedBytes || bytes[0] > static_cast<std::uint8_t>(RemovalCause::kLost)) {
    return std::nullopt;
  }
  RemovedContent out;
  out.cause = static_cast<RemovalCause>(bytes[0]);
  out.size_bytes = get_le<std::uint32_t>(bytes.subspan(1));
  out.removed_at.value = get_le<std::uint64_t>(bytes.subspan(5));
  out.reason.assign(bytes.begin() + kRemovedBytes, bytes.end());
  return out;
}

void drop_removed(const Rocks& rocks, const core::Hash32& hash, rocksdb::WriteBatch& batch) {
  if (!read_removed(rocks, hash)) return;
  const auto status = batch.Delete(rocks.meta(), key_of(kRemovedPrefix, to_slice(hash.view())));
  PRECONF_ASSERT(status.ok());
}

std::vector<core::Hash32> removed_hashes(const Rocks& rocks) {
  std::vector<core::Hash32> out;
  const std::unique_ptr<rocksdb::Iterator> at(rocks.db().NewIterator(point_read(), rocks.meta()));
  const rocksdb::Slice prefix(kRemovedPrefix.data(), kRemovedPrefix.size());
  for (at->Seek(prefix); at->Valid() && at->key().starts_with(prefix); at->Next()) {
    const core::BytesView name = to_view(at->key()).subspan(kRemovedPrefix.size());
    if (name.size() == 32) out.push_back(core::Hash32::from(name));
  }
  return out;
}

void put_removed(const Rocks& rocks, const core::Hash32& hash, const RemovedContent& removed,
                 rocksdb::WriteBatch& batch) {
  core::Bytes value;
  value.push_back(static_cast<std::uint8_t>(removed.cause));
  put_le(value, removed.size_bytes);
  put_le(value, removed.removed_at.value);
  const std::size_t size = std::min(removed.reason.size(), core::limits::kDetailBytesMax);
  value.insert(value.end(), removed.reason.begin(),
               removed.reason.begin() + static_cast<std::ptrdiff_t>(size));
  put(rocks, key_of(kRemovedPrefix, to_slice(hash.view())), value, batch);
}

}  // namespace preconf::storage
