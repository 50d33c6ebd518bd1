// `preconf replay`: fold a log again and compare with everything it recorded about its fold.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>

#include "core/types.hpp"
#include "replay/report.hpp"

namespace preconf::replay {

struct ReplayOptions {
  std::filesystem::path directory;
  std::optional<core::Seq> until;          ///< last event to fold; none = the last one
  std::optional<core::Seq> from_snapshot;  ///< begin with this snapshot; none = the first event
  bool verify = false;                     ///< recompute all facts from the bytes
  bool expect_effects = false;             ///< a missing effects digest is a divergence
  std::size_t workers = 0;                 ///< threads that verify; 0 = one per core
};

struct ReplayProgress {
  core::Seq seq;
  core::Seq first;
  core::Seq last;
};

/// Opens the log read-only (a running node is not disturbed) and folds it. Compares, event by
/// event, hashes, chain and density (the reader does) and the effects digest; at every snapshot its
/// state with the fold's, and the fold from each snapshot with the fold from the start; with
/// `verify` every fact with what follows from its bytes. Ends at the first divergence of effects or
/// state, or at the first damage; facts are compared up to there.
///
/// `on_progress` is called on this thread, now and then.
[[nodiscard]] ReplayReport replay(const ReplayOptions& options,
                                  const std::function<void(const ReplayProgress&)>& on_progress);

}  // namespace preconf::replay
