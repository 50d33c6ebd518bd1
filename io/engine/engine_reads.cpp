// Answers to reads: batches on the public endpoint, blocks and L1 origin rows.
#include <array>
#include <optional>
#include <utility>

#include "core/limits.hpp"
#include "io/engine/engine_answers.hpp"
#include "io/json/eth_json.hpp"

namespace preconf::io {

using core::Unexpected;
using core::events::EngineFailed;
using core::events::EngineFailureKind;
using core::events::EngineResult;

template <class T>
using Read = core::Result<T, EngineFailed>;

namespace {

bool says_not_found(const EngineFailed& failure) {
  // taiko_* without a row: -32000 "not found". Labels before the first finality: geth says
  // -32000 "finalized block not found", reth -39001 "Unknown block".
  constexpr std::int32_t kServerError = -32000;
  constexpr std::int32_t kUnknownBlock = -39001;
  return failure.kind == EngineFailureKind::kRpcError &&
         (failure.code == kUnknownBlock ||
          (failure.code == kServerError && failure.detail.find("not found") != std::string::npos));
}

/// The result, or nothing when the engine said that there is none.
Read<std::optional<JsonValue>> optional_result_of(JsonValue answer) {
  auto result = result_of(answer);
  if (!result) {
    if (says_not_found(result.error())) return std::optional<JsonValue>{};
    return Unexpected{result.error()};
  }
  if (result->is_null()) return std::optional<JsonValue>{};
  return std::optional<JsonValue>{*result};
}

/// The answers of a batch in order of their ids 1 .. N.
template <std::size_t N>
Read<std::array<JsonValue, N>> batch_of(JsonValue root) {
  if (root.kind() == JsonKind::kObject) {  // the whole batch was refused
    auto result = result_of(root);
    return Unexpected{result ? malformed("one answer to a batch") : result.error()};
  }
  if (root.kind() != JsonKind::kArray) return Unexpected{malformed("batch answer is no array")};
  std::array<JsonValue, N> answers;
  std::size_t count = 0;
  bool sound = true;
  root.each_element([&](JsonValue element) {
    const auto id = element.get("id").as_u64();
    sound = id && *id >= 1 && *id <= N && answers[*id - 1].missing() && ++count <= N;
    if (sound) answers[*id - 1] = element;
    return sound;
  });
  if (!sound || count != N) return Unexpected{malformed("batch answer with wrong ids")};
  return answers;
}

Read<core::protocol::HeaderFacts> header_from(JsonValue block) {
  core::protocol::HeaderFacts facts;
  const auto bad = [](std::string_view member) {
    return Unexpected{malformed("block: bad or missing " + std::string(member))};
  };
  if (block.kind() != JsonKind::kObject) return Unexpected{malformed("block is no object")};
  if (!take(as_quantity_u64(block.get("number")), facts.number.value)) return bad("number");
  if (!take(as_fixed<32>(block.get("hash")), facts.hash)) return bad("hash");
  if (!take(as_fixed<32>(block.get("parentHash")), facts.parent_hash)) return bad("parentHash");
  if (!take(as_quantity_u64(block.get("timestamp")), facts.timestamp.value)) {
    return bad("timestamp");
  }
  if (!take(as_fixed<20>(block.get("miner")), facts.beneficiary)) return bad("miner");
  if (!take(as_fixed<32>(block.get("mixHash")), facts.mix_hash)) return bad("mixHash");
  if (!take(as_quantity_u256(block.get("difficulty")), facts.difficulty)) return bad("difficulty");
  if (!take(as_quantity_u64(block.get("gasLimit")), facts.gas_limit)) return bad("gasLimit");
  if (!take(as_quantity_u64(block.get("gasUsed")), facts.gas_used)) return bad("gasUsed");
  const JsonValue base_fee = block.get("baseFeePerGas");
  if (!base_fee.missing() && !take(as_quantity_u64(base_fee), facts.base_fee_wei)) {
    return bad("baseFeePerGas");
  }
  if (!take(as_data(block.get("extraData"), core::limits::kExtraDataBytesMax), facts.extra_data)) {
    return bad("extraData");
  }
  return facts;
}

Read<std::optional<core::protocol::HeaderFacts>> optional_header_from(JsonValue answer) {
  auto result = optional_result_of(answer);
  if (!result) return Unexpected{result.error()};
  if (!*result) return std::optional<core::protocol::HeaderFacts>{};
  auto header = header_from(**result);
  if (!header) return Unexpected{header.error()};
  return std::optional<core::protocol::HeaderFacts>{std::move(header).value()};
}

/// Members of an L1Origin that may be null or absent: preconfirmed rows have no L1 block.
template <std::size_t N>
bool take_nullable(JsonValue value, core::FixedBytes<N>& to) {
  return value.missing() || value.is_null() || take(as_fixed<N>(value), to);
}

bool take_args_id(JsonValue value, core::PayloadId& id) {
  if (value.missing() || value.is_null()) return true;
  if (value.kind() != JsonKind::kArray || value.size() != id.bytes.size()) return false;
  std::size_t index = 0;
  bool sound = true;
  value.each_element([&](JsonValue element) {
    const auto byte = element.as_u64();
    sound = byte && *byte <= 0xff;
    if (sound) id.bytes[index++] = static_cast<std::uint8_t>(*byte);
    return sound;
  });
  return sound;
}

JsonValue either(JsonValue object, std::string_view name, std::string_view other) {
  const JsonValue value = object.get(name);
  return value.missing() ? object.get(other) : value;
}

Read<core::protocol::OriginRow> origin_from(JsonValue origin) {
  core::protocol::OriginRow row;
  const auto bad = [](std::string_view member) {
    return Unexpected{malformed("L1 origin: bad " + std::string(member))};
  };
  if (origin.kind() != JsonKind::kObject) return bad("object");
  if (!take(as_quantity_u64(either(origin, "blockID", "blockId")), row.block_number.value)) {
    return bad("blockID");
  }
  if (!take_nullable(origin.get("l2BlockHash"), row.l2_block_hash)) return bad("l2BlockHash");
  const JsonValue height = origin.get("l1BlockHeight");
  if (!height.missing() && !height.is_null() &&
      !take(as_quantity_u64(height), row.l1_block_height.value)) {
    return bad("l1BlockHeight");
  }
  if (!take_nullable(origin.get("l1BlockHash"), row.l1_block_hash)) return bad("l1BlockHash");
  if (!take_args_id(either(origin, "buildPayloadArgsID", "buildPayloadArgsId"),
                    row.build_payload_args_id)) {
    return bad("buildPayloadArgsID");
  }
  const JsonValue forced = origin.get("isForcedInclusion");
  if (!forced.missing() && !forced.is_null() && !take(forced.as_bool(), row.is_forced_inclusion)) {
    return bad("isForcedInclusion");
  }
  return row;
}

Read<std::optional<core::protocol::OriginRow>> optional_origin_from(JsonValue answer) {
  auto result = optional_result_of(answer);
  if (!result) return Unexpected{result.error()};
  if (!*result) return std::optional<core::protocol::OriginRow>{};
  auto row = origin_from(**result);
  if (!row) return Unexpected{row.error()};
  return std::optional<core::protocol::OriginRow>{*row};
}

std::optional<core::BlockNumber> number_of(const std::optional<core::protocol::OriginRow>& row) {
  if (!row) return std::nullopt;
  return row->block_number;
}

std::optional<core::BlockRef> ref_of(const std::optional<core::protocol::HeaderFacts>& header) {
  if (!header) return std::nullopt;
  return header->ref();
}

}  // namespace

EngineResult heads_from(std::string_view body) {
  const auto document = parse_answer(body);
  if (!document) return document.error();
  const auto answers = batch_of<5>(document->root());
  if (!answers) return answers.error();
  const auto chain = result_of((*answers)[0]);
  if (!chain) return chain.error();
  const auto chain_id = as_quantity_u64(*chain);
  if (!chain_id) return malformed("bad chain id");
  const auto latest = optional_header_from((*answers)[1]);
  if (!latest) return latest.error();
  const auto safe = optional_header_from((*answers)[2]);
  if (!safe) return safe.error();
  const auto finalized = optional_header_from((*answers)[3]);
  if (!finalized) return finalized.error();
  const auto origin = optional_origin_from((*answers)[4]);
  if (!origin) return origin.error();
  return core::events::HeadsRead{*chain_id, *latest, ref_of(*safe), ref_of(*finalized),
                                 number_of(*origin)};
}

EngineResult block_from(std::string_view body, core::BlockNumber asked) {
  const auto document = parse_answer(body);
  if (!document) return document.error();
  const auto answers = batch_of<3>(document->root());
  if (!answers) return answers.error();
  const auto block = optional_header_from((*answers)[0]);
  if (!block) return block.error();
  if (*block && (*block)->number != asked) return malformed("block of another number");
  const auto origin = optional_origin_from((*answers)[1]);
  if (!origin) return origin.error();
  if (*origin && (*origin)->block_number != asked) return malformed("L1 origin of another block");
  const auto head = optional_origin_from((*answers)[2]);
  if (!head) return head.error();
  return core::events::BlockRead{asked, *block, *origin, number_of(*head)};
}

}  // namespace preconf::io
