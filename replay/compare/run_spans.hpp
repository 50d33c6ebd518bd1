// When a node ran, as its log shows it.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "core/base/fields.hpp"
#include "core/event.hpp"

namespace preconf::replay {

/// One life of a node, from its first event to its last one.
struct RunSpan {
  core::WallNanos from;
  core::WallNanos to;
  PRECONF_FIELDS(RunSpan, from, to);
};

/// By the node's own clock. Where the log has a gap it is not known that the node ran.
class RunSpans {
 public:
  /// Later lives count as one with the last of these: then no time between them is known.
  static constexpr std::size_t kSpansMax = 65'536;

  /// Events in their order.
  void observe(const core::Event& event);
  [[nodiscard]] bool covers(core::WallNanos time) const { return cover(time, time); }
  /// Did it run all the time from `from` to `to`?
  [[nodiscard]] bool cover(core::WallNanos from, core::WallNanos to) const;
  [[nodiscard]] const std::vector<RunSpan>& spans() const { return spans_; }
  /// The same lives, each from `begin` on; one that ends before that is left out.
  [[nodiscard]] RunSpans from(
      const std::function<std::optional<core::WallNanos>(const RunSpan&)>& begin) const;

 private:
  std::vector<RunSpan> spans_;
};

}  // namespace preconf::replay
