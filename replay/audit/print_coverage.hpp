// What every answer begins with: which log it is about, and what that covers.
#pragma once

#include <string>

#include "replay/audit/report.hpp"

namespace preconf::replay::audit {

[[nodiscard]] std::string identity_text(const AuditReport& report);
/// One line.
[[nodiscard]] std::string absence_text(const L1Absence& absence);
/// `in_full`: with every outage, absence from L1, gate and schedule change.
[[nodiscard]] std::string coverage_text(const AuditReport& report, bool in_full);

}  // namespace preconf::replay::audit
