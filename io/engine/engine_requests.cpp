#include "io/engine/engine_requests.hpp"

#include <string_view>

#include "core/protocol/anchor_tx.hpp"
#include "core/protocol/derived_block.hpp"
#include "io/json/json_writer.hpp"

namespace preconf::io {
namespace {

/// Opens a call object up to and including the '[' of its parameters.
JsonWriter& open_call(JsonWriter& json, std::uint64_t id, std::string_view method) {
  json.begin_object().key("jsonrpc").text("2.0").key("id").number(id);
  return json.key("method").text(method).key("params").begin_array();
}

JsonWriter& close_call(JsonWriter& json) { return json.end_array().end_object(); }

void put_block_by_tag(JsonWriter& json, std::uint64_t id, std::string_view tag) {
  open_call(json, id, "eth_getBlockByNumber").text(tag).boolean(false);
  close_call(json);
}

void put_state(JsonWriter& json, const core::commands::ForkchoiceState& state) {
  json.begin_object();
  json.key("headBlockHash").data(state.head.view());
  json.key("safeBlockHash").data(state.safe.view());
  json.key("finalizedBlockHash").data(state.finalized.view());
  json.end_object();
}

void put_block_metadata(JsonWriter& json, const core::protocol::PayloadAttributes& attributes,
                        core::BytesView tx_list_rlp) {
  json.begin_object();
  json.key("beneficiary").data(attributes.fee_recipient.view());
  json.key("gasLimit").number(attributes.gas_limit);
  json.key("timestamp").quantity(attributes.timestamp.value);
  json.key("mixHash").data(attributes.prev_randao.view());
  json.key("txList").data(tx_list_rlp);
  json.key("extraData").base64(attributes.extra_data.view());
  json.end_object();
}

/// An L1Origin. Without an L1 block the row is that of a preconfirmed block.
void put_l1_origin(JsonWriter& json, const core::protocol::OriginRow& row,
                   const core::Signature65& signature) {
  json.begin_object();
  json.key("blockID").quantity(row.block_number.value);
  json.key("l2BlockHash").data(row.l2_block_hash.view());
  if (row.l1_block_height.value == 0) {
    json.key("l1BlockHeight").null();
    json.key("l1BlockHash").null();
  } else {
    json.key("l1BlockHeight").quantity(row.l1_block_height.value);
    json.key("l1BlockHash").data(row.l1_block_hash.view());
  }
  json.key("buildPayloadArgsID").begin_array();
  for (const std::uint8_t byte : row.build_payload_args_id.bytes) json.number(byte);
  json.end_array();
  json.key("isForcedInclusion").boolean(row.is_forced_inclusion);
  json.key("signature").data(signature.view());
  json.end_object();
}

/// The row that the engine will keep: it fills in the block's hash itself.
core::protocol::OriginRow row_of(const core::protocol::PayloadAttributes& attributes) {
  core::protocol::OriginRow row;
  row.block_number = attributes.block_number;
  row.build_payload_args_id = attributes.payload_id;
  return row;
}

std::string start_request(const core::commands::ForkchoiceState& state,
                          const core::protocol::PayloadAttributes& attributes,
                          const core::protocol::OriginRow& row, core::BytesView tx_list_rlp) {
  constexpr std::size_t kWithoutTxList = 2'048;
  JsonWriter json(kWithoutTxList + 2 * tx_list_rlp.size());
  open_call(json, 1, "engine_forkchoiceUpdatedV2");
  put_state(json, state);
  json.begin_object();
  json.key("timestamp").quantity(attributes.timestamp.value);
  json.key("prevRandao").data(attributes.prev_randao.view());
  json.key("suggestedFeeRecipient").data(attributes.fee_recipient.view());
  json.key("withdrawals").begin_array().end_array();
  json.key("baseFeePerGas").quantity(attributes.base_fee_wei);
  json.key("blockMetadata");
  put_block_metadata(json, attributes, tx_list_rlp);
  json.key("l1Origin");
  put_l1_origin(json, row, {});
  json.end_object();
  close_call(json);
  return json.take();
}

/// A block by hash, as the second parameter of state reads (EIP-1898).
void put_state_at(JsonWriter& json, const core::Hash32& block_hash, bool require_canonical) {
  json.begin_object();
  json.key("blockHash").data(block_hash.view());
  json.key("requireCanonical").boolean(require_canonical);
  json.end_object();
}

}  // namespace

std::string read_heads_request() {
  JsonWriter json;
  json.begin_array();
  open_call(json, 1, "eth_chainId");
  close_call(json);
  put_block_by_tag(json, 2, "latest");
  put_block_by_tag(json, 3, "safe");
  put_block_by_tag(json, 4, "finalized");
  open_call(json, 5, "taiko_headL1Origin");
  close_call(json);
  json.end_array();
  return json.take();
}

std::string read_block_request(core::BlockNumber number) {
  JsonWriter json;
  json.begin_array();
  open_call(json, 1, "eth_getBlockByNumber").quantity(number.value).boolean(false);
  close_call(json);
  open_call(json, 2, "taiko_l1OriginByID").quantity(number.value);
  close_call(json);
  open_call(json, 3, "taiko_headL1Origin");
  close_call(json);
  json.end_array();
  return json.take();
}

std::string start_payload_request(const core::commands::ForkchoiceState& state,
                                  const core::protocol::PayloadAttributes& attributes,
                                  core::BytesView tx_list_rlp) {
  return start_request(state, attributes, row_of(attributes), tx_list_rlp);
}

std::string start_derived_request(const core::commands::StartDerivedPayload& command,
                                  core::BytesView tx_list_rlp) {
  core::protocol::OriginRow row = row_of(command.attributes);
  row.l1_block_height = command.l1_height;
  row.l1_block_hash = command.l1_hash;
  row.is_forced_inclusion = command.is_forced_inclusion;
  return start_request(command.state, command.attributes, row, tx_list_rlp);
}

std::string update_forkchoice_request(const core::commands::ForkchoiceState& state) {
  JsonWriter json;
  open_call(json, 1, "engine_forkchoiceUpdatedV2");
  put_state(json, state);
  json.null();
  close_call(json);
  return json.take();
}

std::string get_payload_request(const core::PayloadId& id) {
  JsonWriter json;
  open_call(json, 1, "engine_getPayloadV2").data(id.view());
  close_call(json);
  return json.take();
}

std::string new_payload_request(core::BytesView payload_json) {
  JsonWriter json(payload_json.size() + 128);
  open_call(json, 1, "engine_newPayloadV2")
      .raw({reinterpret_cast<const char*>(payload_json.data()), payload_json.size()});
  close_call(json);
  return json.take();
}

std::string golden_nonce_request(const core::Hash32& block_hash) {
  JsonWriter json;
  open_call(json, 1, "eth_getTransactionCount").data(core::protocol::kGoldenTouchAddress.view());
  put_state_at(json, block_hash, true);
  close_call(json);
  return json.take();
}

std::string anchor_state_request(const core::Hash32& block_hash,
                                 const core::Address& anchor_address) {
  JsonWriter json;
  open_call(json, 1, "eth_call").begin_object();
  json.key("to").data(anchor_address.view());
  json.key("data").data(core::protocol::kGetBlockStateSelector.view());
  json.end_object();
  put_state_at(json, block_hash, false);
  close_call(json);
  return json.take();
}

std::string first_transaction_request(const core::Hash32& block_hash) {
  JsonWriter json;
  open_call(json, 1, "eth_getRawTransactionByBlockHashAndIndex").data(block_hash.view());
  json.quantity(0);
  close_call(json);
  return json.take();
}

std::string lookup_batch_request(core::ProposalId id) {
  JsonWriter json;
  open_call(json, 1, "taikoAuth_lastBlockIDByBatchID").quantity(id.value);
  close_call(json);
  return json.take();
}

std::string write_origin_request(const core::commands::WriteOrigin& command) {
  JsonWriter json;
  open_call(json, 1, "taikoAuth_updateL1Origin");
  put_l1_origin(json, command.row, command.signature);
  close_call(json);
  return json.take();
}

std::string set_head_origin_request(core::BlockNumber number) {
  JsonWriter json;
  open_call(json, 1, "taikoAuth_setHeadL1Origin").quantity(number.value);
  close_call(json);
  return json.take();
}

std::string set_batch_request(core::ProposalId id, core::BlockNumber last_block) {
  JsonWriter json;
  open_call(json, 1, "taikoAuth_setBatchToLastBlock").quantity(id.value);
  json.quantity(last_block.value);
  close_call(json);
  return json.take();
}

}  // namespace preconf::io
