// The window table of a simulated network, and its file.
#pragma once

#include <string>

#include "core/base/result.hpp"
#include "core/protocol/schedule.hpp"

namespace preconf::node::devnet {

/// Seconds of one submission window: an L1 epoch of 32 slots of 12 s.
inline constexpr std::uint64_t kWindowSeconds = 384;

/// `windows` consecutive windows of kWindowSeconds. The first one ends at the first multiple of
/// kWindowSeconds at or after `from`, all belong to `committer`. Requires
/// windows <= limits::kScheduleWindowsMax.
[[nodiscard]] core::protocol::Schedule epoch_schedule(core::UnixSeconds from, std::size_t windows,
                                                      const core::Address& committer,
                                                      std::uint64_t version = 1);

/// The node's schedule file: {"version":1,"windows":[{"start":u64,"end":u64,"committer":"0x.."}]}.
[[nodiscard]] std::string schedule_json(const core::protocol::Schedule& schedule);

/// Writes `text` to `path` through a temporary file beside it, synced and renamed, so that readers
/// see the old content or the new one. The error names what the system said.
[[nodiscard]] core::Result<core::Ok, std::string> write_file(const std::string& path,
                                                             const std::string& text);

}  // namespace preconf::node::devnet
