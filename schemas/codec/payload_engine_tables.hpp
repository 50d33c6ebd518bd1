// Parts of engine answers <-> their FlatBuffers tables: blocks, origin rows and the engine's own
// tables. Private to schemas/codec.
#pragma once

#include <flatbuffers/flatbuffers.h>

#include <optional>

#include "core/events/engine.hpp"
#include "schemas/codec/convert.hpp"
#include "schemas/generated/engine_generated.h"

namespace preconf::schemas {

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

[[nodiscard]] flatbuffers::Offset<fbs::HeaderFacts> encode(flatbuffers::FlatBufferBuilder& builder,
                                                           const core::protocol::HeaderFacts& in);
void decode(const fbs::HeaderFacts& in, core::protocol::HeaderFacts& out);
void decode(const fbs::HeaderFacts* in, std::optional<core::protocol::HeaderFacts>& out);

[[nodiscard]] flatbuffers::Offset<fbs::OriginRow> encode(flatbuffers::FlatBufferBuilder& builder,
                                                         const core::protocol::OriginRow& in);
void decode(const fbs::OriginRow* in, std::optional<core::protocol::OriginRow>& out);

[[nodiscard]] flatbuffers::Offset<void> encode_result(flatbuffers::FlatBufferBuilder& builder,
                                                      const core::events::CanonicalRead& in);
[[nodiscard]] flatbuffers::Offset<void> encode_result(flatbuffers::FlatBufferBuilder& builder,
                                                      const core::events::NonceRead& in);
[[nodiscard]] flatbuffers::Offset<void> encode_result(flatbuffers::FlatBufferBuilder& builder,
                                                      const core::events::AnchorStateRead& in);
[[nodiscard]] flatbuffers::Offset<void> encode_result(flatbuffers::FlatBufferBuilder& builder,
                                                      const core::events::BatchFound& in);
[[nodiscard]] flatbuffers::Offset<void> encode_result(flatbuffers::FlatBufferBuilder& builder,
                                                      const core::events::TableWritten& in);
/// `out` is new.
void decode(const fbs::CanonicalRead& in, core::events::CanonicalRead& out);
void decode(const fbs::NonceRead& in, core::events::NonceRead& out);
void decode(const fbs::AnchorStateRead& in, core::events::AnchorStateRead& out);
void decode(const fbs::BatchFound& in, core::events::BatchFound& out);
void decode(const fbs::TableWritten& in, core::events::TableWritten& out);

}  // namespace preconf::schemas
