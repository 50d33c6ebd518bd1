// Opening what is left of a damaged log.
#include "storage/data_directory.hpp"
#include "storage/event_log.hpp"
#include "storage/event_log_impl.hpp"

namespace preconf::storage {

core::Result<std::unique_ptr<EventLog>, StorageFailure> EventLog::open_readable(
    const std::filesystem::path& directory) {
  auto impl = std::make_unique<Impl>();
  auto rocks = Rocks::open(directory / kRocksDirectory, RocksMode::kReadOnlyUpToDamage, nullptr);
  if (!rocks) {
    return core::Unexpected{rocks_failure(rocks.error(), core::Seq{}, "the log can not be opened")};
  }
  impl->rocks = std::move(rocks).value();
  // Where a pruned log begins; unreadable: whoever reads finds the first events missing.
  if (const auto base = read_base(*impl->rocks)) impl->base = *base;
  const std::unique_ptr<rocksdb::Iterator> last(
      impl->rocks->db().NewIterator(point_read(), impl->rocks->log()));
  last->SeekToLast();
  const auto seq = last->Valid() ? SeqKey::parse(last->key()) : std::nullopt;
  if (!seq) {
    return core::Unexpected{
        StorageFailure{StorageError::kDamaged, core::Seq{}, "no event can be read"}};
  }
  // A damaged last record is found by whoever reads up to it.
  const auto record = read_record(*impl->rocks, *seq);
  const bool is_sound = record && record->has_value();
  impl->end = LogPosition{*seq, is_sound ? (*record)->chain : core::Hash32{}};
  return std::unique_ptr<EventLog>(new EventLog(std::move(impl)));
}

}  // namespace preconf::storage
