// The follower's questions as JSON-RPC calls, and the answers to them. Pure.
#pragma once

#include <vector>

#include "io/l1/l1_json.hpp"
#include "node/l1/asks.hpp"

namespace preconf::node::l1 {

struct AskFilters {
  io::l1::LogFilter history;  ///< of AskRange
  io::l1::LogFilter blocks;   ///< of AskLogs
};

[[nodiscard]] std::vector<io::l1::RpcCall> calls_of(const Ask& ask, const AskFilters& filters);

/// Requires as many answers as calls_of(ask) has calls. AskFailed kBehind and kMalformed are the
/// endpoint's fault.
[[nodiscard]] Answer answer_of(const Ask& ask, const io::l1::RpcBatch& batch);

}  // namespace preconf::node::l1
