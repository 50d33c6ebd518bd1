#include "replay/audit/auditor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/base/hex.hpp"
#include "core/effects/l1_verdicts.hpp"

namespace preconf::replay::audit {
namespace {

namespace ev = core::events;

/// Verdicts of the derivation on promises, and what takes them back.
bool is_about_l1(core::Verdict verdict) {
  return verdict == core::Verdict::kHonoured || verdict == core::Verdict::kContradicted ||
         verdict == core::Verdict::kNotLanded || verdict == core::Verdict::kProposalUndone;
}

bool is_about_commitment(core::Verdict verdict) {
  switch (verdict) {
    case core::Verdict::kAdmitted:
    case core::Verdict::kHandoff:
    case core::Verdict::kStale:
    case core::Verdict::kPendingParent:
    case core::Verdict::kPendingSchedule:
    case core::Verdict::kRejected:
    case core::Verdict::kEvicted:
    case core::Verdict::kInvalidated:
    case core::Verdict::kApplied:
    case core::Verdict::kAlreadyMaterialized:
    case core::Verdict::kReopened:
      return true;
    default:
      return false;
  }
}

}  // namespace

Auditor::Auditor(const storage::EventSource& log, AuditReport& report, Sink* sink)
    : log_(log),
      report_(report),
      builder_(report, sink),
      coverage_(log, report.coverage, report.log),
      l1_(report.coverage) {}

Knowledge Auditor::known() const { return {book_, chain_, coverage_, l1_, log_}; }

void Auditor::note(const storage::LoggedEvent& logged, const core::Outcome& outcome,
                   const core::State& state) {
  const core::Event& event = logged.event;
  l1_.note(event, outcome, state);
  coverage_.note(logged, outcome, state);
  const Moment moment{event.seq, event.wall};
  if (const auto* received = std::get_if<ev::CommitmentReceived>(&event.body)) {
    on_commitment(event, *received, state);
  } else if (const auto* list = std::get_if<ev::TxListReceived>(&event.body)) {
    book_.note_list(list->facts.hash, moment);
  } else if (std::holds_alternative<ev::ScheduleConfigured>(event.body)) {
    retry_pending(state.schedule);
  } else if (const auto* gap = std::get_if<ev::LogGapRecorded>(&event.body)) {
    Finding found = make_finding(Kind::kLogGap, Verdict::kFault);
    found.from = gap->from;
    found.to = gap->to;
    found.first_seq = event.seq;
    found.first_seen = event.wall;
    found.seqs.push_back(event.seq);
    const bool is_content = gap->lost_known && gap->to < gap->from;
    found.text = is_content ? "a repair recorded that content is missing: " + gap->reason
                            : "a repair recorded that events are missing: " + gap->reason;
    if (!gap->lost_known) found.missing.push_back("how many events were lost");
    found.actionability_reason = "not a statement of a signer";
    builder_.add(std::move(found));
  }
  for (const core::Decision& decision : outcome.decisions) {
    if (decision.verdict == core::Verdict::kScheduleDerived) retry_pending(state.schedule);
    on_decision(event, decision, state);
  }
  follow_chain(event, state);
}

/// What L1 made of a promise. It stands beside the node's own last verdict, not in its place.
void Auditor::on_l1_verdict(const core::Event& event, const core::Decision& decision,
                            const core::State& state) {
  if (decision.verdict == core::Verdict::kProposalUndone) {
    book_.forget_l1_verdicts([&](const BlockLife& life) {
      const bool is_its_own = life.on_l1->proposal.value == decision.a;
      const bool is_of_before = life.on_l1->seq.value == 0;
      return is_its_own ||
             (is_of_before && !core::effects::is_contradicted(state, life.preconf_hash));
    });
    return;
  }
  Promise* promise = book_.find(decision.subject);
  if (promise == nullptr) return;
  L1Verdict said{decision.verdict, core::ProposalId{decision.b}, decision.hash, {}, event.seq, {}};
  if (decision.verdict == core::Verdict::kContradicted) {
    said.differences = differences_on_l1(state, decision.subject);
  }
  const auto& derivation = state.l1_chain.derivation;
  if (derivation && !said.l1_block.is_zero()) said.proposal_seen = derivation->proposal.seen;
  promise->life.on_l1 = std::move(said);
}

void Auditor::on_decision(const core::Event& event, const core::Decision& decision,
                          const core::State& state) {
  if (is_about_l1(decision.verdict)) on_l1_verdict(event, decision, state);
  if (!is_about_commitment(decision.verdict)) return;
  Promise* promise = book_.find(decision.subject);
  if (promise == nullptr) return;
  // A stranger's copy of the same promise is judged under the same hash, and refused.
  const auto* received = std::get_if<ev::CommitmentReceived>(&event.body);
  const bool is_of_stranger = received != nullptr &&
                              received->facts.preconf_hash == decision.subject &&
                              received->facts.signer != promise->life.signer;
  if (is_of_stranger) return;
  const Moment moment{event.seq, event.wall};
  BlockLife& life = promise->life;
  life.decision = decision.verdict;
  life.reason = decision.reason;
  life.decided = moment;
  if (decision.verdict == core::Verdict::kAdmitted || decision.verdict == core::Verdict::kHandoff) {
    on_admitted(*promise, moment);
  }
  if (decision.verdict == core::Verdict::kApplied ||
      decision.verdict == core::Verdict::kAlreadyMaterialized) {
    life.executed = moment;
    life.block_hash = decision.hash;
    book_.note_executed(*promise, decision.hash);
  }
}

void Auditor::on_admitted(Promise& promise, const Moment& moment) {
  if (!promise.life.admitted) promise.life.admitted = moment;
  Promise* parent = book_.find(promise.life.parent_preconf_hash);
  if (parent == nullptr || parent->continued) return;
  if (parent->life.window_end >= promise.life.window_end) return;
  parent->continued = moment;
  parent->continued_by = promise.life.preconf_hash;
}

void Auditor::follow_chain(const core::Event& event, const core::State& state) {
  if (const auto* answer = std::get_if<ev::EngineAnswered>(&event.body)) {
    const auto* heads = std::get_if<ev::HeadsRead>(&answer->result);
    const auto* block = std::get_if<ev::BlockRead>(&answer->result);
    const bool same_chain = heads == nullptr || heads->chain_id == state.chain.chain_id;
    if (heads != nullptr && heads->latest && same_chain) chain_.observe(*heads->latest, event.seq);
    if (block != nullptr && block->block) chain_.observe(*block->block, event.seq);
    const auto* canonical = std::get_if<ev::CanonicalRead>(&answer->result);
    if (canonical != nullptr && canonical->block) {
      chain_.observe(canonical->block->header, event.seq);
    }
  }
  const auto& head = state.heads.unsafe;
  if (head && head->hash != head_) {
    head_ = head->hash;
    if (const auto replaced = chain_.move_head(*head, event.seq)) {
      on_replacement(*replaced, event.wall);
    }
  }
  chain_.set_boundary(state.heads.head_l1_origin.value_or(core::BlockNumber{0}));
}

void Auditor::on_replacement(const Replacement& replacement, core::WallNanos wall) {
  const bool is_cut = coverage_.base().value > 0 && replacement.below_unknown;
  const bool maybe_lower = replacement.maybe_lower || is_cut;
  Finding found = make_finding(Kind::kReorg, is_cut ? Verdict::kUnknown : Verdict::kFault);
  found.block_number = replacement.lowest;
  found.first_seq = replacement.seqs.front();
  found.first_seen = wall;
  for (const core::Seq seq : replacement.seqs) {
    if (found.seqs.size() < Finding::kSeqsMax) found.seqs.push_back(seq);
  }
  std::string what = core::to_hex0x(replacement.new_hash.view());
  if (replacement.new_hash.is_zero()) {
    what = replacement.new_unknown ? "a block of unknown hash" : "the head went back: nothing";
  }
  found.text =
      fmt::format("the head chain was replaced from block {}{} up to {}: {} instead of {}",
                  replacement.lowest.value, maybe_lower ? " or lower" : "",
                  replacement.highest.value, what, core::to_hex0x(replacement.old_hash.view()));
  if (is_cut) {
    found.missing.push_back(
        fmt::format("the executed chain below {}, from before the first event that is here",
                    replacement.lowest.value));
  } else if (maybe_lower) {
    found.missing.push_back(fmt::format("canonical blocks below {}", replacement.lowest.value));
  }
  found.actionability_reason = "not a statement of a signer";
  builder_.add(std::move(found));
}

void Auditor::note_lost(core::Seq from, core::Seq to, const std::string& why) {
  report_.coverage.gaps.push_back(Gap{from, to, why});
  Finding found = make_finding(Kind::kLogGap, Verdict::kFault);
  found.from = from;
  found.to = to;
  found.first_seq = from;
  found.first_seen = coverage_.last_wall();
  found.text = "events are missing: " + why;
  found.actionability_reason = "not a statement of a signer";
  builder_.add(std::move(found));
}

void Auditor::close_oldest() {
  judge_window(book_.oldest(), known(), builder_);
  book_.close_oldest();
  if (!book_.empty() && !book_.oldest().promises.empty()) {
    const std::uint64_t lowest = book_.oldest().promises.front().life.number.value;
    // The parent of the lowest block, and some room for windows that overlap in height.
    constexpr std::uint64_t kKept = 4'096;
    chain_.forget_below(core::BlockNumber{lowest > kKept ? lowest - kKept : 0});
  }
}

void Auditor::finish() {
  if (const auto open = chain_.take_open()) on_replacement(*open, coverage_.last_wall());
  report_.coverage.no_schedule += pending_.size();
  while (!book_.empty()) close_oldest();
  l1_.finish();
  builder_.finish();
}

}  // namespace preconf::replay::audit
