// The window table that facts of L1 give, around one time.
#pragma once

#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/event.hpp"
#include "core/protocol/lookahead_table.hpp"
#include "core/protocol/schedule.hpp"
#include "replay/evidence/l1_claim.hpp"

namespace preconf::replay::evidence {

/// Windows from one epoch before `time` to two after it. Facts in L1's order; requires a usable
/// clock.
[[nodiscard]] core::protocol::Schedule schedule_around(
    core::UnixSeconds time, const std::vector<core::protocol::ScheduleFact>& facts,
    const core::protocol::EpochClock& clock, core::protocol::FallbackSigner signer);

/// Do both tables give `time`, and the window after it, to the same signers until the same ends?
[[nodiscard]] bool same_windows(core::UnixSeconds time, const core::protocol::Schedule& a,
                                const core::protocol::Schedule& b);

/// As few of `facts` as give the same windows for `time` as `schedule`: indices, ascending. None
/// when not even all of them do.
[[nodiscard]] std::vector<std::size_t> deciding_facts(
    core::UnixSeconds time, const std::vector<core::protocol::ScheduleFact>& facts,
    const core::protocol::EpochClock& clock, core::protocol::FallbackSigner signer,
    const core::protocol::Schedule& schedule);

/// The same from the records that a claim names. An error says which is not what it must be.
[[nodiscard]] core::Result<core::protocol::Schedule, std::string> schedule_from_l1(
    const L1Claim& claim, const std::vector<core::Event>& events, core::UnixSeconds time);

}  // namespace preconf::replay::evidence
