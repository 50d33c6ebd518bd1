#include "node/observer.hpp"

#include <string>
#include <utility>
#include <variant>

#include "core/state.hpp"
#include "node/log.hpp"

namespace preconf::node {
namespace {

using core::Verdict;

log::Level level_of_l1(Verdict verdict) {
  switch (verdict) {
    case Verdict::kDerivationHalted:
      return log::Level::kError;
    case Verdict::kL1BlockRefused:
    case Verdict::kL1Reorged:
    case Verdict::kProposalUndone:
    case Verdict::kSourcesDeferred:
    case Verdict::kSourceDefaulted:
    case Verdict::kDerivationDeferred:
    case Verdict::kRewindStarted:
    case Verdict::kContradicted:
    case Verdict::kNotLanded:
    case Verdict::kOutOfStep:
      return log::Level::kWarning;
    case Verdict::kL1BlockLinked:
    case Verdict::kL1TagsMoved:
    case Verdict::kSourcesRequested:
    case Verdict::kSourcesResolved:
    case Verdict::kDerivationStarted:
    case Verdict::kDerivedKept:
    case Verdict::kHonoured:
      return log::Level::kDebug;
    default:
      return log::Level::kInfo;
  }
}

log::Level level_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::kEngineFatal:
    case Verdict::kScheduleRejected:
      return log::Level::kError;
    case Verdict::kContested:
    case Verdict::kInvalidated:
    case Verdict::kTxListRejected:
    case Verdict::kApplyDeferred:
    case Verdict::kReadDeferred:
    case Verdict::kReopened:
    case Verdict::kEvicted:
    case Verdict::kEventsLost:
    case Verdict::kPeerBanned:
    case Verdict::kHeadRefused:
    case Verdict::kBackfillDeferred:
    case Verdict::kTxListDeferred:
    case Verdict::kTxListGivenUp:
    case Verdict::kPublishDeferred:
    case Verdict::kPublishDropped:
      return log::Level::kWarning;
    case Verdict::kApplied:
    case Verdict::kAlreadyMaterialized:
    case Verdict::kHeadAdopted:
    case Verdict::kGateOpened:
    case Verdict::kGateClosed:
    case Verdict::kHandoff:
    case Verdict::kBoundaryMoved:
    case Verdict::kScheduleAccepted:
    case Verdict::kRulesChanged:
    case Verdict::kBackfillStarted:
    case Verdict::kBackfillDone:
    case Verdict::kPublished:
      return log::Level::kInfo;
    case Verdict::kAdmitted:
    case Verdict::kDuplicate:
    case Verdict::kStale:
    case Verdict::kPendingParent:
    case Verdict::kPendingSchedule:
    case Verdict::kRejected:
    case Verdict::kTxListAccepted:
    case Verdict::kApplyStarted:
    case Verdict::kIgnored:
    case Verdict::kPeerPenalised:
    case Verdict::kPeerRefused:
    case Verdict::kHeadClaimed:
    case Verdict::kBackfillAdvanced:
    case Verdict::kBackfillPassedOver:
    case Verdict::kTxListRequested:
    case Verdict::kTxListUnavailable:
      return log::Level::kDebug;
    default:
      return level_of_l1(verdict);
  }
}

void write_decision(const core::Event& event, const core::Decision& decision) {
  const log::Level level = level_of(decision.verdict);
  if (!log::is_on(level)) return;
  log::write(level, core::name_of(decision.verdict),
             {{"seq", event.seq.value},
              {"number", decision.number.value},
              {"reason", core::name_of(decision.reason)},
              {"a", decision.a},
              {"b", decision.b},
              {"subject", decision.subject}});
}

void write_engine_failure(const core::Event& event, const core::events::EngineFailed& failed) {
  log::write(log::Level::kWarning, "engine call failed",
             {{"seq", event.seq.value},
              {"kind", core::events::name_of(failed.kind)},
              {"certainty", core::events::name_of(failed.certainty)},
              {"code", std::to_string(failed.code)},
              {"detail", failed.detail}});
}

double number_of(const std::optional<core::BlockNumber>& number) {
  return number ? static_cast<double>(number->value) : -1.0;
}

}  // namespace

Observer::Observer(io::Metrics& metrics, Targets targets)
    : metrics_(metrics), targets_(std::move(targets)) {
  for (std::size_t i = 0; i < events_.size(); ++i) {
    const bool has_kind = i < core::kEventKindMax;
    const char* kind =
        core::name_of(has_kind ? static_cast<core::EventKind>(i + 1) : core::EventKind::kIgnorable);
    events_[i] =
        metrics.counter("preconf_events_total", "Events appended, by kind", {{"kind", kind}});
  }
  last_seq_ = metrics.gauge("preconf_last_seq", "Last durable event");
  unsafe_ = metrics.gauge("preconf_head_unsafe", "Executed L2 head, -1 when unknown");
  promised_ = metrics.gauge("preconf_head_promised", "Highest linked commitment, -1 when none");
  confirmed_ = metrics.gauge("preconf_head_confirmed", "Head L1 origin, -1 when none");
  is_gate_open_ = metrics.gauge("preconf_gate_open", "1 when preconfirmed blocks are executed");
  held_ = metrics.gauge("preconf_commitments_held", "Commitments held in any phase");
  in_flight_ = metrics.gauge("preconf_commands_in_flight", "Commands without an outcome");
}

void Observer::count(const core::Decision& decision) {
  const std::uint32_t key = core::counter_key(decision.verdict, decision.reason);
  auto found = decisions_.find(key);
  if (found == decisions_.end()) {
    const auto handle = metrics_.counter(
        "preconf_decisions_total", "Decisions, by verdict and reason",
        {{"verdict", core::name_of(decision.verdict)}, {"reason", core::name_of(decision.reason)}});
    found = decisions_.emplace(key, handle).first;
  }
  found->second.add();
}

void Observer::on_reduced(const core::Event& event, const core::Outcome& outcome) {
  events_[event.body.index()].add();
  if (const auto* answered = std::get_if<core::events::EngineAnswered>(&event.body)) {
    if (const auto* failed = std::get_if<core::events::EngineFailed>(&answered->result)) {
      has_engine_failed_ = true;
      write_engine_failure(event, *failed);
    }
  }
  for (const core::Decision& decision : outcome.decisions) {
    count(decision);
    write_decision(event, decision);
  }
}

void Observer::on_settled(Settled settled) { targets_.settled(std::move(settled)); }

void Observer::on_published(std::shared_ptr<const io::Published> published) {
  const core::Status& status = published->status;
  last_seq_.set(static_cast<double>(status.last_seq.value));
  unsafe_.set(status.unsafe ? static_cast<double>(status.unsafe->number.value) : -1.0);
  promised_.set(number_of(status.promised));
  confirmed_.set(number_of(status.confirmed));
  is_gate_open_.set(status.gate_open ? 1.0 : 0.0);
  held_.set(static_cast<double>(status.commitments_held));
  in_flight_.set(static_cast<double>(status.commands_in_flight));
  targets_.published(std::move(published));
}

void Observer::on_halt(const Halt& halt) { targets_.halted(halt); }

}  // namespace preconf::node
