#include "core/state.hpp"

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

}  // namespace preconf::core
