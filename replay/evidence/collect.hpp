// Gathers from a log what shows a finding.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "replay/audit/report.hpp"
#include "replay/evidence/l1_claim.hpp"
#include "replay/history.hpp"

namespace preconf::replay::evidence {

/// Bounds of what is gathered.
inline constexpr std::size_t kRecordsMax = 128;
inline constexpr std::uint64_t kPathRecordsMax = 65'536;        ///< of one path
inline constexpr std::uint64_t kPathRecordsNear = 4'096;        ///< of one that reaches no anchor
inline constexpr std::uint64_t kPathRecordsTotalMax = 262'144;  ///< of all paths: about 30 MB

struct Role {
  std::string role;  ///< "accused", "counter", "parent"
  core::Seq seq;
};

struct Collected {
  std::vector<Role> commitments;
  std::optional<core::Seq> schedule;
  std::optional<L1Claim> l1;                 ///< what rests on L1, when it was followed
  std::map<core::Seq, std::string> records;  ///< every event used, and why
  std::map<core::Hash32, std::string> contents;
  std::vector<std::string> missing;
};

/// Reads the log once. A failure names what could not be read.
[[nodiscard]] core::Result<Collected, std::string> collect(const History& history,
                                                           const audit::Finding& finding);

struct PathPlan {
  core::Seq from;
  core::Seq to;
  std::string anchor;
};
/// From every event used to the nearest position that others may know: the end of the log when it
/// is near enough, else the next snapshot, else a stretch that shows what came soon after.
[[nodiscard]] std::vector<PathPlan> plan_paths(const History& history, const Collected& collected,
                                               core::Seq end);

}  // namespace preconf::replay::evidence
