// Payload of engine answers: one union member per command's answer.
#include "schemas/codec/convert.hpp"
#include "schemas/codec/payload_codec.hpp"
#include "schemas/generated/engine_generated.h"

namespace preconf::schemas {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;
namespace events = core::events;

namespace {

/// A struct to point to when present; FlatBuffers leaves the field out for a null pointer.
template <class Core>
auto optional_struct(const std::optional<Core>& value) {
  std::optional<decltype(to_fbs(*value))> out;
  if (value) out = to_fbs(*value);
  return out;
}
template <class T>
const T* pointer_to(const std::optional<T>& value) {
  return value ? &*value : nullptr;
}
template <class Fbs, class Core>
void assign_optional(std::optional<Core>& out, const Fbs* in) {
  out.reset();
  if (in != nullptr) out = to_core(*in);
}

Offset<fbs::HeaderFacts> encode(FlatBufferBuilder& builder, const core::protocol::HeaderFacts& in) {
  const auto extra = in.extra_data.empty() ? Offset<flatbuffers::Vector<std::uint8_t>>(0)
                                           : blob(builder, in.extra_data);
  const fbs::Hash32 hash = to_fbs(in.hash);
  const fbs::Hash32 parent = to_fbs(in.parent_hash);
  const fbs::Address beneficiary = to_fbs(in.beneficiary);
  const fbs::Hash32 mix = to_fbs(in.mix_hash);
  const fbs::U256 difficulty = to_fbs(in.difficulty);
  return fbs::CreateHeaderFacts(builder, in.number.value, &hash, &parent, in.timestamp.value,
                                &beneficiary, &mix, &difficulty, in.gas_limit, in.gas_used,
                                in.base_fee_wei, extra);
}

void decode(const fbs::HeaderFacts& in, core::protocol::HeaderFacts& out) {
  out.number.value = in.number();
  out.hash = to_core(*in.hash());
  out.parent_hash = to_core(*in.parent_hash());
  out.timestamp.value = in.timestamp();
  out.beneficiary = to_core(*in.beneficiary());
  out.mix_hash = to_core(*in.mix_hash());
  out.difficulty = to_core(*in.difficulty());
  out.gas_limit = in.gas_limit();
  out.gas_used = in.gas_used();
  out.base_fee_wei = in.base_fee_wei();
  assign(out.extra_data, in.extra_data());
}

void decode(const fbs::HeaderFacts* in, std::optional<core::protocol::HeaderFacts>& out) {
  out.reset();
  if (in != nullptr) decode(*in, out.emplace());
}

Offset<void> encode_result(FlatBufferBuilder& builder, const events::HeadsRead& in) {
  const auto latest = in.latest ? encode(builder, *in.latest) : Offset<fbs::HeaderFacts>(0);
  const auto safe = optional_struct(in.safe);
  const auto finalized = optional_struct(in.finalized);
  fbs::HeadsReadBuilder table(builder);
  table.add_chain_id(in.chain_id);
  if (in.head_l1_origin) table.add_head_l1_origin(in.head_l1_origin->value);
  table.add_finalized(pointer_to(finalized));
  table.add_safe(pointer_to(safe));
  table.add_latest(latest);
  return table.Finish().Union();
}

void decode(const fbs::HeadsRead& in, events::HeadsRead& out) {
  out.chain_id = in.chain_id();
  decode(in.latest(), out.latest);
  assign_optional(out.safe, in.safe());
  assign_optional(out.finalized, in.finalized());
  out.head_l1_origin.reset();
  if (in.head_l1_origin()) out.head_l1_origin = core::BlockNumber{*in.head_l1_origin()};
}

Offset<fbs::OriginRow> encode(FlatBufferBuilder& builder, const core::protocol::OriginRow& in) {
  const fbs::Hash32 l2_hash = to_fbs(in.l2_block_hash);
  const fbs::Hash32 l1_hash = to_fbs(in.l1_block_hash);
  const fbs::PayloadId args_id = to_fbs(in.build_payload_args_id);
  return fbs::CreateOriginRow(builder, in.block_number.value, &l2_hash, in.l1_block_height.value,
                              &l1_hash, &args_id, in.is_forced_inclusion);
}

void decode(const fbs::OriginRow* in, std::optional<core::protocol::OriginRow>& out) {
  out.reset();
  if (in == nullptr) return;
  core::protocol::OriginRow& row = out.emplace();
  row.block_number.value = in->block_number();
  row.l2_block_hash = to_core(*in->l2_block_hash());
  row.l1_block_height.value = in->l1_block_height();
  row.l1_block_hash = to_core(*in->l1_block_hash());
  row.build_payload_args_id = to_core(*in->build_payload_args_id());
  row.is_forced_inclusion = in->is_forced_inclusion();
}

Offset<void> encode_result(FlatBufferBuilder& builder, const events::BlockRead& in) {
  const auto block = in.block ? encode(builder, *in.block) : Offset<fbs::HeaderFacts>(0);
  const auto origin = in.origin ? encode(builder, *in.origin) : Offset<fbs::OriginRow>(0);
  fbs::BlockReadBuilder table(builder);
  table.add_number(in.number.value);
  if (in.head_l1_origin) table.add_head_l1_origin(in.head_l1_origin->value);
  table.add_origin(origin);
  table.add_block(block);
  return table.Finish().Union();
}

void decode(const fbs::BlockRead& in, events::BlockRead& out) {
  out.number.value = in.number();
  decode(in.block(), out.block);
  decode(in.origin(), out.origin);
  out.head_l1_origin.reset();
  if (in.head_l1_origin()) out.head_l1_origin = core::BlockNumber{*in.head_l1_origin()};
}

Offset<void> encode_result(FlatBufferBuilder& builder, const events::ForkchoiceAnswered& in) {
  const auto error = text(builder, in.validation_error);
  const auto valid_hash = optional_struct(in.latest_valid_hash);
  const auto payload_id = optional_struct(in.payload_id);
  return fbs::CreateForkchoiceAnswered(builder, static_cast<std::uint8_t>(in.status),
                                       pointer_to(valid_hash), pointer_to(payload_id), error)
      .Union();
}

void decode(const fbs::ForkchoiceAnswered& in, events::ForkchoiceAnswered& out) {
  out.status = static_cast<events::PayloadStatus>(in.status());
  assign_optional(out.latest_valid_hash, in.latest_valid_hash());
  assign_optional(out.payload_id, in.payload_id());
  assign(out.validation_error, in.validation_error());
}

Offset<void> encode_result(FlatBufferBuilder& builder, const events::PayloadTaken& in) {
  const auto header = encode(builder, in.header);
  const fbs::ContentRef payload = to_fbs(in.payload);
  return fbs::CreatePayloadTaken(builder, header, &payload, in.transactions).Union();
}

void decode(const fbs::PayloadTaken& in, events::PayloadTaken& out) {
  decode(*in.header(), out.header);
  out.payload = to_core(*in.payload());
  out.transactions = in.transactions();
}

Offset<void> encode_result(FlatBufferBuilder& builder, const events::PayloadJudged& in) {
  const auto error = text(builder, in.validation_error);
  const auto valid_hash = optional_struct(in.latest_valid_hash);
  return fbs::CreatePayloadJudged(builder, static_cast<std::uint8_t>(in.status),
                                  pointer_to(valid_hash), error)
      .Union();
}

void decode(const fbs::PayloadJudged& in, events::PayloadJudged& out) {
  out.status = static_cast<events::PayloadStatus>(in.status());
  assign_optional(out.latest_valid_hash, in.latest_valid_hash());
  assign(out.validation_error, in.validation_error());
}

Offset<void> encode_result(FlatBufferBuilder& builder, const events::EngineFailed& in) {
  const auto detail = text(builder, in.detail);
  return fbs::CreateEngineFailed(builder, static_cast<std::uint8_t>(in.kind),
                                 static_cast<std::uint8_t>(in.certainty), in.code, detail)
      .Union();
}

void decode(const fbs::EngineFailed& in, events::EngineFailed& out) {
  out.kind = static_cast<events::EngineFailureKind>(in.kind());
  out.certainty = static_cast<events::Certainty>(in.certainty());
  out.code = in.code();
  assign(out.detail, in.detail());
}

/// The union numbers are those of the variant's alternatives plus one.
fbs::EngineResult type_of(const events::EngineResult& result) {
  return static_cast<fbs::EngineResult>(result.index() + 1);
}

template <class Alternative, class Table>
bool decode_member(const Table* in, events::EngineResult& out) {
  if (in == nullptr) return false;
  decode(*in, out.emplace<Alternative>());
  return true;
}

}  // namespace

void encode_payload(FlatBufferBuilder& builder, const events::EngineAnswered& in) {
  const Offset<void> result = std::visit(
      [&builder](const auto& alternative) { return encode_result(builder, alternative); },
      in.result);
  const fbs::CommandId command = to_fbs(in.command);
  builder.Finish(
      fbs::CreateEngineAnswered(builder, &command, in.elapsed_us, type_of(in.result), result));
}

bool decode_payload(core::BytesView bytes, events::EngineAnswered& out) {
  const auto* table = verified_root<fbs::EngineAnswered>(bytes);
  if (table == nullptr) return false;
  out.command = to_core(*table->command());
  out.elapsed_us = table->elapsed_us();
  switch (table->result_type()) {
    case fbs::EngineResult::HeadsRead:
      return decode_member<events::HeadsRead>(table->result_as_HeadsRead(), out.result);
    case fbs::EngineResult::BlockRead:
      return decode_member<events::BlockRead>(table->result_as_BlockRead(), out.result);
    case fbs::EngineResult::ForkchoiceAnswered:
      return decode_member<events::ForkchoiceAnswered>(table->result_as_ForkchoiceAnswered(),
                                                       out.result);
    case fbs::EngineResult::PayloadTaken:
      return decode_member<events::PayloadTaken>(table->result_as_PayloadTaken(), out.result);
    case fbs::EngineResult::PayloadJudged:
      return decode_member<events::PayloadJudged>(table->result_as_PayloadJudged(), out.result);
    case fbs::EngineResult::EngineFailed:
      return decode_member<events::EngineFailed>(table->result_as_EngineFailed(), out.result);
    case fbs::EngineResult::NONE:
      break;
  }
  return false;
}

}  // namespace preconf::schemas
