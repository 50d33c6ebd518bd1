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

const char* name_of(DeriveStep step) {
  // clang-format off
  switch (step) {
    case DeriveStep::kAnchor: return "anchor";
    case DeriveStep::kNonce: return "nonce";
    case DeriveStep::kAssemble: return "assemble";
    case DeriveStep::kCompare: return "compare";
    case DeriveStep::kPrepare: return "prepare";
    case DeriveStep::kTake: return "take";
    case DeriveStep::kInsert: return "insert";
    case DeriveStep::kAdopt: return "adopt";
    case DeriveStep::kConfirm: return "confirm";
    case DeriveStep::kRow: return "row";
  }
  // clang-format on
  return "unknown";
}

const char* name_of(SettleStep step) {
  // clang-format off
  switch (step) {
    case SettleStep::kPointer: return "pointer";
    case SettleStep::kMapping: return "mapping";
    case SettleStep::kReadBack: return "read_back";
    case SettleStep::kReadMapping: return "read_mapping";
    case SettleStep::kLabels: return "labels";
  }
  // clang-format on
  return "unknown";
}

const char* name_of(ResumeStep step) {
  // clang-format off
  switch (step) {
    case ResumeStep::kOrigin: return "origin";
    case ResumeStep::kBatch: return "batch";
    case ResumeStep::kParent: return "parent";
    case ResumeStep::kBefore: return "before";
    case ResumeStep::kAnchor: return "anchor";
  }
  // clang-format on
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
    case EvidenceKind::kL1Contradicted:
      return "l1_contradicted";
  }
  return "unknown";
}

namespace {

template <class AnyState>
auto& find_timer(AnyState& state, TimerId timer) {
  const auto index = static_cast<std::size_t>(timer);
  PRECONF_ASSERT(index < kTimerCount);
  if (index < kEngineTimerCount) return state.timers[index];
  if (index < kPeerTimersEnd) return state.p2p.timers[index - kEngineTimerCount];
  return state.l1_chain.timers[index - kPeerTimersEnd];
}

}  // namespace

const CommandId* lane_command(const EngineLane& lane) {
  return std::visit(
      [](const auto& plan) -> const CommandId* {
        if constexpr (requires { plan.command; }) {
          return &plan.command;
        } else {
          return nullptr;
        }
      },
      lane);
}

TimerState& timer_of(State& state, TimerId timer) { return find_timer(state, timer); }

const TimerState& timer_of(const State& state, TimerId timer) { return find_timer(state, timer); }

}  // namespace preconf::core
