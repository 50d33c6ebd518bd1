// Gathers from a log what L1 said about a finding: who could sign at its time, and what landed.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "replay/audit/finding.hpp"
#include "replay/evidence/l1_claim.hpp"
#include "replay/history.hpp"

namespace preconf::replay::evidence {

/// The commitment that is accused: when it came, and for which time it is.
struct AccusedAt {
  core::Seq seq;
  core::UnixSeconds timestamp;
};

struct L1Collected {
  L1Claim claim;
  bool decides_schedule = false;             ///< the table in force came from L1
  std::map<core::Seq, std::string> records;  ///< every event used, and why
  std::map<core::Hash32, std::string> contents;
  std::vector<std::string> missing;
};

/// Folds the log once; of a log that follows no L1, or without a state to begin with: nothing.
[[nodiscard]] L1Collected collect_l1(const History& history, const audit::Finding& finding,
                                     const std::optional<AccusedAt>& accused);

}  // namespace preconf::replay::evidence
