// README.txt of a bundle.
#pragma once

#include <string>

#include "replay/evidence/claim.hpp"

namespace preconf::replay::evidence {

/// What the bundle claims, what it can not show, and how to check it with standard tools.
[[nodiscard]] std::string readme_of(const Claim& claim);

}  // namespace preconf::replay::evidence
