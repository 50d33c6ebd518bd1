// What an audit found, as data. Printers, evidence bundles and pages read only this.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/fields.hpp"
#include "core/types.hpp"
#include "replay/audit/block_life.hpp"
#include "replay/audit/coverage.hpp"
#include "replay/audit/finding.hpp"
#include "replay/audit/rules_comparison.hpp"
#include "replay/audit/schedule_lookup.hpp"
#include "replay/audit/taxonomy.hpp"
#include "replay/audit/window_summary.hpp"

namespace preconf::replay::audit {

struct PredicateCounts {
  std::uint64_t is_true = 0;
  std::uint64_t is_false = 0;
  std::uint64_t unknown = 0;
  PRECONF_FIELDS(PredicateCounts, is_true, is_false, unknown);
};

/// How many there are of a kind, and how many of those the report lists.
struct KindCounts {
  std::uint64_t faults = 0;
  std::uint64_t excused = 0;
  std::uint64_t unknown = 0;
  std::uint64_t not_listed = 0;  ///< beyond the bound of the list
  PRECONF_FIELDS(KindCounts, faults, excused, unknown, not_listed);
};

/// Bounds of a report and of the audit's memory; what lies beyond is counted, never dropped
/// silently.
struct Bounds {
  std::uint64_t findings_per_kind = 10'000;
  std::uint64_t blocks_listed = 20'000;  ///< lives of blocks that findings name
  std::uint64_t windows_listed = 65'536;
  std::uint64_t signers_listed = 16'384;
  std::uint64_t open_promises = 262'144;  ///< the horizon: older windows are closed for good
  PRECONF_FIELDS(Bounds, findings_per_kind, blocks_listed, windows_listed, signers_listed,
                 open_promises);
};

enum class AuditResult : std::uint8_t {
  kClean = 0,
  kFailed = 1,
  kFaults = 2,
  kDivergence = 3,  ///< recorded effects or facts are not those that follow from the events
  kDamaged = 4,
};
[[nodiscard]] const char* name_of(AuditResult result);

struct AuditReport {
  static constexpr std::uint32_t kSchemaVersion = 1;

  std::uint32_t schema_version = kSchemaVersion;
  std::string question = "all";  ///< which one is answered: lists are narrowed to it
  AuditResult result = AuditResult::kClean;
  std::string message;  ///< with kFailed; not part of the printed report
  std::string taxonomy = kTaxonomyVersion;
  LogIdentity log;
  Coverage coverage;
  Bounds bounds;
  std::map<std::string, KindCounts> counts;  ///< by kind, every kind present
  std::map<std::string, PredicateCounts> predicates;
  LandingCounts landing;
  std::vector<Finding> findings;  ///< by kind, then by first event
  std::vector<BlockLife> blocks;  ///< of promises that findings name; by number and arrival
  std::vector<WindowSummary> windows;
  std::vector<SignerSummary> signers;
  std::uint64_t blocks_not_listed = 0;
  std::uint64_t windows_not_listed = 0;
  std::uint64_t signers_not_listed = 0;
  std::optional<RulesAnswer> rules;           ///< when asked for
  std::optional<ScheduleAnswer> schedule_at;  ///< when asked for
  std::uint64_t beyond_horizon = 0;           ///< commitments for windows that were closed already
  PRECONF_FIELDS(AuditReport, schema_version, question, result, taxonomy, log, coverage, bounds,
                 counts, predicates, landing, findings, blocks, windows, signers, blocks_not_listed,
                 windows_not_listed, signers_not_listed, rules, schedule_at, beyond_horizon);
};

}  // namespace preconf::replay::audit
