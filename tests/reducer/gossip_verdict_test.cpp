// What gossipsub is told: the table, verdict by verdict, and through the reducer.
#include "core/gossip_verdict.hpp"

#include <gtest/gtest.h>

#include "tests/support/chains.hpp"

namespace preconf::tests {
namespace {

using namespace preconf::core;  // NOLINT: test

struct Row {
  Verdict verdict;
  Reason reason;
  std::uint64_t b;
  GossipVerdict expected;
};

constexpr auto kAccept = GossipVerdict::kAccept;
constexpr auto kIgnore = GossipVerdict::kIgnore;
constexpr auto kReject = GossipVerdict::kReject;

constexpr std::uint64_t phase(Phase value) { return static_cast<std::uint64_t>(value); }

constexpr Row kRows[] = {
    {Verdict::kAdmitted, Reason::kNone, 0, kAccept},
    {Verdict::kHandoff, Reason::kNone, 0, kAccept},
    {Verdict::kPendingParent, Reason::kParentUnknown, 0, kAccept},
    {Verdict::kTxListAccepted, Reason::kNone, 0, kAccept},
    {Verdict::kDuplicate, Reason::kTxListDuplicate, 0, kAccept},
    {Verdict::kDuplicate, Reason::kNone, phase(Phase::kAdmitted), kAccept},
    {Verdict::kDuplicate, Reason::kNone, phase(Phase::kExecuted), kAccept},
    {Verdict::kDuplicate, Reason::kNone, phase(Phase::kPendingParent), kAccept},
    {Verdict::kDuplicate, Reason::kNone, phase(Phase::kPendingSchedule), kIgnore},
    {Verdict::kDuplicate, Reason::kEngineInvalid, phase(Phase::kInvalid), kIgnore},
    {Verdict::kStale, Reason::kStaleCommitment, 0, kIgnore},
    {Verdict::kStale, Reason::kTooFarBehind, 0, kIgnore},
    {Verdict::kPendingSchedule, Reason::kNoWindow, 0, kIgnore},
    {Verdict::kEvicted, Reason::kTooFarAhead, 0, kIgnore},
    {Verdict::kEvicted, Reason::kBufferFull, 0, kIgnore},
    {Verdict::kEvicted, Reason::kHeightFull, 0, kIgnore},
    {Verdict::kInvalidated, Reason::kTxListUndecodable, 0, kIgnore},
    {Verdict::kTxListRejected, Reason::kTxListUndecodable, 0, kIgnore},
    {Verdict::kRejected, Reason::kNoWindow, 0, kIgnore},
    {Verdict::kRejected, Reason::kSignerMismatch, 0, kIgnore},
    {Verdict::kRejected, Reason::kWindowEndMismatch, 0, kIgnore},
    {Verdict::kRejected, Reason::kAfterEop, 0, kIgnore},
    {Verdict::kRejected, Reason::kParentInvalid, 0, kIgnore},
    {Verdict::kRejected, Reason::kWrongSize, 0, kReject},
    {Verdict::kRejected, Reason::kNonCanonicalBool, 0, kReject},
    {Verdict::kRejected, Reason::kSignatureFormat, 0, kReject},
    {Verdict::kRejected, Reason::kSignatureUnrecoverable, 0, kReject},
    {Verdict::kRejected, Reason::kEopTxListMismatch, 0, kReject},
    {Verdict::kRejected, Reason::kBlockNumberRange, 0, kReject},
    {Verdict::kRejected, Reason::kTimestampRange, 0, kReject},
    {Verdict::kRejected, Reason::kGasLimitRange, 0, kReject},
    {Verdict::kRejected, Reason::kAnchorBlockNumberRange, 0, kReject},
    {Verdict::kRejected, Reason::kWindowEndRange, 0, kReject},
    {Verdict::kRejected, Reason::kProposalIdRange, 0, kReject},
    {Verdict::kRejected, Reason::kSlasherMismatch, 0, kReject},
    {Verdict::kRejected, Reason::kBeforeFork, 0, kReject},
    {Verdict::kRejected, Reason::kNumberNotParentPlusOne, 0, kReject},
    {Verdict::kRejected, Reason::kTimestampNotAfterParent, 0, kReject},
    {Verdict::kRejected, Reason::kGasLimitOutOfBounds, 0, kReject},
    {Verdict::kRejected, Reason::kAnchorBelowParent, 0, kReject},
};

TEST(GossipVerdict, table) {
  Hash32 subject;
  subject.bytes.fill(7);
  for (const Row& row : kRows) {
    const Decision decision{row.verdict, row.reason, subject, BlockNumber{1}, 0, row.b, Hash32{}};
    EXPECT_STREQ(name_of(gossip_verdict({decision}, subject)), name_of(row.expected))
        << name_of(row.verdict) << " " << name_of(row.reason) << " " << row.b;
    EXPECT_EQ(gossip_verdict({decision}, Hash32{}), kIgnore) << "about something else";
  }
}

TEST(GossipVerdict, nothing_decided_is_ignored) {
  EXPECT_EQ(gossip_verdict({}, Hash32{}), kIgnore);
}

/// Both sides of an equivocation spread: they are evidence.
TEST(GossipVerdict, through_the_reducer) {
  LongChain chain(1);
  Node node;
  const PeerNumber peer = node.network.connect(chain.archive, Manner::kUnserved);
  const auto verdict_after = [&](const protocol::CommitmentFacts& facts) {
    const std::size_t before = node.world.decisions.size();
    node.network.gossip(peer, facts);
    const std::vector<Decision> decisions(
        node.world.decisions.begin() + static_cast<std::ptrdiff_t>(before),
        node.world.decisions.end());
    return gossip_verdict(decisions, facts.preconf_hash);
  };
  const Promise rival = chain.preconfer.variant(1, 9);
  const Promise next = chain.grow();
  EXPECT_EQ(verdict_after(next.facts), kAccept) << "its parent is on its way";
  EXPECT_EQ(verdict_after(chain.promises[0].facts), kAccept);
  EXPECT_EQ(verdict_after(chain.promises[0].facts), kAccept) << "came by another way before";
  EXPECT_EQ(verdict_after(rival.facts), kAccept);
  protocol::CommitmentFacts stranger = chain.preconfer.variant(1, 1).facts;
  stranger.signer = address_number(0x77);
  EXPECT_EQ(verdict_after(stranger), kIgnore);
  const std::int64_t before = node.world.state.p2p.records.begin()->second.score_micro;
  protocol::CommitmentFacts broken = chain.preconfer.variant(1, 2).facts;
  broken.gas_limit = 1;
  seal(broken);
  broken.signer = address_number(1);
  EXPECT_EQ(verdict_after(broken), kReject);
  EXPECT_LT(node.world.state.p2p.records.begin()->second.score_micro, before);
}

/// A list that can not be executed makes the commitment worthless, and is nobody's fault who
/// forwards it: only the signer knew.
TEST(GossipVerdict, a_commitment_whose_list_is_garbage_is_ignored) {
  LongChain chain(1);
  Node node;
  const PeerNumber peer = node.network.connect(chain.archive, Manner::kUnserved);
  Promise promise = chain.promises[0];
  promise.list.defect = protocol::TxListDefect::kZlibDecode;
  std::size_t before = node.world.decisions.size();
  node.network.gossip(peer, promise.list);
  const auto since = [&node](std::size_t at) {
    return std::vector<Decision>(node.world.decisions.begin() + static_cast<std::ptrdiff_t>(at),
                                 node.world.decisions.end());
  };
  EXPECT_EQ(gossip_verdict(since(before), promise.list.hash), kIgnore);
  before = node.world.decisions.size();
  node.network.gossip(peer, promise.facts);
  EXPECT_EQ(gossip_verdict(since(before), promise.facts.preconf_hash), kIgnore);
}

}  // namespace
}  // namespace preconf::tests
