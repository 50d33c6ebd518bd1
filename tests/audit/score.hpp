// An audit against the list of what was planted: precision and recall for each kind.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "replay/audit/audit.hpp"
#include "tests/fixture/truth.hpp"

namespace preconf::tests {

struct KindScore {
  std::size_t planted = 0;
  std::size_t found = 0;
  std::size_t right = 0;
  std::vector<std::string> missed;
  std::vector<std::string> invented;
};

/// Compares findings with verdict fault and the truth by what identifies a finding of their kind.
[[nodiscard]] std::map<std::string, KindScore> score(const replay::audit::AuditReport& report,
                                                     const std::vector<fixture::Finding>& truth);

/// A table: kind, planted, found, precision and recall in per mille.
[[nodiscard]] std::string to_text(const std::map<std::string, KindScore>& scores);
[[nodiscard]] bool is_perfect(const std::map<std::string, KindScore>& scores);

}  // namespace preconf::tests
