#include "core/protocol/lookahead_history.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include "core/limits_l1.hpp"

namespace preconf::core::protocol {
namespace {

/// Which facts before the cutoff the answers after it rest on.
class Pruning {
 public:
  Pruning(const ScheduleHistory& history, UnixSeconds cutoff, L1BlockNumber finalized,
          const EpochClock& clock)
      : history_(history), cutoff_(cutoff), finalized_(finalized), clock_(clock) {}

  [[nodiscard]] std::vector<bool> kept() {
    std::vector<bool> kept(history_.facts.size());
    for (std::size_t i = 0; i < kept.size(); ++i) {
      if (!is_old(i)) {
        kept[i] = true;
      } else if (const auto* changed = std::get_if<BlacklistChanged>(&history_.facts[i].body)) {
        note(listed_[changed->registration_root], changed->since, i);
      } else {
        note(fallback_, fallback_time(i), i);
      }
    }
    if (fallback_) kept[fallback_->index] = true;
    for (const auto& [root, baseline] : listed_) kept[baseline->index] = true;
    return kept;
  }

 private:
  struct Baseline {
    UnixSeconds time;
    std::size_t index = 0;
  };

  /// Everything that the fact says is about times before the cutoff, or lasts until it is replaced.
  [[nodiscard]] bool is_old(std::size_t index) const {
    const ScheduleFact& fact = history_.facts[index];
    if (fact.block_number > finalized_) return false;
    if (const auto* changed = std::get_if<BlacklistChanged>(&fact.body)) {
      return changed->since < cutoff_;
    }
    if (const auto* seen = std::get_if<EpochFact>(&fact.body)) {
      if (seen->epoch >= cutoff_) return false;
    }
    return fallback_time(index) < cutoff_;
  }
  /// The last time at which the fact sets the fallback operator.
  [[nodiscard]] UnixSeconds fallback_time(std::size_t index) const {
    const ScheduleFact& fact = history_.facts[index];
    if (const auto* posted = std::get_if<LookaheadFact>(&fact.body)) return posted->posted.epoch;
    if (std::holds_alternative<EpochFact>(fact.body)) return fact.block_time;
    return next_epoch(clock_, fact.block_time);
  }
  /// Of equal times the later fact counts, as in the table.
  static void note(std::optional<Baseline>& baseline, UnixSeconds time, std::size_t index) {
    if (!baseline || time >= baseline->time) baseline = Baseline{time, index};
  }

  const ScheduleHistory& history_;
  UnixSeconds cutoff_;
  L1BlockNumber finalized_;
  EpochClock clock_;
  std::optional<Baseline> fallback_;
  std::map<Hash32, std::optional<Baseline>> listed_;
};

}  // namespace

bool append_fact(ScheduleHistory& history, const ScheduleFact& fact) {
  if (history.facts.size() >= limits::kLookaheadFactsMax) return false;
  if (!history.facts.empty() && fact.block_number < history.facts.back().block_number) return false;
  history.facts.push_back(fact);
  return true;
}

std::size_t undo_above(ScheduleHistory& history, L1BlockNumber kept) {
  const auto first = std::upper_bound(
      history.facts.begin(), history.facts.end(), kept,
      [](L1BlockNumber number, const ScheduleFact& fact) { return number < fact.block_number; });
  const auto dropped = static_cast<std::size_t>(history.facts.end() - first);
  history.facts.erase(first, history.facts.end());
  return dropped;
}

void prune(ScheduleHistory& history, UnixSeconds cutoff, L1BlockNumber finalized,
           const EpochClock& clock) {
  const std::vector<bool> kept = Pruning(history, cutoff, finalized, clock).kept();
  std::vector<ScheduleFact> facts;
  for (std::size_t i = 0; i < kept.size(); ++i) {
    if (kept[i]) facts.push_back(std::move(history.facts[i]));
  }
  history.facts = std::move(facts);
}

}  // namespace preconf::core::protocol
