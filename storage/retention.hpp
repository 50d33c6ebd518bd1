// What a log may forget, and forgetting it (docs/log_format.md, section 14). Offline: every act
// here takes the writer's lock.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "storage/event_source.hpp"
#include "storage/posix_file.hpp"

namespace preconf::storage {

/// The facts that decide, found by whoever can fold the log.
struct PruneRequest {
  LogPosition to;                        ///< last event to remove; the log begins behind it then
  Snapshot base;                         ///< the state after it
  std::optional<core::Seq> contents_to;  ///< content that only events up to here refer to goes, too
  std::vector<core::Hash32> pinned;      ///< content that stays in any case
  core::WallNanos now;
  bool dry_run = true;  ///< writes nothing, not even LOCK
};

struct PruneReport {
  std::uint64_t events = 0;
  std::uint64_t record_bytes = 0;
  std::uint64_t contents = 0;  ///< removed; those of kept events get a tombstone
  std::uint64_t content_bytes = 0;
  std::uint64_t tombstones = 0;
};

/// Removes events up to `to`, digests with them, and content nobody needs any more. The base state
/// is durable before anything goes; events, the note of the range, and the new base change in one
/// atomic write. Requires that `to` lies between base() and end() (exclusive) of the log, or is
/// base() when only content goes.
[[nodiscard]] IoResult<PruneReport> prune_log(const std::filesystem::path& directory,
                                              const PruneRequest& request);

struct RedactRequest {
  core::Hash32 hash;
  std::string reason;
  core::WallNanos now;
};
/// Removes content for good and leaves a tombstone; the chain does not change. kContentMissing when
/// there is no such content, kIo when the reason is no line of text. Returns its size.
[[nodiscard]] IoResult<std::uint32_t> redact_content(const std::filesystem::path& directory,
                                                     const RedactRequest& request);

}  // namespace preconf::storage
