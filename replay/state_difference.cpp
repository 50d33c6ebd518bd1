#include "replay/state_difference.hpp"

#include <utility>

namespace preconf::replay {

Difference state_difference(const core::State& recorded, const core::State& recomputed) {
  auto found = first_difference(recorded, recomputed, "state");
  return found ? std::move(*found) : Difference{"state", "other bytes", "same fields"};
}

}  // namespace preconf::replay
