#include "replay/audit/report_builder.hpp"

#include <algorithm>
#include <utility>

#include "core/base/hex.hpp"

namespace preconf::replay::audit {

Finding make_finding(Kind kind, Verdict verdict) {
  Finding finding;
  finding.kind = kind;
  finding.fault_class = class_of(kind);
  finding.verdict = verdict;
  return finding;
}

std::string id_of(const Finding& finding) {
  std::string id = name_of(finding.kind);
  const auto add = [&id](const std::string& key) { id += ":" + key; };
  if (finding.signer && finding.kind != Kind::kWrongSigner) {
    add(core::to_hex0x(finding.signer->view()));
  }
  if (finding.kind == Kind::kWithheldTxList || finding.kind == Kind::kWrongSigner ||
      finding.kind == Kind::kLateCommitment || finding.kind == Kind::kL1Contradiction) {
    id = name_of(finding.kind);
    if (finding.preconf_hash) add(core::to_hex0x(finding.preconf_hash->view()));
    return id;
  }
  if (finding.window_end) add(std::to_string(finding.window_end->value));
  if (finding.block_number && finding.kind != Kind::kMissingEop) {
    add(std::to_string(finding.block_number->value));
  }
  if (finding.kind == Kind::kReorg) add(std::to_string(finding.first_seq.value));
  if (finding.from) add(std::to_string(finding.from->value));
  if (finding.to) add(std::to_string(finding.to->value));
  return id;
}

std::string ReportBuilder::add(Finding finding) {
  finding.fault_class = class_of(finding.kind);
  finding.id = id_of(finding);
  std::string id = finding.id;
  KindCounts& counts = report_.counts[name_of(finding.kind)];
  if (finding.verdict == Verdict::kFault) ++counts.faults;
  if (finding.verdict == Verdict::kExcused) ++counts.excused;
  if (finding.verdict == Verdict::kUnknown) ++counts.unknown;
  if (finding.signer && finding.verdict == Verdict::kFault) {
    if (SignerSum* sum = sum_of(*finding.signer)) {
      ++sum->summary.faults[name_of(finding.kind)];
    }
  }
  auto& list = findings_[static_cast<std::size_t>(finding.kind)];
  if (list.size() < report_.bounds.findings_per_kind) {
    list.push_back(std::move(finding));
  } else {
    ++counts.not_listed;
  }
  return id;
}

void ReportBuilder::add(const BlockLife& life) {
  if (sink_ != nullptr) sink_->on_block(life);
  for (const PredicateCheck& check : life.predicates) {
    PredicateCounts& counts = report_.predicates[name_of(check.predicate)];
    if (check.truth == Truth::kTrue) ++counts.is_true;
    if (check.truth == Truth::kFalse) ++counts.is_false;
    if (check.truth == Truth::kUnknown) ++counts.unknown;
  }
  if (life.findings.empty()) return;
  if (report_.blocks.size() < report_.bounds.blocks_listed) {
    report_.blocks.push_back(life);
  } else {
    ++report_.blocks_not_listed;
  }
}

namespace {

void sum_up(LandingCounts& total, const LandingCounts& part) {
  total.honoured += part.honoured;
  total.contradicted += part.contradicted;
  total.not_landed += part.not_landed;
  total.unknown += part.unknown;
  total.not_read += part.not_read;
  total.from_l1 += part.from_l1;
}

}  // namespace

ReportBuilder::SignerSum* ReportBuilder::sum_of(const core::Address& signer) {
  const auto found = signers_.find(signer);
  if (found != signers_.end()) return &found->second;
  if (signers_.size() >= report_.bounds.signers_listed) {
    ++report_.signers_not_listed;
    return nullptr;
  }
  SignerSum& sum = signers_[signer];
  sum.summary.signer = signer;
  return &sum;
}

void ReportBuilder::add(const WindowSummary& window, const Latencies& latencies) {
  if (sink_ != nullptr) sink_->on_window(window);
  sum_up(report_.landing, window.landing);
  if (SignerSum* sum = sum_of(window.signer)) {
    SignerSummary& summary = sum->summary;
    ++summary.windows;
    summary.promises += window.promises;
    summary.admitted += window.admitted;
    summary.executed += window.executed;
    summary.late += window.late;
    sum_up(summary.landing, window.landing);
    sum->latencies.add(latencies);
  }
  if (report_.windows.size() < report_.bounds.windows_listed) {
    report_.windows.push_back(window);
  } else {
    ++report_.windows_not_listed;
  }
}

void ReportBuilder::finish() {
  for (std::size_t i = 0; i < kKindCount; ++i) {
    static_cast<void>(report_.counts[name_of(static_cast<Kind>(i))]);
    auto& list = findings_[i];
    std::stable_sort(list.begin(), list.end(), [](const Finding& a, const Finding& b) {
      return std::tie(a.first_seq, a.id) < std::tie(b.first_seq, b.id);
    });
    std::move(list.begin(), list.end(), std::back_inserter(report_.findings));
  }
  for (std::size_t i = 0; i < kPredicateCount; ++i) {
    static_cast<void>(report_.predicates[name_of(static_cast<Predicate>(i))]);
  }
  std::stable_sort(report_.blocks.begin(), report_.blocks.end(),
                   [](const BlockLife& a, const BlockLife& b) {
                     return std::tie(a.number, a.received.seq) < std::tie(b.number, b.received.seq);
                   });
  for (auto& [signer, sum] : signers_) {
    sum.summary.latency = sum.latencies.summary();
    report_.signers.push_back(std::move(sum.summary));
  }
}

}  // namespace preconf::replay::audit
