#include "replay/compare/run_spans.hpp"

#include <algorithm>
#include <iterator>

namespace preconf::replay {

void RunSpans::observe(const core::Event& event) {
  // A repair's own record was written by no node, and the first one comes right before a boot.
  if (std::holds_alternative<core::events::LogGapRecorded>(event.body)) return;
  if (std::holds_alternative<core::events::GenesisRecorded>(event.body)) return;
  const bool is_new = std::holds_alternative<core::events::BootStarted>(event.body);
  if (spans_.empty() || (is_new && spans_.size() < kSpansMax)) {
    spans_.push_back({event.wall, event.wall});
  }
  spans_.back().to = event.wall;
}

RunSpans RunSpans::from(
    const std::function<std::optional<core::WallNanos>(const RunSpan&)>& begin) const {
  RunSpans out;
  for (const RunSpan& span : spans_) {
    const auto start = begin(span);
    if (start && *start <= span.to) out.spans_.push_back({*start, span.to});
  }
  return out;
}

bool RunSpans::cover(core::WallNanos from, core::WallNanos to) const {
  const auto after = std::ranges::upper_bound(spans_, from, {}, &RunSpan::from);
  return after != spans_.begin() && to <= std::prev(after)->to;
}

}  // namespace preconf::replay
