// A place in a history.
#pragma once

#include <optional>
#include <string>

#include "core/base/fields.hpp"
#include "core/types.hpp"

namespace preconf::replay {

/// 0 stands for the unknown time of an event that came before the log begins.
[[nodiscard]] inline std::optional<core::WallNanos> known_time(core::WallNanos wall) {
  return wall.value == 0 ? std::nullopt : std::optional(wall);
}

/// An event's number and its stamp.
struct Stamp {
  core::Seq seq;
  core::WallNanos wall;  ///< 0: not known, see known_time(); printed as null
  template <class Self, class Visit>
  static constexpr void each_field(Self& self, Visit&& visit) {
    visit("seq", self.seq);
    visit("wall", known_time(self.wall));
  }
  friend bool operator==(const Stamp&, const Stamp&) = default;
};

/// The time, or "before this log begins", as wide.
[[nodiscard]] std::string stamp_text(core::WallNanos wall);

/// Microseconds between two stamps, 0 when the second is not later.
[[nodiscard]] inline std::uint64_t micros_between(core::WallNanos from, core::WallNanos to) {
  return core::distance(from, to) / 1'000;
}

/// "0.250 ms", "1.250 s", "3 min 20 s", "2 h 5 min", "3 d 4 h".
[[nodiscard]] std::string duration_text(std::uint64_t micros);

}  // namespace preconf::replay
