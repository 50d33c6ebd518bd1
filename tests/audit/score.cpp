#include "tests/audit/score.hpp"

#include <algorithm>
#include <cstdio>
#include <set>

namespace preconf::tests {
namespace {

namespace audit = replay::audit;

/// The keys that the taxonomy names for a kind.
std::string key_of(const audit::Finding& finding) {
  fixture::Finding key;
  key.kind = name_of(finding.kind);
  switch (finding.kind) {
    case audit::Kind::kEquivocation:
    case audit::Kind::kInvalidEop:
      key.signer = finding.signer;
      key.window_end = finding.window_end;
      key.block_number = finding.block_number;
      break;
    case audit::Kind::kMissingEop:
      key.signer = finding.signer;
      key.window_end = finding.window_end;
      break;
    case audit::Kind::kWithheldTxList:
    case audit::Kind::kWrongSigner:
    case audit::Kind::kLateCommitment:
      key.preconf_hash = finding.preconf_hash;
      break;
    case audit::Kind::kL1Contradiction:
      key.block_number = finding.block_number;
      key.preconf_hash = finding.preconf_hash;
      break;
    case audit::Kind::kReorg:
      key.block_number = finding.block_number;
      break;
    case audit::Kind::kLogGap:
      key.from = finding.from;
      key.to = finding.to;
      break;
  }
  return fixture::to_json(key, false);
}

}  // namespace

std::map<std::string, KindScore> score(const audit::AuditReport& report,
                                       const std::vector<fixture::Finding>& truth) {
  std::map<std::string, KindScore> scores;
  for (std::size_t i = 0; i < audit::kKindCount; ++i) {
    static_cast<void>(scores[name_of(static_cast<audit::Kind>(i))]);
  }
  std::map<std::string, std::multiset<std::string>> planted;
  for (const fixture::Finding& finding : truth) {
    planted[finding.kind].insert(fixture::to_json(finding, false));
    ++scores[finding.kind].planted;
  }
  for (const audit::Finding& finding : report.findings) {
    if (finding.verdict != audit::Verdict::kFault) continue;
    const std::string kind = name_of(finding.kind);
    const std::string key = key_of(finding);
    KindScore& kind_score = scores[kind];
    ++kind_score.found;
    const auto match = planted[kind].find(key);
    if (match == planted[kind].end()) {
      kind_score.invented.push_back(key + " " + finding.text);
      continue;
    }
    ++kind_score.right;
    planted[kind].erase(match);
  }
  for (const auto& [kind, left] : planted) {
    scores[kind].missed.assign(left.begin(), left.end());
  }
  return scores;
}

std::string to_text(const std::map<std::string, KindScore>& scores) {
  std::string out = "kind              planted   found  precision  recall\n";
  for (const auto& [kind, score] : scores) {
    const auto share = [&score](std::size_t of) {
      return of == 0 ? 1.0 : static_cast<double>(score.right) / static_cast<double>(of);
    };
    char line[128];
    std::snprintf(line, sizeof(line), "%-17s %7zu %7zu %10.3f %7.3f\n", kind.c_str(), score.planted,
                  score.found, share(score.found), share(score.planted));
    out += line;
    for (const std::string& key : score.missed) out += "  missed   " + key + "\n";
    for (const std::string& key : score.invented) out += "  invented " + key + "\n";
  }
  return out;
}

bool is_perfect(const std::map<std::string, KindScore>& scores) {
  return std::all_of(scores.begin(), scores.end(), [](const auto& entry) {
    return entry.second.missed.empty() && entry.second.invented.empty();
  });
}

}  // namespace preconf::tests
