#include "replay/audit/question.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace preconf::replay::audit {

const char* name_of(Topic topic) {
  // clang-format off
  switch (topic) {
    case Topic::kAll: return "all";
    case Topic::kEquivocations: return "equivocations";
    case Topic::kBlock: return "block";
    case Topic::kLanding: return "landing";
    case Topic::kEop: return "eop";
    case Topic::kWithheld: return "withheld";
    case Topic::kReorgs: return "reorgs";
    case Topic::kRules: return "rules";
    case Topic::kDefence: return "defence";
    case Topic::kCoverage: return "coverage";
    case Topic::kLatency: return "latency";
    case Topic::kScheduleAt: return "schedule_at";
  }
  // clang-format on
  return "unknown";
}

namespace {

/// Kinds of findings that belong to a topic; kAll, kBlock and kDefence take every kind.
bool belongs(Kind kind, Topic topic) {
  switch (topic) {
    case Topic::kAll:
    case Topic::kBlock:
    case Topic::kDefence:
      return true;
    case Topic::kEquivocations:
      return kind == Kind::kEquivocation;
    case Topic::kLanding:
      return kind == Kind::kL1Contradiction;
    case Topic::kEop:
      return kind == Kind::kMissingEop || kind == Kind::kInvalidEop;
    case Topic::kWithheld:
      return kind == Kind::kWithheldTxList;
    case Topic::kReorgs:
      return kind == Kind::kReorg;
    case Topic::kCoverage:
      return kind == Kind::kLogGap;
    case Topic::kLatency:
      return kind == Kind::kLateCommitment || kind == Kind::kWrongSigner;
    case Topic::kRules:
    case Topic::kScheduleAt:
      return false;
  }
  return false;
}

bool shows_windows(Topic topic) {
  return topic == Topic::kAll || topic == Topic::kLanding || topic == Topic::kEop ||
         topic == Topic::kDefence || topic == Topic::kLatency;
}

/// The answer is about blocks of its own, not those that its findings name.
bool collects(Topic topic) {
  return topic == Topic::kBlock || topic == Topic::kDefence || topic == Topic::kLanding;
}

bool shows_blocks(Topic topic) {
  return topic != Topic::kRules && topic != Topic::kCoverage && topic != Topic::kScheduleAt;
}

}  // namespace

bool BlockCollector::is_wanted(const BlockLife& life) const {
  if (question_.topic == Topic::kDefence) return question_.signer == life.signer;
  if (question_.topic == Topic::kLanding) {
    return life.landing == Landing::kNotLanded || life.landing == Landing::kContradicted;
  }
  if (question_.topic != Topic::kBlock) return false;
  if (question_.number) return life.number == *question_.number;
  return question_.hash &&
         (life.preconf_hash == *question_.hash || life.tx_list_hash == *question_.hash ||
          life.block_hash == question_.hash);
}

void BlockCollector::on_block(const BlockLife& life) {
  if (next_ != nullptr) next_->on_block(life);
  if (!is_wanted(life)) return;
  if (blocks_.size() < kBlocksMax) {
    blocks_.push_back(life);
  } else {
    ++not_kept_;
  }
}

void BlockCollector::on_window(const WindowSummary& window) {
  if (next_ != nullptr) next_->on_window(window);
}

void BlockCollector::give(AuditReport& report) {
  if (!collects(question_.topic)) return;
  std::stable_sort(blocks_.begin(), blocks_.end(), [](const BlockLife& a, const BlockLife& b) {
    return std::tie(a.number, a.received.seq) < std::tie(b.number, b.received.seq);
  });
  report.blocks = std::move(blocks_);
  report.blocks_not_listed = not_kept_;
}

void narrow(AuditReport& report, const Question& question) {
  report.question = name_of(question.topic);
  const auto& signer = question.signer;
  std::set<std::string> named;  // findings of the blocks that were asked for
  if (question.topic == Topic::kBlock) {
    for (const BlockLife& life : report.blocks) {
      named.insert(life.findings.begin(), life.findings.end());
    }
  }
  std::erase_if(report.findings, [&](const Finding& finding) {
    if (!belongs(finding.kind, question.topic)) return true;
    if (question.kind && finding.kind != *question.kind) return true;
    if (signer && finding.signer != signer) return true;
    if (question.topic != Topic::kBlock) return false;
    const bool same_number = question.number && finding.block_number == question.number;
    const bool same_hash = question.hash && finding.preconf_hash == question.hash;
    return !same_number && !same_hash && !named.contains(finding.id);
  });
  std::set<std::string> shown;
  for (const Finding& finding : report.findings) shown.insert(finding.id);
  std::erase_if(report.blocks, [&](const BlockLife& life) {
    if (!shows_blocks(question.topic)) return true;
    if (signer && life.signer != *signer) return true;
    if (collects(question.topic)) return false;
    return std::none_of(life.findings.begin(), life.findings.end(),
                        [&shown](const std::string& id) { return shown.contains(id); });
  });
  std::erase_if(report.windows, [&](const WindowSummary& window) {
    return !shows_windows(question.topic) || (signer && window.signer != *signer);
  });
  std::erase_if(report.signers, [&](const SignerSummary& summary) {
    return !shows_windows(question.topic) || (signer && summary.signer != *signer);
  });
  const bool has_fault =
      std::any_of(report.findings.begin(), report.findings.end(),
                  [](const Finding& finding) { return finding.verdict == Verdict::kFault; });
  if (report.result == AuditResult::kFaults && !has_fault) report.result = AuditResult::kClean;
}

}  // namespace preconf::replay::audit
