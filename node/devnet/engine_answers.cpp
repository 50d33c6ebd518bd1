// Values of the simulated engine as the JSON that alethia-reth answers with.
#include "node/devnet/engine_json.hpp"

namespace preconf::node::devnet {
namespace {

void write_block_fields(io::JsonWriter& out, const SimBlock& block) {
  const core::codec::Header& header = block.header;
  out.key("parentHash").data(header.parent_hash.view());
  out.key("stateRoot").data(header.state_root.view());
  out.key("receiptsRoot").data(header.receipts_root.view());
  out.key("logsBloom").data(header.logs_bloom.view());
  out.key("gasLimit").quantity(header.gas_limit);
  out.key("gasUsed").quantity(header.gas_used);
  out.key("timestamp").quantity(header.timestamp);
  out.key("extraData").data(header.extra_data);
  out.key("baseFeePerGas").quantity(header.base_fee_wei.value_or(0));
}

}  // namespace

void write_status(io::JsonWriter& out, const StatusAnswer& status) {
  out.begin_object();
  switch (status.status) {
    case core::events::PayloadStatus::kValid:
      out.key("status").text("VALID");
      break;
    case core::events::PayloadStatus::kInvalid:
      out.key("status").text("INVALID");
      break;
    case core::events::PayloadStatus::kSyncing:
      out.key("status").text("SYNCING");
      break;
    case core::events::PayloadStatus::kAccepted:
      out.key("status").text("ACCEPTED");
      break;
  }
  out.key("latestValidHash");
  if (status.latest_valid_hash) {
    out.data(status.latest_valid_hash->view());
  } else {
    out.null();
  }
  out.key("validationError");
  if (status.validation_error.empty()) {
    out.null();
  } else {
    out.text(status.validation_error);
  }
  out.end_object();
}

std::string forkchoice_json(const ForkchoiceAnswer& answer) {
  io::JsonWriter out(320);
  out.begin_object().key("payloadStatus");
  write_status(out, answer.status);
  out.key("payloadId");
  if (answer.payload_id) {
    out.data(answer.payload_id->view());
  } else {
    out.null();
  }
  out.end_object();
  return out.take();
}

std::string payload_json(const SimBlock& block, const core::protocol::ChainProfile& chain) {
  const core::codec::Header& header = block.header;
  io::JsonWriter out(2048 + 3 * block.rlp_bytes);
  out.begin_object().key("executionPayload").begin_object();
  write_block_fields(out, block);
  out.key("feeRecipient").data(header.beneficiary.view());
  out.key("prevRandao").data(header.mix_hash.view());
  out.key("blockNumber").quantity(header.number);
  out.key("blockHash").data(block.hash.view());
  out.key("transactions").begin_array();
  for (const SimTransaction& transaction : block.transactions) out.data(transaction.raw);
  out.end_array().key("withdrawals").begin_array().end_array().end_object();
  const bool unzen = core::protocol::unzen_active(chain, core::UnixSeconds{header.timestamp});
  out.key("blockValue").quantity(unzen ? header.difficulty : core::U256{});
  out.end_object();
  return out.take();
}

std::string origin_json(const StoredOrigin& origin) {
  io::JsonWriter out(512);
  out.begin_object();
  out.key("blockId").quantity(origin.block_id);
  out.key("l2BlockHash").data(origin.l2_block_hash.view());
  out.key("l1BlockHeight").quantity(origin.l1_block_height);
  out.key("l1BlockHash").data(origin.l1_block_hash.view());
  out.key("buildPayloadArgsId").begin_array();
  for (const std::uint8_t byte : origin.build_payload_args_id.bytes) out.number(byte);
  out.end_array();
  out.key("isForcedInclusion").boolean(origin.is_forced_inclusion);
  out.key("signature").data(origin.signature.view());
  out.end_object();
  return out.take();
}

}  // namespace preconf::node::devnet
