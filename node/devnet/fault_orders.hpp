// Control methods that every simulated server has: faults and what was called.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "io/json/json_reader.hpp"
#include "node/devnet/faults.hpp"
#include "node/devnet/rpc_answer.hpp"

namespace preconf::node::devnet {

/// A parameter that is a JSON number or a hex quantity.
[[nodiscard]] std::optional<std::uint64_t> sim_number(io::JsonValue value);

/// sim_fault: {kind, method, times, skip, act, status, http, retryAfter, code, message, bytes,
/// delayMs}; all but `kind` have defaults (faults.hpp).
[[nodiscard]] MethodAnswer order_fault(FaultTable& faults, io::JsonValue order);
/// sim_faultCounts: {kind: hits, .., "waiting": n}.
[[nodiscard]] std::string fault_counts(const FaultTable& faults);
/// sim_calls: {method: calls received, ..}.
[[nodiscard]] std::string call_counts(
    const std::map<std::string, std::uint64_t, std::less<>>& calls);

}  // namespace preconf::node::devnet
