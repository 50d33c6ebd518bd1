// What a decision rests on, verdict by verdict and rule by rule.
#include <fmt/format.h>

#include "replay/why/causes.hpp"

namespace preconf::replay {

using core::Decision;
using core::Reason;
using core::Seq;
using core::Verdict;

void Causes::add_handoff(std::uint32_t node, const Moment& moment,
                         const core::protocol::CommitmentFacts& facts, std::uint32_t depth) {
  const auto& handoffs = moment.before->book.handoffs;
  const auto handoff = handoffs.find(facts.window_end);
  if (handoff == handoffs.end()) return;
  add_commitment(node, "end of preconfirmation", *moment.before, handoff->second.preconf_hash,
                 moment.logged.event.seq, depth);
}

void Causes::add_grounds(std::uint32_t node, const Moment& moment, const Decision& decision,
                         std::uint32_t depth) {
  const Seq seq = moment.logged.event.seq;
  const Seq before{seq.value - 1};
  const auto* facts = facts_of(moment, decision);
  if (add_l1_grounds(node, moment, decision, depth)) return;
  switch (decision.verdict) {
    case Verdict::kContested:
      add_event(node, "the other commitment", Seq{decision.a}, Focus::on(decision.hash), depth);
      break;
    case Verdict::kDuplicate:
      if (decision.reason == Reason::kTxListDuplicate) {
        add_list(node, *moment.before, decision.subject, before, depth);
      } else {
        add_event(node, "first copy", Seq{decision.a}, Focus::on(decision.subject), depth);
      }
      return;
    case Verdict::kApplyStarted:
      add_event(node, "commitment", Seq{decision.a}, Focus::on(decision.subject), depth);
      if (facts != nullptr) {
        add_list(node, *moment.after, facts->raw_tx_list_hash, seq, depth);
      }
      add_facet(node, "on top of the head", Facet::kHead, seq, depth);
      add_facet(node, "gate", Facet::kGate, seq, depth);
      return;
    case Verdict::kApplied:
    case Verdict::kAlreadyMaterialized:
      if (decision.a != 0 && Seq{decision.a} < seq) {
        add_event(node, "began with", Seq{decision.a}, Focus::on(decision.subject), depth);
      }
      return;
    case Verdict::kApplyDeferred:
      if (const auto* plan = std::get_if<core::ApplyPlan>(&moment.before->lane)) {
        add_event(node, "attempt begun at", plan->started, Focus::on(plan->key.preconf_hash),
                  depth);
      }
      return;
    case Verdict::kHeadAdopted:
      if (moment.before->heads.unsafe) {
        add_facet(node, "the head before", Facet::kHead, before, depth);
      }
      return;
    case Verdict::kReopened:
      return;  // the same event replaced the head
    case Verdict::kGateOpened:
    case Verdict::kGateClosed:
      add_facet(node, "L1 sync", Facet::kL1Sync, seq, depth);
      add_facet(node, "confirmed boundary", Facet::kBoundary, seq, depth);
      return;
    case Verdict::kEngineFatal:
      add_genesis(node, "expected chain id");
      return;
    default:
      break;
  }
  const bool has_own_event = facts != nullptr;
  if (has_own_event) {
    const auto held = moment.before->book.held.find({decision.subject, facts->signer});
    if (held != moment.before->book.held.end() && held->second.received < seq) {
      add_event(node, "commitment", held->second.received, Focus{}, depth);
    }
  }
  add_rule_grounds(node, moment, decision, facts, depth);
}

void Causes::add_rule_grounds(std::uint32_t node, const Moment& moment, const Decision& decision,
                              const core::protocol::CommitmentFacts* facts, std::uint32_t depth) {
  const Seq seq = moment.logged.event.seq;
  const core::State& before = *moment.before;
  const auto schedule = [&] {
    add_facet(node, fmt::format("schedule version {}", moment.after->schedule.version),
              Facet::kSchedule, seq, depth);
  };
  const auto parent = [&] {
    if (facts != nullptr) add_parent(node, before, *facts, seq, depth);
  };
  switch (decision.reason) {
    case Reason::kNone:
      if (decision.verdict == Verdict::kAdmitted || decision.verdict == Verdict::kHandoff) {
        schedule();
        parent();
      }
      return;
    case Reason::kSlasherMismatch:
    case Reason::kBeforeFork:
      add_genesis(node, "rules of the network");
      return;
    case Reason::kStaleCommitment:
      add_facet(node, "confirmed boundary", Facet::kBoundary, seq, depth);
      return;
    case Reason::kTooFarAhead:
    case Reason::kTooFarBehind:
      add_facet(node, "head", Facet::kHead, seq, depth);
      return;
    case Reason::kNoWindow:
    case Reason::kWindowEndMismatch:
      schedule();
      return;
    case Reason::kSignerMismatch:
      schedule();
      if (decision.hash.is_zero()) parent();  // nobody has handed the window off
      return;
    case Reason::kParentUnknown:
    case Reason::kParentInvalid:
    case Reason::kNumberNotParentPlusOne:
    case Reason::kTimestampNotAfterParent:
    case Reason::kGasLimitOutOfBounds:
    case Reason::kAnchorBelowParent:
      parent();
      return;
    case Reason::kAfterEop:
      if (facts != nullptr) add_handoff(node, moment, *facts, depth);
      return;
    case Reason::kEngineInvalid:
      add_event(node, "plan begun at", Seq{decision.a}, Focus::on(decision.subject), depth);
      return;
    default:
      if (facts != nullptr) add_list_grounds(node, moment, decision.reason, *facts, depth);
  }
}

void Causes::add_list_grounds(std::uint32_t node, const Moment& moment, Reason reason,
                              const core::protocol::CommitmentFacts& facts, std::uint32_t depth) {
  const Seq seq = moment.logged.event.seq;
  const bool is_about_list =
      reason >= Reason::kTxListUndecodable && reason <= Reason::kAnchorWrongBaseFee;
  if (!is_about_list) return;  // the event itself says it all, or a bound of this node
  add_list(node, *moment.after, facts.raw_tx_list_hash, seq, depth);
  if (reason == Reason::kAnchorWrongContract || reason == Reason::kAnchorWrongChain ||
      reason == Reason::kAnchorWrongGasOrValue) {
    add_genesis(node, "rules of the chain");
  }
  if (reason == Reason::kAnchorWrongBaseFee) {
    add_facet(node, "base fee follows from the head", Facet::kHead, seq, depth);
  }
}

}  // namespace preconf::replay
