#include "replay/why/causes.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/hex.hpp"
#include "replay/log_tools.hpp"
#include "replay/names.hpp"

namespace preconf::replay {
namespace {

using core::Decision;
using core::Hash32;
using core::Reason;
using core::Seq;
using core::State;
using core::Verdict;

bool is_good_news(Verdict verdict) {
  switch (verdict) {
    case Verdict::kAdmitted:
    case Verdict::kHandoff:
    case Verdict::kTxListAccepted:
    case Verdict::kApplied:
    case Verdict::kAlreadyMaterialized:
    case Verdict::kGateOpened:
    case Verdict::kScheduleAccepted:
      return true;
    default:
      return false;
  }
}

const core::Commitment* find_held(const State& state, const Hash32& preconf_hash) {
  if (const auto* linkable = state.book.find_linkable(preconf_hash)) return linkable;
  const auto at = state.book.held.lower_bound(core::CommitmentKey{preconf_hash, {}});
  const bool is_it = at != state.book.held.end() && at->first.preconf_hash == preconf_hash;
  return is_it ? &at->second : nullptr;
}

}  // namespace

std::string phrase_of(const Decision& decision) {
  std::string out = core::name_of(decision.verdict);
  if (decision.reason != Reason::kNone) out += std::string(" ") + core::name_of(decision.reason);
  if (decision.number.value != 0) out += fmt::format(", block {}", decision.number.value);
  if (!decision.subject.is_zero()) {
    out += ", subject " + core::to_hex0x(decision.subject.view().first(4)) + "..";
  }
  const std::string operands = operands_text(decision);
  return operands.empty() ? out : out + ": " + operands;
}

const core::protocol::CommitmentFacts* facts_of(const Moment& moment, const Decision& decision) {
  const auto* received = std::get_if<core::events::CommitmentReceived>(&moment.logged.event.body);
  if (received != nullptr && received->facts.preconf_hash == decision.subject) {
    return &received->facts;
  }
  for (const State* state : {moment.before.get(), moment.after.get()}) {
    const core::Commitment* held = find_held(*state, decision.subject);
    if (held != nullptr) return &held->facts;
  }
  return nullptr;
}

std::uint32_t Causes::new_node() {
  CauseNode node;
  node.id = static_cast<std::uint32_t>(answer_.nodes.size());
  answer_.nodes.push_back(node);
  return node.id;
}

void Causes::connect(std::optional<std::uint32_t> from, std::uint32_t to, const std::string& role) {
  if (!from || *from == to) return;
  const bool known =
      std::any_of(answer_.edges.begin(), answer_.edges.end(), [&](const CauseEdge& edge) {
        return edge.from == *from && edge.to == to && edge.role == role;
      });
  if (!known) answer_.edges.push_back({*from, to, role});
}

std::uint32_t Causes::add_state(std::optional<std::uint32_t> from, const std::string& role,
                                const std::string& text) {
  const std::uint32_t id = new_node();
  answer_.nodes[id].kind = "state";
  answer_.nodes[id].summary = text;
  connect(from, id, role);
  return id;
}

std::uint32_t Causes::add_unknown(std::uint32_t from, const std::string& role,
                                  const std::string& text) {
  const std::uint32_t id = new_node();
  answer_.nodes[id].unknown = text;
  connect(from, id, role);
  return id;
}

std::uint32_t Causes::add_event(std::optional<std::uint32_t> from, const std::string& role, Seq seq,
                                const Focus& focus, std::uint32_t depth) {
  const auto known = nodes_.find(seq);
  if (known != nodes_.end()) {
    connect(from, known->second, role);
    return known->second;
  }
  const std::uint32_t id = new_node();
  nodes_.emplace(seq, id);
  answer_.nodes[id].seq = seq;
  connect(from, id, role);
  if (answer_.nodes.size() >= kNodesMax) depth = 0;
  const auto logged = chronicle_.event(seq);
  if (!logged) {
    answer_.nodes[id].unknown = logged.error().detail;
    if (seq >= chronicle_.first()) failure_ = logged.error();
    return id;
  }
  CauseNode& node = answer_.nodes[id];
  node.time = logged->event.wall;
  node.kind = core::name_of(core::kind_of(logged->event.body));
  node.source = name_of(logged->event.source);
  if (logged->event.source_id != 0) node.source += fmt::format("#{}", logged->event.source_id);
  node.summary = summary_of(logged->event.body);
  if (seq < chronicle_.first()) {
    node.unknown = chronicle_.missing_before();
    return id;
  }
  expand(id, focus, depth);
  return id;
}

bool Causes::is_relevant(const Decision& decision, const Focus& focus, const Moment& moment) const {
  const Verdict verdict = decision.verdict;
  switch (focus.kind) {
    case Focus::Kind::kNothing:
      return false;
    case Focus::Kind::kSubject:
      return decision.subject == focus.subject;
    case Focus::Kind::kHead:
      return verdict == Verdict::kApplied || verdict == Verdict::kAlreadyMaterialized ||
             verdict == Verdict::kHeadAdopted;
    case Focus::Kind::kBoundary:
      return verdict == Verdict::kBoundaryMoved;
    case Focus::Kind::kGate:
      return verdict == Verdict::kGateOpened || verdict == Verdict::kGateClosed;
    case Focus::Kind::kSchedule:
      return verdict == Verdict::kScheduleAccepted || verdict == Verdict::kScheduleRejected;
    case Focus::Kind::kEngine:
      return verdict == Verdict::kApplyDeferred || verdict == Verdict::kReadDeferred ||
             verdict == Verdict::kEngineFatal;
    case Focus::Kind::kCommand: {
      if (verdict == Verdict::kApplyDeferred || verdict == Verdict::kReadDeferred) return true;
      const auto* plan = std::get_if<core::ApplyPlan>(&moment.after->lane);
      return plan != nullptr && plan->command == focus.command &&
             verdict == Verdict::kApplyStarted && decision.subject == plan->key.preconf_hash;
    }
  }
  return false;
}

void Causes::expand(std::uint32_t node, const Focus& focus, std::uint32_t depth) {
  const auto moment = chronicle_.moment(*answer_.nodes[node].seq);
  if (!moment) {
    failure_ = moment.error();
    return;
  }
  std::vector<Decision> relevant;
  for (const Decision& decision : moment->outcome.decisions) {
    if (!is_relevant(decision, focus, *moment)) continue;
    relevant.push_back(decision);
    answer_.nodes[node].decisions.push_back(phrase_of(decision));
  }
  const bool is_root = node == 0;
  const bool is_leaf = !is_root && !relevant.empty() &&
                       std::all_of(relevant.begin(), relevant.end(), [](const Decision& decision) {
                         return is_good_news(decision.verdict);
                       });
  if (is_leaf) return;
  if (depth == 0) {
    const bool goes_on =
        !relevant.empty() || core::answered_command(moment->logged.event.body) != nullptr;
    answer_.is_cut = answer_.is_cut || goes_on;
    return;
  }
  add_origin(node, *moment, depth - 1);
  for (const Decision& decision : relevant) add_grounds(node, *moment, decision, depth - 1);
}

/// Why the event happened: the command it answers, the timer that fired.
void Causes::add_origin(std::uint32_t node, const Moment& moment, std::uint32_t depth) {
  const core::Event& event = moment.logged.event;
  if (const core::CommandId* id = core::answered_command(event.body)) {
    const std::string name = fmt::format("{}:{}", id->cause.value, id->ordinal);
    if (id->cause >= event.seq || id->cause.value == 0) {
      add_unknown(node, "answers " + name, "no event of this log asked that");
      return;
    }
    const auto asked = moment.before->in_flight.find(*id);
    const std::string what = asked == moment.before->in_flight.end()
                                 ? std::string("a command that is not in flight any more")
                                 : std::string(core::name_of(asked->second.body));
    Focus focus = Focus::on(Focus::Kind::kCommand);
    focus.command = *id;
    add_event(node, "answers " + what + " " + name + " of", id->cause, focus, depth);
    return;
  }
  const auto* fired = std::get_if<core::events::TimerFired>(&event.body);
  // Poll timers are set again at every read of the heads: following them would list all reads.
  const bool is_poll = fired != nullptr && (fired->timer == core::TimerId::kEnginePoll ||
                                            fired->timer == core::TimerId::kPeerPoll);
  if (fired == nullptr || is_poll) return;
  const auto armed = chronicle_.armed(fired->timer, fired->generation);
  if (armed) {
    add_event(node, "armed by", *armed, Focus::on(Focus::Kind::kEngine), depth);
  } else {
    add_unknown(node, "armed by",
                "no event that was folded armed it. " + chronicle_.missing_before());
  }
}

void Causes::add_facet(std::uint32_t from, const std::string& role, Facet facet, Seq seq,
                       std::uint32_t depth) {
  const auto at = chronicle_.last(facet, seq);
  if (!at) {
    const std::string missing = chronicle_.missing_before();
    add_unknown(from, role, missing.empty() ? "nothing has set it since genesis" : missing);
    return;
  }
  Focus::Kind kind = Focus::Kind::kNothing;
  if (facet == Facet::kSchedule) kind = Focus::Kind::kSchedule;
  if (facet == Facet::kHead) kind = Focus::Kind::kHead;
  if (facet == Facet::kBoundary) kind = Focus::Kind::kBoundary;
  if (facet == Facet::kGate) kind = Focus::Kind::kGate;
  if (facet == Facet::kEngineReads || facet == Facet::kEngineFatal) kind = Focus::Kind::kEngine;
  add_event(from, role, *at, Focus::on(kind), depth);
}

void Causes::add_commitment(std::uint32_t from, const std::string& role, const State& state,
                            const Hash32& preconf_hash, Seq seq, std::uint32_t depth) {
  const std::string name = core::to_hex0x(preconf_hash.view());
  const core::Commitment* held = find_held(state, preconf_hash);
  const auto mentions = chronicle_.mentions(preconf_hash, seq);
  if (held != nullptr && held->phase == core::Phase::kInvalid) {
    for (auto it = mentions.rbegin(); it != mentions.rend(); ++it) {
      if (it->verdict != Verdict::kInvalidated) continue;
      add_event(from, role + " (invalid)", it->seq, Focus::on(preconf_hash), depth);
      return;
    }
  }
  if (held != nullptr) {
    add_event(from, role, held->received, Focus::on(preconf_hash), depth);
    return;
  }
  for (auto it = mentions.rbegin(); it != mentions.rend(); ++it) {
    if (it->verdict == Verdict::kDuplicate) continue;
    add_event(from, role + " (" + core::name_of(it->verdict) + ")", it->seq,
              Focus::on(preconf_hash), depth);
    return;
  }
  const std::string missing = chronicle_.missing_before();
  add_unknown(from, role,
              fmt::format("commitment {} did not reach this node up to event {}{}", name, seq.value,
                          missing.empty() ? "" : "; but " + missing));
}

void Causes::add_parent(std::uint32_t from, const State& state,
                        const core::protocol::CommitmentFacts& facts, Seq seq,
                        std::uint32_t depth) {
  const bool is_known = find_held(state, facts.parent_preconf_hash) != nullptr ||
                        !chronicle_.mentions(facts.parent_preconf_hash, seq).empty();
  if (!is_known && facts.block_number.value != 0) {
    const auto block = state.heads.executed.find(core::BlockNumber{facts.block_number.value - 1});
    if (block != state.heads.executed.end() && block->second.preconf_hash.is_zero()) {
      add_facet(from, "parent block (its commitment is not known)", Facet::kHead, seq, depth);
      return;
    }
  }
  add_commitment(from, "parent", state, facts.parent_preconf_hash, seq, depth);
}

void Causes::add_list(std::uint32_t from, const State& state, const Hash32& hash, Seq seq,
                      std::uint32_t depth) {
  const auto entry = state.txlists.lists.find(hash);
  if (entry != state.txlists.lists.end() && entry->second.facts) {
    add_event(from, "transaction list", entry->second.received, Focus::on(hash), depth);
    return;
  }
  const auto mentions = chronicle_.mentions(hash, seq);
  if (!mentions.empty()) {
    add_event(from, "transaction list (not held any more)", mentions.back().seq, Focus::on(hash),
              depth);
    return;
  }
  const std::string missing = chronicle_.missing_before();
  add_unknown(
      from, "transaction list",
      fmt::format("list {} did not reach this node up to event {}{}", core::to_hex0x(hash.view()),
                  seq.value, missing.empty() ? "" : "; but " + missing));
}

void Causes::add_genesis(std::uint32_t from, const std::string& role) {
  if (chronicle_.first().value == 1) {
    add_event(from, role, Seq{1}, Focus{}, 0);
  } else {
    add_unknown(from, role, chronicle_.missing_before());
  }
}

}  // namespace preconf::replay
