#include "node/devnet/l1_sim_calls.hpp"

#include <array>

#include "core/limits_l1.hpp"
#include "io/json/eth_json.hpp"
#include "io/json/json_writer.hpp"
#include "node/devnet/fault_orders.hpp"
#include "node/devnet/proposal_manifest.hpp"

namespace preconf::node::devnet {
namespace {

using io::JsonValue;

constexpr std::size_t kPayloadBytesMax = 16 * core::codec::kBlobBytes;

RpcError invalid_params(std::string what) { return RpcError{-32602, std::move(what)}; }

std::optional<core::codec::BlockToPropose> block_from(JsonValue value) {
  core::codec::BlockToPropose out;
  const auto timestamp = sim_number(value.get("timestamp"));
  const auto coinbase = io::as_fixed<20>(value.get("coinbase"));
  const auto anchor = sim_number(value.get("anchor"));
  const auto gas_limit = sim_number(value.get("gasLimit"));
  if (!timestamp || !coinbase || !anchor || !gas_limit) return std::nullopt;
  out.block.timestamp = core::UnixSeconds{*timestamp};
  out.block.coinbase = *coinbase;
  out.block.anchor_block_number = core::L1BlockNumber{*anchor};
  out.block.gas_limit = *gas_limit;
  std::vector<core::Bytes> transactions;
  bool good = true;
  value.get("transactions").each_element([&](JsonValue element) {
    auto raw = io::as_data(element, kPayloadBytesMax);
    good = raw && !raw->empty();
    if (good) transactions.push_back(std::move(*raw));
    return good;
  });
  if (!good) return std::nullopt;
  out.transactions = rlp_items_of(transactions);
  return out;
}

/// The blobs of a call: described blocks, the payload that blobs carry, or blobs as they are.
std::optional<std::vector<core::Hash32>> blobs_from(L1Chain& chain, JsonValue value) {
  std::vector<core::Bytes> blobs;
  bool good = true;
  if (!value.get("blocks").missing()) {
    std::vector<core::codec::BlockToPropose> blocks;
    value.get("blocks").each_element([&](JsonValue element) {
      auto block = block_from(element);
      good = block.has_value();
      if (good) blocks.push_back(std::move(*block));
      return good;
    });
    if (!good) return std::nullopt;
    blobs = blobs_of_payload(core::codec::encode_manifest(blocks));
  } else if (!value.get("payload").missing()) {
    const auto payload = io::as_data(value.get("payload"), kPayloadBytesMax);
    if (!payload) return std::nullopt;
    blobs = blobs_of_payload(*payload);
  } else {
    value.get("blobs").each_element([&](JsonValue element) {
      auto blob = io::as_data(element, core::codec::kBlobBytes);
      good = blob && blob->size() == core::codec::kBlobBytes;
      if (good) blobs.push_back(std::move(*blob));
      return good;
    });
  }
  if (!good || blobs.size() > core::limits::kSourceBlobsMax) return std::nullopt;
  std::vector<core::Hash32> hashes;
  for (core::Bytes& blob : blobs) hashes.push_back(chain.add_blob(std::move(blob)));
  return hashes;
}

std::string hashes_json(const std::vector<core::Hash32>& hashes) {
  io::JsonWriter out;
  out.begin_array();
  for (const core::Hash32& hash : hashes) out.data(hash.view());
  out.end_array();
  return out.take();
}

std::string submit(L1Chain& chain, L1Call call) {
  chain.submit(std::move(call));
  return "true";
}

MethodAnswer propose(L1Chain& chain, JsonValue params) {
  const JsonValue order = params.at(0);
  l1_call::Propose call;
  auto blobs = blobs_from(chain, order);
  if (!blobs) return invalid_params("blocks, payload or blobs can not be read");
  call.blobs = *blobs;
  call.proposer = io::as_fixed<20>(order.get("proposer")).value_or(core::Address{});
  call.offset = static_cast<std::uint32_t>(sim_number(order.get("offset")).value_or(0) & 0xffffff);
  call.forced_inclusions = sim_number(order.get("forcedInclusions")).value_or(0);
  call.window_end = core::UnixSeconds{sim_number(order.get("windowEnd")).value_or(0)};
  chain.submit(std::move(call));
  return hashes_json(*blobs);
}

MethodAnswer force_inclusion(L1Chain& chain, JsonValue params) {
  const auto blobs = blobs_from(chain, params.at(0));
  if (!blobs || blobs->size() != 1) return invalid_params("one blob");
  chain.submit(l1_call::ForceInclusion{blobs->front(), 0});
  return hashes_json(*blobs);
}

MethodAnswer prove(L1Chain& chain, JsonValue params) {
  const auto last = sim_number(params.at(0));
  const auto hash = io::as_fixed<32>(params.at(1));
  if (!last || !hash) return invalid_params("[proposal, hash of its last L2 block, prover]");
  const auto prover = io::as_fixed<20>(params.at(2)).value_or(core::Address{});
  return submit(chain, l1_call::Prove{core::ProposalId{*last}, prover, *hash});
}

MethodAnswer recover(L1Chain& chain, JsonValue params) {
  const auto last = sim_number(params.at(0));
  const auto hash = io::as_fixed<32>(params.at(1));
  if (!last || !hash) return invalid_params("[last finalized proposal, block hash]");
  return submit(chain, l1_call::RecoverState{core::ProposalId{*last}, *hash});
}

MethodAnswer post_lookahead(L1Chain& chain, JsonValue params) {
  const JsonValue order = params.at(0);
  const auto epoch = sim_number(order.get("epoch"));
  l1_call::PostLookahead call;
  bool good = epoch && order.get("slots").size() <= core::limits::kLookaheadSlotsMax;
  order.get("slots").each_element([&](JsonValue element) {
    const auto committer = io::as_fixed<20>(element.get("committer"));
    const auto time = sim_number(element.get("timestamp"));
    good = good && committer && time;
    if (!good) return false;
    core::protocol::LookaheadSlot slot;
    slot.committer = *committer;
    slot.timestamp = core::UnixSeconds{*time};
    slot.registration_root =
        io::as_fixed<32>(element.get("registrationRoot")).value_or(core::Hash32{});
    call.slots.push_back(slot);
    return true;
  });
  if (!good) return invalid_params("{epoch, slots: [{committer, timestamp, registrationRoot}]}");
  call.epoch = core::UnixSeconds{*epoch};
  return submit(chain, std::move(call));
}

MethodAnswer change_blacklist(L1Chain& chain, JsonValue params) {
  const auto root = io::as_fixed<32>(params.at(0));
  const auto listed = params.at(1).as_bool();
  if (!root || !listed) return invalid_params("[registration root, is listed]");
  return submit(chain, l1_call::ChangeBlacklist{*root, *listed});
}

MethodAnswer add_operator(L1Chain& chain, JsonValue params) {
  const auto proposer = io::as_fixed<20>(params.at(0));
  const auto sequencer = io::as_fixed<20>(params.at(1));
  if (!proposer || !sequencer) return invalid_params("[proposer, sequencer]");
  return submit(chain, l1_call::AddOperator{*proposer, *sequencer});
}

MethodAnswer remove_operator(L1Chain& chain, JsonValue params) {
  const auto proposer = io::as_fixed<20>(params.at(0));
  if (!proposer) return invalid_params("[proposer]");
  return submit(chain, l1_call::RemoveOperator{*proposer});
}

MethodAnswer activate(L1Chain& chain, JsonValue params) {
  const auto hash = io::as_fixed<32>(params.at(0));
  if (!hash) return invalid_params("[L2 block hash]");
  return submit(chain, l1_call::Activate{*hash});
}

MethodAnswer emit_log(L1Chain& chain, JsonValue params) {
  const JsonValue order = params.at(0);
  const auto address = io::as_fixed<20>(order.get("address"));
  const auto data = io::as_data(order.get("data"), kPayloadBytesMax);
  L1Log log;
  bool good = address && data && order.get("topics").size() <= 4;
  order.get("topics").each_element([&](JsonValue element) {
    const auto topic = io::as_fixed<32>(element);
    good = good && topic;
    if (good) log.log.topics.push_back(*topic);
    return good;
  });
  if (!good) return invalid_params("{address, topics, data}");
  log.address = *address;
  log.log.data = *data;
  return submit(chain, l1_call::EmitLog{std::move(log)});
}

struct Method {
  std::string_view name;
  MethodAnswer (*run)(L1Chain&, JsonValue);
};

constexpr std::array kMethods = {
    Method{"sim_activate", activate},
    Method{"sim_propose", propose},
    Method{"sim_forceInclusion", force_inclusion},
    Method{"sim_prove", prove},
    Method{"sim_recover", recover},
    Method{"sim_postLookahead", post_lookahead},
    Method{"sim_blacklist", change_blacklist},
    Method{"sim_addOperator", add_operator},
    Method{"sim_removeOperator", remove_operator},
    Method{"sim_emitLog", emit_log},
};

}  // namespace

std::optional<MethodAnswer> submit_sim_call(L1Chain& chain, std::string_view method,
                                            JsonValue params) {
  for (const Method& candidate : kMethods) {
    if (candidate.name == method) return candidate.run(chain, params);
  }
  return std::nullopt;
}

}  // namespace preconf::node::devnet
