#include "io/rpc/rpc_errors.hpp"

namespace preconf::io {

using core::Decision;
using core::Reason;
using core::Verdict;

int code_of(Reason reason) {
  // clang-format off
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
    case Reason::kParentUnknown:
    case Reason::kNumberNotParentPlusOne:
    case Reason::kTimestampNotAfterParent:
    case Reason::kGasLimitOutOfBounds:
    case Reason::kAnchorBelowParent:
    case Reason::kAfterEop:
    case Reason::kBeforeFork:
    case Reason::kParentInvalid:
    case Reason::kEquivocation:
    case Reason::kCompetingSigner:
    case Reason::kEngineInvalid:
      return preconf_code::kInvalidCommitment;
    case Reason::kTxListUndecodable:
    case Reason::kAnchorMissing:
    case Reason::kAnchorWrongSender:
    case Reason::kAnchorWrongContract:
    case Reason::kAnchorWrongChain:
    case Reason::kAnchorWrongGasOrValue:
    case Reason::kAnchorNumberMismatch:
    case Reason::kAnchorWrongBaseFee:
      return preconf_code::kInvalidTxList;
    case Reason::kStaleCommitment:
    case Reason::kTooFarAhead:
    case Reason::kTooFarBehind:
      return preconf_code::kNotSynced;
    case Reason::kWindowEndMismatch:
      return preconf_code::kSubmissionWindowExpired;
    case Reason::kSlasherMismatch:
    case Reason::kSignerMismatch:
      return preconf_code::kInvalidSigner;
    case Reason::kNoWindow:
      return preconf_code::kLookaheadUnavailable;
    default:  // bounds (try again), engine and gate: not the caller's fault
      return preconf_code::kInternal;
  }
  // clang-format on
}

namespace {

/// The reference driver's texts where it has one.
std::string message_of(const Decision& decision) {
  const std::string a = std::to_string(decision.a);
  const std::string b = std::to_string(decision.b);
  switch (decision.reason) {
    case Reason::kStaleCommitment:
      return "stale commitment: block " + a + " <= event_sync_tip " + b;
    case Reason::kSignerMismatch:
      return "signer mismatch: recovered signer does not match expected slot signer";
    case Reason::kWindowEndMismatch:
      return "submission_window_end mismatch: commitment window end does not match expected slot "
             "end";
    case Reason::kSlasherMismatch:
      return "signer mismatch: commitment names another slasher";
    case Reason::kNoWindow:
      return "lookahead unavailable: no window covers timestamp " + a;
    default:
      return std::string(core::name_of(decision.verdict)) + ": " + core::name_of(decision.reason) +
             " (a=" + a + ", b=" + b + ")";
  }
}

PreconfError refuse(const Decision& decision) {
  return {code_of(decision.reason), message_of(decision)};
}

}  // namespace

Admission admission_of(std::span<const Decision> decisions, const core::Hash32& subject) {
  Admission admission;
  bool contested = false;
  for (const Decision& decision : decisions) {
    if (decision.subject != subject) continue;
    switch (decision.verdict) {
      case Verdict::kContested:
        contested = true;
        break;
      case Verdict::kAdmitted:
      case Verdict::kHandoff:
      case Verdict::kPendingParent:
      case Verdict::kPendingSchedule:
      case Verdict::kTxListAccepted:
        admission = {decision.verdict, decision.reason, std::nullopt};
        break;
      case Verdict::kDuplicate:  // of something that was found invalid, or just a repeat
        admission = {decision.verdict, decision.reason, std::nullopt};
        if (decision.reason != Reason::kNone && decision.reason != Reason::kTxListDuplicate) {
          admission.refusal = refuse(decision);
        }
        break;
      case Verdict::kStale:
      case Verdict::kRejected:
      case Verdict::kEvicted:
      case Verdict::kInvalidated:
      case Verdict::kTxListRejected:
        admission = {decision.verdict, decision.reason, refuse(decision)};
        break;
      default:  // what execution does with it later
        break;
    }
  }
  if (admission.verdict == Verdict::kIgnored) {
    admission.refusal = {preconf_code::kInternal, "the node gave no verdict"};
  }
  if (contested && admission.verdict == Verdict::kAdmitted) {
    admission.verdict = Verdict::kContested;
  }
  return admission;
}

PreconfError refusal_of(core::protocol::CommitmentDefect defect) {
  using core::protocol::CommitmentDefect;
  std::string message;
  switch (defect) {
    case CommitmentDefect::kWrongSize:
    case CommitmentDefect::kNonCanonicalBool:
      message = std::string("invalid commitment SSZ: ") + name_of(defect);
      break;
    case CommitmentDefect::kEopTxListMismatch:
      message = "non-eop preconfirmation requires non-zero raw_tx_list_hash";
      break;
    default:
      message = std::string("invalid commitment: ") + name_of(defect);
      break;
  }
  return {preconf_code::kInvalidCommitment, std::move(message)};
}

}  // namespace preconf::io
