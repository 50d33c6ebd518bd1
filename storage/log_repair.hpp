// Repair of a log that is refused: what can be proved is kept, what is lost is said, and the
// damaged database stays beside the new one (docs/log_format.md, section 13).
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/event.hpp"
#include "storage/event_source.hpp"
#include "storage/posix_file.hpp"

namespace preconf::storage {

/// A repair can be killed before each of these and be repeated; the last one ends it.
enum class RepairStep : std::uint8_t {
  kBuild,       ///< a new database is made beside the damaged one
  kWritePlan,   ///< from here on the log is refused until the repair is finished
  kSetAside,    ///< log/ becomes log.damaged-<n>/
  kPutInPlace,  ///< the new database becomes log/
  kWriteMark,   ///< high_water and VERSION
  kForgetPlan,
};

struct LostContent {
  core::Seq seq;  ///< event that refers to it
  core::Hash32 hash;
};

struct RepairOptions {
  /// Builds and judges, writes nothing in the directory: the new database is made below the
  /// system's temporary directory, which must have room for it, and removed.
  bool dry_run = false;
  core::WallNanos now;  ///< stamped on the gap's record
  /// Called before each step; false: end here, as a kill would (tests).
  std::function<bool(RepairStep)> goes_on;
};

struct RepairReport {
  bool was_sound = false;               ///< nothing is wrong; the directory is as it was
  bool was_resumed = false;             ///< an interrupted repair was finished
  bool was_stopped = false;             ///< RepairOptions::goes_on said no
  std::optional<StorageFailure> found;  ///< what was wrong
  LogPosition base;                     ///< where that part begins
  LogPosition kept;                     ///< the last event of the part that is proved
  std::optional<core::events::LogGapRecorded> gap;
  LogPosition end;                         ///< of the repaired log: its gap record
  std::uint64_t readable_behind = 0;       ///< events behind the damage that were left out
  std::uint64_t contents_lost_total = 0;   ///< that kept events refer to; written down as lost
  std::vector<LostContent> contents_lost;  ///< the first ones
  std::string set_aside;                   ///< directory with the damaged database
};

/// Both inclusive.
struct SeqRange {
  core::Seq from;
  core::Seq to;
};
/// Events above the one at which a log with a lost tail ends for whoever opens it: they were in the
/// sound part of a torn write, and are kept. None in any other case.
[[nodiscard]] std::optional<SeqRange> found_behind_end(const RepairReport& report);

/// Takes the writer's lock. Refuses a log of a newer program (what it can not read is not damage),
/// one of which not one event can be proved, one whose base state is gone, and one of which a file
/// can not be read though it is there.
[[nodiscard]] IoResult<RepairReport> repair_log(const std::filesystem::path& directory,
                                                const RepairOptions& options);

}  // namespace preconf::storage
