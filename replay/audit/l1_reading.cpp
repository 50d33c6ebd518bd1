#include "replay/audit/l1_reading.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/effects/ingress_gate.hpp"
#include "core/effects/l1_observation.hpp"
#include "core/effects/resume_point.hpp"
#include "replay/leaf.hpp"

namespace preconf::replay::audit {
namespace {

namespace ev = core::events;
using core::UnixSeconds;

constexpr std::uint64_t kNanosPerSecond = 1'000'000'000;

const core::ObservedProposal* first_open(const core::L1State& l1) {
  if (l1.derivation) return &l1.derivation->proposal;
  return l1.pending.empty() ? nullptr : &l1.pending.front();
}

bool reads_heads(const core::Event& event) {
  const auto* answer = std::get_if<ev::EngineAnswered>(&event.body);
  return answer != nullptr && std::holds_alternative<ev::HeadsRead>(answer->result);
}

}  // namespace

void L1Reading::begin_with(const core::State& state) {
  last_seq_ = state.last_seq;
  last_wall_ = state.last_wall;
  is_followed_ = core::effects::follows_l1(state);
  lag_max_ = state.chain.timestamp_lag_max;
  if (!is_followed_) return;
  note_derived(state);
  if (state.l1_chain.is_live) return;
  absence_ = L1Absence{core::Seq{0}, core::Seq{0}, last_wall_, last_wall_, "before the log begins"};
}

void L1Reading::note(const core::Event& event, const core::Outcome& outcome,
                     const core::State& state) {
  is_followed_ = core::effects::follows_l1(state);
  lag_max_ = state.chain.timestamp_lag_max;
  if (is_followed_) {
    note_refusals(event, outcome, state);
    note_absence(event, state);
    note_derived(state);
  } else if (reads_heads(event) && state.l1.scanner_live &&
             core::effects::confirmed_sync_ready(state)) {
    until_ = UnixSeconds{event.wall.value / kNanosPerSecond};
  }
  last_seq_ = event.seq;
  last_wall_ = std::max(last_wall_, event.wall);
}

/// What is offered upon a refused block is refused for that, which says nothing new.
void L1Reading::note_refusals(const core::Event& event, const core::Outcome& outcome,
                              const core::State& state) {
  const auto refused = std::ranges::find(outcome.decisions, core::Verdict::kL1BlockRefused,
                                         &core::Decision::verdict);
  if (refused != outcome.decisions.end()) {
    const bool is_consequence =
        refused_ != core::Reason::kNone && refused->reason == core::Reason::kL1Unlinked;
    if (!is_consequence) refused_ = refused->reason;
    return;
  }
  const bool is_linked = std::holds_alternative<ev::L1BlockObserved>(event.body);
  const bool is_live =
      std::holds_alternative<ev::L1TagsObserved>(event.body) && state.l1_chain.is_live;
  if (is_linked || is_live) refused_ = core::Reason::kNone;
}

void L1Reading::note_absence(const core::Event& event, const core::State& state) {
  const bool is_read = state.l1_chain.is_live && refused_ == core::Reason::kNone;
  if (is_read) {
    if (!absence_) return;
    absence_->to = event.seq;
    absence_->until = event.wall;
    coverage_.note_l1_absence(*absence_);
    absence_.reset();
    return;
  }
  if (!absence_) {
    absence_ = L1Absence{event.seq, core::Seq{0}, event.wall, event.wall,
                         core::name_of(core::kind_of(event.body))};
    // A process that is gone read nothing either since its last event.
    const bool is_boot = std::holds_alternative<ev::BootStarted>(event.body);
    if (is_boot && last_seq_.value > 0) {
      absence_->from = last_seq_;
      absence_->since = last_wall_;
    }
  }
  if (refused_ != core::Reason::kNone) absence_->why = core::name_of(refused_);
}

void L1Reading::note_derived(const core::State& state) {
  const core::L1State& l1 = state.l1_chain;
  tip_.reset();
  open_.reset();
  if (!l1.links.empty()) {
    tip_ = l1.links.back().number;
    tip_time_ = l1.links.back().timestamp;
  }
  const bool is_certain =
      l1.start && tip_ && !l1.rewind_to && !core::effects::first_proposal_is_missing(state);
  if (!is_certain) {
    until_.reset();
    return;
  }
  const core::ObservedProposal* open = first_open(l1);
  if (open == nullptr) {
    until_ = tip_time_;
    return;
  }
  open_ = open->facts.id;
  const std::uint64_t landed = open->landed.timestamp.value;
  until_ = UnixSeconds{landed == 0 ? 0 : landed - 1};
}

void L1Reading::finish() {
  if (!absence_) return;
  absence_->until = std::max(absence_->until, last_wall_);
  coverage_.note_l1_absence(*absence_);
  absence_.reset();
}

UnixSeconds L1Reading::last_landing(UnixSeconds block) const {
  return UnixSeconds{block.value + std::min(lag_max_, ~std::uint64_t{0} - block.value)};
}

bool L1Reading::is_past(UnixSeconds block) const {
  return refused_ == core::Reason::kNone && until_ && *until_ >= last_landing(block);
}

std::string L1Reading::absence_text() const {
  return fmt::format("it was not followed from event {} ({}) to event {} ({}): {}",
                     absence_->from.value, utc_time(absence_->since), last_seq_.value,
                     utc_time(last_wall_), absence_->why);
}

std::string L1Reading::missing_for(UnixSeconds block) const {
  const std::uint64_t time = last_landing(block).value;
  if (!is_followed_) {
    return fmt::format("the engine's head L1 origin at {} or later: until then it may land", time);
  }
  if (open_ && !absence_) return fmt::format("the blocks of proposal {} on L1", open_->value);
  std::string out = fmt::format("L1 up to {}, until when it may land", time);
  if (tip_) out += fmt::format(", read up to block {} of {}", tip_->value, tip_time_.value);
  return absence_ ? out + "; " + absence_text() : out;
}

}  // namespace preconf::replay::audit
