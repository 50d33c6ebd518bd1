// Blocks, origin rows and the engine's own tables in engine answers.
#include "schemas/codec/payload_engine_tables.hpp"

namespace preconf::schemas {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;
namespace events = core::events;
namespace protocol = core::protocol;

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

namespace {

fbs::Signature65 signature_of(const core::Signature65& value) {
  return std::bit_cast<fbs::Signature65>(value);
}

Offset<fbs::CanonicalBlock> encode(FlatBufferBuilder& builder,
                                   const protocol::CanonicalBlockFacts& in) {
  const auto header = schemas::encode(builder, in.header);
  const auto origin = in.origin ? schemas::encode(builder, *in.origin) : Offset<fbs::OriginRow>(0);
  const auto first_tx = optional_struct(in.first_tx_hash);
  const auto beacon_root = optional_struct(in.parent_beacon_block_root);
  const auto requests = optional_struct(in.requests_hash);
  fbs::CanonicalBlockBuilder table(builder);
  table.add_header(header);
  table.add_origin(origin);
  table.add_first_tx_hash(pointer_to(first_tx));
  table.add_ommers(in.ommers);
  table.add_withdrawals(in.withdrawals);
  if (in.blob_gas_used) table.add_blob_gas_used(*in.blob_gas_used);
  if (in.excess_blob_gas) table.add_excess_blob_gas(*in.excess_blob_gas);
  table.add_parent_beacon_block_root(pointer_to(beacon_root));
  table.add_requests_hash(pointer_to(requests));
  return table.Finish();
}

std::optional<std::uint64_t> optional_of(const flatbuffers::Optional<std::uint64_t>& in) {
  return in ? std::optional<std::uint64_t>(*in) : std::nullopt;
}

void decode(const fbs::CanonicalBlock& in, protocol::CanonicalBlockFacts& out) {
  schemas::decode(*in.header(), out.header);
  schemas::decode(in.origin(), out.origin);
  assign_optional(out.first_tx_hash, in.first_tx_hash());
  out.ommers = in.ommers();
  out.withdrawals = in.withdrawals();
  out.blob_gas_used = optional_of(in.blob_gas_used());
  out.excess_blob_gas = optional_of(in.excess_blob_gas());
  assign_optional(out.parent_beacon_block_root, in.parent_beacon_block_root());
  assign_optional(out.requests_hash, in.requests_hash());
}

}  // namespace

Offset<void> encode_result(FlatBufferBuilder& builder, const events::CanonicalRead& in) {
  const auto block = in.block ? encode(builder, *in.block) : Offset<fbs::CanonicalBlock>(0);
  std::optional<fbs::Signature65> signature;
  if (in.signature) signature = signature_of(*in.signature);
  fbs::CanonicalReadBuilder table(builder);
  table.add_number(in.number.value);
  if (in.head_l1_origin) table.add_head_l1_origin(in.head_l1_origin->value);
  table.add_signature(pointer_to(signature));
  table.add_block(block);
  return table.Finish().Union();
}

void decode(const fbs::CanonicalRead& in, events::CanonicalRead& out) {
  out.number.value = in.number();
  if (in.block() != nullptr) decode(*in.block(), out.block.emplace());
  if (in.signature() != nullptr) {
    out.signature = std::bit_cast<core::Signature65>(*in.signature());
  }
  if (in.head_l1_origin()) out.head_l1_origin = core::BlockNumber{*in.head_l1_origin()};
}

Offset<void> encode_result(FlatBufferBuilder& builder, const events::NonceRead& in) {
  return fbs::CreateNonceRead(builder, in.nonce).Union();
}
void decode(const fbs::NonceRead& in, events::NonceRead& out) { out.nonce = in.nonce(); }

Offset<void> encode_result(FlatBufferBuilder& builder, const events::AnchorStateRead& in) {
  fbs::AnchorStateReadBuilder table(builder);
  if (in.anchor) table.add_anchor(in.anchor->value);
  return table.Finish().Union();
}
void decode(const fbs::AnchorStateRead& in, events::AnchorStateRead& out) {
  if (in.anchor()) out.anchor = core::L1BlockNumber{*in.anchor()};
}

Offset<void> encode_result(FlatBufferBuilder& builder, const events::BatchFound& in) {
  fbs::BatchFoundBuilder table(builder);
  if (in.last_block) table.add_last_block(in.last_block->value);
  return table.Finish().Union();
}
void decode(const fbs::BatchFound& in, events::BatchFound& out) {
  if (in.last_block()) out.last_block = core::BlockNumber{*in.last_block()};
}

Offset<void> encode_result(FlatBufferBuilder& builder, const events::TableWritten& /*in*/) {
  return fbs::CreateTableWritten(builder).Union();
}
void decode(const fbs::TableWritten& /*in*/, events::TableWritten& /*out*/) {}

}  // namespace preconf::schemas
