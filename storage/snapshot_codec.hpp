// The bytes of a snapshot (docs/log_format.md, section 7): a file of its own, or a frame of a
// capture.
#pragma once

#include <optional>

#include "storage/event_source.hpp"

namespace preconf::storage {

[[nodiscard]] core::Bytes encode_snapshot(const Snapshot& snapshot);
/// Nothing when size, magic, version or checksum is wrong, or it is not the one after `seq`.
[[nodiscard]] std::optional<Snapshot> decode_snapshot(core::BytesView in, core::Seq seq);

}  // namespace preconf::storage
