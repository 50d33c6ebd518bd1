// Judges a window as a whole: everything its signer promised in it, and how it ended.
#pragma once

#include "replay/audit/coverage_tracker.hpp"
#include "replay/audit/landing.hpp"
#include "replay/audit/report_builder.hpp"

namespace preconf::replay::audit {

/// A commitment is late when it is first seen more than this after its window's end.
inline constexpr std::uint64_t kLateAfterSeconds = 4;
/// A transaction list is missing when it has not come this long after its commitment.
inline constexpr std::uint64_t kListDueSeconds = 12;

/// What an audit knows when it judges.
struct Knowledge {
  const PromiseBook& book;
  const ChainView& chain;
  const CoverageTracker& coverage;
  const L1Reading& l1;
  const storage::EventSource& log;
};

/// Adds the findings, lives and the summary of `window` to the report.
void judge_window(const OpenWindow& window, const Knowledge& known, ReportBuilder& report);

}  // namespace preconf::replay::audit
