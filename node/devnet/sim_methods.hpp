// The control methods of a simulated engine (namespace sim_, listed in engine_methods.hpp).
#pragma once

#include "node/devnet/engine_methods.hpp"

namespace preconf::node::devnet {

[[nodiscard]] MethodAnswer call_sim_method(EngineState& engine, std::string_view method,
                                           io::JsonValue params);

}  // namespace preconf::node::devnet
