#include "replay/audit/taxonomy.hpp"

#include <array>

namespace preconf::replay::audit {

namespace {

struct KindEntry {
  const char* name;
  FaultClass fault_class;
};

/// In the order of Kind. A missed L1 slot makes a missing end of preconfirmation a liveness fault;
/// that is not known offline, so the finding names what is missing.
constexpr std::array<KindEntry, kKindCount> kKinds{{
    {"equivocation", FaultClass::kSafety},
    {"withheld_txlist", FaultClass::kLiveness},
    {"missing_eop", FaultClass::kSafety},
    {"invalid_eop", FaultClass::kSafety},
    {"wrong_signer", FaultClass::kNone},
    {"late_commitment", FaultClass::kLiveness},
    {"l1_contradiction", FaultClass::kSafety},
    {"reorg", FaultClass::kNone},
    {"log_gap", FaultClass::kNone},
}};

}  // namespace

const char* name_of(Kind kind) { return kKinds[static_cast<std::size_t>(kind)].name; }

std::optional<Kind> finding_kind_from(std::string_view name) {
  for (std::size_t i = 0; i < kKindCount; ++i) {
    if (name == kKinds[i].name) return static_cast<Kind>(i);
  }
  return std::nullopt;
}

FaultClass class_of(Kind kind) { return kKinds[static_cast<std::size_t>(kind)].fault_class; }

// clang-format off
const char* name_of(FaultClass value) {
  switch (value) {
    case FaultClass::kNone: return "none";
    case FaultClass::kSafety: return "safety";
    case FaultClass::kLiveness: return "liveness";
  }
  return "unknown";
}

const char* name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::kOk: return "ok";
    case Verdict::kFault: return "fault";
    case Verdict::kExcused: return "excused";
    case Verdict::kUnknown: return "unknown";
  }
  return "unknown";
}

const char* name_of(Landing landing) {
  switch (landing) {
    case Landing::kHonoured: return "honoured";
    case Landing::kContradicted: return "contradicted";
    case Landing::kNotLanded: return "not_landed";
    case Landing::kUnknown: return "unknown";
    case Landing::kNoBlock: return "no_block";
  }
  return "unknown";
}

const char* name_of(Predicate predicate) {
  switch (predicate) {
    case Predicate::kMissedSubmission: return "MissedSubmission";
    case Predicate::kMissingEop: return "MissingEOP";
    case Predicate::kTxListOrAnchorMismatch: return "RawTxListHashOrAnchorBlockMismatch";
    case Predicate::kInvalidEop: return "InvalidEOP";
  }
  return "unknown";
}

const char* name_of(Truth truth) {
  switch (truth) {
    case Truth::kFalse: return "false";
    case Truth::kTrue: return "true";
    case Truth::kUnknown: return "unknown";
  }
  return "unknown";
}

const char* name_of(Actionability value) {
  switch (value) {
    case Actionability::kYes: return "yes";
    case Actionability::kEncodingNotSlashable: return "encoding-not-slashable";
    case Actionability::kNeedsL1Landing: return "needs-L1-landing";
    case Actionability::kOffchainOnly: return "offchain-only";
  }
  return "unknown";
}
// clang-format on

}  // namespace preconf::replay::audit
