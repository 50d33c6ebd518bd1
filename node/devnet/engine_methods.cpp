#include "node/devnet/engine_methods.hpp"

#include <fmt/format.h>

#include <array>

#include "core/base/hex.hpp"
#include "core/codec/abi.hpp"
#include "core/protocol/derived_block.hpp"
#include "io/json/eth_json.hpp"
#include "io/json/json_writer.hpp"
#include "node/devnet/engine_json.hpp"
#include "node/devnet/sim_methods.hpp"

namespace preconf::node::devnet {
namespace {

using io::JsonValue;

EngineError invalid_params(std::string what) { return EngineError{-32602, std::move(what)}; }
EngineError not_found() { return EngineError{-32000, "not found"}; }

std::string quoted_quantity(std::uint64_t value) {
  return fmt::format("\"{}\"", core::to_quantity(value));
}

// --- engine_ ------------------------------------------------------------------------------------

MethodAnswer forkchoice_updated(EngineState& engine, JsonValue params) {
  const auto state = forkchoice_state_from(params.at(0));
  if (!state) return invalid_params(state.error());
  const JsonValue attributes = params.at(1);
  if (attributes.missing() || attributes.is_null()) {
    auto answer = engine.chain.forkchoice_updated(*state, nullptr);
    if (!answer) return answer.error();
    return forkchoice_json(*answer);
  }
  const auto build = build_request_from(attributes);
  if (!build) return invalid_params(build.error());
  auto answer = engine.chain.forkchoice_updated(*state, &*build);
  if (!answer) return answer.error();
  return forkchoice_json(*answer);
}

MethodAnswer get_payload(EngineState& engine, JsonValue params) {
  const auto id = io::as_fixed<8>(params.at(0));
  if (!id) return invalid_params("invalid payload id");
  const auto block = engine.chain.get_payload(*id);
  if (!block) return block.error();
  return payload_json(**block, engine.chain.profile());
}

MethodAnswer new_payload(EngineState& engine, JsonValue params) {
  const auto claim = payload_claim_from(params.at(0), engine.chain.profile());
  if (!claim) return invalid_params(claim.error());
  io::JsonWriter out;
  write_status(out, engine.chain.new_payload(*claim));
  return out.take();
}

// --- eth_ ---------------------------------------------------------------------------------------

MethodAnswer chain_id(EngineState& engine, JsonValue) { return quoted_quantity(engine.chain_id); }

MethodAnswer block_number(EngineState& engine, JsonValue) {
  return quoted_quantity(engine.chain.head().number());
}

MethodAnswer syncing(EngineState&, JsonValue) { return std::string("false"); }

/// A block tag or number; `known` is false for text that is neither.
const SimBlock* block_by_tag(const EngineChain& chain, JsonValue value, bool& known) {
  known = true;
  const auto text = value.as_string();
  if (text == "latest" || text == "pending") return &chain.head();
  if (text == "safe") return chain.safe();
  if (text == "finalized") return chain.finalized();
  if (text == "earliest") return chain.canonical(0);
  const auto number = io::as_quantity_u64(value);
  known = number.has_value();
  return known ? chain.canonical(*number) : nullptr;
}

MethodAnswer block_or_null(const SimBlock* block, bool full) {
  return block == nullptr ? std::string("null") : block_json(*block, full);
}

MethodAnswer block_by_number(EngineState& engine, JsonValue params) {
  bool known = false;
  const SimBlock* block = block_by_tag(engine.chain, params.at(0), known);
  if (!known) return invalid_params("invalid block number or tag");
  // reth serves what its pipeline has the body of, whether it is executed or not.
  const auto number = io::as_quantity_u64(params.at(0));
  if (block == nullptr && number) block = engine.chain.fetched(*number);
  return block_or_null(block, params.at(1).as_bool().value_or(false));
}

MethodAnswer block_by_hash(EngineState& engine, JsonValue params) {
  const auto hash = io::as_fixed<32>(params.at(0));
  if (!hash) return invalid_params("invalid block hash");
  return block_or_null(engine.chain.by_hash(*hash), params.at(1).as_bool().value_or(false));
}

/// The raw bytes, as most engines serve them; null for an unknown block or index.
MethodAnswer raw_transaction(EngineState& engine, JsonValue params) {
  const auto hash = io::as_fixed<32>(params.at(0));
  const auto index = io::as_quantity_u64(params.at(1));
  if (!hash || !index) return invalid_params("invalid block hash or index");
  const SimBlock* block = engine.chain.by_hash(*hash);
  if (block == nullptr || *index >= block->transactions.size()) return std::string("null");
  return '"' + core::to_hex0x(block->transactions[*index].raw) + '"';
}

/// The block that a block id names (tag, number or EIP-1898 object), or why there is none. An id
/// that is absent means the head.
core::Result<const SimBlock*, EngineError> block_by_id(const EngineChain& chain, JsonValue where) {
  const auto fails = [](std::int32_t code, std::string what) {
    return core::Unexpected<EngineError>{EngineError{code, std::move(what)}};
  };
  if (where.kind() == io::JsonKind::kObject && !where.get("blockHash").missing()) {
    const auto hash = io::as_fixed<32>(where.get("blockHash"));
    if (!hash) return fails(-32602, "invalid block hash");
    const SimBlock* block = chain.by_hash(*hash);
    if (block == nullptr) {
      return fails(-32001, fmt::format("block not found: hash {}", core::to_hex0x(hash->view())));
    }
    if (where.get("requireCanonical").as_bool().value_or(false) && !chain.is_canonical(*block)) {
      return fails(-32001, "block not found: not canonical");
    }
    return block;
  }
  if (where.missing() || where.is_null()) return &chain.head();
  if (where.kind() == io::JsonKind::kObject) where = where.get("blockNumber");
  bool known = false;
  const SimBlock* block = block_by_tag(chain, where, known);
  if (!known) return fails(-32602, "invalid block id");
  if (block == nullptr) return fails(-32001, "block not found");
  return block;
}

MethodAnswer transaction_count(EngineState& engine, JsonValue params) {
  const auto account = io::as_fixed<20>(params.at(0));
  if (!account) return invalid_params("invalid address");
  const auto block = block_by_id(engine.chain, params.at(1));
  if (!block) return block.error();
  return quoted_quantity(engine.chain.transaction_count(*account, **block));
}

/// Only the anchor contract has code, and of it only getBlockState() is known here.
MethodAnswer call(EngineState& engine, JsonValue params) {
  constexpr std::size_t kCallBytesMax = 4'096;
  const JsonValue message = params.at(0);
  const auto to = io::as_fixed<20>(message.get("to"));
  JsonValue input = message.get("input");
  if (input.missing()) input = message.get("data");
  const auto data = io::as_data(input, kCallBytesMax);
  if (!to || !data) return invalid_params("invalid call");
  const auto block = block_by_id(engine.chain, params.at(1));
  if (!block) return block.error();
  if (*to != engine.chain.profile().anchor_address) return std::string("\"0x\"");
  const auto& selector = core::protocol::kGetBlockStateSelector;
  if (data->size() != selector.kSize ||
      !std::equal(data->begin(), data->end(), selector.bytes.begin())) {
    return EngineError{3, "execution reverted"};
  }
  core::Bytes answer;
  core::codec::append_abi_u64(answer, (*block)->anchor_number);
  core::codec::append_abi_word(answer, (*block)->ancestors_hash);
  return '"' + core::to_hex0x(answer) + '"';
}

// --- taiko_ and taikoAuth_ ----------------------------------------------------------------------

MethodAnswer row_or_not_found(const StoredOrigin* row) {
  if (row == nullptr) return not_found();
  return origin_json(*row);
}

MethodAnswer head_l1_origin(EngineState& engine, JsonValue) {
  return row_or_not_found(engine.chain.tables().head_row());
}

MethodAnswer l1_origin_by_id(EngineState& engine, JsonValue params) {
  const auto id = io::as_quantity_u64(params.at(0));
  if (!id) return invalid_params("invalid block id");
  return row_or_not_found(engine.chain.tables().origin_at(*id));
}

MethodAnswer set_head_l1_origin(EngineState& engine, JsonValue params) {
  const auto id = io::as_quantity_u64(params.at(0));
  if (!id) return invalid_params("invalid block id");
  engine.chain.tables().head_origin = *id;
  return quoted_quantity(*id);
}

MethodAnswer update_l1_origin(EngineState& engine, JsonValue params) {
  const auto origin = origin_from(params.at(0));
  if (!origin) return invalid_params(origin.error());
  engine.chain.tables().origins[origin->block_id] = *origin;
  return origin_json(*origin);
}

MethodAnswer set_l1_origin_signature(EngineState& engine, JsonValue params) {
  const auto id = io::as_quantity_u64(params.at(0));
  const auto bytes = io::as_data(params.at(1), 1024);
  if (!id || !bytes) return invalid_params("invalid block id or signature");
  auto& origins = engine.chain.tables().origins;
  const auto row = origins.find(*id);
  if (row == origins.end()) return not_found();
  if (bytes->size() != core::Signature65::kSize) {
    return invalid_params("Signature must be a 65-byte array");
  }
  row->second.signature = core::Signature65::from(*bytes);
  return origin_json(row->second);
}

MethodAnswer set_batch_to_last_block(EngineState& engine, JsonValue params) {
  const auto batch = io::as_quantity_u64(params.at(0));
  const auto block = io::as_quantity_u64(params.at(1));
  if (!batch || !block) return invalid_params("invalid batch or block id");
  engine.chain.tables().batch_blocks[*batch] = *block;
  return quoted_quantity(*batch);
}

MethodAnswer last_block_of_batch(EngineState& engine, JsonValue params) {
  const auto batch = io::as_quantity_u256(params.at(0));
  if (!batch) return invalid_params("invalid batch id");
  const auto block = engine.chain.last_block_of_batch(*batch);
  if (!block) return block.error();
  return quoted_quantity(*block);
}

MethodAnswer last_origin_of_batch(EngineState& engine, JsonValue params) {
  const auto batch = io::as_quantity_u256(params.at(0));
  if (!batch) return invalid_params("invalid batch id");
  const auto block = engine.chain.last_block_of_batch(*batch);
  if (!block) return block.error();
  const StoredOrigin* row = engine.chain.tables().origin_at(*block);
  return row == nullptr ? std::string("null") : origin_json(*row);
}

/// The mapping alone, without a scan.
std::optional<std::uint64_t> certain_block(const EngineState& engine, std::uint64_t batch) {
  const auto& batches = engine.chain.tables().batch_blocks;
  const auto mapping = batches.find(batch);
  if (mapping == batches.end()) return std::nullopt;
  return mapping->second;
}

MethodAnswer certain_block_of_batch(EngineState& engine, JsonValue params) {
  const auto batch = io::as_quantity_u64(params.at(0));
  if (!batch) return invalid_params("invalid batch id");
  const auto block = certain_block(engine, *batch);
  return block ? quoted_quantity(*block) : std::string("null");
}

MethodAnswer certain_origin_of_batch(EngineState& engine, JsonValue params) {
  const auto batch = io::as_quantity_u64(params.at(0));
  if (!batch) return invalid_params("invalid batch id");
  const auto block = certain_block(engine, *batch);
  const StoredOrigin* row = block ? engine.chain.tables().origin_at(*block) : nullptr;
  return row == nullptr ? std::string("null") : origin_json(*row);
}

/// The simulated engine has no transaction pool.
MethodAnswer tx_pool_content(EngineState&, JsonValue params) {
  if (params.at(5).as_u64() == std::uint64_t{0}) {
    return invalid_params("`maxTransactionsLists` must not be `0`");
  }
  return std::string("[]");
}

struct Method {
  std::string_view name;
  EnginePort port;
  MethodAnswer (*run)(EngineState&, JsonValue);
};

constexpr std::array kMethods = {
    Method{"eth_chainId", EnginePort::kPublic, chain_id},
    Method{"eth_blockNumber", EnginePort::kPublic, block_number},
    Method{"eth_syncing", EnginePort::kPublic, syncing},
    Method{"eth_getBlockByNumber", EnginePort::kPublic, block_by_number},
    Method{"eth_getBlockByHash", EnginePort::kPublic, block_by_hash},
    Method{"eth_getRawTransactionByBlockHashAndIndex", EnginePort::kPublic, raw_transaction},
    Method{"eth_getTransactionCount", EnginePort::kPublic, transaction_count},
    Method{"eth_call", EnginePort::kPublic, call},
    Method{"taiko_headL1Origin", EnginePort::kPublic, head_l1_origin},
    Method{"taiko_l1OriginByID", EnginePort::kPublic, l1_origin_by_id},
    Method{"engine_forkchoiceUpdatedV2", EnginePort::kAuth, forkchoice_updated},
    Method{"engine_getPayloadV2", EnginePort::kAuth, get_payload},
    Method{"engine_newPayloadV2", EnginePort::kAuth, new_payload},
    Method{"taikoAuth_setHeadL1Origin", EnginePort::kAuth, set_head_l1_origin},
    Method{"taikoAuth_updateL1Origin", EnginePort::kAuth, update_l1_origin},
    Method{"taikoAuth_setL1OriginSignature", EnginePort::kAuth, set_l1_origin_signature},
    Method{"taikoAuth_setBatchToLastBlock", EnginePort::kAuth, set_batch_to_last_block},
    Method{"taikoAuth_lastBlockIDByBatchID", EnginePort::kAuth, last_block_of_batch},
    Method{"taikoAuth_lastL1OriginByBatchID", EnginePort::kAuth, last_origin_of_batch},
    Method{"taikoAuth_lastCertainBlockIDByBatchID", EnginePort::kAuth, certain_block_of_batch},
    Method{"taikoAuth_lastCertainL1OriginByBatchID", EnginePort::kAuth, certain_origin_of_batch},
    Method{"taikoAuth_txPoolContent", EnginePort::kAuth, tx_pool_content},
    Method{"taikoAuth_txPoolContentWithMinTip", EnginePort::kAuth, tx_pool_content},
};

}  // namespace

MethodAnswer call_method(EngineState& engine, EnginePort port, std::string_view method,
                         JsonValue params) {
  if (port == EnginePort::kAuth && method.starts_with("sim_")) {
    return call_sim_method(engine, method, params);
  }
  for (const Method& candidate : kMethods) {
    if (candidate.name != method) continue;
    if (candidate.port == EnginePort::kAuth && port != EnginePort::kAuth) break;
    return candidate.run(engine, params);
  }
  return EngineError{-32601, "Method not found"};
}

}  // namespace preconf::node::devnet
