// The high-water mark file: an independent witness of how far the log was durable
// (docs/log_format.md, section 6).
#pragma once

#include <filesystem>
#include <optional>

#include "storage/event_log.hpp"
#include "storage/posix_file.hpp"

namespace preconf::storage {

/// What the file says. Nothing when it is missing or both slots are invalid.
struct Mark {
  std::uint64_t generation = 0;
  LogPosition position;
};
[[nodiscard]] std::optional<Mark> read_mark(const std::filesystem::path& path);

/// Writes marks; one thread at a time.
class MarkWriter {
 public:
  /// Makes the file, or replaces it, with one mark.
  [[nodiscard]] static IoResult<core::Ok> create(const std::filesystem::path& path,
                                                 const LogPosition& position = {});
  /// Continues after `mark`, which read_mark() returned.
  [[nodiscard]] static IoResult<MarkWriter> open(const std::filesystem::path& path,
                                                 const Mark& mark);
  /// Writes the other slot and syncs. A position below the last one is ignored.
  [[nodiscard]] IoResult<core::Ok> write(const LogPosition& position);

 private:
  File file_;
  Mark last_;
};

}  // namespace preconf::storage
