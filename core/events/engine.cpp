#include "core/events/engine.hpp"

namespace preconf::core::events {

const char* name_of(PayloadStatus status) {
  // clang-format off
  switch (status) {
    case PayloadStatus::kValid: return "valid";
    case PayloadStatus::kInvalid: return "invalid";
    case PayloadStatus::kSyncing: return "syncing";
    case PayloadStatus::kAccepted: return "accepted";
  }
  // clang-format on
  return "unknown";
}

const char* name_of(EngineFailureKind kind) {
  // clang-format off
  switch (kind) {
    case EngineFailureKind::kTimeout: return "timeout";
    case EngineFailureKind::kConnect: return "connect";
    case EngineFailureKind::kConnectionLost: return "connection_lost";
    case EngineFailureKind::kUnauthorized: return "unauthorized";
    case EngineFailureKind::kHttpStatus: return "http_status";
    case EngineFailureKind::kTooLarge: return "too_large";
    case EngineFailureKind::kMalformed: return "malformed";
    case EngineFailureKind::kRpcError: return "rpc_error";
    case EngineFailureKind::kContentMissing: return "content_missing";
    case EngineFailureKind::kNotExecuted: return "not_executed";
  }
  // clang-format on
  return "unknown";
}

const char* name_of(Certainty certainty) {
  // clang-format off
  switch (certainty) {
    case Certainty::kAnswered: return "answered";
    case Certainty::kNotSent: return "not_sent";
    case Certainty::kUnknown: return "unknown";
  }
  // clang-format on
  return "unknown";
}

}  // namespace preconf::core::events
