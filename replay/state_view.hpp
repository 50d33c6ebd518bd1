// `preconf state`: the state at a position, some of its paths, or what differs between two.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/state.hpp"
#include "replay/state_diff.hpp"
#include "replay/state_path.hpp"

namespace preconf::replay {

/// Differences that are listed; more are only counted.
inline constexpr std::size_t kChangesShownMax = 10'000;

struct StateViewOptions {
  std::vector<std::string> paths;  ///< empty: the whole state
  bool hash = false;               ///< the state hash, too
  bool json = false;
};

/// The state, or what stands at the paths; an error names a path that does not exist.
/// JSON: {"seq","wall","state_hash"?,"state"} or {"seq","wall","state_hash"?,"values":{path: ..}}
[[nodiscard]] core::Result<std::string, std::string> view_state(const core::State& state,
                                                                const StateViewOptions& options);

/// What differs below the paths, or anywhere.
/// JSON: {"from":{"seq","wall","state_hash"?},"to":{..},"total",
///        "changes":[{"path","before","after"}]}
[[nodiscard]] core::Result<std::string, std::string> view_changes(const core::State& before,
                                                                  const core::State& after,
                                                                  const StateViewOptions& options);

/// One line per change: "path  before -> after"; JSON values are cut after `width` bytes.
[[nodiscard]] std::string changes_text(const Changes& changes, std::size_t width);

}  // namespace preconf::replay
