#include "replay/operands.hpp"

#include <array>

#include "core/effects/engine_verdict.hpp"
#include "core/protocol/derived_block.hpp"
#include "core/protocol/known_canonical.hpp"
#include "core/protocol/schedule.hpp"
#include "core/protocol/txlist_facts.hpp"
#include "core/state.hpp"
#include "replay/leaf.hpp"

namespace preconf::replay {
namespace {

using core::Decision;
using core::Reason;
using core::Verdict;

/// How an operand prints.
enum class Form : std::uint8_t {
  kNumber,
  kHash,
  kAddress,  ///< the last 20 of 32 bytes
  kPhase,
  kTxListDefect,
  kAnchorDefect,
  kScheduleDefect,
  kOutcomeClass,
  kDeriveDefect,
  kLogDefect,
  kL1Failure,
  kCanonicalMismatch,
};

struct Naming {
  const char* name = nullptr;  ///< none: the rule does not have this operand
  Form form = Form::kNumber;
};

struct Row {
  Naming a;
  Naming b;
  Naming hash;
};

constexpr Naming kNothing{};

struct ReasonRow {
  Reason reason;
  Row row;
};

// As documented at each reason in core/decision.hpp.
constexpr std::array kReasons{
    ReasonRow{Reason::kStaleCommitment, {{"number"}, {"confirmed_boundary"}, kNothing}},
    ReasonRow{Reason::kTooFarAhead, {{"number"}, {"highest_accepted"}, kNothing}},
    ReasonRow{Reason::kTooFarBehind, {{"number"}, {"lowest_remembered"}, kNothing}},
    ReasonRow{Reason::kNoWindow, {{"timestamp"}, {"schedule_version"}, kNothing}},
    ReasonRow{Reason::kSignerMismatch,
              {{"window_end"}, {"schedule_version"}, {"expected_committer", Form::kAddress}}},
    ReasonRow{Reason::kWindowEndMismatch, {{"committed_end"}, {"scheduled_end"}, kNothing}},
    ReasonRow{Reason::kParentUnknown, {kNothing, kNothing, {"parent", Form::kHash}}},
    ReasonRow{Reason::kNumberNotParentPlusOne, {{"number"}, {"parent_number"}, kNothing}},
    ReasonRow{Reason::kTimestampNotAfterParent, {{"timestamp"}, {"parent_timestamp"}, kNothing}},
    ReasonRow{Reason::kGasLimitOutOfBounds, {{"gas_limit"}, {"parent_gas_limit"}, kNothing}},
    ReasonRow{Reason::kAnchorBelowParent, {{"anchor_number"}, {"parent_anchor_number"}, kNothing}},
    ReasonRow{Reason::kAfterEop, {{"number"}, {"window_end"}, kNothing}},
    ReasonRow{Reason::kBeforeFork, {{"timestamp"}, {"fork_time"}, kNothing}},
    ReasonRow{Reason::kParentInvalid, {kNothing, kNothing, {"parent", Form::kHash}}},
    ReasonRow{Reason::kHeightFull, {{"number"}, {"bound"}, kNothing}},
    ReasonRow{Reason::kBufferFull, {{"bound"}, kNothing, kNothing}},
    ReasonRow{Reason::kTxListUndecodable, {{"defect", Form::kTxListDefect}, kNothing, kNothing}},
    ReasonRow{Reason::kAnchorMissing, {{"defect", Form::kAnchorDefect}, kNothing, kNothing}},
    ReasonRow{Reason::kAnchorWrongChain, {{"chain_id"}, kNothing, kNothing}},
    ReasonRow{Reason::kAnchorWrongGasOrValue, {{"gas_limit"}, {"required_gas_limit"}, kNothing}},
    ReasonRow{Reason::kAnchorNumberMismatch, {{"anchored"}, {"committed"}, kNothing}},
    ReasonRow{Reason::kAnchorWrongBaseFee, {{"max_fee_per_gas"}, {"base_fee"}, kNothing}},
    ReasonRow{Reason::kEngineInvalid, {{"plan_started_seq"}, {"answer_seq"}, kNothing}},
    ReasonRow{Reason::kEngineWrongChain, {{"reported_chain_id"}, {"expected_chain_id"}, kNothing}},
    ReasonRow{Reason::kLateAnswer, {{"command_cause"}, {"command_ordinal"}, kNothing}},
    ReasonRow{Reason::kProposalGap, {{"proposal"}, {"expected_proposal"}, kNothing}},
    ReasonRow{Reason::kProposalUnlinked, {{"proposal"}, {"l1_number"}, kNothing}},
    ReasonRow{Reason::kCheckpointLate, {{"proposal"}, kNothing, {"block_hash", Form::kHash}}},
    ReasonRow{Reason::kL1EngineBehind, {{"engine_boundary"}, {"our_boundary"}, kNothing}},
    ReasonRow{Reason::kL1LogRefused,
              {{"defect", Form::kLogDefect}, {"l1_number"}, {"topic", Form::kHash}}},
    ReasonRow{Reason::kScheduleDefect, {{"defect", Form::kScheduleDefect}, {"windows"}, kNothing}},
};

struct VerdictRow {
  Verdict verdict;
  Row row;
};

// Verdicts whose operands are the same whatever the reason.
constexpr std::array kVerdicts{
    VerdictRow{Verdict::kAdmitted, {{"received_seq"}, {"schedule_version"}, kNothing}},
    VerdictRow{Verdict::kHandoff, {{"received_seq"}, {"schedule_version"}, kNothing}},
    VerdictRow{Verdict::kContested, {{"rival_seq"}, {"received_seq"}, {"rival", Form::kHash}}},
    VerdictRow{Verdict::kTxListAccepted, {{"transactions"}, kNothing, {"rlp_hash", Form::kHash}}},
    VerdictRow{Verdict::kApplyStarted,
               {{"received_seq"}, {"failures_before"}, {"parent_block", Form::kHash}}},
    VerdictRow{Verdict::kApplied,
               {{"plan_started_seq"}, {"failures_before"}, {"block_hash", Form::kHash}}},
    VerdictRow{Verdict::kAlreadyMaterialized,
               {{"from_seq"}, {"failures_before"}, {"block_hash", Form::kHash}}},
    VerdictRow{Verdict::kHeadAdopted,
               {{"engine_number"}, {"our_number"}, {"our_head", Form::kHash}}},
    VerdictRow{Verdict::kReopened, {{"head_number"}, {"number"}, kNothing}},
    VerdictRow{Verdict::kGateOpened, {{"target_block"}, {"confirmed_boundary"}, kNothing}},
    VerdictRow{Verdict::kGateClosed, {{"target_block"}, {"confirmed_boundary"}, kNothing}},
    VerdictRow{Verdict::kScheduleAccepted, {{"version"}, {"windows"}, kNothing}},
    VerdictRow{Verdict::kBoundaryMoved, {{"boundary"}, {"boundary_before"}, kNothing}},
    VerdictRow{Verdict::kEventsLost, {{"first_lost_seq"}, {"last_lost_seq"}, kNothing}},
    VerdictRow{Verdict::kRulesChanged,
               {{"version_before"}, {"version_now"}, {"state_hash", Form::kHash}}},
    VerdictRow{Verdict::kReadDeferred, {{"outcome", Form::kOutcomeClass}, {"delay_ms"}, kNothing}},
    VerdictRow{Verdict::kPeerPenalised, {{"peer"}, {"thousandths"}, kNothing}},
    VerdictRow{Verdict::kPeerBanned, {{"peer"}, {"until"}, kNothing}},
    VerdictRow{Verdict::kPeerRefused, {{"peer"}, {"bound_or_until"}, kNothing}},
    VerdictRow{Verdict::kHeadClaimed, {{"peer"}, {"linked"}, kNothing}},
    VerdictRow{Verdict::kHeadRefused, {{"peer"}, {"highest_accepted"}, kNothing}},
    VerdictRow{Verdict::kBackfillStarted, {{"peer"}, {"target"}, kNothing}},
    VerdictRow{Verdict::kBackfillAdvanced, {{"peer"}, {"target"}, kNothing}},
    VerdictRow{Verdict::kBackfillDeferred, {{"peers_asked"}, {"delay_ms"}, kNothing}},
    VerdictRow{Verdict::kBackfillPassedOver, {{"peer"}, {"delivered"}, kNothing}},
    VerdictRow{Verdict::kTxListRequested, {{"peer"}, {"attempts"}, kNothing}},
    VerdictRow{Verdict::kTxListUnavailable, {{"peer"}, kNothing, kNothing}},
    VerdictRow{Verdict::kTxListDeferred, {{"peers_asked"}, {"delay_ms"}, kNothing}},
    VerdictRow{Verdict::kTxListGivenUp, {{"window_end"}, {"peers_asked"}, kNothing}},
    VerdictRow{Verdict::kPublished, {{"peers_reached"}, kNothing, kNothing}},
    VerdictRow{Verdict::kPublishDeferred, {{"attempts"}, {"delay_ms"}, kNothing}},
    VerdictRow{Verdict::kL1Followed, {{"l1_chain_id"}, kNothing, kNothing}},
    VerdictRow{Verdict::kL1BlockLinked, {{"l1_number"}, {"facts"}, {"l1_block", Form::kHash}}},
    VerdictRow{Verdict::kL1BlockRefused,
               {{"l1_number"}, {"newest_linked"}, {"l1_block", Form::kHash}}},
    VerdictRow{Verdict::kL1Reorged,
               {{"kept_l1_number"}, {"blocks_undone"}, {"kept_l1_block", Form::kHash}}},
    VerdictRow{Verdict::kL1TagsMoved, {{"finalized_l1_number"}, {"safe_l1_number"}, kNothing}},
    VerdictRow{Verdict::kScanStartFound, {{"first_l1_number"}, {"first_proposal"}, kNothing}},
    VerdictRow{Verdict::kProposalObserved, {{"proposal"}, {"l1_number"}, kNothing}},
    VerdictRow{Verdict::kProposalUndone, {{"proposal"}, {"l1_number"}, kNothing}},
    VerdictRow{Verdict::kSourcesRequested, {{"proposal"}, {"sources"}, kNothing}},
    VerdictRow{Verdict::kSourcesResolved, {{"proposal"}, {"blocks"}, kNothing}},
    VerdictRow{Verdict::kSourcesDeferred, {{"proposal"}, {"delay_ms"}, {"missing", Form::kHash}}},
    VerdictRow{Verdict::kSourceDefaulted, {{"proposal"}, {"source"}, kNothing}},
    VerdictRow{Verdict::kDerivationStarted, {{"proposal"}, {"l1_number"}, kNothing}},
    VerdictRow{Verdict::kDerivedKept, {{"proposal"}, kNothing, {"block_hash", Form::kHash}}},
    VerdictRow{Verdict::kDerivedBuilt,
               {{"proposal"},
                {"chain_differed_in", Form::kCanonicalMismatch},
                {"block_hash", Form::kHash}}},
    VerdictRow{Verdict::kProposalDerived, {{"proposal"}, {"blocks_kept"}, kNothing}},
    VerdictRow{Verdict::kRewindStarted, {kNothing, {"boundary_before"}, kNothing}},
    VerdictRow{Verdict::kSafeMoved, {{"proposal"}, {"safe_before"}, kNothing}},
    VerdictRow{Verdict::kFinalizedMoved, {{"proposal"}, {"finalized_before"}, kNothing}},
    VerdictRow{Verdict::kHonoured, {{"received_seq"}, {"proposal"}, {"l1_block", Form::kHash}}},
    VerdictRow{Verdict::kContradicted, {{"received_seq"}, {"proposal"}, {"l1_block", Form::kHash}}},
    VerdictRow{Verdict::kNotLanded, {{"received_seq"}, {"proposal"}, kNothing}},
    VerdictRow{Verdict::kCheckpointTaken,
               {{"proposal"}, {"l1_number"}, {"block_hash", Form::kHash}}},
    VerdictRow{Verdict::kScheduleDerived, {{"version"}, {"windows"}, kNothing}},
    VerdictRow{Verdict::kOutOfStep, {{"back_to_proposal"}, kNothing, kNothing}},
};

/// A deferral's first operand says what failed, and the reason says in which vocabulary.
Row row_of_deferral(Reason reason) {
  const Naming delay{"delay_ms"};
  switch (reason) {
    case Reason::kEngineOtherHead:
      return {{"engine_number"}, delay, kNothing};
    case Reason::kEngineLostJob:
      return {{"rebuilds"}, delay, kNothing};
    case Reason::kEngineUnexpected:
      return {{"at_step_or_outcome"}, delay, kNothing};
    default:
      return {{"outcome", Form::kOutcomeClass}, delay, kNothing};
  }
}

/// The same of derivation, deferred or halted.
Row row_of_derivation(Reason reason) {
  const Naming delay{"delay_ms"};
  switch (reason) {
    case Reason::kDeriveDefect:
      return {{"defect", Form::kDeriveDefect}, delay, kNothing};
    case Reason::kL1Unavailable:
      return {{"failure", Form::kL1Failure}, delay, kNothing};
    case Reason::kDerivedInvalid:
    case Reason::kReadBackDiffers:
    case Reason::kResumeUnknown:
      return {{"block"}, delay, kNothing};
    case Reason::kBatchUnknown:
      return {{"block_or_proposal"}, delay, kNothing};
    case Reason::kAnchorUnknown:
      return {{"l1_number_or_parent"}, delay, kNothing};
    case Reason::kL1Malformed:
      return {{"at_step"}, delay, kNothing};
    default:
      return row_of_deferral(reason);
  }
}

Row row_of(const Decision& decision) {
  if (decision.verdict == Verdict::kApplyDeferred) return row_of_deferral(decision.reason);
  const bool is_derivation = decision.verdict == Verdict::kDerivationDeferred ||
                             decision.verdict == Verdict::kDerivationHalted;
  if (is_derivation) return row_of_derivation(decision.reason);
  if (decision.verdict == Verdict::kDuplicate) {
    if (decision.reason == Reason::kTxListDuplicate) return {};
    return {{"first_seq"}, {"phase", Form::kPhase}, kNothing};
  }
  if (decision.verdict == Verdict::kReadDeferred &&
      (decision.reason == Reason::kEngineMissingHead ||
       (decision.reason == Reason::kEngineUnexpected && decision.a == 0))) {
    return {kNothing, {"delay_ms"}, kNothing};
  }
  // Version 1 of the reducer did not say which command's answer was late.
  if (decision.reason == Reason::kLateAnswer && decision.a == 0) return {};
  for (const VerdictRow& entry : kVerdicts) {
    if (entry.verdict == decision.verdict) return entry.row;
  }
  for (const ReasonRow& entry : kReasons) {
    if (entry.reason == decision.reason) return entry.row;
  }
  return {};
}

/// Logs can say anything: values without a name print as numbers.
template <class Enum>
std::string enum_text(std::uint64_t value) {
  if (value > 0xff) return std::to_string(value);
  const std::string name = name_of(static_cast<Enum>(value));
  return name == "unknown" ? std::to_string(value) : name;
}

std::string text_of(std::uint64_t value, Form form) {
  switch (form) {
    case Form::kPhase:
      return enum_text<core::Phase>(value);
    case Form::kTxListDefect:
      return enum_text<core::protocol::TxListDefect>(value);
    case Form::kAnchorDefect:
      return enum_text<core::protocol::AnchorDefect>(value);
    case Form::kScheduleDefect:
      return enum_text<core::protocol::ScheduleDefect>(value);
    case Form::kDeriveDefect:
      return enum_text<core::protocol::DeriveDefect>(value);
    case Form::kLogDefect:
      return enum_text<core::protocol::LogDefect>(value);
    case Form::kL1Failure:
      return enum_text<core::events::L1FailureKind>(value);
    case Form::kCanonicalMismatch:
      return enum_text<core::protocol::CanonicalMismatch>(value);
    case Form::kOutcomeClass:
      if (value >= core::effects::kEngineOutcomeClassCount) return std::to_string(value);
      return name_of(static_cast<core::effects::EngineOutcomeClass>(value));
    case Form::kNumber:
    case Form::kHash:
    case Form::kAddress:
      break;
  }
  return std::to_string(value);
}

std::string text_of(const core::Hash32& hash, Form form) {
  if (form == Form::kAddress) return core::to_hex0x(hash.view().subspan(12));
  return core::to_hex0x(hash.view());
}

}  // namespace

std::vector<Operand> operands_of(const Decision& decision) {
  const Row row = row_of(decision);
  std::vector<Operand> out;
  if (row.a.name != nullptr) out.push_back({row.a.name, text_of(decision.a, row.a.form)});
  if (row.b.name != nullptr) out.push_back({row.b.name, text_of(decision.b, row.b.form)});
  const bool has_hash = row.hash.name != nullptr && !decision.hash.is_zero();
  if (has_hash) out.push_back({row.hash.name, text_of(decision.hash, row.hash.form)});
  return out;
}

std::string operands_text(const Decision& decision) {
  std::string out;
  for (const Operand& operand : operands_of(decision)) {
    out += (out.empty() ? "" : ", ") + operand.name + " " + operand.value;
  }
  return out;
}

}  // namespace preconf::replay
