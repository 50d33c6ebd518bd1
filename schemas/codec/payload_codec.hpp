// Payload of one event kind <-> its FlatBuffers buffer. Private to schemas/codec.
#pragma once

#include <flatbuffers/flatbuffers.h>

#include "core/event.hpp"

namespace preconf::schemas {

/// Each builds a finished buffer in `builder`, which is empty before.
void encode_payload(flatbuffers::FlatBufferBuilder& builder,
                    const core::events::GenesisRecorded& in);
void encode_payload(flatbuffers::FlatBufferBuilder& builder, const core::events::BootStarted& in);
void encode_payload(flatbuffers::FlatBufferBuilder& builder,
                    const core::events::ShutdownRequested& in);
void encode_payload(flatbuffers::FlatBufferBuilder& builder,
                    const core::events::ScheduleConfigured& in);
void encode_payload(flatbuffers::FlatBufferBuilder& builder,
                    const core::events::IngressRejected& in);
void encode_payload(flatbuffers::FlatBufferBuilder& builder,
                    const core::events::L1SyncObserved& in);
void encode_payload(flatbuffers::FlatBufferBuilder& builder,
                    const core::events::CommitmentReceived& in);
void encode_payload(flatbuffers::FlatBufferBuilder& builder,
                    const core::events::TxListReceived& in);
void encode_payload(flatbuffers::FlatBufferBuilder& builder, const core::events::TimerFired& in);
void encode_payload(flatbuffers::FlatBufferBuilder& builder,
                    const core::events::EngineAnswered& in);
void encode_payload(flatbuffers::FlatBufferBuilder& builder,
                    const core::events::LogGapRecorded& in);
void encode_payload(flatbuffers::FlatBufferBuilder& builder,
                    const core::events::ReducerActivated& in);
void encode_payload(flatbuffers::FlatBufferBuilder& builder, const core::events::PeerConnected& in);
void encode_payload(flatbuffers::FlatBufferBuilder& builder,
                    const core::events::PeerDisconnected& in);
void encode_payload(flatbuffers::FlatBufferBuilder& builder, const core::events::DialFailed& in);
void encode_payload(flatbuffers::FlatBufferBuilder& builder, const core::events::PeerReported& in);
void encode_payload(flatbuffers::FlatBufferBuilder& builder, const core::events::PeerAnswered& in);
void encode_payload(flatbuffers::FlatBufferBuilder& builder, const core::events::Published& in);
void encode_payload(flatbuffers::FlatBufferBuilder& builder,
                    const core::events::NetworkStarted& in);
void encode_payload(flatbuffers::FlatBufferBuilder& builder,
                    const core::events::L1DeploymentRecorded& in);
void encode_payload(flatbuffers::FlatBufferBuilder& builder,
                    const core::events::L1BlockObserved& in);
void encode_payload(flatbuffers::FlatBufferBuilder& builder,
                    const core::events::L1TagsObserved& in);
void encode_payload(flatbuffers::FlatBufferBuilder& builder, const core::events::BlobReceived& in);
void encode_payload(flatbuffers::FlatBufferBuilder& builder, const core::events::L1Answered& in);
void encode_payload(flatbuffers::FlatBufferBuilder& builder,
                    const core::events::CheckpointReached& in);

/// Each verifies `bytes` (8-aligned) as a buffer of its schema before it reads; false when it is
/// not one. Values are as stored: in_bounds() judges them.
[[nodiscard]] bool decode_payload(core::BytesView bytes, core::events::GenesisRecorded& out);
[[nodiscard]] bool decode_payload(core::BytesView bytes, core::events::BootStarted& out);
[[nodiscard]] bool decode_payload(core::BytesView bytes, core::events::ShutdownRequested& out);
[[nodiscard]] bool decode_payload(core::BytesView bytes, core::events::ScheduleConfigured& out);
[[nodiscard]] bool decode_payload(core::BytesView bytes, core::events::IngressRejected& out);
[[nodiscard]] bool decode_payload(core::BytesView bytes, core::events::L1SyncObserved& out);
[[nodiscard]] bool decode_payload(core::BytesView bytes, core::events::CommitmentReceived& out);
[[nodiscard]] bool decode_payload(core::BytesView bytes, core::events::TxListReceived& out);
[[nodiscard]] bool decode_payload(core::BytesView bytes, core::events::TimerFired& out);
[[nodiscard]] bool decode_payload(core::BytesView bytes, core::events::EngineAnswered& out);
[[nodiscard]] bool decode_payload(core::BytesView bytes, core::events::LogGapRecorded& out);
[[nodiscard]] bool decode_payload(core::BytesView bytes, core::events::ReducerActivated& out);
[[nodiscard]] bool decode_payload(core::BytesView bytes, core::events::PeerConnected& out);
[[nodiscard]] bool decode_payload(core::BytesView bytes, core::events::PeerDisconnected& out);
[[nodiscard]] bool decode_payload(core::BytesView bytes, core::events::DialFailed& out);
[[nodiscard]] bool decode_payload(core::BytesView bytes, core::events::PeerReported& out);
[[nodiscard]] bool decode_payload(core::BytesView bytes, core::events::PeerAnswered& out);
[[nodiscard]] bool decode_payload(core::BytesView bytes, core::events::Published& out);
[[nodiscard]] bool decode_payload(core::BytesView bytes, core::events::NetworkStarted& out);
[[nodiscard]] bool decode_payload(core::BytesView bytes, core::events::L1DeploymentRecorded& out);
[[nodiscard]] bool decode_payload(core::BytesView bytes, core::events::L1BlockObserved& out);
[[nodiscard]] bool decode_payload(core::BytesView bytes, core::events::L1TagsObserved& out);
[[nodiscard]] bool decode_payload(core::BytesView bytes, core::events::BlobReceived& out);
[[nodiscard]] bool decode_payload(core::BytesView bytes, core::events::L1Answered& out);
[[nodiscard]] bool decode_payload(core::BytesView bytes, core::events::CheckpointReached& out);

/// The root table of `bytes`, nothing when the buffer is not valid. Payloads are shallow and hold
/// few tables; the bounds keep a hostile buffer from costing time.
template <class Table>
[[nodiscard]] const Table* verified_root(core::BytesView bytes, std::uint32_t tables_max = 16) {
  flatbuffers::Verifier::Options options;
  options.max_depth = 8;
  options.max_tables = tables_max;
  flatbuffers::Verifier verifier(bytes.data(), bytes.size(), options);
  if (!verifier.VerifyBuffer<Table>(nullptr)) return nullptr;
  return flatbuffers::GetRoot<Table>(bytes.data());
}

}  // namespace preconf::schemas
