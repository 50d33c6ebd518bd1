// Which blobs earlier lives of the process fetched: the log says so, the content store has them.
#pragma once

#include <cstdint>
#include <vector>

#include "core/events/l1.hpp"
#include "storage/event_source.hpp"

namespace preconf::node::l1 {

/// Events read at a time: below a second of work.
inline constexpr std::uint64_t kBlobHistoryPartEvents = 65'536;
/// Events read at most: weeks of a busy chain, and a minute or two of work, once in a life.
inline constexpr std::uint64_t kBlobHistoryEventsMax = std::uint64_t{1} << 24;

/// Reads the log newest first, one part at a time. One thread at a time, the writer's beside it.
class BlobHistory {
 public:
  explicit BlobHistory(const storage::EventSource& log,
                       std::uint64_t part_events = kBlobHistoryPartEvents)
      : log_(log), part_events_(part_events) {}

  /// The blobs that the next part names, newest first; perhaps none. What can not be read is the
  /// end: whoever folds the log says what is wrong with it.
  [[nodiscard]] std::vector<core::events::BlobReceived> read_part();
  /// Everything was read, or as much as is ever read.
  [[nodiscard]] bool is_at_end() const { return is_at_end_; }

 private:
  const storage::EventSource& log_;
  const std::uint64_t part_events_;
  std::uint64_t next_ = 0;  ///< lowest seq that was read; 0: none was
  std::uint64_t read_ = 0;  ///< events
  bool is_at_end_ = false;
};

}  // namespace preconf::node::l1
