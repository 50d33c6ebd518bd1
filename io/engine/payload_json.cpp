// engine_getPayloadV2's answer: checked against its block hash and rewritten as the canonical
// parameter of engine_newPayloadV2.
#include <optional>
#include <utility>
#include <vector>

#include "core/codec/trie.hpp"
#include "core/crypto/hash.hpp"
#include "core/limits.hpp"
#include "core/protocol/execution_payload.hpp"
#include "io/engine/engine_answers.hpp"
#include "io/engine/payload_parts.hpp"
#include "io/json/eth_json.hpp"
#include "io/json/json_writer.hpp"

namespace preconf::io {

using core::Unexpected;
using core::events::EngineFailed;

template <class T>
using Read = core::Result<T, EngineFailed>;

namespace {

/// Raw transactions; an empty one can not be in a block.
bool read_transactions(JsonValue json, std::vector<core::Bytes>& transactions) {
  if (json.kind() != JsonKind::kArray) return false;
  bool sound = true;
  json.each_element([&](JsonValue element) {
    auto raw = as_data(element, core::limits::kTxListInflatedBytesMax);
    sound = raw && !raw->empty() && transactions.size() < core::limits::kTxListTransactionsMax;
    if (sound) transactions.push_back(std::move(*raw));
    return sound;
  });
  return sound;
}

Read<WholePayload> read_payload(JsonValue result) {
  const JsonValue json = result.get("executionPayload");
  if (json.kind() != JsonKind::kObject) return Unexpected{malformed("no executionPayload")};
  WholePayload taken;
  const char* member = read_payload_members(json, kPayloadNames, taken.fields);
  if (member == nullptr && !take(as_fixed<32>(json.get("blockHash")), taken.block_hash)) {
    member = "blockHash";
  }
  if (member != nullptr) {
    return Unexpected{malformed(std::string("payload: bad or missing ") + member)};
  }
  if (!read_transactions(json.get("transactions"), taken.transactions)) {
    return Unexpected{malformed("payload: bad transactions")};
  }
  const JsonValue withdrawals = json.get("withdrawals");  // the V1 shape has none
  if (!withdrawals.missing() && !withdrawals.is_null() &&
      (withdrawals.kind() != JsonKind::kArray || withdrawals.size() != 0)) {
    return Unexpected{malformed("payload: withdrawals are not empty")};
  }
  if (!take(as_quantity_u256(result.get("blockValue")), taken.fields.block_value)) {
    return Unexpected{malformed("payload: bad or missing blockValue")};
  }
  taken.fields.transactions_root = core::codec::ordered_trie_root(taken.transactions);
  return taken;
}

/// `difficulty` appears from Unzen on, as a decimal number: taiko-geth reads a bare big.Int.
std::string new_payload_json(const WholePayload& taken, const core::codec::Header& header,
                             std::optional<std::uint64_t> difficulty) {
  std::size_t bytes = 2'048;
  for (const core::Bytes& raw : taken.transactions) bytes += 2 * raw.size() + 8;
  JsonWriter json(bytes);
  json.begin_object();
  json.key("parentHash").data(header.parent_hash.view());
  json.key("feeRecipient").data(header.beneficiary.view());
  json.key("stateRoot").data(header.state_root.view());
  json.key("receiptsRoot").data(header.receipts_root.view());
  json.key("logsBloom").data(header.logs_bloom.view());
  json.key("prevRandao").data(header.mix_hash.view());
  json.key("blockNumber").quantity(header.number);
  json.key("gasLimit").quantity(header.gas_limit);
  json.key("gasUsed").quantity(header.gas_used);
  json.key("timestamp").quantity(header.timestamp);
  json.key("extraData").data(header.extra_data);
  json.key("baseFeePerGas").quantity(taken.fields.base_fee_wei);
  json.key("blockHash").data(taken.block_hash.view());
  json.key("transactions").begin_array();
  for (const core::Bytes& raw : taken.transactions) json.data(raw);
  json.end_array();
  json.key("withdrawals").begin_array().end_array();
  json.key("txHash").data(header.transactions_root.view());
  json.key("withdrawalsHash").data(core::codec::kEmptyTrieRoot.view());
  if (difficulty) json.key("headerDifficulty").number(*difficulty);
  json.key("taikoBlock").boolean(true);
  json.end_object();
  return json.take();
}

/// A payload that is not there (any more) is -38001 in the Engine API. alethia-reth, which waits
/// for the payload itself, has an internal error for it.
core::events::EngineFailed with_unknown_payload(core::events::EngineFailed failure) {
  constexpr std::int32_t kUnknownPayloadCode = -38001;
  if (failure.code == kInternalErrorCode && failure.detail.ends_with(": missing payload")) {
    failure.code = kUnknownPayloadCode;
  }
  return failure;
}

}  // namespace

const char* read_payload_members(JsonValue json, const PayloadNames& names,
                                 core::protocol::ExecutionPayload& out) {
  if (!take(as_fixed<32>(json.get("parentHash")), out.parent_hash)) return "parentHash";
  if (!take(as_fixed<20>(json.get(names.fee_recipient)), out.fee_recipient)) {
    return names.fee_recipient;
  }
  if (!take(as_fixed<32>(json.get("stateRoot")), out.state_root)) return "stateRoot";
  if (!take(as_fixed<32>(json.get("receiptsRoot")), out.receipts_root)) return "receiptsRoot";
  if (!take(as_fixed<256>(json.get("logsBloom")), out.logs_bloom)) return "logsBloom";
  if (!take(as_fixed<32>(json.get(names.prev_randao)), out.prev_randao)) return names.prev_randao;
  if (!take(as_quantity_u64(json.get(names.block_number)), out.block_number.value)) {
    return names.block_number;
  }
  if (!take(as_quantity_u64(json.get("gasLimit")), out.gas_limit)) return "gasLimit";
  if (!take(as_quantity_u64(json.get("gasUsed")), out.gas_used)) return "gasUsed";
  if (!take(as_quantity_u64(json.get("timestamp")), out.timestamp.value)) return "timestamp";
  if (!take(as_data(json.get("extraData"), core::limits::kExtraDataBytesMax), out.extra_data)) {
    return "extraData";
  }
  if (!take(as_quantity_u64(json.get("baseFeePerGas")), out.base_fee_wei)) return "baseFeePerGas";
  return nullptr;
}

EngineAnswer payload_from(std::string_view body, const core::commands::GetPayload& command,
                          const core::protocol::ChainProfile& chain) {
  const auto document = parse_answer(body);
  if (!document) return {document.error(), nullptr};
  const auto result = result_of(document->root());
  if (!result) return {with_unknown_payload(result.error()), nullptr};
  auto taken = read_payload(*result);
  if (!taken) return {taken.error(), nullptr};
  if (taken->fields.timestamp != command.timestamp) {
    return {malformed("payload of another timestamp"), nullptr};
  }
  auto checked = checked_payload(std::move(*taken), chain);
  if (!checked) return {malformed(checked.error()), nullptr};
  return std::move(*checked);
}

core::Result<EngineAnswer, std::string> checked_payload(WholePayload whole,
                                                        const core::protocol::ChainProfile& chain) {
  const core::codec::Header header = core::protocol::header_of(whole.fields, chain);
  if (core::codec::hash_header(header) != whole.block_hash) {
    return Unexpected<std::string>{"payload does not hash to its blockHash"};
  }
  std::optional<std::uint64_t> difficulty;
  if (core::protocol::unzen_active(chain, whole.fields.timestamp)) {
    if (!header.difficulty.fits_u64()) {
      return Unexpected<std::string>{"header difficulty over 64 bits"};
    }
    difficulty = header.difficulty.low_u64();
  }
  const std::string json = new_payload_json(whole, header, difficulty);
  auto content = std::make_shared<const core::Bytes>(json.begin(), json.end());
  core::events::PayloadTaken answer;
  answer.header = core::protocol::facts_of(header, whole.block_hash);
  answer.payload = {core::crypto::keccak256(*content), static_cast<std::uint32_t>(content->size())};
  answer.transactions = static_cast<std::uint32_t>(whole.transactions.size());
  return EngineAnswer{std::move(answer), std::move(content)};
}

}  // namespace preconf::io
