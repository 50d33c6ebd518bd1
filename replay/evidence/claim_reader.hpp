// claim.json read back: the parts that a verifier needs.
#pragma once

#include "core/base/result.hpp"
#include "replay/evidence/claim.hpp"

namespace preconf::replay::evidence {

/// The error names the member.
[[nodiscard]] core::Result<Claim, std::string> read_claim(const core::Bytes& json);

}  // namespace preconf::replay::evidence
