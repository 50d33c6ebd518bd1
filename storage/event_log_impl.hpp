// What EventLog and its readers share. Private to storage/.
#pragma once

#include <mutex>
#include <optional>

#include "schemas/codec/event_codec.hpp"
#include "storage/event_log.hpp"
#include "storage/high_water_mark.hpp"
#include "storage/log_meta.hpp"
#include "storage/piecewise_scanner.hpp"
#include "storage/rocks.hpp"

namespace preconf::storage {

struct EventLog::Impl {
  File lock;
  std::unique_ptr<Rocks> rocks;
  std::optional<MarkWriter> mark;  ///< none: read-only
  BaseMeta base;

  mutable std::mutex end_mutex;
  LogPosition end;  ///< guarded by end_mutex

  // Writer thread only.
  std::optional<StorageFailure> failed;
  schemas::RecordEncoder encoder;
  rocksdb::WriteBatch batch;
  std::string digest_bytes;

  // Any thread, one at a time.
  std::mutex mark_mutex;
};

/// The record at `seq`, verified; nothing when absent.
[[nodiscard]] IoResult<std::optional<schemas::DecodedRecord>> read_record(const Rocks& rocks,
                                                                          core::Seq seq);
/// The failure that a codec error at `seq` means.
[[nodiscard]] StorageFailure codec_failure(schemas::CodecError error, core::Seq seq);
/// The failure that a RocksDB status means.
[[nodiscard]] StorageFailure rocks_failure(const rocksdb::Status& status, core::Seq seq,
                                           const std::string& what);

/// Reads and verifies records of a database.
class RecordScanner final : public PiecewiseScanner {
 public:
  RecordScanner(const Rocks& rocks, core::Seq from, LogPosition base, LogPosition log_end);
  void take(ScanPiece& piece, std::size_t most) override;
  void link(ScanPiece& piece) override;
  [[nodiscard]] std::uint64_t left() const override;

 private:
  [[nodiscard]] std::optional<StorageFailure> start();
  void find_start();
  [[nodiscard]] std::optional<core::Hash32> digest_of(core::Seq seq);
  [[nodiscard]] std::optional<StorageFailure> judge_undecoded(std::optional<core::Seq> key,
                                                              schemas::CodecError error) const;
  [[nodiscard]] std::optional<StorageFailure> judge(const ScanPiece::Record& record,
                                                    const LoggedEvent& event) const;

  const Rocks& rocks_;
  LogPosition base_;
  LogPosition log_end_;

  // Of take():
  bool started_ = false;
  core::Seq next_;  ///< the seq behind the record taken last
  std::unique_ptr<rocksdb::Iterator> records_;
  std::unique_ptr<rocksdb::Iterator> groups_;  ///< stands on the group after the current one
  core::Seq group_first_;
  std::string group_;

  // Of link(); set by the first take():
  core::Seq expected_;  ///< next seq; the record there, or one of a gap that begins there
  core::Hash32 chain_;  ///< of the event before expected_
  std::optional<StorageFailure> failure_;
};

}  // namespace preconf::storage
