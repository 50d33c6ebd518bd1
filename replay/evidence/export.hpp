// Makes a bundle: everything in a log that shows one finding, to be checked without us.
#pragma once

#include <string>

#include "replay/audit/report.hpp"
#include "replay/evidence/bundle.hpp"
#include "replay/history.hpp"

namespace preconf::replay::evidence {

/// First 12 hex digits of the SHA-256 of the finding's id: what people type.
[[nodiscard]] std::string short_id(const audit::Finding& finding);
/// The finding with this id, or with this short id; null when there is none.
[[nodiscard]] const audit::Finding* find_finding(const audit::AuditReport& report,
                                                 const std::string& id);

/// The sealed files of a bundle. A function of the log and the finding. An error says what could
/// not be read.
[[nodiscard]] core::Result<Files, std::string> make_bundle(const History& history,
                                                           const audit::AuditReport& report,
                                                           const audit::Finding& finding);

}  // namespace preconf::replay::evidence
