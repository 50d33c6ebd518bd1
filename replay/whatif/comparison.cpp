#include "replay/whatif/comparison.hpp"

#include <algorithm>

#include "core/codec/canonical.hpp"
#include "core/crypto/hash.hpp"
#include "core/reducer.hpp"
#include "replay/log_tools.hpp"
#include "replay/why/causes.hpp"

namespace preconf::replay {
namespace {

using core::Decision;

constexpr std::size_t kHeadsShownMax = 50;

std::vector<const core::CommandBody*> calls_of(const core::Outcome& outcome) {
  std::vector<const core::CommandBody*> calls;
  for (const core::Command& command : outcome.commands) {
    if (core::has_outcome(command.body)) calls.push_back(&command.body);
  }
  return calls;
}

std::vector<std::string> phrases(const core::Outcome& outcome) {
  std::vector<std::string> out;
  for (const Decision& decision : outcome.decisions) out.push_back(phrase_of(decision));
  return out;
}

void note_head(const core::State& state, core::Hash32& last, bool is_shown,
               std::vector<HeadAt>& heads) {
  if (!state.heads.unsafe || state.heads.unsafe->hash == last) return;
  last = state.heads.unsafe->hash;
  if (is_shown && heads.size() < kHeadsShownMax) {
    heads.push_back({state.last_wall, state.heads.unsafe->number, last});
  }
}

std::optional<HeadAt> head_of(const core::State& state) {
  if (!state.heads.unsafe) return std::nullopt;
  return HeadAt{state.last_wall, state.heads.unsafe->number, state.heads.unsafe->hash};
}

}  // namespace

bool same_decisions(const core::Outcome& a, const core::Outcome& b) {
  return std::equal(a.decisions.begin(), a.decisions.end(), b.decisions.begin(), b.decisions.end(),
                    [](const Decision& left, const Decision& right) {
                      return left.verdict == right.verdict && left.reason == right.reason &&
                             left.subject == right.subject && left.number == right.number &&
                             left.hash == right.hash;
                    });
}

bool same_calls(const core::Outcome& a, const core::Outcome& b) {
  const auto left = calls_of(a);
  const auto right = calls_of(b);
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](const auto* one, const auto* other) { return *one == *other; });
}

void WhatIfComparison::tally(const core::Outcome& outcome, std::int64_t sign) {
  if (!report_.first && !report_.model) return;  // equal up to here
  for (const core::CommandBody* body : calls_of(outcome)) {
    const core::Hash32 key = core::crypto::sha256(core::codec::canonical_bytes(*body));
    const auto at = tallies_.find(key);
    if (at == tallies_.end() && tallies_.size() >= kWhatIfCommandsMax) continue;
    Tally& tally = tallies_[key];
    tally.name = core::name_of(*body);
    tally.balance += sign;
  }
}

void WhatIfComparison::note_recorded(const core::State& state, const core::Outcome& outcome) {
  tally(outcome, 1);
  note_head(state, recorded_head_, report_.first.has_value(), report_.recorded_heads);
}

void WhatIfComparison::note_changed(const core::State& state, const core::Outcome& outcome) {
  tally(outcome, -1);
  note_head(state, changed_head_, report_.first.has_value(), report_.changed_heads);
}

void WhatIfComparison::note_calls(const core::Outcome& recorded, const core::Outcome& changed) {
  tally(recorded, 1);
  tally(changed, -1);
}

void WhatIfComparison::differ(const core::Event& event, core::Seq changed_seq,
                              const core::Outcome& recorded, const core::Outcome& changed) {
  if (report_.first) return;
  report_.first = FirstDifference{event.seq,
                                  changed_seq,
                                  event.wall,
                                  core::name_of(core::kind_of(event.body)),
                                  summary_of(event.body),
                                  phrases(recorded),
                                  phrases(changed)};
}

void WhatIfComparison::count_decisions(const core::State& recorded, const core::State& changed) {
  std::map<std::uint32_t, DecisionCounts> counts;
  for (const auto& [key, value] : recorded.counters) counts[key].recorded = value;
  for (const auto& [key, value] : changed.counters) counts[key].changed = value;
  for (const auto& [key, value] : counts) {
    if (value.recorded == value.changed) continue;
    const auto before = recorded_base_.find(key);
    const std::uint64_t base = before == recorded_base_.end() ? 0 : before->second;
    std::string name = core::name_of(static_cast<core::Verdict>(key >> 16));
    const auto reason = static_cast<core::Reason>(key & 0xffff);
    if (reason != core::Reason::kNone) name += std::string("/") + core::name_of(reason);
    report_.decisions[name] = {value.recorded - base, value.changed - base};
  }
}

void WhatIfComparison::finish(const core::State& recorded, const core::State& changed) {
  count_decisions(recorded, changed);
  for (const auto& [key, tally] : tallies_) {
    if (tally.balance > 0) {
      report_.commands[tally.name].gone += static_cast<std::uint64_t>(tally.balance);
    }
    if (tally.balance < 0) {
      report_.commands[tally.name].added += static_cast<std::uint64_t>(-tally.balance);
    }
  }
  report_.recorded_head = head_of(recorded);
  report_.changed_head = head_of(changed);
  const bool same_head =
      report_.recorded_head.has_value() == report_.changed_head.has_value() &&
      (!report_.recorded_head || report_.recorded_head->hash == report_.changed_head->hash);
  report_.differs = report_.first.has_value() || !same_head;
}

}  // namespace preconf::replay
