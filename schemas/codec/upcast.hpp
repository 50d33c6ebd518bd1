// Payloads of older schema versions as payloads of the newest one.
//
// One pure function per kind and step (version n -> n + 1), applied on reading; stored bytes and
// their hashes stay as they were written (docs/log_format.md, section 9).
#pragma once

#include <flatbuffers/flatbuffers.h>

#include <optional>

#include "core/event.hpp"

namespace preconf::schemas {

/// Builds in `out`, which is empty before, the payload of the next version. False: `in` is not a
/// buffer of this version.
using Upcaster = bool (*)(core::BytesView in, flatbuffers::FlatBufferBuilder& out);

/// The newest version of `kind`: one more than it has upcasters.
[[nodiscard]] std::uint16_t newest_version(core::EventKind kind);

/// Buffers of a chain of upcasters; one instance per thread.
struct UpcastBuffers {
  flatbuffers::FlatBufferBuilder even{512};
  flatbuffers::FlatBufferBuilder odd{512};
};

/// `payload` of `version` (1 <= version <= newest) as a payload of the newest version; nothing when
/// it is not a buffer of its version. The result lies in `payload` or in `buffers`.
[[nodiscard]] std::optional<core::BytesView> upcast(core::EventKind kind, std::uint16_t version,
                                                    core::BytesView payload,
                                                    UpcastBuffers& buffers);

}  // namespace preconf::schemas
