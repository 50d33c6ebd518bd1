// A report with findings of every kind whose texts try to become markup.
#pragma once

#include "replay/audit/html_collector.hpp"
#include "replay/audit/report.hpp"

namespace preconf::tests {

inline constexpr const char* kHostileText =
    "</script><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
    "<!-- ' & \xff \xe2\x80\xa8 ]]>";

/// The list of this block came before the log, with that event.
inline constexpr std::uint64_t kListBeforeBlock = 3;
inline constexpr std::uint64_t kListBefore = 4711;

/// `blocks` blocks without findings in windows of 20, and one finding of each kind.
[[nodiscard]] replay::audit::AuditReport sample_report(std::uint64_t blocks,
                                                       replay::audit::HtmlCollector& collected);

}  // namespace preconf::tests
