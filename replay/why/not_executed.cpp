// why not-executed N: what stands between the head and a block.
#include <fmt/format.h>

#include <algorithm>

#include "core/effects/apply_matching.hpp"
#include "core/effects/commitment_rules.hpp"
#include "core/effects/l1_verdicts.hpp"
#include "core/effects/step.hpp"
#include "core/effects/unsafe_block_processing.hpp"
#include "replay/leaf.hpp"
#include "replay/rules.hpp"
#include "replay/why/subjects.hpp"

namespace preconf::replay {
namespace {

using core::BlockNumber;
using core::Commitment;
using core::Phase;
using core::Seq;
using core::Verdict;

class Blockage {
 public:
  explicit Blockage(Inquiry inquiry)
      : in_(inquiry),
        state_(inquiry.chronicle.state()),
        seq_(inquiry.chronicle.until()),
        depth_(inquiry.question.depth) {}

  void answer();

 private:
  void conclude(const char* verdict, const std::string& explanation) {
    in_.answer.verdict = verdict;
    in_.answer.explanation = explanation;
  }
  [[nodiscard]] std::vector<const Commitment*> candidates(BlockNumber number) const;
  /// Why the block right above the head is not executed, as children of `node`.
  void explain_height(std::uint32_t node, BlockNumber number, bool is_subject);
  void explain_missing(std::uint32_t node, BlockNumber number, bool is_subject);
  void explain_candidate(std::uint32_t node, const Commitment& commitment, bool is_subject);
  void explain_admitted(std::uint32_t node, const Commitment& commitment, bool is_subject);
  void explain_executable(std::uint32_t node, const Commitment& commitment, bool is_subject);
  void rest_on_mention(std::uint32_t node, const Commitment& commitment, Verdict verdict,
                       bool is_subject);
  [[nodiscard]] std::optional<Seq> last_mention(const core::Hash32& subject, Verdict verdict) const;

