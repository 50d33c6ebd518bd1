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

/// The answer to one call: a JSON value or an error.
using MethodAnswer = std::variant<std::string, EngineError>;

/// Answers `method` as alethia-reth does: -32601 for unknown methods, -32602 for bad parameters.
///
/// Methods of the namespace sim_ (auth port only):
///   sim_fault [{"kind":..,"method":..,"times":..,"skip":..,"act":..,"status":..,"http":..,
///              "code":..,"message":..,"bytes":..}]  orders a fault (faults.hpp); returns true
///   sim_clearFaults []        forgets waiting faults; returns how many
///   sim_faultCounts []        {kind: hits, ..., "waiting": n}
///   sim_calls []              {method: calls received, ...}
///   sim_loseJobs []           forgets payload jobs; returns how many
///   sim_rewind [depth]        forgets the last `depth` blocks and all jobs; returns the new head
///   number sim_setChainId [id]       eth_chainId answers this from now on sim_setHeadL1Origin [id]
///   sets the head pointer; null removes it sim_waitHead [number]     answers once the head is at
///   that height or above (engine_server.hpp)
[[nodiscard]] MethodAnswer call_method(EngineState& engine, EnginePort port,
                                       std::string_view method, io::JsonValue params);

}  // namespace preconf::node::devnet
