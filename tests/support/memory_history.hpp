// A history in memory: scripted events as the tools read them, without a database.
#pragma once

#include <vector>

#include "replay/history.hpp"
#include "storage/event_log.hpp"

namespace preconf::tests {

/// `events` as a log with a right chain; `digests`, when given, beside them.
[[nodiscard]] replay::History history_of(std::vector<core::Event> events,
                                         std::vector<core::Hash32> digests = {});

/// Writes `events` into a new log below `directory`, as a node leaves it; contents may be absent.
void write_log(const std::filesystem::path& directory, const std::vector<core::Event>& events,
               const std::vector<core::Hash32>& digests = {});

}  // namespace preconf::tests