  Inquiry in_;
  const core::State& state_;
  const Seq seq_;
  const std::uint32_t depth_;
};

std::vector<const Commitment*> Blockage::candidates(BlockNumber number) const {
  std::vector<const Commitment*> found;
  const auto& heights = state_.book.by_height;
  for (auto it = heights.lower_bound(core::HeightKey{number, {}});
       it != heights.end() && it->number == number; ++it) {
    found.push_back(state_.book.find(it->key));
  }
  return found;
}

std::optional<Seq> Blockage::last_mention(const core::Hash32& subject, Verdict verdict) const {
  const auto mentions = in_.chronicle.mentions(subject, seq_);
  for (auto it = mentions.rbegin(); it != mentions.rend(); ++it) {
    if (it->verdict == verdict) return it->seq;
  }
  return std::nullopt;
}

void Blockage::rest_on_mention(std::uint32_t node, const Commitment& commitment, Verdict verdict,
                               bool is_subject) {
  const core::Hash32& subject = commitment.facts.preconf_hash;
  const auto at = last_mention(subject, verdict);
  if (!at) {
    in_.causes.add_unknown(node, core::name_of(verdict), in_.chronicle.missing_before());
    return;
  }
  if (is_subject) in_.take_rule(*at, subject, verdict);
  in_.causes.add_event(node, core::name_of(verdict), *at, Focus::on(subject), depth_);
}

void Blockage::explain_missing(std::uint32_t node, BlockNumber number, bool is_subject) {
  constexpr std::size_t kShownMax = 4;
  auto mentions = in_.chronicle.mentions_at(number);
  std::erase_if(mentions, [](const Mention& mention) {
    return mention.verdict != Verdict::kRejected && mention.verdict != Verdict::kStale &&
           mention.verdict != Verdict::kEvicted;
  });
  if (mentions.empty()) {
    const std::string missing = in_.chronicle.missing_before();
    in_.causes.add_unknown(
        node, "commitment",
        fmt::format("no commitment for block {} reached this node up to event {}{}", number.value,
                    seq_.value, missing.empty() ? "" : "; but " + missing));
    if (is_subject) {
      conclude("no_commitment",
               missing.empty()
                   ? fmt::format("no commitment for block {} arrived", number.value)
                   : fmt::format("no commitment for block {} is held, and none arrived from event "
                                 "{} on; {}",
                                 number.value, in_.chronicle.first().value, missing));
    }
    return;
  }
  for (std::size_t i = 0; i < std::min(kShownMax, mentions.size()); ++i) {
    const Mention& mention = mentions[mentions.size() - 1 - i];
    const auto moment = in_.chronicle.moment(mention.seq);
    if (!moment) return;
    for (const core::Decision& decision : moment->outcome.decisions) {
      if (decision.number != number || decision.verdict != mention.verdict) continue;
      if (is_subject && i == 0) in_.take_rule(mention.seq, decision.subject, decision.verdict);
      in_.causes.add_event(node, core::name_of(decision.verdict), mention.seq,
                           Focus::on(decision.subject), depth_);
      break;
    }
  }
}

void Blockage::explain_executable(std::uint32_t node, const Commitment& commitment,
                                  bool is_subject) {
  const auto say = [&](const char* verdict, const std::string& text) {
    if (is_subject) conclude(verdict, text);
    return in_.causes.add_state(node, "waits for", text);
  };
  if (!state_.gate.open) {
    const auto gate = say("gate_closed", std::string("the ingress gate is closed: ") +
                                             core::name_of(state_.gate.reason));
    if (is_subject) {
      const Rule rule = rule_of(state_.gate.reason);
      in_.answer.rule = RuleShown{core::name_of(state_.gate.reason), rule.text, rule.source};
    }
    in_.causes.add_facet(gate, "closed by", Facet::kGate, seq_, depth_);
    in_.causes.add_facet(gate, "L1 sync", Facet::kL1Sync, seq_, depth_);
    return;
  }
  if (!state_.in_flight.empty()) {
    const auto& [id, command] = *state_.in_flight.begin();
    const auto lane =
        say("engine_busy", fmt::format("the engine's answer to {} {}:{}",
                                       core::name_of(command.body), id.cause.value, id.ordinal));
    Focus focus = Focus::on(Focus::Kind::kCommand);
    focus.command = id;
    in_.causes.add_event(lane, "asked by", id.cause, focus, depth_);
    return;
  }
  if (state_.apply_backoff.waiting) {
    rest_on_mention(node, commitment, Verdict::kApplyDeferred, is_subject);
    return;
  }
  if (state_.consistency_backoff.waiting) {
    const auto reads = say("engine_unreadable", "the engine's heads can not be read");
    in_.causes.add_facet(reads, "last read", Facet::kEngineReads, seq_, depth_);
    return;
  }
  if (state_.stopping) {
    const auto stop = say("stopping", "the node was asked to stop");
    in_.causes.add_facet(stop, "asked by", Facet::kShutdown, seq_, depth_);
    return;
  }
  say("unknown", "unknown: nothing that the state knows holds it back (base fee undefined?)");
}

void Blockage::explain_admitted(std::uint32_t node, const Commitment& commitment, bool is_subject) {
  const auto& facts = commitment.facts;
  if (state_.txlists.facts_of(facts.raw_tx_list_hash) == nullptr) {
    if (is_subject) {
      conclude("txlist_missing", "the commitment is admitted, but its transaction list " +
                                     core::to_hex0x(facts.raw_tx_list_hash.view()) +
                                     " is not here");
    }
    in_.causes.add_list(node, state_, facts.raw_tx_list_hash, seq_, depth_);
    return;
  }
  if (core::effects::executable_commitment(state_) == &commitment) {
    explain_executable(node, commitment, is_subject);
    return;
  }
  const auto end = state_.book.follow_eop_only(facts.parent_preconf_hash);
  if (core::effects::is_contradicted(state_, end.preconf_hash)) {
    const std::string text = "L1 has another block than the one it builds on";
    if (is_subject) conclude("parent_contradicted", text);
    const auto reason = in_.causes.add_state(node, "is held back", text);
    in_.tell_l1_verdict(reason, end.preconf_hash);
    return;
  }
  const bool is_closed = core::effects::closed_by_handoff(state_, facts);
  const std::string text =
      is_closed ? "its signer has ended the window before it"
                : "it does not link to the executed head, or another commitment came first";
  if (is_subject) conclude(is_closed ? "after_eop" : "not_on_head", text);
  const auto reason = in_.causes.add_state(node, "is held back", text);
  if (is_closed) {
    in_.causes.add_commitment(reason, "end of preconfirmation", state_,
                              state_.book.handoffs.at(facts.window_end).preconf_hash, seq_, depth_);
    return;
  }
  in_.causes.add_parent(reason, state_, facts, seq_, depth_);
  in_.causes.add_facet(reason, "head", Facet::kHead, seq_, depth_);
}

void Blockage::explain_candidate(std::uint32_t node, const Commitment& commitment,
                                 bool is_subject) {
  if (commitment.phase == Phase::kPendingParent) {
    rest_on_mention(node, commitment, Verdict::kPendingParent, is_subject);
    return;
  }
  if (commitment.phase == Phase::kPendingSchedule) {
    rest_on_mention(node, commitment, Verdict::kPendingSchedule, is_subject);
    return;
  }
  if (commitment.phase == Phase::kInvalid) {
    rest_on_mention(node, commitment, Verdict::kInvalidated, is_subject);
    return;
  }
  in_.causes.add_commitment(node, "commitment", state_, commitment.facts.preconf_hash, seq_,
                            depth_);
  explain_admitted(node, commitment, is_subject);
}

void Blockage::explain_height(std::uint32_t node, BlockNumber number, bool is_subject) {
  const auto found = candidates(number);
  bool is_first = true;
  for (const Commitment* commitment : found) {
    explain_candidate(node, *commitment, is_subject && is_first);
    is_first = false;
  }
  if (found.empty()) explain_missing(node, number, is_subject);
}

void Blockage::answer() {
  const BlockNumber number = in_.question.block;
  const auto& unsafe = state_.heads.unsafe;
  in_.answer.found = true;
  if (!unsafe) {
    conclude("head_unknown", "the engine's head has not been read");
    const auto root = in_.causes.add_state(std::nullopt, "", in_.answer.explanation);
    in_.causes.add_facet(root, "boot", Facet::kBoot, seq_, depth_);
    in_.causes.add_facet(root, "last read", Facet::kEngineReads, seq_, depth_);
    return;
  }
  if (number <= unsafe->number) {
    conclude("executed", fmt::format("block {} is executed: the head is {}", number.value,
                                     unsafe->number.value));
    const std::string executed = in_.answer.explanation;
    answer_head(in_);
    in_.answer.verdict = "executed";
    if (!in_.answer.decided_at) {
      in_.answer.explanation = executed + "; " + unseen_head(in_.chronicle, number);
    }
    return;
  }
  const BlockNumber first = core::next(unsafe->number);
  const auto root = in_.causes.add_state(
      std::nullopt, "",
      fmt::format("block {} is not executed; the head is {}", number.value, unsafe->number.value));
  if (number <= core::effects::confirmed_boundary(state_)) {
    conclude("below_boundary", "blocks at or below the confirmed boundary come from L1");
    in_.causes.add_facet(root, "confirmed boundary", Facet::kBoundary, seq_, depth_);
    return;
  }
  explain_height(root, number, true);
  if (number == first) return;
  const bool is_waiting_for_own =
      !candidates(number).empty() && candidates(number).front()->phase == Phase::kAdmitted;
  const std::string text = fmt::format("block {} comes first, the one above the head", first.value);
  if (is_waiting_for_own) conclude("waits_for_lower", text);
  const auto lower = in_.causes.add_state(root, "needs", text);
  explain_height(lower, first, false);
}

}  // namespace

void answer_not_executed(Inquiry inquiry) { Blockage(inquiry).answer(); }

}  // namespace preconf::replay
