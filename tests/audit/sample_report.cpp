#include "tests/audit/sample_report.hpp"

namespace preconf::tests {
namespace {

using replay::audit::AuditReport;
using replay::audit::AuditResult;
using replay::audit::BlockLife;
using replay::audit::Finding;
using replay::audit::HtmlCollector;
using replay::audit::Kind;
using replay::audit::kKindCount;
using replay::audit::Landing;
using replay::audit::SignerSummary;
using replay::audit::Trouble;
using replay::audit::Verdict;
using replay::audit::WindowSummary;

constexpr std::uint64_t kBegin = 1'790'000'000;

BlockLife life_of(std::uint64_t number) {
  BlockLife life;
  life.number.value = number;
  life.preconf_hash.bytes[0] = static_cast<std::uint8_t>(number);
  life.preconf_hash.bytes[30] = static_cast<std::uint8_t>(number >> 8);
  life.preconf_hash.bytes[31] = static_cast<std::uint8_t>(number >> 16);
  life.signer.bytes[19] = static_cast<std::uint8_t>(number / 20 % 7);
  life.timestamp.value = kBegin + 2 * number;
  life.window_end.value = kBegin + (number / 20 + 1) * 40;
  life.received = {{number * 3}, {life.timestamp.value * 1'000'000'000 + 123'456'789}};
  life.admitted = life.received;
  life.landing = Landing::kHonoured;
  if (number == kListBeforeBlock) life.list_before = core::Seq{kListBefore};
  return life;
}

}  // namespace

AuditReport sample_report(std::uint64_t blocks, HtmlCollector& collected) {
  AuditReport report;
  report.result = AuditResult::kFaults;
  report.coverage.gaps.push_back({{5}, {6}, kHostileText});
  report.coverage.trouble = Trouble{"tail_lost", {9}, kHostileText};
  report.coverage.ingress_rejected[kHostileText] = 3;
  for (std::size_t i = 0; i < kKindCount; ++i) {
    Finding finding;
    finding.kind = static_cast<Kind>(i);
    finding.fault_class = class_of(finding.kind);
    finding.id = std::string(name_of(finding.kind)) + ":1";
    finding.block_number = core::BlockNumber{i};
    finding.text = kHostileText;
    finding.missing.emplace_back(kHostileText);
    ++report.counts[name_of(finding.kind)].faults;
    BlockLife life = life_of(i);
    life.findings.push_back(finding.id);
    life.landing_missing = kHostileText;
    report.findings.push_back(finding);
    report.blocks.push_back(life);
  }
  for (std::uint64_t number = 0; number < blocks; ++number) {
    const BlockLife life = life_of(number);
    collected.on_block(life);
    if (number % 20 != 19 && number + 1 != blocks) continue;
    WindowSummary window;
    window.window_end = life.window_end;
    window.signer = life.signer;
    window.promises = 20;
    window.end.verdict = Verdict::kOk;
    collected.on_window(window);
  }
  SignerSummary signer;
  signer.signer = life_of(0).signer;
  report.signers.push_back(signer);
  return report;
}

}  // namespace preconf::tests
