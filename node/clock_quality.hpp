// How good the wall clock is, so that an audit can say how far a recorded time may be off.
#pragma once

#include <cstdint>
#include <optional>

namespace preconf::node {

/// The kernel's bound of the wall clock's error (ntp_adjtime(3), maxerror), ns; nothing when the
/// clock is not synchronised or the system does not say.
[[nodiscard]] std::optional<std::uint64_t> clock_error_ns();

}  // namespace preconf::node
