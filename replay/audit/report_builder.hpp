// Collects findings, lives and summaries within the bounds of a report; what is too much is
// counted.
#pragma once

#include <array>
#include <vector>

#include "replay/audit/audit.hpp"
#include "replay/audit/landing.hpp"

namespace preconf::replay::audit {

/// `kind` and what identifies a finding of that kind, without signer and time.
[[nodiscard]] Finding make_finding(Kind kind, Verdict verdict);
/// "kind:key:key": stable within a log.
[[nodiscard]] std::string id_of(const Finding& finding);

class ReportBuilder {
 public:
  ReportBuilder(AuditReport& report, Sink* sink) : report_(report), sink_(sink) {}

  /// Completes the finding (class, id) and keeps or counts it. The id is returned.
  std::string add(Finding finding);
  void add(const BlockLife& life);
  void add(const WindowSummary& window, const Latencies& latencies);
  /// Sorts and sums up. Nothing is added afterwards.
  void finish();

 private:
  struct SignerSum {
    SignerSummary summary;
    Latencies latencies;
  };
  [[nodiscard]] SignerSum* sum_of(const core::Address& signer);

  AuditReport& report_;
  Sink* sink_;
  std::array<std::vector<Finding>, kKindCount> findings_;
  std::map<core::Address, SignerSum> signers_;
};

}  // namespace preconf::replay::audit
