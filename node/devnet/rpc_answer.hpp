// JSON-RPC 2.0 answers of simulated servers, whole and failing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "io/http/http_types.hpp"
#include "node/devnet/faults.hpp"

namespace preconf::node::devnet {

/// A JSON-RPC error object.
struct RpcError {
  std::int32_t code = -32000;
  std::string message;
  std::string data_err = {};  ///< member "err" of "data", as reth has it; empty = no data
  friend bool operator==(const RpcError&, const RpcError&) = default;
};

/// The answer to one call: a JSON value or an error.
using MethodAnswer = std::variant<std::string, RpcError>;

/// The response object; `id` is JSON text.
[[nodiscard]] std::string rpc_response(std::string_view id, const MethodAnswer& answer);

/// What a fault of the transport answers with (timeout, drop, http, garbage); nothing: no answer at
/// all.
[[nodiscard]] std::optional<io::HttpResponse> failing_response(const Fault& fault);

}  // namespace preconf::node::devnet
