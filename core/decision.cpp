#include "core/decision.hpp"

namespace preconf::core {

namespace {

/// Verdicts from 45 on.
const char* name_of_l1_verdict(Verdict verdict) {
  // clang-format off
  switch (verdict) {
    case Verdict::kL1Followed: return "l1_followed";
    case Verdict::kL1BlockLinked: return "l1_block_linked";
    case Verdict::kL1BlockRefused: return "l1_block_refused";
    case Verdict::kL1Reorged: return "l1_reorged";
    case Verdict::kL1TagsMoved: return "l1_tags_moved";
    case Verdict::kScanStartFound: return "scan_start_found";
    case Verdict::kProposalObserved: return "proposal_observed";
    case Verdict::kProposalUndone: return "proposal_undone";
    case Verdict::kSourcesRequested: return "sources_requested";
    case Verdict::kSourcesResolved: return "sources_resolved";
    case Verdict::kSourcesDeferred: return "sources_deferred";
    case Verdict::kSourceDefaulted: return "source_defaulted";
    case Verdict::kDerivationStarted: return "derivation_started";
    case Verdict::kDerivationDeferred: return "derivation_deferred";
    case Verdict::kDerivedKept: return "derived_kept";
    case Verdict::kDerivedBuilt: return "derived_built";
    case Verdict::kDerivationHalted: return "derivation_halted";
    case Verdict::kProposalDerived: return "proposal_derived";
    case Verdict::kRewindStarted: return "rewind_started";
    case Verdict::kRewound: return "rewound";
    case Verdict::kSafeMoved: return "safe_moved";
    case Verdict::kFinalizedMoved: return "finalized_moved";
    case Verdict::kHonoured: return "honoured";
    case Verdict::kContradicted: return "contradicted";
    case Verdict::kScheduleDerived: return "schedule_derived";
    case Verdict::kOutOfStep: return "out_of_step";
    case Verdict::kNotLanded: return "not_landed";
    case Verdict::kCheckpointTaken: return "checkpoint_taken";
    default: return "unknown";
  }
  // clang-format on
}

}  // namespace

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
    case Verdict::kPeerPenalised: return "peer_penalised";
    case Verdict::kPeerBanned: return "peer_banned";
    case Verdict::kPeerRefused: return "peer_refused";
    case Verdict::kHeadClaimed: return "head_claimed";
    case Verdict::kHeadRefused: return "head_refused";
    case Verdict::kBackfillStarted: return "backfill_started";
    case Verdict::kBackfillAdvanced: return "backfill_advanced";
    case Verdict::kBackfillDeferred: return "backfill_deferred";
    case Verdict::kBackfillDone: return "backfill_done";
    case Verdict::kTxListRequested: return "txlist_requested";
    case Verdict::kTxListUnavailable: return "txlist_unavailable";
    case Verdict::kTxListDeferred: return "txlist_deferred";
    case Verdict::kTxListGivenUp: return "txlist_given_up";
    case Verdict::kPublished: return "published";
    case Verdict::kPublishDeferred: return "publish_deferred";
    case Verdict::kPublishDropped: return "publish_dropped";
    case Verdict::kBackfillPassedOver: return "backfill_passed_over";
    default: return name_of_l1_verdict(verdict);
  }
  // clang-format on
}

namespace {

/// Reasons from 220 on.
const char* name_of_l1_reason(Reason reason) {
  // clang-format off
  switch (reason) {
    case Reason::kL1Unlinked: return "l1_unlinked";
    case Reason::kL1BelowFinalized: return "l1_below_finalized";
    case Reason::kL1BacklogFull: return "l1_backlog_full";
    case Reason::kL1OtherDeployment: return "l1_other_deployment";
    case Reason::kL1NotFollowed: return "l1_not_followed";
    case Reason::kL1SkipNotFinal: return "l1_skip_not_final";
    case Reason::kProposalGap: return "proposal_gap";
    case Reason::kL1Unavailable: return "l1_unavailable";
    case Reason::kBlobMissing: return "blob_missing";
    case Reason::kBlobMismatch: return "blob_mismatch";
    case Reason::kL1Malformed: return "l1_malformed";
    case Reason::kManifestUndecided: return "manifest_undecided";
    case Reason::kBlobBad: return "blob_bad";
    case Reason::kManifestBad: return "manifest_bad";
    case Reason::kSegmentBad: return "segment_bad";
    case Reason::kResumeUnknown: return "resume_unknown";
    case Reason::kBatchUnknown: return "batch_unknown";
    case Reason::kAnchorUnknown: return "anchor_unknown";
    case Reason::kDerivedInvalid: return "derived_invalid";
    case Reason::kDeriveDefect: return "derive_defect";
    case Reason::kReadBackDiffers: return "read_back_differs";
    case Reason::kGateDeriving: return "gate_deriving";
    case Reason::kGateRewinding: return "gate_rewinding";
    case Reason::kL1EngineBehind: return "l1_engine_behind";
    case Reason::kL1LogRefused: return "l1_log_refused";
    case Reason::kDerivedFromL1: return "derived_from_l1";
    case Reason::kProposalUnlinked: return "proposal_unlinked";
    case Reason::kGateBlobMissing: return "gate_blob_missing";
    case Reason::kCheckpointLate: return "checkpoint_late";
    case Reason::kCheckpointLost: return "checkpoint_lost";
    case Reason::kResumeStale: return "resume_stale";
    default: return "unknown";
  }
  // clang-format on
}

/// Reasons from 190 on.
const char* name_of_peer_reason(Reason reason) {
  // clang-format off
  switch (reason) {
    case Reason::kPeerTimeout: return "peer_timeout";
    case Reason::kPeerNotConnected: return "peer_not_connected";
    case Reason::kPeerConnectionLost: return "peer_connection_lost";
    case Reason::kPeerUnsupported: return "peer_unsupported";
    case Reason::kPeerStreamReset: return "peer_stream_reset";
    case Reason::kPeerMalformed: return "peer_malformed";
    case Reason::kPeerInvalid: return "peer_invalid";
    case Reason::kPeerNotSent: return "peer_not_sent";
    case Reason::kPeerBannedBefore: return "peer_banned_before";
    case Reason::kPeerLimit: return "peer_limit";
    case Reason::kPeerScore: return "peer_score";
    case Reason::kPeerGossipInvalid: return "peer_gossip_invalid";
    case Reason::kPeerConduct: return "peer_conduct";
    case Reason::kHeadNotServed: return "head_not_served";
    case Reason::kHeadTooFarAhead: return "head_too_far_ahead";
    case Reason::kPageOutOfRange: return "page_out_of_range";
    case Reason::kPageUseless: return "page_useless";
    case Reason::kListNotFound: return "list_not_found";
    case Reason::kListMismatch: return "list_mismatch";
    case Reason::kNoPeerLeft: return "no_peer_left";
    case Reason::kNoPeers: return "no_peers";
    case Reason::kWindowOver: return "window_over";
    case Reason::kPublishedBefore: return "published_before";
    case Reason::kContentMissing: return "content_missing";
    case Reason::kBeforeSchedule: return "before_schedule";
    case Reason::kListHedged: return "list_hedged";
    default: return name_of_l1_reason(reason);
  }
  // clang-format on
}

}  // namespace

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
    default: return name_of_peer_reason(reason);
  }
  // clang-format on
}

}  // namespace preconf::core
