#include "replay/audit/coverage_tracker.hpp"

#include <algorithm>
#include <array>

#include "core/codec/canonical.hpp"
#include "core/crypto/hash.hpp"

namespace preconf::replay::audit {
namespace {

namespace ev = core::events;

core::Hash32 rules_hash(const core::State& state) {
  core::Bytes bytes;
  core::codec::CanonicalWriter writer(bytes);
  writer.put(state.chain);
  writer.put(state.network);
  return core::crypto::sha256(bytes);
}

}  // namespace

void CoverageTracker::note(const storage::LoggedEvent& logged, const core::Outcome& outcome,
                           const core::State& state) {
  const core::Event& event = logged.event;
  if (coverage_.events == 0) {
    coverage_.first_wall = event.wall;
    identity_.first = event.seq;
    identity_.chain_id = state.chain.chain_id;
    identity_.rules_hash = rules_hash(state);
    identity_.signing_domain = state.network.preconf_domain;
  } else if (event.wall < coverage_.last_wall) {
    ++coverage_.clock_steps_back;
  }
  if (identity_.reducer_versions.empty() ||
      identity_.reducer_versions.back() != state.reducer_version) {
    identity_.reducer_versions.push_back(state.reducer_version);
  }
  note_kind(event);
  note_removed(event.body);
  note_decisions(event, outcome, state);
  compare_digest(logged, outcome);
  ++coverage_.events;
  identity_.last = event.seq;
  identity_.chain = logged.chain;
  coverage_.last_wall = std::max(coverage_.last_wall, event.wall);
  last_seq_ = event.seq;
}

void CoverageTracker::note_kind(const core::Event& event) {
  ++coverage_.events_by_kind[core::name_of(core::kind_of(event.body))];
  if (std::holds_alternative<ev::BootStarted>(event.body)) {
    note_boot(event);
  } else if (std::holds_alternative<ev::ShutdownRequested>(event.body)) {
    stopping_ = true;
  } else if (const auto* rejected = std::get_if<ev::IngressRejected>(&event.body)) {
    const bool known = coverage_.ingress_rejected.contains(rejected->reason);
    if (known || coverage_.ingress_rejected.size() < Coverage::kListMax) {
      coverage_.ingress_rejected[rejected->reason] += rejected->count;
    } else {
      ++coverage_.lists_cut;
    }
  } else if (const auto* gap = std::get_if<ev::LogGapRecorded>(&event.body)) {
    append(coverage_.gaps, Gap{gap->from, gap->to, gap->reason});
  }
}

void CoverageTracker::note_removed(const core::EventBody& body) {
  for (const core::ContentRef& ref : core::content_refs(body)) {
    const auto removed = log_.removed(ref.hash);
    if (!removed && !log_.omits_content()) continue;
    const auto cause = removed ? removed->cause : storage::RemovalCause::kRedacted;
    ++coverage_.content_removed[storage::name_of(cause)];
  }
}

void CoverageTracker::note_boot(const core::Event& event) {
  ++coverage_.boots;
  const auto& boot = std::get<ev::BootStarted>(event.body);
  if (boot.clock_error_ns) {
    coverage_.clock_error_ns = std::max(coverage_.clock_error_ns.value_or(0), *boot.clock_error_ns);
  } else {
    ++coverage_.boots_without_clock_error;
  }
  if (coverage_.boots > 1) {
    append(coverage_.outages,
           Outage{last_seq_, event.seq, coverage_.last_wall, event.wall, stopping_});
  }
  stopping_ = false;
}

void CoverageTracker::note_decisions(const core::Event& event, const core::Outcome& outcome,
                                     const core::State& state) {
  for (const core::Decision& decision : outcome.decisions) {
    switch (decision.verdict) {
      case core::Verdict::kGateOpened:
      case core::Verdict::kGateClosed:
        append(coverage_.gate,
               GateChange{event.seq, event.wall, decision.verdict == core::Verdict::kGateOpened,
                          decision.reason});
        break;
      case core::Verdict::kScheduleAccepted:
      case core::Verdict::kScheduleDerived:
        append(coverage_.schedules, ScheduleChange{event.seq, event.wall, state.schedule.version,
                                                   state.schedule.windows.size(), true});
        break;
      case core::Verdict::kScheduleRejected:
        append(coverage_.schedules, ScheduleChange{event.seq, event.wall, 0, decision.b, false});
        break;
      default:
        break;
    }
  }
}

void CoverageTracker::compare_digest(const storage::LoggedEvent& logged,
                                     const core::Outcome& outcome) {
  if (!logged.effects_digest) return;
  ++coverage_.digests_compared;
  if (core::effects_digest(outcome) == *logged.effects_digest) return;
  ++coverage_.digests_different;
  if (!coverage_.first_different_digest) {
    coverage_.first_different_digest = logged.event.seq;
  }
}

bool CoverageTracker::may_begin_before(core::UnixSeconds time) const {
  constexpr std::uint64_t kNanosPerSecond = 1'000'000'000;
  const std::uint64_t first = coverage_.first_wall.value / kNanosPerSecond;
  return coverage_.base.value > 0 && time.value <= first + kKnownAheadSeconds;
}

bool CoverageTracker::covers(core::WallNanos from, core::WallNanos to) const {
  if (from < coverage_.first_wall || to > coverage_.last_wall) return false;
  const auto& outages = coverage_.outages;
  if (outages.size() == Coverage::kListMax) return false;  // there may be more
  const auto next =
      std::lower_bound(outages.begin(), outages.end(), from,
                       [](const Outage& outage, core::WallNanos time) { return outage.to < time; });
  return next == outages.end() || next->from > to;
}

}  // namespace preconf::replay::audit
