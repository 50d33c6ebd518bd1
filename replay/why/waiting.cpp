// why not-synced, why stuck: how things stand, since when, and what would change it.
#include <fmt/format.h>

#include "core/effects/l1_observation.hpp"
#include "core/status.hpp"
#include "replay/leaf.hpp"
#include "replay/rules.hpp"
#include "replay/why/confirmed_sync.hpp"
#include "replay/why/subjects.hpp"

namespace preconf::replay {
namespace {

using core::Hash32;
using core::Seq;

constexpr std::uint64_t kNanosPerMilli = 1'000'000;

void set_since(const Inquiry& inquiry, Finding& finding, std::optional<Seq> since) {
  if (!since || since->value == 0) return;
  const auto event = inquiry.chronicle.event(*since);
  if (!event) return;
  finding.since = *since;
  finding.since_time = event->event.wall;
  finding.age_ms =
      core::distance(event->event.wall, inquiry.chronicle.state().last_wall) / kNanosPerMilli;
}

struct CriterionText {
  const char* failing;
  const char* unblocked_by;
  Facet facet;
};

CriterionText text_of(Criterion criterion) {
  switch (criterion) {
    case Criterion::kHeadKnown:
      return {"the engine's head has not been read",
              "engine_answered with heads_read and a latest block", Facet::kEngineReads};
    case Criterion::kRightChain:
      return {"the engine reports another chain id", "boot_started with the right engine",
              Facet::kEngineFatal};
    case Criterion::kEngineUsable:
      return {"three or more temporary engine failures in a row",
              "engine_answered with a result that the plan can use", Facet::kEngineReads};
    case Criterion::kScannerLive:
      return {"the L1 scanner does not follow the head",
              "l1_tags_observed or l1_sync_observed that is live", Facet::kL1Sync};
    case Criterion::kConfirmedSync:
      return {"", "", Facet::kBoundary};  // see text_of(SyncObstacle)
    case Criterion::kGateOpen:
      return {"the ingress gate is closed", "the event that ends its reason", Facet::kGate};
  }
  return {"", "", Facet::kGate};
}

std::string gate_detail(const core::State& state) {
  return std::string(core::name_of(state.gate.reason)) + ": " + rule_of(state.gate.reason).text;
}

/// What a wait is for, beside its name.
struct Wait {
  std::optional<Seq> since;
  std::string detail;
  std::string unblocked_by;
  Focus focus;
};

/// Why L1 is not followed, when the log says so; of an endpoint that does not answer, or whose head
/// stands still, it has nothing.
std::optional<Wait> wait_on_refused_block(const Inquiry& inquiry) {
  const auto& refusals = inquiry.chronicle.l1_refusals();
  const core::State& state = inquiry.chronicle.state();
  const bool is_waiting = core::effects::follows_l1(state) && !state.l1_chain.is_live;
  if (!refusals || !is_waiting) return std::nullopt;
  const core::Reason reason = refusals->decision.reason;
  std::string detail = phrase_of(refusals->decision);
  const auto& final_one = state.l1_chain.finalized;
  const bool is_about_block =
      reason == core::Reason::kL1BelowFinalized || reason == core::Reason::kL1Unlinked;
  if (is_about_block && final_one && refusals->decision.a <= final_one->number.value) {
    detail += fmt::format(", finalized_l1_number {}, finalized_l1_block {}",
                          final_one->number.value, core::to_hex0x(final_one->hash.view()));
  }
  if (refusals->count > 1) detail += fmt::format(", {} times since", refusals->count);
  detail += std::string(": ") + rule_of(reason).text;
  return Wait{refusals->seq, std::move(detail),
              "l1_block_observed that is linked, or l1_tags_observed that is live",
              Focus::on(Focus::Kind::kL1Refusal)};
}

std::optional<Seq> first_mention(const Inquiry& inquiry, const Hash32& subject) {
  const auto mentions = inquiry.chronicle.mentions(subject, inquiry.chronicle.until());
  if (mentions.empty()) return std::nullopt;
  return mentions.front().seq;
}

/// The oldest held commitment for which `matches` holds.
template <class Matches>
const core::Commitment* oldest(const core::State& state, Matches&& matches) {
  const core::Commitment* found = nullptr;
  for (const auto& [key, commitment] : state.book.held) {
    if (!matches(commitment)) continue;
    if (found == nullptr || commitment.received < found->received) found = &commitment;
  }
  return found;
}

Wait on_commitment(const core::Commitment* commitment, std::string unblocked_by) {
  if (commitment == nullptr) return {std::nullopt, {}, std::move(unblocked_by), {}};
  return {commitment->received,
          fmt::format("for commitment {} of block {}",
                      core::to_hex0x(commitment->facts.preconf_hash.view()),
                      commitment->facts.block_number.value),
          std::move(unblocked_by), Focus::on(commitment->facts.preconf_hash)};
}

/// What only peers, or the lack of them, explain.
std::optional<Wait> wait_on_peers(const core::Waiting& waiting) {
  const std::string block = fmt::format("for block {}", waiting.number.value);
  const Focus head = Focus::on(Focus::Kind::kHead);
  if (waiting.what == "peers") return Wait{std::nullopt, "", "peer_connected", head};
  if (waiting.what == "backfill") {
    return Wait{std::nullopt, block, "a peer that may be asked, or commitment_received", head};
  }
  if (waiting.what == "backfill_retry") {
    return Wait{std::nullopt, block + ", which no peer delivered",
                "timer_fired backfill_retry, peer_connected, or commitment_received", head};
  }
  if (waiting.what == "l1") {
    return Wait{std::nullopt,
                fmt::format("a peer's head lies above block {}, the highest accepted",
                            waiting.number.value),
                "engine_answered with a higher head: older blocks come from L1", head};
  }
  if (waiting.what == "publish" || waiting.what == "publish_retry") {
    return Wait{std::nullopt, block, "published to a peer, or the commitment is stale",
                waiting.hash.is_zero() ? head : Focus::on(waiting.hash)};
  }
  return std::nullopt;
}

/// What L1, its blobs and derivation explain.
std::optional<Wait> wait_on_l1(const Inquiry& inquiry, const core::Waiting& waiting) {
  const core::State& state = inquiry.chronicle.state();
  const Focus engine = Focus::on(Focus::Kind::kEngine);
  for (const auto timer : {core::TimerId::kDeriveRetry, core::TimerId::kResolveRetry}) {
    if (waiting.what != core::name_of(timer)) continue;
    const auto& armed = core::timer_of(state, timer);
    return Wait{inquiry.chronicle.armed(timer, armed.generation),
                std::string(core::name_of(timer)) + " is due at " + utc_time(armed.due),
                std::string("timer_fired ") + core::name_of(timer), engine};
  }
  const auto& l1 = state.l1_chain;
  const bool is_l1_behind =
      waiting.what == "l1_head" || waiting.what == core::name_of(core::Reason::kGateScannerNotLive);
  if (is_l1_behind) {
    if (auto wait = wait_on_refused_block(inquiry)) return wait;
  }
  if (waiting.what == "l1_head") {
    return Wait{inquiry.chronicle.last(Facet::kL1Sync, inquiry.chronicle.until()),
                "L1 is not read up to its head",
                "l1_tags_observed with is_live",
                {}};
  }
  if (l1.blocked && waiting.what == core::events::name_of(l1.blocked->kind)) {
    const std::string what = l1.blocked->hash.is_zero()
                                 ? std::string("the sources of a proposal")
                                 : "blob " + core::to_hex0x(l1.blocked->hash.view());
    const auto& armed = core::timer_of(state, core::TimerId::kResolveRetry);
    return Wait{inquiry.chronicle.armed(core::TimerId::kResolveRetry, armed.generation), what,
                "l1_answered with sources_resolved", engine};
  }
  return std::nullopt;
}

Wait wait_of(const Inquiry& inquiry, const core::Waiting& waiting) {
  const core::State& state = inquiry.chronicle.state();
  const Seq until = inquiry.chronicle.until();
  const std::string hash = core::to_hex0x(waiting.hash.view());
  for (const auto& [id, command] : state.in_flight) {
    if (waiting.what != core::name_of(command.body)) continue;
    Focus focus = Focus::on(Focus::Kind::kCommand);
    focus.command = id;
    const char* unblocked_by = "engine_answered to it, or boot_started";
    if (core::is_for_l1(command.body)) unblocked_by = "l1_answered to it, or boot_started";
    if (core::is_for_peers(command.body)) {
      unblocked_by = "peer_answered or published to it, peer_disconnected, or boot_started";
    }
    return {id.cause, fmt::format("command {}:{}", id.cause.value, id.ordinal), unblocked_by,
            focus};
  }
  if (waiting.what == "txlist") {
    return on_commitment(oldest(state,
                                [&](const core::Commitment& commitment) {
                                  return commitment.facts.raw_tx_list_hash == waiting.hash &&
                                         commitment.facts.block_number == waiting.number;
                                }),
                         "txlist_received with hash " + hash);
  }
  if (waiting.what == "parent") {
    return on_commitment(oldest(state,
                                [&](const core::Commitment& commitment) {
                                  return commitment.facts.parent_preconf_hash == waiting.hash &&
                                         commitment.phase == core::Phase::kPendingParent;
                                }),
                         "commitment_received with preconf_hash " + hash);
  }
  if (waiting.what == "schedule") {
    return {first_mention(inquiry, waiting.hash), "commitment " + hash,
            "schedule_configured that covers its timestamp", Focus::on(waiting.hash)};
  }
  if (waiting.what == "commitment") {
    return {inquiry.chronicle.last(Facet::kHead, until),
            fmt::format("for block {}", waiting.number.value),
            "commitment_received for that block, linked to the head",
            Focus::on(Focus::Kind::kHead)};
  }
  if (waiting.what == "apply_retry" || waiting.what == "engine") {
    const auto timer =
        waiting.what == "engine" ? core::TimerId::kReadRetry : core::TimerId::kApplyRetry;
    const auto& armed = core::timer_of(state, timer);
    return {inquiry.chronicle.armed(timer, armed.generation),
            std::string(core::name_of(timer)) + " is due at " + utc_time(armed.due),
            std::string("timer_fired ") + core::name_of(timer), Focus::on(Focus::Kind::kEngine)};
  }
  if (auto wait = wait_on_peers(waiting)) return *wait;
  if (auto wait = wait_on_l1(inquiry, waiting)) return *wait;
  if (state.engine_fatal && waiting.what.starts_with("operator")) {
    return {inquiry.chronicle.last(Facet::kEngineFatal, until), "",
            "boot_started with an engine of the right chain", Focus::on(Focus::Kind::kEngine)};
  }
  return {inquiry.chronicle.last(Facet::kGate, until), gate_detail(state),
          "the event that opens the gate", Focus::on(Focus::Kind::kGate)};
}

}  // namespace

void answer_not_synced(Inquiry inquiry) {
  const core::State& state = inquiry.chronicle.state();
  const Seq until = inquiry.chronicle.until();
  const bool is_ready = core::is_ready(core::make_status(state));
  WhyAnswer& answer = inquiry.answer;
  answer.found = true;
  answer.verdict = is_ready ? "ready" : "not_ready";
  const auto root = inquiry.causes.add_state(
      std::nullopt, "", is_ready ? "the node is ready" : "the node is not ready");
  std::size_t failing = 0;
  for (std::size_t i = 0; i < kCriterionCount; ++i) {
    const auto criterion = static_cast<Criterion>(i);
    const Condition& condition = inquiry.chronicle.condition(criterion);
    const CriterionText text = text_of(criterion);
    Finding finding;
    finding.name = name_of(criterion);
    finding.holds = condition.holds;
    set_since(inquiry, finding, condition.since);
    if (!condition.holds) {
      ++failing;
      finding.detail = text.failing;
      finding.unblocked_by = text.unblocked_by;
      if (criterion == Criterion::kGateOpen) finding.detail = gate_detail(state);
      if (criterion == Criterion::kConfirmedSync) {
        SyncObstacleText obstacle = text_of(sync_obstacle(state), state);
        finding.detail = std::move(obstacle.detail);
        finding.unblocked_by = std::move(obstacle.unblocked_by);
      }
      const auto refused = wait_on_refused_block(inquiry);
      const bool is_by_refusal = refused && criterion == Criterion::kScannerLive;
      if (is_by_refusal) {
        finding.detail += ": " + refused->detail;
        finding.unblocked_by = refused->unblocked_by;
      }
      const auto node = inquiry.causes.add_state(root, "fails", finding.name);
      if (condition.since.value == 0) {
        inquiry.causes.add_unknown(node, "since", inquiry.chronicle.missing_before());
      } else {
        inquiry.causes.add_event(node, "since", condition.since, Focus{}, inquiry.question.depth);
      }
      if (is_by_refusal) {
        inquiry.causes.add_event(node, "refused since", *refused->since, refused->focus,
                                 inquiry.question.depth);
      }
      inquiry.causes.add_facet(node, "last changed by", text.facet, until, inquiry.question.depth);
    }
    answer.findings.push_back(std::move(finding));
  }
  answer.explanation = failing == 0
                           ? "every criterion holds"
                           : fmt::format("{} of {} criteria fail", failing, kCriterionCount);
  if (!state.gate.open) {
    const Rule rule = rule_of(state.gate.reason);
    answer.rule = RuleShown{core::name_of(state.gate.reason), rule.text, rule.source};
  }
}

void answer_stuck(Inquiry inquiry) {
  const core::State& state = inquiry.chronicle.state();
  const core::Status status = core::make_status(state);
  WhyAnswer& answer = inquiry.answer;
  answer.found = true;
  const auto root = inquiry.causes.add_state(std::nullopt, "", "what the node waits for");
  for (const core::Waiting& waiting : status.waiting_on) {
    const Wait wait = wait_of(inquiry, waiting);
    Finding finding;
    finding.name = waiting.what;
    finding.detail = wait.detail;
    finding.unblocked_by = wait.unblocked_by;
    set_since(inquiry, finding, wait.since);
    if (wait.since) {
      inquiry.causes.add_event(root, waiting.what, *wait.since, wait.focus, inquiry.question.depth);
    } else {
      inquiry.causes.add_unknown(root, waiting.what, inquiry.chronicle.missing_before());
    }
    answer.findings.push_back(std::move(finding));
  }
  answer.verdict = answer.findings.empty() ? "nothing_waits" : "waiting";
  if (!answer.findings.empty()) {
    answer.explanation = "first of all: " + answer.findings.front().name;
    if (!answer.findings.front().detail.empty()) {
      answer.explanation += " (" + answer.findings.front().detail + ")";
    }
  }
}

}  // namespace preconf::replay
