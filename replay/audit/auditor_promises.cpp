// From commitments to promises: whose window it is decides what one is.
#include <fmt/format.h>

#include <algorithm>

#include "core/base/hex.hpp"
#include "core/effects/l1_verdicts.hpp"
#include "replay/audit/auditor.hpp"

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

}  // namespace

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
  const Moment moment{event.seq, event.wall};
  if (known != nullptr && known->life.signer == facts.signer) {
    ++known->life.copies;
    if (known->shown.seq.value == 0) known->shown = moment;
    return;
  }
  judge(Pending{facts, moment, event.source, event.source_id}, state.schedule);
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
  promise.needs_end_since = placement.needs_end_since;
  promise.is_known_before = commitment.is_before;
  if (!commitment.is_before) promise.shown = commitment.moment;
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
  if (coverage_.may_begin_before(facts.timestamp)) {
    found.verdict = Verdict::kUnknown;
    found.missing.push_back(fmt::format(
        "events up to {}: it may have come before, under another table", coverage_.base().value));
  }
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

void Auditor::begin(const core::State& state) {
  const core::Seq base = state.last_seq;
  if (base.value == 0) return;
  l1_.begin_with(state);
  for (const auto& [hash, entry] : state.txlists.lists) {
    if (entry.facts) book_.note_list_before(hash, entry.received);
  }
  take_held(state);
  for (const auto& [end, handoff] : state.book.handoffs) {
    EndOfWindow ended;
    ended.first_free = handoff.eop_only ? handoff.number : core::next(handoff.number);
    ended.number = handoff.number;
    ended.preconf_hash = handoff.preconf_hash;
    ended.eop_only = handoff.eop_only;
    book_.note_end_before(WindowKey{end, handoff.signer}, ended);
  }
  for (const auto& [number, block] : state.heads.executed) chain_.begin_with(number, block.hash);
  chain_.set_boundary(state.heads.head_l1_origin.value_or(core::BlockNumber{0}));
  if (const auto& head = state.heads.unsafe) {
    head_ = head->hash;
    static_cast<void>(chain_.move_head(*head, core::Seq{0}));
  }
}

/// Commitments that the first state holds, in the order in which they came.
void Auditor::take_held(const core::State& state) {
  std::vector<const core::Commitment*> held;
  for (const auto& [key, commitment] : state.book.held) held.push_back(&commitment);
  std::ranges::sort(held, {}, [](const core::Commitment* one) { return one->received; });
  for (const core::Commitment* one : held) {
    const core::Hash32& hash = one->facts.preconf_hash;
    Pending commitment{one->facts, {one->received, {}}, core::SourceKind::kLocal, 0};
    commitment.is_before = true;
    const Placement placement = place(state.schedule, one->facts);
    if (placement.kind == Placement::Kind::kPending) judge(commitment, state.schedule);
    if (placement.kind != Placement::Kind::kScheduled) continue;
    accept(commitment, placement);
    Promise* promise = book_.find(hash);
    if (promise == nullptr) continue;
    const bool is_admitted =
        one->phase == core::Phase::kAdmitted || one->phase == core::Phase::kExecuted;
    if (is_admitted) {
      promise->life.admitted = promise->life.received;
      promise->life.decision = core::Verdict::kAdmitted;
    }
    if (!one->block_hash.is_zero()) {
      promise->life.block_hash = one->block_hash;
      book_.note_executed(*promise, one->block_hash);
    }
    if (core::effects::is_contradicted(state, hash)) {
      promise->life.on_l1 = L1Verdict{};
      promise->life.on_l1->verdict = core::Verdict::kContradicted;
    }
  }
}

}  // namespace preconf::replay::audit
