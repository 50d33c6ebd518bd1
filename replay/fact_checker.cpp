#include "replay/fact_checker.hpp"

#include <utility>

namespace preconf::replay {
namespace {

void count(FactKind kind, FactCounts& counts) {
  switch (kind) {
    case FactKind::kNone:
      return;
    case FactKind::kCommitment:
      ++counts.commitments;
      return;
    case FactKind::kTxList:
      ++counts.tx_lists;
      return;
    case FactKind::kPayload:
      ++counts.payloads;
      return;
    case FactKind::kBlob:
      ++counts.blobs;
      return;
    case FactKind::kSources:
      ++counts.sources;
      return;
  }
}

void add(FactSummary& total, FactSummary&& part) {
  total.counts.commitments += part.counts.commitments;
  total.counts.tx_lists += part.counts.tx_lists;
  total.counts.payloads += part.counts.payloads;
  total.counts.blobs += part.counts.blobs;
  total.counts.sources += part.counts.sources;
  total.counts.different += part.counts.different;
  total.counts.missing += part.counts.missing;
  total.findings.merge(part.findings);
  while (total.findings.size() > FactChecker::kFindingsMax) {
    total.findings.erase(std::prev(total.findings.end()));
  }
}

}  // namespace

FactChecker::FactChecker(const storage::EventSource& log, std::size_t workers)
    : log_(log), queue_(2 * workers) {
  for (std::size_t i = 0; i < workers; ++i) threads_.emplace_back([this] { work(); });
}

FactChecker::~FactChecker() {
  queue_.cancel();
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

void FactChecker::submit(EventRunPtr run) { queue_.push(std::move(run)); }

FactSummary FactChecker::finish() {
  queue_.close();
  for (std::thread& thread : threads_) thread.join();
  return std::move(total_);
}

void FactChecker::work() {
  while (const auto run = queue_.pop()) {
    FactSummary found;
    check_run(**run, found);
    const std::lock_guard lock(mutex_);
    add(total_, std::move(found));
  }
}

void FactChecker::check_run(const EventRun& run, FactSummary& found) const {
  for (const storage::LoggedEvent& logged : run) {
    if (scope_ && fact_kind_of(logged.event.body) != *scope_) continue;
    FactCheck check = check_facts(logged.event, rules_, log_);
    count(check.kind, found.counts);
    if (!check.difference && !check.missing) continue;
    if (check.difference) ++found.counts.different;
    if (check.missing) ++found.counts.missing;
    found.findings.emplace(logged.event.seq,
                           FactFinding{core::kind_of(logged.event.body), std::move(check)});
  }
}

}  // namespace preconf::replay
