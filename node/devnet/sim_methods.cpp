#include "node/devnet/sim_methods.hpp"

#include <fmt/format.h>

#include "core/base/hex.hpp"
#include "node/devnet/engine_json.hpp"
#include "node/devnet/fault_orders.hpp"

namespace preconf::node::devnet {
namespace {

using io::JsonValue;

EngineError invalid_params(std::string what) { return EngineError{-32602, std::move(what)}; }

}  // namespace

MethodAnswer call_sim_method(EngineState& engine, std::string_view method, JsonValue params) {
  const JsonValue first = params.at(0);
  if (method == "sim_fault") return order_fault(engine.faults, first);
  if (method == "sim_clearFaults") return fmt::format("{}", engine.faults.clear());
  if (method == "sim_faultCounts") return fault_counts(engine.faults);
  if (method == "sim_calls") return call_counts(engine.calls);
  if (method == "sim_loseJobs") {
    const std::size_t jobs = engine.chain.payload_jobs();
    engine.chain.lose_jobs();
    return fmt::format("{}", jobs);
  }
  const auto number = sim_number(first);
  if (method == "sim_waitHead") {
    if (!number || *number > engine.chain.head().number()) {
      return invalid_params("not a number, in a batch, or too many waiting");
    }
    return block_json(engine.chain.head(), false);
  }
  if (method == "sim_rewind") {
    if (!number) return invalid_params("depth must be a number");
    engine.chain.rewind_and_forget(*number);
    return fmt::format("\"{}\"", core::to_quantity(engine.chain.head().number()));
  }
  if (method == "sim_setChainId") {
    if (!number) return invalid_params("chain id must be a number");
    engine.chain_id = *number;
    return fmt::format("\"{}\"", core::to_quantity(engine.chain_id));
  }
  if (method == "sim_setLookback") {
    if (!number) return invalid_params("blocks must be a number");
    engine.chain.set_lookback_max(*number);
    return std::string("true");
  }
  if (method == "sim_forgetBatch") {
    if (!number) return invalid_params("batch must be a number");
    return std::string(engine.chain.tables().batch_blocks.erase(*number) != 0 ? "true" : "false");
  }
  if (method == "sim_setHeadL1Origin") {
    if (!number && !first.is_null()) return invalid_params("block id must be a number or null");
    engine.chain.tables().head_origin = number;
    return std::string("true");
  }
  return EngineError{-32601, "Method not found"};
}

}  // namespace preconf::node::devnet
