// Up to where a log may be pruned: every reason to keep an event is a bound, and the lowest counts.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "replay/history.hpp"
#include "storage/retention.hpp"

namespace preconf::replay {

struct RetentionOptions {
  std::chrono::seconds older_than = std::chrono::hours(24 * 30);
  std::optional<core::Seq> before;  ///< only events before this one
  std::chrono::seconds contents_older_than = std::chrono::hours(24 * 30);
  std::chrono::seconds evidence = std::chrono::hours(24 * 365);
  std::uint64_t keep_events = 10'000;
  core::WallNanos now;
};

/// One reason: events up to `to` could go as far as it is concerned.
struct RetentionBound {
  std::string name;  ///< age, before, recent, finality, in_flight, held, evidence, snapshots
  core::Seq to;
  std::string detail;  ///< for a person: which event, block or time limits
  PRECONF_FIELDS(RetentionBound, name, to, detail);
};

struct RetentionPlan {
  std::vector<RetentionBound> bounds;
  std::string limited_by;  ///< name of the lowest bound
  storage::PruneRequest request;
};

/// Folds to the end of the log and reads its events once. A failure is that of reading.
[[nodiscard]] core::Result<RetentionPlan, storage::StorageFailure> plan_retention(
    const History& history, const RetentionOptions& options);

}  // namespace preconf::replay
