#include "core/events/l1.hpp"

namespace preconf::core::events {

const char* name_of(L1FailureKind kind) {
  // clang-format off
  switch (kind) {
    case L1FailureKind::kUnavailable: return "unavailable";
    case L1FailureKind::kBlobMissing: return "blob_missing";
    case L1FailureKind::kBlobMismatch: return "blob_mismatch";
    case L1FailureKind::kMalformed: return "malformed";
    case L1FailureKind::kUndecided: return "undecided";
    case L1FailureKind::kTooManyBlobs: return "too_many_blobs";
    case L1FailureKind::kContentMissing: return "content_missing";
    case L1FailureKind::kNotExecuted: return "not_executed";
  }
  // clang-format on
  return "unknown";
}

}  // namespace preconf::core::events
