#include "core/events/timer.hpp"

namespace preconf::core {

const char* name_of(TimerId timer) {
  // clang-format off
  switch (timer) {
    case TimerId::kEnginePoll: return "engine_poll";
    case TimerId::kApplyRetry: return "apply_retry";
    case TimerId::kReadRetry: return "read_retry";
  }
  // clang-format on
  return "unknown";
}

}  // namespace preconf::core
