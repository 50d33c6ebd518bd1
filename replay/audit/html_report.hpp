// The report as one page that needs nothing else: no network, no other file.
#pragma once

#include <string>

#include "replay/audit/html_collector.hpp"
#include "replay/audit/report.hpp"
#include "storage/event_source.hpp"

namespace preconf::replay::audit {

/// A complete HTML document of at most HtmlLimits::kBytes. `collected` saw the same audit; `log`,
/// where the raw bytes of what findings name are taken from, may be null. A function of the log:
/// no time of making, no path. All text of the log is data: a Content-Security-Policy allows the
/// page's own script and style by hash, and nothing else.
[[nodiscard]] std::string to_html(const AuditReport& report, const HtmlCollector& collected,
                                  const storage::EventSource* log);

}  // namespace preconf::replay::audit
