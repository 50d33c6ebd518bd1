// The JSON-RPC methods of a simulated engine: from a method name and parameters to an answer.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <variant>

#include "io/json/json_reader.hpp"
#include "node/devnet/engine_chain.hpp"
#include "node/devnet/faults.hpp"

namespace preconf::node::devnet {

/// The two ports of an engine. The public one serves eth_ and taiko_, the other one all of them
/// and engine_, taikoAuth_ and sim_.
enum class EnginePort : std::uint8_t { kPublic, kAuth };

/// One simulated engine without its sockets.
struct EngineState {
  explicit EngineState(const core::protocol::ChainProfile& profile)
      : chain(profile), chain_id(profile.chain_id) {}

  EngineChain chain;
  FaultTable faults;
  std::uint64_t chain_id;  ///< as reported; sim_setChainId changes it, never the chain
  std::map<std::string, std::uint64_t, std::less<>> calls;  ///< received, by method
};

/// Answers `method` as alethia-reth does: -32601 for unknown methods, -32602 for bad parameters.
///
/// Control methods (sim_, auth port only): see README.md.
[[nodiscard]] MethodAnswer call_method(EngineState& engine, EnginePort port,
                                       std::string_view method, io::JsonValue params);

}  // namespace preconf::node::devnet
