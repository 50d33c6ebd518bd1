// Was the node right? The same events under another version of the rules, decision by decision.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/reducer.hpp"
#include "core/state.hpp"

namespace preconf::replay::audit {

/// The first decision of an event that the other rules change.
struct ChangedDecision {
  core::Seq seq;
  std::string then;  ///< "verdict(reason)", or "none"
  std::string now;
  PRECONF_FIELDS(ChangedDecision, seq, then, now);
};

struct RulesAnswer {
  static constexpr std::size_t kChangesMax = 1'000;

  std::uint32_t then = 0;  ///< reducer version at the beginning of the log
  std::uint32_t now = 0;   ///< version compared with
  std::uint64_t events = 0;
  std::uint64_t digests_compared = 0;  ///< events whose recorded effects were compared with `then`
  std::uint64_t digests_different = 0;
  std::uint64_t events_changed = 0;      ///< events with other decisions under `now`
  std::vector<ChangedDecision> changes;  ///< the first ones
  PRECONF_FIELDS(RulesAnswer, then, now, events, digests_compared, digests_different,
                 events_changed, changes);
};

/// Folds the events a second time under the rules of `version`. What the engine answered is taken
/// from the log: after the first changed decision it is a model, no history.
class RulesComparison {
 public:
  /// Requires a version that this program has.
  explicit RulesComparison(std::uint32_t version);
  /// The next event, with what it caused under the rules of its time.
  void note(const core::Event& event, const core::Outcome& outcome, std::uint32_t version_then);
  [[nodiscard]] const RulesAnswer& answer() const { return answer_; }

 private:
  std::unique_ptr<core::State> state_;
  core::Outcome outcome_;
  RulesAnswer answer_;
};

}  // namespace preconf::replay::audit
