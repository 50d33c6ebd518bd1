// Control methods of the simulated L1: time, finality, reorgs, faults, who serves what.
#include <fmt/format.h>

#include "core/base/hex.hpp"
#include "io/json/eth_json.hpp"
#include "io/json/json_writer.hpp"
#include "node/devnet/fault_orders.hpp"
#include "node/devnet/l1_methods.hpp"
#include "node/devnet/l1_reorgs.hpp"
#include "node/devnet/l1_sim_calls.hpp"

namespace preconf::node::devnet {
namespace {

using io::JsonValue;

RpcError invalid_params(std::string what) { return RpcError{-32602, std::move(what)}; }

MethodAnswer head_number(const L1Node& node) {
  return fmt::format("\"{}\"", core::to_quantity(node.chain.head().header.number));
}

MethodAnswer mine(L1Node& node, JsonValue params) {
  const std::uint64_t count = sim_number(params.at(0)).value_or(1);
  const std::uint64_t skipped = sim_number(params.at(1)).value_or(0);
  if (count > L1Chain::kMineMax || skipped > L1Chain::kMineMax) {
    return invalid_params("too many blocks");
  }
  for (std::uint64_t i = 0; i < count; ++i) node.chain.mine(i == 0 ? skipped : 0);
  return head_number(node);
}

MethodAnswer mine_until(L1Node& node, JsonValue params) {
  const auto time = sim_number(params.at(0));
  if (!time) return invalid_params("time must be a number of seconds");
  node.chain.mine_until(core::UnixSeconds{*time});
  return head_number(node);
}

MethodAnswer move_tag(L1Node& node, JsonValue params, bool is_finalized) {
  const core::L1BlockNumber number{
      sim_number(params.at(0)).value_or(node.chain.head().header.number)};
  const bool moved = is_finalized ? node.chain.set_finalized(number) : node.chain.set_safe(number);
  if (!moved) return invalid_params("no such block");
  return std::string("true");
}
MethodAnswer finalize(L1Node& node, JsonValue params) { return move_tag(node, params, true); }
MethodAnswer make_safe(L1Node& node, JsonValue params) { return move_tag(node, params, false); }

MethodAnswer reorg(L1Node& node, JsonValue params) {
  const auto depth = sim_number(params.at(0));
  const auto variant = reorg_variant_from(params.at(1).as_string().value_or("keep"));
  if (!depth || !variant) return invalid_params("[depth, keep|move|drop|change, options]");
  L1Reorg plan = reorg_plan(node.chain, *depth, *variant);
  const JsonValue options = params.at(2);
  if (const auto extra = sim_number(options.get("extraBlocks"))) plan.extra_blocks = *extra;
  if (const auto shift = sim_number(options.get("shift"))) plan.shift = *shift;
  plan.below_finalized = options.get("belowFinalized").as_bool().value_or(false);
  const auto done = node.chain.reorg(plan);
  if (!done) return invalid_params(done.error());
  return head_number(node);
}

MethodAnswer fault(L1Node& node, JsonValue params) {
  return order_fault(node.faults, params.at(0));
}
MethodAnswer clear_faults(L1Node& node, JsonValue) {
  return fmt::format("{}", node.faults.clear());
}
MethodAnswer counts(L1Node& node, JsonValue) { return fault_counts(node.faults); }
MethodAnswer calls(L1Node& node, JsonValue) { return call_counts(node.calls); }

MethodAnswer lag_head(L1Node& node, JsonValue params) {
  const auto lag = sim_number(params.at(0));
  if (!lag) return invalid_params("lag must be a number of blocks");
  node.head_lag = *lag;
  return std::string("true");
}

MethodAnswer set_log_limits(L1Node& node, JsonValue params) {
  const auto range = sim_number(params.at(0));
  const auto results = sim_number(params.at(1));
  if (!range || *range == 0 || !results) return invalid_params("[blocks, results]");
  node.logs_range_max = *range;
  node.logs_max = *results;
  return std::string("true");
}

/// Calls change(service) for the sides that params[1] names: beacon, server or (default) both.
template <class Change>
MethodAnswer change_blob_service(L1Node& node, JsonValue params, Change&& change) {
  const std::string_view side = params.at(1).as_string().value_or("both");
  if (side != "beacon" && side != "server" && side != "both") {
    return invalid_params("the side is beacon, server or both");
  }
  if (side != "server") change(node.blobs_of(BlobSide::kBeacon));
  if (side != "beacon") change(node.blobs_of(BlobSide::kBlobServer));
  return std::string("true");
}

MethodAnswer hide_blob(L1Node& node, JsonValue params) {
  const bool all = params.at(0).as_string() == "*";
  const auto hash = io::as_fixed<32>(params.at(0));
  if (!all && !hash) return invalid_params("a versioned hash, or *");
  return change_blob_service(node, params, [&](BlobService& service) {
    if (all) service.hides_all = true;
    if (hash) service.hidden.insert(*hash);
  });
}

MethodAnswer spoil_blob(L1Node& node, JsonValue params) {
  const auto hash = io::as_fixed<32>(params.at(0));
  if (!hash) return invalid_params("a versioned hash");
  return change_blob_service(node, params,
                             [&](BlobService& service) { service.wrong.insert(*hash); });
}

MethodAnswer show_blobs(L1Node& node, JsonValue) {
  node.blob_service = {};
  return std::string("true");
}

MethodAnswer contradict_next(L1Node& node, JsonValue params) {
  const auto kind = contradiction_from(params.at(0).as_string().value_or("transactions"));
  if (!kind) return invalid_params("transactions or coinbase");
  if (!node.contradict_next) return RpcError{-32000, "nobody proposes here"};
  node.contradict_next(*kind);
  return std::string("true");
}

MethodAnswer deployment(L1Node& node, JsonValue) {
  const core::protocol::L1Deployment& where = node.chain.deployment();
  io::JsonWriter out;
  out.begin_object().key("l1ChainId").number(where.l1_chain_id);
  out.key("genesisTime").number(where.clock.genesis.value);
  out.key("secondsPerSlot").number(where.clock.slot_seconds);
  out.key("slotsPerEpoch").number(where.clock.slots_per_epoch);
  out.key("inbox").data(where.inbox.view());
  out.key("preconfWhitelist").data(where.preconf_whitelist.view());
  out.key("lookaheadStore").data(where.lookahead_store.view());
  out.end_object();
  return out.take();
}

struct Method {
  std::string_view name;
  MethodAnswer (*run)(L1Node&, JsonValue);
};

constexpr Method kMethods[] = {
    {"sim_mine", mine},
    {"sim_mineUntil", mine_until},
    {"sim_finalize", finalize},
    {"sim_safe", make_safe},
    {"sim_reorg", reorg},
    {"sim_fault", fault},
    {"sim_clearFaults", clear_faults},
    {"sim_faultCounts", counts},
    {"sim_calls", calls},
    {"sim_lagHead", lag_head},
    {"sim_setLogLimits", set_log_limits},
    {"sim_hideBlob", hide_blob},
    {"sim_spoilBlob", spoil_blob},
    {"sim_showBlobs", show_blobs},
    {"sim_contradict", contradict_next},
    {"sim_deployment", deployment},
};

}  // namespace

MethodAnswer call_l1_sim_method(L1Node& node, std::string_view method, JsonValue params) {
  for (const Method& candidate : kMethods) {
    if (candidate.name == method) return candidate.run(node, params);
  }
  auto submitted = submit_sim_call(node.chain, method, params);
  if (!submitted) return RpcError{-32601, "the method does not exist/is not available"};
  return *submitted;
}

}  // namespace preconf::node::devnet
