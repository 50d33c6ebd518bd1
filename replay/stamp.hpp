// A place in a history.
#pragma once

#include <string>

#include "core/base/fields.hpp"
#include "core/types.hpp"

namespace preconf::replay {

/// An event's number and its stamp.
struct Stamp {
  core::Seq seq;
  core::WallNanos wall;
  PRECONF_FIELDS(Stamp, seq, wall);
};

/// Microseconds between two stamps, 0 when the second is not later.
[[nodiscard]] inline std::uint64_t micros_between(core::WallNanos from, core::WallNanos to) {
  return core::distance(from, to) / 1'000;
}

/// "0.250 ms", "1.250 s", "3 min 20 s", "2 h 5 min", "3 d 4 h".
[[nodiscard]] std::string duration_text(std::uint64_t micros);

}  // namespace preconf::replay
