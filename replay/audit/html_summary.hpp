// The parts of the page that are readable without JavaScript.
#pragma once

#include <string>

#include "replay/audit/report.hpp"

namespace preconf::replay::audit {

/// Each appends elements; texts are escaped.
void append_html_identity(std::string& out, const AuditReport& report);
void append_html_coverage(std::string& out, const AuditReport& report);
void append_html_totals(std::string& out, const AuditReport& report);
/// Findings and signers as plain tables, for <noscript>.
void append_html_static_tables(std::string& out, const AuditReport& report);

}  // namespace preconf::replay::audit
