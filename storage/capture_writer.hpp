// Writes a capture (docs/capture_format.md). Knows nothing about where records come from.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "storage/capture_manifest.hpp"
#include "storage/posix_file.hpp"

namespace preconf::storage {

/// One capture in the making, below a temporary name beside the wanted one. Compresses on threads
/// of its own; the order of the frames, and so every byte, is that of the calls.
///
/// Memory: a few frames, 40 bytes per distinct content, and what is written of each removed one.
class CaptureWriter {
 public:
  /// Refuses when `path` exists: a capture is never overwritten.
  [[nodiscard]] static IoResult<std::unique_ptr<CaptureWriter>> create(
      const std::filesystem::path& path);
  /// Removes the temporary file of a capture that was not finished.
  ~CaptureWriter();
  CaptureWriter(const CaptureWriter&) = delete;
  CaptureWriter& operator=(const CaptureWriter&) = delete;

  /// The next record in log order, as it is stored. Requires a record that a log accepts.
  [[nodiscard]] IoResult<core::Ok> add_record(core::Seq seq, core::BytesView record,
                                              const std::optional<core::Hash32>& digest);
  [[nodiscard]] bool has_content(const core::Hash32& hash) const;
  /// Content that is not there yet. Requires that `bytes` have this hash. Refuses more than
  /// capture::kContentBytesMax.
  [[nodiscard]] IoResult<core::Ok> add_content(const core::Hash32& hash, core::BytesView bytes);
  /// Why content that events refer to is not there. The same hash again is ignored.
  void add_removed(const core::Hash32& hash, const RemovedContent& removed);
  /// A snapshot after the record added last; that of the base comes first.
  [[nodiscard]] IoResult<core::Ok> add_snapshot(const Snapshot& snapshot);

  /// Writes `manifest`, with format and the numbers of events, digests, contents and snapshots
  /// filled in, the index and the trailer; syncs, and gives the file its name. Returns the file's
  /// size in bytes.
  [[nodiscard]] IoResult<std::uint64_t> finish(CaptureManifest& manifest);

 private:
  struct Impl;
  explicit CaptureWriter(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace preconf::storage
