// Writing a part of a history, or all of it, into one capture file (docs/capture_format.md).
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "replay/history.hpp"
#include "storage/capture_manifest.hpp"

namespace preconf::replay {

struct ExportOptions {
  std::optional<core::Seq> from;  ///< first event; none = the first one present
  std::optional<core::Seq> to;    ///< last event; none = the last one
  bool redact = false;            ///< leave all content out, and say so
  std::string note;               ///< free text, at most 1,024 bytes of UTF-8
  std::string program;            ///< who writes
};

struct ExportReport {
  storage::CaptureManifest manifest;
  std::uint64_t file_bytes = 0;
};

/// Writes `path`, which must not exist; it appears complete or not at all. Verifies every event on
/// the way, folds along to include the state before the first event and one every
/// capture::kSnapshotEvery events, and leaves `history` undisturbed. A log whose rules this program
/// does not have is written from its first event only, without states.
/// `on_event(seq, last)` is called on this thread with each event written.
[[nodiscard]] core::Result<ExportReport, storage::StorageFailure> export_capture(
    const History& history, const std::filesystem::path& path, const ExportOptions& options,
    const std::function<void(core::Seq, core::Seq)>& on_event);

}  // namespace preconf::replay
