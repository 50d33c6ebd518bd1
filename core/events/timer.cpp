#include "core/events/timer.hpp"

namespace preconf::core {

const char* name_of(TimerId timer) {
  // clang-format off
  switch (timer) {
    case TimerId::kEnginePoll: return "engine_poll";
    case TimerId::kApplyRetry: return "apply_retry";
    case TimerId::kReadRetry: return "read_retry";
    case TimerId::kPeerPoll: return "peer_poll";
    case TimerId::kBackfillRetry: return "backfill_retry";
    case TimerId::kTxListRetry: return "txlist_retry";
    case TimerId::kPublishRetry: return "publish_retry";
    case TimerId::kDeriveRetry: return "derive_retry";
    case TimerId::kResolveRetry: return "resolve_retry";
  }
  // clang-format on
  return "unknown";
}

}  // namespace preconf::core
