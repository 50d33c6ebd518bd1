#include "io/engine/engine_parts.hpp"

#include <utility>

#include "core/limits.hpp"

namespace preconf::io {

using core::Unexpected;
using core::events::EngineFailed;
using core::events::EngineFailureKind;

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

}  // namespace

core::Result<core::Ok, EngineFailed> read_batch(JsonValue root, std::span<JsonValue> answers) {
  if (root.kind() == JsonKind::kObject) {  // the whole batch was refused
    auto result = result_of(root);
    return Unexpected{result ? malformed("one answer to a batch") : result.error()};
  }
  if (root.kind() != JsonKind::kArray) return Unexpected{malformed("batch answer is no array")};
  std::size_t count = 0;
  bool sound = true;
  root.each_element([&](JsonValue element) {
    const auto id = element.get("id").as_u64();
    sound = id && *id >= 1 && *id <= answers.size() && answers[*id - 1].missing() &&
            ++count <= answers.size();
    if (sound) answers[*id - 1] = element;
    return sound;
  });
  if (!sound || count != answers.size()) {
    return Unexpected{malformed("batch answer with wrong ids")};
  }
  return core::Ok{};
}

EngineRead<std::optional<JsonValue>> optional_result_of(JsonValue answer) {
  auto result = result_of(answer);
  if (!result) {
    if (says_not_found(result.error())) return std::optional<JsonValue>{};
    return Unexpected{result.error()};
  }
  if (result->is_null()) return std::optional<JsonValue>{};
  return std::optional<JsonValue>{*result};
}

EngineRead<core::protocol::HeaderFacts> header_from(JsonValue block) {
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

EngineRead<std::optional<core::protocol::HeaderFacts>> optional_header_from(JsonValue answer) {
  auto result = optional_result_of(answer);
  if (!result) return Unexpected{result.error()};
  if (!*result) return std::optional<core::protocol::HeaderFacts>{};
  auto header = header_from(**result);
  if (!header) return Unexpected{header.error()};
  return std::optional<core::protocol::HeaderFacts>{std::move(header).value()};
}

EngineRead<core::protocol::OriginRow> origin_from(JsonValue origin) {
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

EngineRead<std::optional<core::protocol::OriginRow>> optional_origin_from(JsonValue answer) {
  auto result = optional_result_of(answer);
  if (!result) return Unexpected{result.error()};
  if (!*result) return std::optional<core::protocol::OriginRow>{};
  auto row = origin_from(**result);
  if (!row) return Unexpected{row.error()};
  return std::optional<core::protocol::OriginRow>{*row};
}

}  // namespace preconf::io
