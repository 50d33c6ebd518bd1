// What a capture file and its readers share. Private to storage/.
#pragma once

#include <deque>
#include <future>
#include <mutex>
#include <set>
#include <vector>

#include "storage/capture_file.hpp"
#include "storage/capture_format.hpp"
#include "storage/piecewise_scanner.hpp"
#include "storage/posix_file.hpp"

namespace preconf::storage {

using SharedBytes = std::shared_ptr<const core::Bytes>;

/// The frames of an open file: where they are, and their inflated bytes.
class CaptureFrames {
 public:
  /// Checks that header, frames and trailer fill the file, and reads the index.
  [[nodiscard]] static IoResult<std::unique_ptr<CaptureFrames>> open(
      const std::filesystem::path& path);

  [[nodiscard]] const std::vector<capture::FrameHeader>& headers() const { return headers_; }
  [[nodiscard]] const core::Hash32& checksum() const { return checksum_; }
  [[nodiscard]] std::uint32_t version() const { return version_; }
  /// The frame's bytes, its header compared with the index and its checksum checked; null when
  /// anything is off.
  [[nodiscard]] SharedBytes load(std::size_t frame) const;
  /// The same from a small cache: for look-ups here and there. Any thread.
  [[nodiscard]] SharedBytes load_cached(std::size_t frame) const;

 private:
  [[nodiscard]] IoResult<core::Ok> read_index(std::uint64_t file_size);
  [[nodiscard]] IoResult<core::Ok> place_frames(core::BytesView index, std::uint64_t index_at);

  File file_;
  std::vector<capture::FrameHeader> headers_;
  std::vector<std::uint64_t> offsets_;
  core::Hash32 checksum_;
  std::uint32_t version_ = 0;

  struct Cached {
    std::size_t frame = 0;
    std::uint64_t used = 0;  ///< larger = more recently
    SharedBytes bytes;
  };
  mutable std::mutex mutex_;
  mutable std::vector<Cached> cache_;    ///< guarded by mutex_
  mutable std::uint64_t uses_ = 0;       ///< guarded by mutex_
  mutable std::size_t cache_bytes_ = 0;  ///< guarded by mutex_
};

/// One content of a contents frame; `at` moves behind it. Nothing when it does not fit.
struct ContentEntry {
  core::Hash32 hash;
  core::BytesView bytes;
};
[[nodiscard]] std::optional<ContentEntry> next_content(core::BytesView raw, std::size_t& at);

/// The contents of a frame in order of their hashes.
struct ContentTable {
  SharedBytes raw;
  std::vector<ContentEntry> entries;
  /// Unverified; nothing when it is not in this frame.
  [[nodiscard]] const ContentEntry* find(const core::Hash32& hash) const;
};

/// Contents frames for look-ups here and there: a few are kept, and those that are damaged are
/// inflated once only. Any thread.
class ContentTables {
 public:
  explicit ContentTables(const CaptureFrames& frames) : frames_(frames) {}
  /// Null when the frame is damaged, or its contents do not fill it.
  [[nodiscard]] std::shared_ptr<const ContentTable> load(std::size_t frame);

 private:
  struct Cached {
    std::size_t frame = 0;
    std::size_t cost = 0;  ///< bytes
    std::shared_ptr<const ContentTable> table;
  };
  [[nodiscard]] std::shared_ptr<const ContentTable> build(std::size_t frame) const;

  const CaptureFrames& frames_;
  std::mutex mutex_;
  std::deque<Cached> cache_;   ///< guarded by mutex_; used last is first
  std::size_t cost_ = 0;       ///< guarded by mutex_
  std::set<std::size_t> bad_;  ///< guarded by mutex_
};

/// Where the record asked for last lies: the next one is mostly the one behind it.
struct RecordCursor {
  std::size_t frame = 0;
  SharedBytes raw;
  capture::RecordsView view;
  std::uint64_t index = 0;
  std::size_t at = 0;  ///< offset of record `index`
};

struct CaptureFile::Impl {
  std::unique_ptr<CaptureFrames> frames;
  CaptureManifest manifest;
  // Frame numbers by type, in order of the file.
  std::vector<std::size_t> records;
  std::vector<std::size_t> contents;
  std::vector<std::size_t> snapshots;
  std::vector<std::size_t> content_index;
  std::vector<std::size_t> removed;

  std::unique_ptr<ContentTables> tables;
  mutable std::mutex cursor_mutex;
  mutable RecordCursor cursor;  ///< guarded by cursor_mutex

  [[nodiscard]] const capture::FrameHeader& header(std::size_t frame) const {
    return frames->headers()[frame];
  }
  /// Position in `records` of the frame that holds `seq` if any does.
  [[nodiscard]] std::optional<std::size_t> records_frame_of(core::Seq seq) const;
  /// Whether the frame at this position in `records` has no gap in it or behind it.
  [[nodiscard]] bool is_dense(std::size_t position) const;
  /// The record of `seq` in a frame that is not dense.
  [[nodiscard]] std::optional<core::Bytes> search(std::size_t frame, core::Seq seq) const;
  /// The damage of a frame, with the event at fault when there is one.
  [[nodiscard]] StorageFailure damaged(std::size_t frame) const;

  [[nodiscard]] IoResult<core::Ok> sort_frames();
  [[nodiscard]] IoResult<core::Ok> check_manifest();
  [[nodiscard]] IoResult<core::Ok> check_end() const;
};

/// Reads records one after the other; inflates the next frame meanwhile.
class CaptureScanner final : public PiecewiseScanner {
 public:
  CaptureScanner(const CaptureFile::Impl& capture, core::Seq from);
  ~CaptureScanner() override;
  void take(ScanPiece& piece, std::size_t most) override;
  void link(ScanPiece& piece) override;
  [[nodiscard]] std::uint64_t left() const override;

 private:
  [[nodiscard]] std::optional<StorageFailure> start();
  [[nodiscard]] std::optional<StorageFailure> read_position_before();
  [[nodiscard]] std::optional<StorageFailure> next_frame();
  [[nodiscard]] std::optional<StorageFailure> judge(const ScanPiece::Record& record,
                                                    const LoggedEvent& event) const;
  void prefetch(std::size_t position);

  const CaptureFile::Impl& capture_;
  const core::Seq wanted_;  ///< events before it are skipped

  // Of take():
  bool started_ = false;
  std::size_t position_ = 0;  ///< in capture_.records, of the frame to come
  std::future<SharedBytes> coming_;
  SharedBytes raw_;
  capture::RecordsView view_;
  std::uint64_t index_ = 0;    ///< of the next record in view_
  std::size_t record_at_ = 0;  ///< offset of it
  std::size_t digest_at_ = 0;  ///< offset of the next digest

  // Of link(); set by the first take():
  core::Seq last_;      ///< the event read last, or that before the first one to read
  core::Hash32 chain_;  ///< at last_
  std::optional<StorageFailure> failure_;
};

}  // namespace preconf::storage
