#include "core/decision.hpp"

namespace preconf::core {

const char* name_of(Verdict verdict) {
  // clang-format off
  switch (verdict) {
    case Verdict::kAdmitted: return "admitted";
    case Verdict::kDuplicate: return "duplicate";
    case Verdict::kStale: return "stale";
    case Verdict::kPendingParent: return "pending_parent";
    case Verdict::kPendingSchedule: return "pending_schedule";
    case Verdict::kRejected: return "rejected";
    case Verdict::kContested: return "contested";
    case Verdict::kEvicted: return "evicted";
    case Verdict::kHandoff: return "handoff";
    case Verdict::kTxListAccepted: return "txlist_accepted";
    case Verdict::kTxListRejected: return "txlist_rejected";
    case Verdict::kInvalidated: return "invalidated";
    case Verdict::kApplyStarted: return "apply_started";
    case Verdict::kApplied: return "applied";
    case Verdict::kAlreadyMaterialized: return "already_materialized";
    case Verdict::kApplyDeferred: return "apply_deferred";
    case Verdict::kHeadAdopted: return "head_adopted";
    case Verdict::kGateOpened: return "gate_opened";
    case Verdict::kGateClosed: return "gate_closed";
    case Verdict::kScheduleAccepted: return "schedule_accepted";
    case Verdict::kScheduleRejected: return "schedule_rejected";
    case Verdict::kBoundaryMoved: return "boundary_moved";
    case Verdict::kEngineFatal: return "engine_fatal";
    case Verdict::kIgnored: return "ignored";
    case Verdict::kReopened: return "reopened";
    case Verdict::kReadDeferred: return "read_deferred";
    case Verdict::kEventsLost: return "events_lost";
    case Verdict::kRulesChanged: return "rules_changed";
  }
  // clang-format on
  return "unknown";
}

const char* name_of(Reason reason) {
  // clang-format off
  switch (reason) {
    case Reason::kNone: return "none";
    case Reason::kWrongSize: return "wrong_size";
    case Reason::kNonCanonicalBool: return "non_canonical_bool";
    case Reason::kSignatureFormat: return "signature_format";
    case Reason::kSignatureUnrecoverable: return "signature_unrecoverable";
    case Reason::kEopTxListMismatch: return "eop_txlist_mismatch";
    case Reason::kBlockNumberRange: return "block_number_range";
    case Reason::kTimestampRange: return "timestamp_range";
    case Reason::kGasLimitRange: return "gas_limit_range";
    case Reason::kAnchorBlockNumberRange: return "anchor_block_number_range";
    case Reason::kWindowEndRange: return "window_end_range";
    case Reason::kProposalIdRange: return "proposal_id_range";
    case Reason::kSlasherMismatch: return "slasher_mismatch";
    case Reason::kStaleCommitment: return "stale_commitment";
    case Reason::kTooFarAhead: return "too_far_ahead";
    case Reason::kNoWindow: return "no_window";
    case Reason::kSignerMismatch: return "signer_mismatch";
    case Reason::kWindowEndMismatch: return "window_end_mismatch";
    case Reason::kParentUnknown: return "parent_unknown";
    case Reason::kNumberNotParentPlusOne: return "number_not_parent_plus_one";
    case Reason::kTimestampNotAfterParent: return "timestamp_not_after_parent";
    case Reason::kGasLimitOutOfBounds: return "gas_limit_out_of_bounds";
    case Reason::kAnchorBelowParent: return "anchor_below_parent";
    case Reason::kAfterEop: return "after_eop";
    case Reason::kBeforeFork: return "before_fork";
    case Reason::kParentInvalid: return "parent_invalid";
    case Reason::kHeightFull: return "height_full";
    case Reason::kBufferFull: return "buffer_full";
    case Reason::kEquivocation: return "equivocation";
    case Reason::kCompetingSigner: return "competing_signer";
    case Reason::kTooFarBehind: return "too_far_behind";
    case Reason::kTxListUndecodable: return "txlist_undecodable";
    case Reason::kAnchorMissing: return "anchor_missing";
    case Reason::kAnchorWrongSender: return "anchor_wrong_sender";
    case Reason::kAnchorWrongContract: return "anchor_wrong_contract";
    case Reason::kAnchorWrongChain: return "anchor_wrong_chain";
    case Reason::kAnchorWrongGasOrValue: return "anchor_wrong_gas_or_value";
    case Reason::kAnchorNumberMismatch: return "anchor_number_mismatch";
    case Reason::kTxListDuplicate: return "txlist_duplicate";
    case Reason::kAnchorWrongBaseFee: return "anchor_wrong_base_fee";
    case Reason::kEngineInvalid: return "engine_invalid";
    case Reason::kEngineSyncing: return "engine_syncing";
    case Reason::kEngineUnavailable: return "engine_unavailable";
    case Reason::kEngineUnknownOutcome: return "engine_unknown_outcome";
    case Reason::kEngineUnexpected: return "engine_unexpected";
    case Reason::kEngineWrongChain: return "engine_wrong_chain";
    case Reason::kEngineLostJob: return "engine_lost_job";
    case Reason::kEngineMissingHead: return "engine_missing_head";
    case Reason::kEngineOlderHead: return "engine_older_head";
    case Reason::kEngineOtherHead: return "engine_other_head";
    case Reason::kBoundaryUnknown: return "boundary_unknown";
    case Reason::kLateAnswer: return "late_answer";
    case Reason::kBaseFeeUndefined: return "base_fee_undefined";
    case Reason::kGateScannerNotLive: return "gate_scanner_not_live";
    case Reason::kGateNotConfirmed: return "gate_not_confirmed";
    case Reason::kGateRecovering: return "gate_recovering";
    case Reason::kGateStopped: return "gate_stopped";
    case Reason::kScheduleDefect: return "schedule_defect";
  }
  // clang-format on
  return "unknown";
}

}  // namespace preconf::core
