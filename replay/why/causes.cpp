#include "replay/why/causes.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/hex.hpp"
#include "replay/log_tools.hpp"
#include "replay/names.hpp"

namespace preconf::replay {
namespace {

using core::Decision;
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
    case Verdict::kScheduleDerived:
      return true;
    default:
      return false;
  }
}

}  // namespace

std::string phrase_of(const Decision& decision) {
  std::string out = core::name_of(decision.verdict);
  if (decision.reason != Reason::kNone) out += std::string(" ") + core::name_of(decision.reason);
  if (decision.number.value != 0) out += fmt::format(", block {}", decision.number.value);
  // In full: it is what one would ask about next.
  if (!decision.subject.is_zero()) out += ", subject " + core::to_hex0x(decision.subject.view());
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
      return verdict == Verdict::kScheduleAccepted || verdict == Verdict::kScheduleRejected ||
             verdict == Verdict::kScheduleDerived;
    case Focus::Kind::kEngine:
      return verdict == Verdict::kApplyDeferred || verdict == Verdict::kReadDeferred ||
             verdict == Verdict::kEngineFatal || verdict == Verdict::kDerivationDeferred ||
             verdict == Verdict::kDerivationHalted || verdict == Verdict::kSourcesDeferred;
    case Focus::Kind::kL1Refusal:
      return verdict == Verdict::kL1BlockRefused;
    case Focus::Kind::kCommand: {
      if (verdict == Verdict::kApplyDeferred || verdict == Verdict::kReadDeferred ||
          verdict == Verdict::kDerivationStarted || verdict == Verdict::kSourcesRequested) {
        return true;
      }
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

}  // namespace preconf::replay
