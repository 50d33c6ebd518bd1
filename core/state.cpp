#include "core/state.hpp"

#include "core/base/assert.hpp"

namespace preconf::core {

const char* name_of(ApplyStep step) {
  switch (step) {
    case ApplyStep::kProbe:
      return "probe";
    case ApplyStep::kPrepare:
      return "prepare";
    case ApplyStep::kTake:
      return "take";
    case ApplyStep::kInsert:
      return "insert";
    case ApplyStep::kAdopt:
      return "adopt";
    case ApplyStep::kConfirm:
      return "confirm";
  }
  return "unknown";
}

const char* name_of(ConsistencyStep step) {
  switch (step) {
    case ConsistencyStep::kReadHeads:
      return "read_heads";
    case ConsistencyStep::kReadParent:
      return "read_parent";
    case ConsistencyStep::kIdentify:
      return "identify";
  }
  return "unknown";
}

const char* name_of(EvidenceKind kind) {
  switch (kind) {
    case EvidenceKind::kEquivocation:
      return "equivocation";
    case EvidenceKind::kAfterEop:
      return "after_eop";
    case EvidenceKind::kTxListUndecodable:
      return "txlist_undecodable";
    case EvidenceKind::kAnchorInvalid:
      return "anchor_invalid";
    case EvidenceKind::kEngineInvalid:
      return "engine_invalid";
  }
  return "unknown";
}

namespace {

template <class AnyState>
auto& find_timer(AnyState& state, TimerId timer) {
  const auto index = static_cast<std::size_t>(timer);
  PRECONF_ASSERT(index < kTimerCount);
  return index < kEngineTimerCount ? state.timers[index]
                                   : state.p2p.timers[index - kEngineTimerCount];
}

}  // namespace

TimerState& timer_of(State& state, TimerId timer) { return find_timer(state, timer); }

const TimerState& timer_of(const State& state, TimerId timer) { return find_timer(state, timer); }

}  // namespace preconf::core
