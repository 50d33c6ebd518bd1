// What content an event needs beside it.
#pragma once

#include <vector>

#include "core/event.hpp"

namespace preconf::core {

/// Content of earlier events that this one was made from: the blobs of SourcesResolved. A copy of
/// the event without it can be folded, but its facts can not be recomputed
/// (docs/capture_format.md, section 2; docs/log_format.md, section 14).
[[nodiscard]] std::vector<ContentRef> contents_borrowed(const EventBody& body);

/// content_refs() and contents_borrowed().
[[nodiscard]] std::vector<ContentRef> contents_needed(const EventBody& body);

}  // namespace preconf::core
