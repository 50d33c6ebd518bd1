// Makes a data directory from a capture.
#pragma once

#include <filesystem>
#include <functional>

#include "storage/capture_file.hpp"
#include "storage/posix_file.hpp"

namespace preconf::storage {

/// Writes every record of `capture`, byte for byte, with digests and content, into a new data
/// directory, verifying all of it. A capture with a base gives a directory like a pruned one, a
/// redacted one leaves tombstones where content is; returns the end of the log. `directory` must
/// not exist; it appears complete or not at all. `on_event` is called on this thread with each
/// event written.
[[nodiscard]] IoResult<LogPosition> import_capture(const CaptureFile& capture,
                                                   const std::filesystem::path& directory,
                                                   const std::function<void(core::Seq)>& on_event);

}  // namespace preconf::storage
