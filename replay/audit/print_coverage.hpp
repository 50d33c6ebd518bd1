// What every answer begins with: which log it is about, and what that covers.
#pragma once

#include <string>

#include "replay/audit/report.hpp"

namespace preconf::replay::audit {

[[nodiscard]] std::string identity_text(const AuditReport& report);
/// `in_full`: with every outage, gate and schedule change.
[[nodiscard]] std::string coverage_text(const AuditReport& report, bool in_full);

}  // namespace preconf::replay::audit
