// What L1 answered in history, for a changed history that asks the same: L1 does not depend on what
// this node decides.
#pragma once

#include <map>
#include <vector>

#include "core/commands/commands.hpp"
#include "core/events/l1.hpp"

namespace preconf::replay {

/// Memory: about 150 bytes per answer and per block that a proposal describes, at most kPartsMax of
/// them together; what history asked behind that is not known.
class RecordedL1 {
 public:
  static constexpr std::size_t kPartsMax = 1'000'000;

  /// Answers in the order of history.
  void remember(const core::CommandBody& asked, const core::events::L1Result& result,
                core::WallNanos time);
  /// What history got to the very same question: the last answer up to `now`, otherwise the first
  /// one after it. Null when history never asked that.
  [[nodiscard]] const core::events::L1Result* answer(const core::CommandBody& asked,
                                                     core::WallNanos now) const;

 private:
  struct Answer {
    core::WallNanos time;
    core::events::L1Result result;
  };
  std::map<core::Hash32, std::vector<Answer>> answers_;  ///< by the question's content
  std::size_t parts_ = 0;
};

}  // namespace preconf::replay
