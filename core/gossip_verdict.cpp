#include "core/gossip_verdict.hpp"

#include <optional>

#include "core/state/commitment_book.hpp"

namespace preconf::core {
namespace {

/// The rule needs nothing but the signed bytes, this network's constants, or the parent's signed
/// bytes.
bool is_definitive(Reason reason) {
  switch (reason) {
    case Reason::kWrongSize:
    case Reason::kNonCanonicalBool:
    case Reason::kSignatureFormat:
    case Reason::kSignatureUnrecoverable:
    case Reason::kEopTxListMismatch:
    case Reason::kBlockNumberRange:
    case Reason::kTimestampRange:
    case Reason::kGasLimitRange:
    case Reason::kAnchorBlockNumberRange:
    case Reason::kWindowEndRange:
    case Reason::kProposalIdRange:
    case Reason::kSlasherMismatch:
    case Reason::kBeforeFork:
    case Reason::kNumberNotParentPlusOne:
    case Reason::kTimestampNotAfterParent:
    case Reason::kGasLimitOutOfBounds:
    case Reason::kAnchorBelowParent:
      return true;
    default:
      return false;
  }
}

/// A repeat is as good as what was there before; kTxListDuplicate is said of usable lists only.
GossipVerdict verdict_on_repeat(const Decision& decision) {
  if (decision.reason == Reason::kTxListDuplicate) return GossipVerdict::kAccept;
  const auto phase = static_cast<Phase>(decision.b);
  const bool is_useful =
      phase == Phase::kAdmitted || phase == Phase::kExecuted || phase == Phase::kPendingParent;
  return is_useful ? GossipVerdict::kAccept : GossipVerdict::kIgnore;
}

std::optional<GossipVerdict> verdict_on(const Decision& decision) {
  switch (decision.verdict) {
    case Verdict::kAdmitted:
    case Verdict::kHandoff:
    case Verdict::kPendingParent:
    case Verdict::kTxListAccepted:
      return GossipVerdict::kAccept;
    case Verdict::kDuplicate:
      return verdict_on_repeat(decision);
    case Verdict::kRejected:
      return is_definitive(decision.reason) ? GossipVerdict::kReject : GossipVerdict::kIgnore;
    case Verdict::kStale:
    case Verdict::kPendingSchedule:
    case Verdict::kEvicted:
    case Verdict::kInvalidated:
    case Verdict::kTxListRejected:
      return GossipVerdict::kIgnore;
    default:
      return std::nullopt;
  }
}

}  // namespace

const char* name_of(GossipVerdict verdict) {
  switch (verdict) {
    case GossipVerdict::kAccept:
      return "accept";
    case GossipVerdict::kIgnore:
      return "ignore";
    case GossipVerdict::kReject:
      return "reject";
  }
  return "unknown";
}

GossipVerdict gossip_verdict(const std::vector<Decision>& decisions, const Hash32& subject) {
  std::optional<GossipVerdict> found;
  for (const Decision& decision : decisions) {
    if (decision.subject != subject) continue;
    // The last word counts: what was admitted may have turned out invalid in the same step.
    if (const auto verdict = verdict_on(decision)) found = verdict;
  }
  return found.value_or(GossipVerdict::kIgnore);
}

}  // namespace preconf::core
