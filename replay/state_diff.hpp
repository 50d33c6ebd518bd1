// What differs between two values of one type: every place, with both sides.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/fields.hpp"
#include "replay/field.hpp"

namespace preconf::replay {

struct Change {
  std::string path;    ///< as StatePath reads it
  std::string before;  ///< JSON; "null" when absent, "false" and "true" for keys of sets
  std::string after;
  PRECONF_FIELDS(Change, path, before, after);
};

struct Changes {
  std::vector<Change> shown;  ///< the first ones, in the order of PRECONF_FIELDS
  std::uint64_t total = 0;    ///< all of them
};

/// Compares two values of one type. A part that is on one side only is one change.
[[nodiscard]] Changes changes_between(const Field& before, const Field& after, std::size_t max);

}  // namespace preconf::replay
