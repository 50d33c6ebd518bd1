#include "replay/audit/placement.hpp"

namespace preconf::replay::audit {

Placement place(const core::protocol::Schedule& schedule,
                const core::protocol::CommitmentFacts& facts) {
  Placement placement;
  placement.version = schedule.version;
  const auto index = core::protocol::find_window(schedule, facts.timestamp);
  if (!index) {
    const bool beyond = schedule.windows.empty() || facts.timestamp > schedule.windows.back().end;
    placement.kind = beyond ? Placement::Kind::kPending : Placement::Kind::kNoWindow;
    return placement;
  }
  const core::protocol::Window& window = schedule.windows[*index];
  placement.expected = window.committer;
  const auto owner_after = [&](std::size_t at) -> std::optional<core::Address> {
    if (at + 1 >= schedule.windows.size()) return std::nullopt;
    return schedule.windows[at + 1].committer;
  };
  if (facts.signer == window.committer && facts.window_end == window.end) {
    placement.kind = Placement::Kind::kScheduled;
    placement.next_signer = owner_after(*index);
    return placement;
  }
  if (*index + 1 < schedule.windows.size()) {
    const core::protocol::Window& following = schedule.windows[*index + 1];
    if (facts.signer == following.committer && facts.window_end == following.end) {
      placement.kind = Placement::Kind::kScheduled;
      placement.next_signer = owner_after(*index + 1);
      if (facts.signer != window.committer) {
        placement.needs_end_of = WindowKey{window.end, window.committer};
        placement.needs_end_since = window.start;
      }
      return placement;
    }
  }
  placement.kind = facts.signer == window.committer ? Placement::Kind::kWindowMismatch
                                                    : Placement::Kind::kWrongSigner;
  return placement;
}

}  // namespace preconf::replay::audit
