#include "io/engine/engine_requests.hpp"

#include <string_view>

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

void put_l1_origin(JsonWriter& json, const core::protocol::PayloadAttributes& attributes) {
  json.begin_object();
  json.key("blockID").quantity(attributes.block_number.value);
  json.key("l2BlockHash").data(core::Hash32{}.view());
  json.key("l1BlockHeight").null();
  json.key("l1BlockHash").null();
  json.key("buildPayloadArgsID").begin_array();
  for (const std::uint8_t byte : attributes.payload_id.bytes) json.number(byte);
  json.end_array();
  json.key("isForcedInclusion").boolean(false);
  json.key("signature").data(core::Signature65{}.view());
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
  put_l1_origin(json, attributes);
  json.end_object();
  close_call(json);
  return json.take();
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

}  // namespace preconf::io
