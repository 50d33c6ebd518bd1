// What users are shown of the reading of L1: what only the L1 follower knows. Plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/decision.hpp"
#include "core/events/l1.hpp"
#include "core/types.hpp"

namespace preconf::io {

/// A block of L1 that the reducer did not link, and that is held back because it would refuse it
/// again.
struct L1Refusal {
  core::Reason reason = core::Reason::kNone;
  core::events::L1Ref block;
  core::Seq seq;                ///< event that was refused
  std::uint32_t held_back = 0;  ///< times since then that it was not offered
};

struct L1ScanInfo {
  std::optional<core::L1BlockNumber> head;  ///< L1's, as told last
  std::string waits_for;                    ///< why the scan does not go on; empty: it does
  std::optional<L1Refusal> refusal;         ///< when that is why
  /// Reason of the decision that put derivation off; empty: it went on since.
  std::string derivation_waits_for;
};

}  // namespace preconf::io
