// Payload of engine answers: one union member per command's answer.
#include "schemas/codec/payload_codec.hpp"
#include "schemas/codec/payload_engine_tables.hpp"

namespace preconf::schemas {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;
namespace events = core::events;

namespace {

using schemas::decode;

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
    case fbs::EngineResult::CanonicalRead:
      return decode_member<events::CanonicalRead>(table->result_as_CanonicalRead(), out.result);
    case fbs::EngineResult::NonceRead:
      return decode_member<events::NonceRead>(table->result_as_NonceRead(), out.result);
    case fbs::EngineResult::AnchorStateRead:
      return decode_member<events::AnchorStateRead>(table->result_as_AnchorStateRead(), out.result);
    case fbs::EngineResult::BatchFound:
      return decode_member<events::BatchFound>(table->result_as_BatchFound(), out.result);
    case fbs::EngineResult::TableWritten:
      return decode_member<events::TableWritten>(table->result_as_TableWritten(), out.result);
    case fbs::EngineResult::NONE:
      break;
  }
  return false;
}

}  // namespace preconf::schemas
