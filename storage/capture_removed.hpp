// Entries of a capture's frames of removed contents (docs/capture_format.md, section 2). Private to
// storage/.
#pragma once

#include <optional>

#include "storage/event_source.hpp"

namespace preconf::storage {

struct RemovedEntry {
  core::Hash32 hash;
  RemovedContent removed;
};

/// The reason is cut to limits::kDetailBytesMax.
void append_removed(const RemovedEntry& entry, core::Bytes& out);
/// The entry at `at`, which moves behind it. Nothing when there is none, or it is out of bounds.
[[nodiscard]] std::optional<RemovedEntry> next_removed(core::BytesView raw, std::size_t& at);

}  // namespace preconf::storage
