// Checks a bundle offline, from its bytes alone.
#pragma once

#include <string>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/fields.hpp"
#include "replay/evidence/bundle.hpp"

namespace preconf::replay::evidence {

enum class BundleVerdict : std::uint8_t {
  kShown,     ///< whole, and it shows the finding
  kNotShown,  ///< whole, but it does not show what it claims
  kDamaged,   ///< a file is missing, changed, or contradicts another
};
[[nodiscard]] const char* name_of(BundleVerdict verdict);

struct VerifyReport {
  BundleVerdict verdict = BundleVerdict::kDamaged;
  core::Hash32 seal;                   ///< SHA-256 of SHA256SUMS
  std::string id;                      ///< of the finding
  std::vector<std::string> checks;     ///< what was computed and agrees
  std::vector<std::string> problems;   ///< what does not, by file
  std::string predicate;               ///< what the evidence shows, or why it does not
  std::vector<std::string> not_shown;  ///< what it can not show
  std::vector<std::string> missing;    ///< what whoever wants to act must still get
  PRECONF_FIELDS(VerifyReport, verdict, seal, id, checks, problems, predicate, not_shown, missing);
};

/// Total: any bytes give a report.
[[nodiscard]] VerifyReport verify_bundle(const Files& files);

}  // namespace preconf::replay::evidence
