#include "tests/audit/story.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/memory_history.hpp"

namespace preconf::tests {

namespace audit = replay::audit;
namespace ev = core::events;

namespace {
constexpr std::uint64_t kNanos = 1'000'000'000;
constexpr std::uint64_t kStampStep = 1'000'000;  ///< the world's time before each event
std::uint64_t devnet_id() { return model_genesis_event().chain.chain_id; }
}  // namespace

Story::Story() : engine(devnet_id()), world(engine) {
  world.start();
  world.settle();
}

void Story::at(std::uint64_t seconds, std::uint64_t nanos) {
  world.now_ns = seconds * kNanos + nanos - kStampStep;
}

void Story::tell(const core::protocol::CommitmentFacts& facts) {
  world.commitment(facts);
  world.settle();
}

void Story::tell_list(const core::protocol::TxListFacts& list) {
  world.txlist(list);
  world.settle();
}

void Story::tell_in_time(const Promise& promise) {
  at(promise.facts.timestamp.value, 500'000'000);
  tell_list(promise.list);
  tell(promise.facts);
}

Promise Story::block(bool eop, std::uint64_t seconds) {
  const Promise promise = preconfer.next_block(seconds, 0, eop);
  tell_in_time(promise);
  return promise;
}

void Story::confirm(std::uint64_t number) {
  engine.head_l1_origin = core::BlockNumber{number};
  read_heads();
}

void Story::read_heads() {
  ASSERT_TRUE(world.fire_next_timer());
  world.settle_with_retries();
}

void Story::idle_until(std::uint64_t seconds, std::uint64_t nanos) {
  at(seconds, nanos);
  world.feed(ev::L1SyncObserved{true, core::ProposalId{0}, std::nullopt});
}

void Story::restart(std::uint64_t seconds) {
  world.feed(ev::ShutdownRequested{15});
  at(seconds);
  world.feed(ev::BootStarted{});
  world.feed(ev::L1SyncObserved{true, core::ProposalId{0}, std::nullopt});
  world.settle();
}

audit::AuditReport Story::audit(audit::AuditOptions options) const {
  options.verification = audit::Verification::kNone;  // the model world signs nothing
  const replay::History history = history_of(world.log, world.digests);
  return audit::audit(history, options);
}

std::vector<std::string> verdicts_of(const audit::AuditReport& report) {
  std::vector<std::string> out;
  for (const audit::Finding& finding : report.findings) {
    out.push_back(std::string(name_of(finding.kind)) + " " + name_of(finding.verdict));
  }
  std::sort(out.begin(), out.end());
  return out;
}

audit::Finding only(const audit::AuditReport& report, audit::Kind kind) {
  std::vector<audit::Finding> found;
  for (const audit::Finding& finding : report.findings) {
    if (finding.kind == kind) found.push_back(finding);
  }
  EXPECT_EQ(found.size(), 1u) << name_of(kind);
  return found.empty() ? audit::Finding{} : found.front();
}

}  // namespace preconf::tests
