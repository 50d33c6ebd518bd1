// A capture file as a source of events (docs/capture_format.md).
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>

#include "storage/capture_manifest.hpp"
#include "storage/event_source.hpp"

namespace preconf::storage {

/// What whoever read everything has counted.
struct CaptureSummary {
  std::uint64_t events = 0;
  std::uint64_t digests = 0;  ///< events with one
  core::WallNanos first_wall;
  core::WallNanos last_wall;
  // Distinct contents that events refer to.
  std::uint64_t contents_missing = 0;
  std::uint64_t contents_removed = 0;  ///< that are not here, and it is written down why
};

/// Any thread. Everything in the file is hostile until its checksum and the chain hold; sizes are
/// refused before memory is taken. Memory: 64 bytes per frame (one per MiB of records or content)
/// and a few inflated frames.
class CaptureFile final : public EventSource {
 public:
  /// Checks header, trailer, index, manifest and the last event. kNotFound when there is no such
  /// file, kFormat when it is no capture of a known version, kDamaged with the first event that can
  /// not be read.
  [[nodiscard]] static core::Result<std::unique_ptr<CaptureFile>, StorageFailure> open(
      const std::filesystem::path& path);
  ~CaptureFile() override;
  CaptureFile(const CaptureFile&) = delete;
  CaptureFile& operator=(const CaptureFile&) = delete;

  [[nodiscard]] const CaptureManifest& manifest() const;
  /// SHA-256 that fixes every byte of the file.
  [[nodiscard]] const core::Hash32& checksum() const;

  [[nodiscard]] LogPosition base() const override;
  [[nodiscard]] LogPosition end() const override;
  [[nodiscard]] std::unique_ptr<LogReader> read(core::Seq from) const override;
  [[nodiscard]] std::optional<core::Hash32> chain_at(core::Seq seq) const override;
  [[nodiscard]] std::optional<core::Bytes> record(core::Seq seq) const override;
  [[nodiscard]] std::shared_ptr<const core::Bytes> content(const core::Hash32& hash) const override;
  [[nodiscard]] bool omits_content() const override;
  [[nodiscard]] std::optional<RemovedContent> removed(const core::Hash32& hash) const override;
  [[nodiscard]] std::optional<core::Hash32> log_id() const override;

  /// The snapshots in the file; outlived by it.
  [[nodiscard]] std::unique_ptr<SnapshotSource> snapshots() const;

  /// Every byte: each frame's checksum and header, content hashes, the content index, snapshots,
  /// the manifest's numbers.
  [[nodiscard]] std::optional<StorageFailure> check_container() const override;
  /// Every content, in the order of the file, until `visit` returns false. A failure is damage.
  [[nodiscard]] std::optional<StorageFailure> each_content(
      const std::function<bool(const core::Hash32&, core::BytesView)>& visit) const;
  /// Everything that is written down about content that is not here, by hash. A failure is damage.
  [[nodiscard]] std::optional<StorageFailure> each_removed(
      const std::function<void(const core::Hash32&, const RemovedContent&)>& visit) const;
  /// Compares what was found with what the manifest says; nothing when they agree.
  [[nodiscard]] std::optional<StorageFailure> check_summary(const CaptureSummary& found) const;

  struct Impl;

 private:
  explicit CaptureFile(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace preconf::storage
