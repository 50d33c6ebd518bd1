// The shape of a JSON-RPC 2.0 request, for sources of io/rpc only.
#pragma once

#include "io/json/json_reader.hpp"
#include "io/rpc/json_rpc.hpp"

namespace preconf::io {

[[nodiscard]] RpcRefusal refusal_of(JsonError error);

/// Why `call` is not a request object, or null.
[[nodiscard]] const char* defect_of(JsonValue call);

}  // namespace preconf::io
