#include "replay/audit/auditor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/base/hex.hpp"

namespace preconf::replay::audit {
namespace {

namespace ev = core::events;
using core::protocol::CommitmentFacts;
using core::protocol::Schedule;

BlockLife life_of(const CommitmentFacts& facts) {
  BlockLife life;
  life.number = facts.block_number;
  life.preconf_hash = facts.preconf_hash;
  life.parent_preconf_hash = facts.parent_preconf_hash;
  life.tx_list_hash = facts.raw_tx_list_hash;
  life.signer = facts.signer;
  life.window_end = facts.window_end;
  life.timestamp = facts.timestamp;
  life.eop = facts.eop;
  life.eop_only = facts.eop_only();
  life.anchor = facts.anchor_block_number;
  life.proposal_id = facts.proposal_id;
  life.copies = 1;
  return life;
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
    : log_(log), report_(report), builder_(report, sink), coverage_(report.coverage, report.log) {}

Knowledge Auditor::known() const { return {book_, chain_, coverage_, log_}; }

void Auditor::note(const storage::LoggedEvent& logged, const core::Outcome& outcome,
                   const core::State& state) {
  const core::Event& event = logged.event;
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
  for (const core::Decision& decision : outcome.decisions) on_decision(event, decision);
  follow_chain(event, state);
}

void Auditor::on_commitment(const core::Event& event, const ev::CommitmentReceived& received,
                            const core::State& state) {
  const CommitmentFacts& facts = received.facts;
  if (facts.defect != core::protocol::CommitmentDefect::kNone) {
    ++report_.coverage.defective;
    return;
  }
  if (facts.slasher != state.network.slasher_address) {
    ++report_.coverage.other_slasher;
    return;
  }
  Promise* known = book_.find(facts.preconf_hash);
  if (known != nullptr && known->life.signer == facts.signer) {
    ++known->life.copies;
    return;
  }
  judge(Pending{facts, {event.seq, event.wall}, event.source, event.source_id}, state.schedule);
}

void Auditor::judge(const Pending& commitment, const Schedule& schedule) {
  const Placement placement = place(schedule, commitment.facts);
  switch (placement.kind) {
    case Placement::Kind::kScheduled:
      accept(commitment, placement);
      return;
    case Placement::Kind::kWrongSigner:
      accuse_stranger(commitment, placement);
      return;
    case Placement::Kind::kWindowMismatch:
      ++report_.coverage.window_mismatch;
      return;
    case Placement::Kind::kPending:
      if (pending_.size() < kPendingMax) {
        pending_.push_back(commitment);
      } else {
        ++report_.coverage.no_schedule;
      }
      return;
    case Placement::Kind::kNoWindow:
      ++report_.coverage.no_schedule;
      return;
  }
}

void Auditor::accept(const Pending& commitment, const Placement& placement) {
  const CommitmentFacts& facts = commitment.facts;
  const auto closed = book_.closed_until();
  if (closed && facts.window_end <= *closed) {
    ++report_.beyond_horizon;
    return;
  }
  OpenWindow& window = book_.open(WindowKey{facts.window_end, facts.signer});
  window.schedule_version = placement.version;
  window.next_signer = placement.next_signer;
  Promise promise;
  promise.life = life_of(facts);
  promise.life.received = commitment.moment;
  promise.life.source = commitment.source;
  promise.life.source_id = commitment.source_id;
  promise.life.schedule_version = placement.version;
  promise.coinbase = facts.coinbase;
  promise.gas_limit = facts.gas_limit;
  promise.needs_end_of = placement.needs_end_of;
  book_.add(window, std::move(promise));
  while (book_.size() > report_.bounds.open_promises) close_oldest();
}

void Auditor::accuse_stranger(const Pending& commitment, const Placement& placement) {
  const CommitmentFacts& facts = commitment.facts;
  const std::pair key{facts.preconf_hash, facts.signer};
  if (!strangers_.insert(key).second) return;
  strangers_order_.push_back(key);
  if (strangers_order_.size() > kStrangersMax) {
    strangers_.erase(strangers_order_.front());
    strangers_order_.pop_front();
  }
  Finding found = make_finding(Kind::kWrongSigner, Verdict::kFault);
  found.signer = facts.signer;
  found.window_end = facts.window_end;
  found.block_number = facts.block_number;
  found.preconf_hash = facts.preconf_hash;
  found.first_seq = commitment.moment.seq;
  found.first_seen = commitment.moment.wall;
  found.seqs.push_back(commitment.moment.seq);
  found.text =
      fmt::format("timestamp {} belongs to {} (schedule version {})", facts.timestamp.value,
                  core::to_hex0x(placement.expected.view()), placement.version);
  found.actionability_reason = "the schedule gives this key no window to be slashed for";
  builder_.add(std::move(found));
}

void Auditor::retry_pending(const Schedule& schedule) {
  std::deque<Pending> waiting;
  waiting.swap(pending_);
  for (const Pending& commitment : waiting) {
    const Promise* known = book_.find(commitment.facts.preconf_hash);
    if (known != nullptr && known->life.signer == commitment.facts.signer) continue;
    judge(commitment, schedule);
  }
}

void Auditor::on_decision(const core::Event& event, const core::Decision& decision) {
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
  Finding found = make_finding(Kind::kReorg, Verdict::kFault);
  found.block_number = replacement.lowest;
  found.first_seq = replacement.seqs.front();
  found.first_seen = wall;
  for (const core::Seq seq : replacement.seqs) {
    if (found.seqs.size() < Finding::kSeqsMax) found.seqs.push_back(seq);
  }
  const std::string what = replacement.new_hash.is_zero()
                               ? "the head went back: nothing"
                               : core::to_hex0x(replacement.new_hash.view());
  found.text =
      fmt::format("the head chain was replaced from block {}{} up to {}: {} instead of {}",
                  replacement.lowest.value, replacement.maybe_lower ? " or lower" : "",
                  replacement.highest.value, what, core::to_hex0x(replacement.old_hash.view()));
  if (replacement.maybe_lower) {
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
  builder_.finish();
}

}  // namespace preconf::replay::audit
