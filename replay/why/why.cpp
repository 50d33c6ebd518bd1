#include "replay/why/why.hpp"

#include "core/effects/step.hpp"
#include "replay/rules.hpp"
#include "replay/why/counterfactual.hpp"
#include "replay/why/subjects.hpp"

namespace preconf::replay {
namespace {

using core::Decision;
using core::Seq;

Interest interest_of(const Question& question) {
  Interest interest;
  if (question.subject == WhySubject::kRejected) interest.hash = question.hash;
  if (question.subject == WhySubject::kReorg) {
    interest.any_reorg = question.any_block;
    if (!question.any_block) interest.block = question.block;
  }
  if (question.subject == WhySubject::kCommand) interest.command = question.command;
  return interest;
}

void answer(const Inquiry& inquiry) {
  switch (inquiry.question.subject) {
    case WhySubject::kRejected:
      return answer_rejected(inquiry);
    case WhySubject::kNotExecuted:
      return answer_not_executed(inquiry);
    case WhySubject::kHead:
      return answer_head(inquiry);
    case WhySubject::kReorg:
      return answer_reorg(inquiry);
    case WhySubject::kNotSynced:
      return answer_not_synced(inquiry);
    case WhySubject::kStuck:
      return answer_stuck(inquiry);
    case WhySubject::kCommand:
      return answer_command(inquiry);
  }
}

/// Verdicts of the commitment rules; others were not about the commitment alone.
bool can_be_repaired(const Decision& decision) {
  switch (decision.verdict) {
    case core::Verdict::kRejected:
    case core::Verdict::kStale:
    case core::Verdict::kEvicted:
    case core::Verdict::kPendingParent:
    case core::Verdict::kPendingSchedule:
      return decision.reason >= core::Reason::kSlasherMismatch &&
             decision.reason <= core::Reason::kTooFarBehind &&
             decision.reason != core::Reason::kBufferFull &&
             decision.reason != core::Reason::kHeightFull;
    default:
      return false;
  }
}

/// When the boundary passes the engine's own head, what is held is compared with the head: the
/// decision names that, and the boundary itself is one more operand.
void tell_boundary(const Decision& decision, const core::State& state,
                   std::vector<Operand>& operands) {
  if (decision.reason != core::Reason::kStaleCommitment || operands.size() < 2) return;
  const core::BlockNumber boundary = core::effects::confirmed_boundary(state);
  if (boundary.value == decision.b) return;
  operands[1].name = "boundary_up_to_head";
  operands.push_back({"confirmed_boundary", std::to_string(boundary.value)});
}

}  // namespace

void Inquiry::take_rule(Seq seq, const std::optional<core::Hash32>& subject,
                        core::Verdict verdict) {
  const auto moment = chronicle.moment(seq);
  if (!moment) return;
  for (const Decision& decision : moment->outcome.decisions) {
    if (decision.verdict != verdict || (subject && decision.subject != *subject)) continue;
    answer.found = true;
    answer.verdict = core::name_of(decision.verdict);
    answer.explanation = meaning_of(decision.verdict);
    answer.operands = operands_of(decision);
    tell_boundary(decision, *moment->after, answer.operands);
    answer.decided_at = seq;
    answer.decided_time = moment->logged.event.wall;
    if (decision.reason != core::Reason::kNone) {
      const Rule rule = rule_of(decision.reason);
      answer.rule = RuleShown{core::name_of(decision.reason), rule.text, rule.source};
    }
    const auto* facts = can_be_repaired(decision) ? facts_of(*moment, decision) : nullptr;
    if (facts == nullptr) return;
    const auto* received =
        std::get_if<core::events::CommitmentReceived>(&moment->logged.event.body);
    const bool is_own_event =
        received != nullptr && received->facts.preconf_hash == decision.subject;
    answer.admitted_if = changes_to_admit(*facts, is_own_event ? *moment->before : *moment->after);
    return;
  }
}

void Inquiry::conclude(Seq seq, const std::optional<core::Hash32>& subject, core::Verdict verdict,
                       const Focus& focus) {
  take_rule(seq, subject, verdict);
  causes.add_event(std::nullopt, "", seq, focus, question.depth);
}

core::Result<WhyAnswer, storage::StorageFailure> explain(
    const History& history, const Question& question, const std::function<void(Seq)>& on_progress) {
  const auto chronicle =
      Chronicle::record(history, question.at, interest_of(question), on_progress);
  if (!chronicle) return core::Unexpected{chronicle.error()};
  WhyAnswer result;
  result.subject = question.text;
  result.at = chronicle->until();
  Causes causes(*chronicle, result);
  answer(Inquiry{question, *chronicle, result, causes});
  if (causes.failure()) return core::Unexpected{*causes.failure()};
  return result;
}

}  // namespace preconf::replay
