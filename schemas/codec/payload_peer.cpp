// Payloads of peer events.
#include "schemas/codec/convert.hpp"
#include "schemas/codec/payload_codec.hpp"
#include "schemas/generated/peer_generated.h"

namespace preconf::schemas {

namespace events = core::events;
using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;

void encode_payload(FlatBufferBuilder& builder, const events::NetworkStarted& in) {
  const auto peer_id = blob(builder, in.peer_id);
  const auto address = text(builder, in.address);
  builder.Finish(fbs::CreateNetworkStarted(builder, peer_id, address));
}

bool decode_payload(core::BytesView bytes, events::NetworkStarted& out) {
  const auto* table = verified_root<fbs::NetworkStarted>(bytes);
  if (table == nullptr) return false;
  assign(out.peer_id, table->peer_id());
  assign(out.address, table->address());
  return true;
}

void encode_payload(FlatBufferBuilder& builder, const events::PeerConnected& in) {
  const auto peer_id = blob(builder, in.peer_id);
  const auto address = text(builder, in.address);
  builder.Finish(fbs::CreatePeerConnected(builder, in.peer.value, peer_id, address,
                                          static_cast<std::uint8_t>(in.direction), in.is_static));
}

bool decode_payload(core::BytesView bytes, events::PeerConnected& out) {
  const auto* table = verified_root<fbs::PeerConnected>(bytes);
  if (table == nullptr) return false;
  out.peer.value = table->peer();
  assign(out.peer_id, table->peer_id());
  assign(out.address, table->address());
  out.direction = static_cast<events::Direction>(table->direction());
  out.is_static = table->is_static();
  return true;
}

void encode_payload(FlatBufferBuilder& builder, const events::PeerDisconnected& in) {
  builder.Finish(
      fbs::CreatePeerDisconnected(builder, in.peer.value, static_cast<std::uint8_t>(in.reason)));
}

bool decode_payload(core::BytesView bytes, events::PeerDisconnected& out) {
  const auto* table = verified_root<fbs::PeerDisconnected>(bytes);
  if (table == nullptr) return false;
  out.peer.value = table->peer();
  out.reason = static_cast<events::DisconnectReason>(table->reason());
  return true;
}

void encode_payload(FlatBufferBuilder& builder, const events::DialFailed& in) {
  const auto address = text(builder, in.address);
  builder.Finish(
      fbs::CreateDialFailed(builder, address, static_cast<std::uint8_t>(in.kind), in.attempts));
}

bool decode_payload(core::BytesView bytes, events::DialFailed& out) {
  const auto* table = verified_root<fbs::DialFailed>(bytes);
  if (table == nullptr) return false;
  assign(out.address, table->address());
  out.kind = static_cast<events::DialFailureKind>(table->kind());
  out.attempts = table->attempts();
  return true;
}

void encode_payload(FlatBufferBuilder& builder, const events::PeerReported& in) {
  fbs::ConductCount* slots = nullptr;
  const auto counts =
      builder.CreateUninitializedVectorOfStructs<fbs::ConductCount>(in.counts.size(), &slots);
  for (std::size_t i = 0; i < in.counts.size(); ++i) {
    slots[i] =
        fbs::ConductCount(in.counts[i].count, static_cast<std::uint64_t>(in.counts[i].conduct));
  }
  builder.Finish(fbs::CreatePeerReported(builder, in.peer.value, counts));
}

bool decode_payload(core::BytesView bytes, events::PeerReported& out) {
  const auto* table = verified_root<fbs::PeerReported>(bytes);
  if (table == nullptr || !structs_aligned(table->counts())) return false;
  out.peer.value = table->peer();
  out.counts.clear();
  if (table->counts() == nullptr) return true;
  if (table->counts()->size() > events::kPeerConductCount) return false;
  for (const fbs::ConductCount* one : *table->counts()) {
    if (one->conduct() >= events::kPeerConductCount) return false;
    out.counts.push_back({static_cast<events::PeerConduct>(one->conduct()), one->count()});
  }
  return true;
}

namespace {

Offset<void> encode_result(FlatBufferBuilder& builder, const events::HeadReported& in) {
  return fbs::CreateHeadReported(builder, in.number.value, in.window_end.value).Union();
}
void decode(const fbs::HeadReported& in, events::HeadReported& out) {
  out.number.value = in.number();
  out.window_end.value = in.window_end();
}

Offset<void> encode_result(FlatBufferBuilder& builder, const events::CommitmentsDelivered& in) {
  return fbs::CreateCommitmentsDelivered(builder, in.count, in.first.value, in.last.value).Union();
}
void decode(const fbs::CommitmentsDelivered& in, events::CommitmentsDelivered& out) {
  out.count = in.count();
  out.first.value = in.first();
  out.last.value = in.last();
}

Offset<void> encode_result(FlatBufferBuilder& builder, const events::TxListDelivered& in) {
  const fbs::Hash32 hash = to_fbs(in.hash);
  return fbs::CreateTxListDelivered(builder, &hash).Union();
}
void decode(const fbs::TxListDelivered& in, events::TxListDelivered& out) {
  out.hash = to_core(*in.hash());
}

Offset<void> encode_result(FlatBufferBuilder& builder, const events::TxListMissing& /*in*/) {
  return fbs::CreateTxListMissing(builder).Union();
}
void decode(const fbs::TxListMissing& /*in*/, events::TxListMissing& /*out*/) {}

Offset<void> encode_result(FlatBufferBuilder& builder, const events::PeerFailed& in) {
  const auto detail = text(builder, in.detail);
  return fbs::CreatePeerFailed(builder, static_cast<std::uint8_t>(in.kind), detail).Union();
}
void decode(const fbs::PeerFailed& in, events::PeerFailed& out) {
  out.kind = static_cast<events::PeerFailureKind>(in.kind());
  assign(out.detail, in.detail());
}

template <class Alternative, class Table>
bool decode_member(const Table* in, events::PeerResult& out) {
  if (in == nullptr) return false;
  decode(*in, out.emplace<Alternative>());
  return true;
}

}  // namespace

void encode_payload(FlatBufferBuilder& builder, const events::PeerAnswered& in) {
  const Offset<void> result = std::visit(
      [&builder](const auto& alternative) { return encode_result(builder, alternative); },
      in.result);
  const fbs::CommandId command = to_fbs(in.command);
  // The union numbers are those of the variant's alternatives plus one.
  const auto type = static_cast<fbs::PeerResult>(in.result.index() + 1);
  builder.Finish(fbs::CreatePeerAnswered(builder, &command, in.elapsed_us, type, result));
}

bool decode_payload(core::BytesView bytes, events::PeerAnswered& out) {
  const auto* table = verified_root<fbs::PeerAnswered>(bytes);
  if (table == nullptr) return false;
  out.command = to_core(*table->command());
  out.elapsed_us = table->elapsed_us();
  switch (table->result_type()) {
    case fbs::PeerResult::HeadReported:
      return decode_member<events::HeadReported>(table->result_as_HeadReported(), out.result);
    case fbs::PeerResult::CommitmentsDelivered:
      return decode_member<events::CommitmentsDelivered>(table->result_as_CommitmentsDelivered(),
                                                         out.result);
    case fbs::PeerResult::TxListDelivered:
      return decode_member<events::TxListDelivered>(table->result_as_TxListDelivered(), out.result);
    case fbs::PeerResult::TxListMissing:
      return decode_member<events::TxListMissing>(table->result_as_TxListMissing(), out.result);
    case fbs::PeerResult::PeerFailed:
      return decode_member<events::PeerFailed>(table->result_as_PeerFailed(), out.result);
    case fbs::PeerResult::NONE:
      break;
  }
  return false;
}

void encode_payload(FlatBufferBuilder& builder, const events::Published& in) {
  const fbs::CommandId command = to_fbs(in.command);
  builder.Finish(fbs::CreatePublished(builder, &command, in.elapsed_us,
                                      static_cast<std::uint8_t>(in.result), in.peers_reached));
}

bool decode_payload(core::BytesView bytes, events::Published& out) {
  const auto* table = verified_root<fbs::Published>(bytes);
  if (table == nullptr) return false;
  out.command = to_core(*table->command());
  out.elapsed_us = table->elapsed_us();
  out.result = static_cast<events::PublishResult>(table->result());
  out.peers_reached = table->peers_reached();
  return true;
}

}  // namespace preconf::schemas
