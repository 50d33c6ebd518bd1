#include "replay/block_life.hpp"

#include <algorithm>

#include "replay/call_height.hpp"
#include "replay/command_log.hpp"
#include "replay/leaf.hpp"
#include "replay/log_tools.hpp"
#include "replay/operands.hpp"

namespace preconf::replay {
namespace {

namespace ev = core::events;
using core::Verdict;

/// Verdicts whose `number` is a height but which are not about the block at it.
bool is_about_block(Verdict verdict) {
  return verdict != Verdict::kBoundaryMoved && verdict != Verdict::kGateOpened &&
         verdict != Verdict::kGateClosed && verdict != Verdict::kDuplicate;
}

void first(std::optional<Stamp>& milestone, const Stamp& stamp) {
  if (!milestone || stamp.seq < milestone->seq) milestone = stamp;
}

/// What counts as long as it holds.
void follow(std::optional<Stamp>& milestone, bool before, bool now, const Stamp& stamp) {
  if (now && !before) first(milestone, stamp);
  if (!now && before) milestone.reset();
}

/// The derived proposal that has a block at the height.
std::optional<std::uint64_t> proposal_of(const core::L1State& l1, core::BlockNumber number) {
  for (const core::DerivedProposal& derived : l1.derived) {
    if (derived.parent.number < number && number <= derived.last_block.number) {
      return derived.proposal.facts.id.value;
    }
  }
  return std::nullopt;
}

/// Verdicts that end what was promised, or may do so.
bool takes_off(Verdict verdict) {
  return verdict == Verdict::kStale || verdict == Verdict::kEvicted ||
         verdict == Verdict::kInvalidated || verdict == Verdict::kRejected;
}

/// Why the head is another one.
std::string reason_of_head(const core::Outcome& outcome) {
  for (const core::Decision& decision : outcome.decisions) {
    if (decision.verdict == Verdict::kHeadAdopted) return core::name_of(decision.reason);
  }
  return {};
}

const core::Decision* decision_about(const core::Outcome& outcome, const core::Hash32& subject) {
  for (const core::Decision& decision : outcome.decisions) {
    if (decision.subject == subject) return &decision;
  }
  return nullptr;
}

}  // namespace

BlockWatch::BlockWatch(core::BlockNumber number, const core::State& before) : number_(number) {
  life_.number = number;
  labels_ = labels_of(before);
  first_block_ = last_block_ = labels_.block;
  derived_from_ = proposal_of(before.l1_chain, number);
  for (const auto* heights : {&before.book.by_height, &before.book.eop_only}) {
    for (auto it = heights->lower_bound(core::HeightKey{number, {}});
         it != heights->end() && it->number == number; ++it) {
      if (const auto* held = before.book.find(it->key)) see_held(*held, before);
    }
  }
}

/// The first state holds it: its event came before the log begins.
void BlockWatch::see_held(const core::Commitment& held, const core::State& before) {
  if (life_.commitments.size() == kBlockPartsMax) return;
  const Stamp stamp{held.received, {}};
  BlockCommitment& added = add_commitment(held.facts, stamp);
  added.last_phase = core::name_of(held.phase);
  added.block_hash = held.block_hash;
  if (BlockStep* seen = step(stamp, "commitment_received")) {
    seen->hash = held.facts.preconf_hash;
    seen->detail = "signer " + core::to_hex0x(held.facts.signer.view());
  }
  const auto list = before.txlists.lists.find(held.facts.raw_tx_list_hash);
  if (list == before.txlists.lists.end() || !list->second.facts) return;
  added.tx_list = Stamp{list->second.received, {}};
  if (BlockStep* seen = step(*added.tx_list, "txlist_received")) {
    seen->hash = held.facts.raw_tx_list_hash;
  }
}

BlockCommitment& BlockWatch::add_commitment(const core::protocol::CommitmentFacts& facts,
                                            Stamp received) {
  by_key_.emplace(core::CommitmentKey{facts.preconf_hash, facts.signer}, life_.commitments.size());
  by_list_[facts.raw_tx_list_hash].push_back(life_.commitments.size());
  BlockCommitment& added = life_.commitments.emplace_back();
  added.received = received;
  added.signer = facts.signer;
  added.preconf_hash = facts.preconf_hash;
  added.tx_list_hash = facts.raw_tx_list_hash;
  added.parent_preconf_hash = facts.parent_preconf_hash;
  added.timestamp = facts.timestamp;
  added.window_end = facts.window_end;
  added.eop = facts.eop;
  first(life_.milestones.commitment, received);
  return added;
}

BlockStep* BlockWatch::step(Stamp stamp, std::string what) {
  if (life_.steps.size() == kBlockPartsMax) {
    ++life_.omitted;
    return nullptr;
  }
  BlockStep& added = life_.steps.emplace_back();
  added.seq = stamp.seq;
  added.wall = stamp.wall;
  added.what = std::move(what);
  return &added;
}

void BlockWatch::observe(const core::Event& event, const core::Outcome& outcome,
                         const core::State& state) {
  see_commitment(event, outcome, state);
  see_list(event);
  if (!outcome.decisions.empty()) see_decisions(event, outcome, state);
  see_calls(event, outcome, state);
  see_labels(event, outcome, state);
  see_evidence(event, state);
}

void BlockWatch::see_commitment(const core::Event& event, const core::Outcome& outcome,
                                const core::State& state) {
  const auto* received = std::get_if<ev::CommitmentReceived>(&event.body);
  if (received == nullptr || received->facts.block_number != number_) return;
  const core::protocol::CommitmentFacts& facts = received->facts;
  // Zero stands for "not known" in facts of bytes that are no commitment.
  const bool is_known = facts.defect == core::protocol::CommitmentDefect::kNone;
  if (!is_known && number_.value == 0) return;
  const Stamp stamp{event.seq, event.wall};
  const core::CommitmentKey key{facts.preconf_hash, facts.signer};
  if (const auto known = by_key_.find(key); known != by_key_.end()) {
    ++life_.commitments[known->second].repeats;
    if (BlockStep* added = step(stamp, "commitment_repeated")) added->hash = facts.preconf_hash;
    return;
  }
  if (life_.commitments.size() == kBlockPartsMax) {
    ++life_.omitted;
    return;
  }
  BlockCommitment& added = add_commitment(facts, stamp);
  added.source = event.source;
  if (const core::Decision* decision = decision_about(outcome, facts.preconf_hash)) {
    added.verdict = core::name_of(decision->verdict);
    added.reason = core::name_of(decision->reason);
  }
  if (BlockStep* seen = step(stamp, "commitment_received")) {
    seen->hash = facts.preconf_hash;
    seen->detail = "signer " + core::to_hex0x(facts.signer.view()) + ", from " +
                   name_of(event.source) + (facts.eop_only() ? ", EOP only" : "");
  }
  const auto list = state.txlists.lists.find(facts.raw_tx_list_hash);
  if (list == state.txlists.lists.end() || !list->second.facts) return;
  if (list->second.received == event.seq) return;
  added.tx_list = Stamp{list->second.received, {}};
  if (untimed_.insert(list->second.received).second) {
    if (BlockStep* seen = step(*added.tx_list, "txlist_received")) {
      seen->hash = facts.raw_tx_list_hash;
      seen->detail = "before the commitment";
    }
  }
}

void BlockWatch::see_list(const core::Event& event) {
  const auto* list = std::get_if<ev::TxListReceived>(&event.body);
  if (list == nullptr) return;
  const auto named = by_list_.find(list->facts.hash);
  if (named == by_list_.end()) return;
  const Stamp stamp{event.seq, event.wall};
  for (const std::size_t index : named->second) {
    auto& arrival = life_.commitments[index].tx_list;
    if (!arrival) arrival = stamp;
  }
  if (BlockStep* added = step(stamp, "txlist_received")) {
    added->hash = list->facts.hash;
    added->detail = summary_of(event.body);
  }
}

void BlockWatch::see_l1_verdict(const core::Decision& decision, core::Seq seq,
                                const core::State& state) {
  const bool is_undone = decision.verdict == Verdict::kProposalUndone;
  const bool is_verdict = decision.verdict == Verdict::kHonoured ||
                          decision.verdict == Verdict::kContradicted ||
                          decision.verdict == Verdict::kNotLanded;
  if (!is_undone && !is_verdict) return;
  for (BlockCommitment& commitment : life_.commitments) {
    auto& on_l1 = commitment.on_l1;
    if (is_undone && on_l1 && on_l1->proposal.value == decision.a) on_l1.reset();
    if (!is_verdict || commitment.preconf_hash != decision.subject) continue;
    on_l1 = PromiseOnL1{
        core::name_of(decision.verdict), core::ProposalId{decision.b}, decision.hash, seq, {}};
    if (decision.verdict == Verdict::kContradicted) {
      on_l1->differences = differences_on_l1(state, decision.subject);
    }
  }
}

void BlockWatch::see_end(const core::Decision& decision) {
  const bool is_end = takes_off(decision.verdict);
  if (!is_end && decision.verdict != Verdict::kAdmitted) return;
  for (BlockCommitment& commitment : life_.commitments) {
    if (commitment.preconf_hash != decision.subject) continue;
    commitment.last_verdict = is_end ? core::name_of(decision.verdict) : "";
    commitment.last_reason = is_end ? core::name_of(decision.reason) : "";
  }
}

/// An L1 reorg that takes a proposal back names none of its blocks.
void BlockWatch::see_derivation(const core::Decision& decision, const Stamp& stamp) {
  const bool is_derived =
      decision.verdict == Verdict::kDerivedKept || decision.verdict == Verdict::kDerivedBuilt;
  if (is_derived && decision.number == number_) derived_from_ = decision.a;
  if (decision.verdict != Verdict::kProposalUndone || derived_from_ != decision.a) return;
  derived_from_.reset();
  if (BlockStep* added = step(stamp, core::name_of(decision.verdict))) {
    added->detail = operands_text(decision);
  }
}

void BlockWatch::see_decisions(const core::Event& event, const core::Outcome& outcome,
                               const core::State& state) {
  const Stamp stamp{event.seq, event.wall};
  for (const core::Decision& decision : outcome.decisions) {
    see_l1_verdict(decision, event.seq, state);
    see_derivation(decision, stamp);
    see_end(decision);
    const bool is_list = decision.verdict == Verdict::kTxListAccepted ||
                         decision.verdict == Verdict::kTxListRejected;
    const bool concerns = is_list ? by_list_.contains(decision.subject)
                                  : decision.number == number_ && is_about_block(decision.verdict);
    if (!concerns || (number_.value == 0 && decision.subject.is_zero())) continue;
    if (BlockStep* added = step(stamp, core::name_of(decision.verdict))) {
      if (decision.reason != core::Reason::kNone) added->reason = core::name_of(decision.reason);
      if (!decision.subject.is_zero()) added->hash = decision.subject;
      if (decision.verdict == Verdict::kContradicted) {
        added->detail = text_of(differences_on_l1(state, decision.subject));
      }
    }
    if (decision.verdict == Verdict::kApplyStarted) first(life_.milestones.apply_started, stamp);
  }
}

void BlockWatch::see_calls(const core::Event& event, const core::Outcome& outcome,
                           const core::State& state) {
  const Stamp stamp{event.seq, event.wall};
  if (std::holds_alternative<ev::BootStarted>(event.body)) {
    for (const auto& [id, index] : open_calls_) {
      life_.calls[index].outcome = "lost: the process ended before an answer was recorded";
    }
    open_calls_.clear();
  }
  if (const auto* answer = std::get_if<ev::EngineAnswered>(&event.body)) {
    const auto found = open_calls_.find(answer->command);
    if (found != open_calls_.end()) {
      BlockCall& call = life_.calls[found->second];
      call.answered = stamp;
      call.elapsed_us = answer->elapsed_us;
      call.outcome = summary_of(answer->result);
      if (BlockStep* added = step(stamp, "engine_answered")) {
        added->detail = call.name + " " + call.id + " after " + duration_text(answer->elapsed_us) +
                        ": " + call.outcome;
      }
      open_calls_.erase(found);
    }
  }
  for (const core::Command& command : outcome.commands) {
    if (height_of_call(command, state) != number_) continue;
    if (life_.calls.size() == kBlockPartsMax) {
      ++life_.omitted;
      continue;
    }
    open_calls_.emplace(command.id, life_.calls.size());
    BlockCall& call = life_.calls.emplace_back();
    call.id = id_text(command.id);
    call.name = core::name_of(command.body);
    call.issued = stamp;
  }
}

BlockWatch::Labels BlockWatch::labels_of(const core::State& state) const {
  const core::Heads& heads = state.heads;
  Labels labels;
  labels.head = heads.unsafe && heads.unsafe->number >= number_;
  // The engine is told of what L1 took back only later, and not at all when something else takes
  // its place before.
  const std::optional<core::BlockRef>& by_l1 = state.l1_chain.safe_block;
  labels.safe = heads.safe && heads.safe->number >= number_ && (!by_l1 || by_l1->number >= number_);
  labels.finalized = heads.finalized && heads.finalized->number >= number_;
  labels.confirmed = heads.head_l1_origin && *heads.head_l1_origin >= number_;
  const auto block = heads.executed.find(number_);
  if (block != heads.executed.end()) {
    labels.block = block->second.hash;
  } else if (labels.head) {
    labels.block = labels_.block;  // forgotten below the boundary, still on the chain
  }
  return labels;
}

/// A block stands at the height now that did not before the event.
void BlockWatch::see_block(const core::Hash32& block, const core::Outcome& outcome,
                           const Stamp& stamp) {
  if (!last_block_.is_zero()) {
    if (BlockStep* added = step(stamp, "replaced")) {
      added->hash = block;
      added->reason = reason_of_head(outcome);
      added->detail = "was " + core::to_hex0x(last_block_.view());
    }
  }
  for (BlockCommitment& commitment : life_.commitments) {
    if (commitment.block_hash == block) commitment.replaced.reset();
    if (commitment.block_hash == last_block_ && !last_block_.is_zero()) {
      commitment.replaced = stamp;
    }
  }
  if (first_block_.is_zero()) first_block_ = block;
  auto& replaced = life_.milestones.replaced;
  if (block == first_block_) {
    replaced.reset();
  } else if (!replaced) {
    replaced = stamp;
  }
  last_block_ = block;
}

void BlockWatch::see_labels(const core::Event& event, const core::Outcome& outcome,
                            const core::State& state) {
  const Stamp stamp{event.seq, event.wall};
  const Labels now = labels_of(state);
  const auto note = [&](bool before, bool after, const char* gained, const char* lost) {
    if (before == after) return;
    if (BlockStep* added = step(stamp, after ? gained : lost)) {
      const core::Hash32& block = after ? now.block : labels_.block;
      if (!block.is_zero()) added->hash = block;
    }
  };
  note(labels_.head, now.head, "on_head_chain", "off_head_chain");
  if (now.head && !now.block.is_zero() && now.block != last_block_) {
    see_block(now.block, outcome, stamp);
  }
  note(labels_.confirmed, now.confirmed, "confirmed", "not_confirmed");
  note(labels_.safe, now.safe, "safe", "not_safe");
  note(labels_.finalized, now.finalized, "finalized", "not_finalized");
  if (now.head && !labels_.head) first(life_.milestones.executed, stamp);
  follow(life_.milestones.confirmed, labels_.confirmed, now.confirmed, stamp);
  follow(life_.milestones.safe, labels_.safe, now.safe, stamp);
  follow(life_.milestones.finalized, labels_.finalized, now.finalized, stamp);
  labels_ = now;
}

void BlockWatch::see_evidence(const core::Event& event, const core::State& state) {
  if (!state.evidence.empty() &&
      (state.evidence.size() != evidence_size_ || newest_evidence_ != state.evidence.back())) {
    for (const core::Evidence& evidence : state.evidence) {
      if (evidence.number != number_ || life_.evidence.size() == kBlockPartsMax) continue;
      const auto& known = life_.evidence;
      if (std::find(known.begin(), known.end(), evidence) != known.end()) continue;
      life_.evidence.push_back(evidence);
      if (BlockStep* added = step({event.seq, event.wall}, "evidence")) {
        added->detail = std::string(core::name_of(evidence.kind)) + " by " +
                        core::to_hex0x(evidence.signer.view()) + ", events " +
                        std::to_string(evidence.first.value) + " and " +
                        std::to_string(evidence.second.value);
      }
    }
    newest_evidence_ = state.evidence.back();
  }
  evidence_size_ = state.evidence.size();
  for (auto& [key, index] : by_key_) {
    const core::Commitment* held = state.book.find(key);
    if (held == nullptr) continue;
    life_.commitments[index].last_phase = core::name_of(held->phase);
    life_.commitments[index].block_hash = held->block_hash;
  }
}

std::vector<core::Seq> BlockWatch::untimed() const { return {untimed_.begin(), untimed_.end()}; }

void BlockWatch::set_time(core::Seq seq, core::WallNanos wall) {
  for (BlockStep& added : life_.steps) {
    if (added.seq == seq) added.wall = wall;
  }
  for (BlockCommitment& commitment : life_.commitments) {
    if (commitment.tx_list && commitment.tx_list->seq == seq) commitment.tx_list->wall = wall;
  }
}

BlockLife BlockWatch::finish() {
  for (const BlockCommitment& commitment : life_.commitments) {
    if (commitment.tx_list) first(life_.milestones.tx_list, *commitment.tx_list);
  }
  for (const auto& [id, index] : open_calls_) life_.calls[index].outcome = "no answer yet";
  std::stable_sort(life_.steps.begin(), life_.steps.end(),
                   [](const BlockStep& a, const BlockStep& b) { return a.seq < b.seq; });
  const auto timed =
      std::ranges::find_if(life_.steps, [](const BlockStep& one) { return one.wall.value > 0; });
  for (auto step = timed; step != life_.steps.end(); ++step) {
    step->since_first_us = micros_between(timed->wall, step->wall);
  }
  if (labels_.head && !labels_.block.is_zero()) life_.block_hash = labels_.block;
  return std::move(life_);
}

}  // namespace preconf::replay
