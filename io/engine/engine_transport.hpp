// What a transport result means for an engine call when it is not an answer to read.
#pragma once

#include <optional>

#include "core/events/engine.hpp"
#include "io/http/http_client.hpp"

namespace preconf::io {

/// Nothing when `result` is HTTP 200: its body is to be read.
[[nodiscard]] std::optional<core::events::EngineFailed> transport_failure(const HttpResult& result,
                                                                          core::UnixSeconds now);

/// For the operator: does a refused token come from clocks that differ, or from the secret? `date`
/// is the engine's HTTP Date header, `now` our clock. Engines accept |iat - their clock| <= 60 s.
[[nodiscard]] std::string diagnose_unauthorized(std::string_view date, core::UnixSeconds now);

}  // namespace preconf::io
