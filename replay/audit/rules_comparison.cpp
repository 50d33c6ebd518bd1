#include "replay/audit/rules_comparison.hpp"

#include <algorithm>

namespace preconf::replay::audit {
namespace {

std::string text_of(const std::vector<core::Decision>& decisions, std::size_t at) {
  if (at >= decisions.size()) return "none";
  const core::Decision& decision = decisions[at];
  return std::string(core::name_of(decision.verdict)) + "(" + core::name_of(decision.reason) + ")";
}

/// Verdict, reason and subject: operands are explanation.
bool says_the_same(const core::Decision& a, const core::Decision& b) {
  return a.verdict == b.verdict && a.reason == b.reason && a.subject == b.subject &&
         a.number == b.number;
}

}  // namespace

RulesComparison::RulesComparison(std::uint32_t version) : state_(std::make_unique<core::State>()) {
  answer_.now = version;
}

void RulesComparison::note(const core::Event& event, const core::Outcome& outcome,
                           std::uint32_t version_then) {
  ++answer_.events;
  if (answer_.then == 0) answer_.then = version_then;
  if (std::holds_alternative<core::events::GenesisRecorded>(event.body) && event.seq.value == 1) {
    core::Event changed = event;
    std::get<core::events::GenesisRecorded>(changed.body).reducer_version = answer_.now;
    core::reduce(*state_, changed, outcome_);
  } else {
    core::reduce(*state_, event, outcome_);
    state_->reducer_version = answer_.now;  // a barrier of the log does not count here
  }
  const auto& then = outcome.decisions;
  const auto& now = outcome_.decisions;
  const bool is_barrier = std::holds_alternative<core::events::ReducerActivated>(event.body);
  if (is_barrier) return;
  const auto [left, right] =
      std::mismatch(then.begin(), then.end(), now.begin(), now.end(), says_the_same);
  if (left == then.end() && right == now.end()) return;
  ++answer_.events_changed;
  if (answer_.changes.size() == RulesAnswer::kChangesMax) return;
  const auto at = static_cast<std::size_t>(left - then.begin());
  answer_.changes.push_back({event.seq, text_of(then, at), text_of(now, at)});
}

}  // namespace preconf::replay::audit
