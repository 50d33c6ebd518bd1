// Driver effect T1: every rule of commitment admission, and what each verdict keeps.
#include <gtest/gtest.h>

#include "core/limits.hpp"
#include "tests/support/world.hpp"

namespace preconf::tests {
namespace {

using namespace preconf::core;  // NOLINT: test
using Facts = protocol::CommitmentFacts;

class CommitmentRules : public ::testing::Test {
 protected:
  CommitmentRules() {
    world.start();
    world.settle();
  }
  Decision last() const { return world.decisions.back(); }
  /// Offers `facts` after `change` and returns the last decision.
  template <class Change>
  Decision offer(Facts facts, Change change) {
    change(facts);
    seal(facts);
    world.commitment(facts);
    return last();
  }
  void expect(const Decision& decision, Verdict verdict, Reason reason) {
    EXPECT_STREQ(name_of(decision.verdict), name_of(verdict));
    EXPECT_STREQ(name_of(decision.reason), name_of(reason));
  }

  ModelEngine engine{167001};
  World world{engine};
  Preconfer preconfer;
};

TEST_F(CommitmentRules, stateless_defects_are_refused_by_name) {
  Facts facts = preconfer.variant(2, 0).facts;
  facts.defect = protocol::CommitmentDefect::kProposalIdRange;
  world.commitment(facts);
  expect(last(), Verdict::kRejected, Reason::kProposalIdRange);
  EXPECT_TRUE(world.state.book.held.empty());
}

TEST_F(CommitmentRules, each_parameter_rule_refuses) {
  const Facts good = preconfer.variant(2, 0).facts;
  struct Case {
    Reason reason;
    void (*change)(Facts&);
  };
  const std::vector<Case> cases{
      {Reason::kSlasherMismatch, [](Facts& f) { f.slasher = address_number(8); }},
      {Reason::kSignerMismatch, [](Facts& f) { f.signer = address_number(77); }},
      {Reason::kWindowEndMismatch, [](Facts& f) { f.window_end = UnixSeconds{1383}; }},
      // Found by the fuzzer: facts that no bytes give, as a log may hold them.
      {Reason::kProposalIdRange, [](Facts& f) { f.proposal_id = ProposalId{kUint48Max + 1}; }},
      {Reason::kNoWindow, [](Facts& f) { f.timestamp = UnixSeconds{1000}; }},
      {Reason::kGasLimitOutOfBounds, [](Facts& f) { f.gas_limit = 16'003'001; }},
      {Reason::kGasLimitOutOfBounds, [](Facts& f) { f.gas_limit = 15'996'999; }},
  };
  for (const Case& test : cases) {
    expect(offer(good, test.change), Verdict::kRejected, test.reason);
    EXPECT_TRUE(world.state.book.held.empty());
  }
}

TEST_F(CommitmentRules, rules_against_a_known_parent) {
  world.promise(preconfer.next_block());
  world.promise(preconfer.next_block());
  const Facts good = preconfer.variant(2, 0).facts;
  expect(offer(good, [](Facts& f) { f.block_number = BlockNumber{4}; }), Verdict::kRejected,
         Reason::kNumberNotParentPlusOne);
  const UnixSeconds parent_time = preconfer.clock;
  expect(offer(good, [&](Facts& f) { f.timestamp = parent_time; }), Verdict::kRejected,
         Reason::kTimestampNotAfterParent);
  expect(offer(good, [](Facts& f) { f.anchor_block_number = L1BlockNumber{1}; }),
         Verdict::kRejected, Reason::kAnchorBelowParent);
  world.commitment(good);
  expect(last(), Verdict::kAdmitted, Reason::kNone);
}

TEST_F(CommitmentRules, gas_limit_bounds_are_inclusive) {
  const Facts good = preconfer.variant(2, 0).facts;
  expect(offer(good, [](Facts& f) { f.gas_limit = 16'003'000; }), Verdict::kAdmitted,
         Reason::kNone);
}

TEST_F(CommitmentRules, same_content_with_another_signature_encoding_is_a_duplicate) {
  const Promise block = preconfer.next_block();
  world.commitment(block.facts);
  Facts again = block.facts;
  again.commitment_hash.bytes.fill(1);
  world.commitment(again);
  expect(last(), Verdict::kDuplicate, Reason::kNone);
}

TEST_F(CommitmentRules, copy_signed_by_a_stranger_does_not_shadow_the_real_one) {
  const Promise block = preconfer.next_block();
  Facts copy = block.facts;
  copy.signer = address_number(66);
  world.commitment(copy);
  expect(last(), Verdict::kRejected, Reason::kSignerMismatch);
  world.commitment(block.facts);
  expect(last(), Verdict::kAdmitted, Reason::kNone);
}

TEST_F(CommitmentRules, unknown_parent_waits_without_penalty_and_is_taken_up) {
  const Promise first = preconfer.next_block();
  const Promise second = preconfer.next_block();
  const Promise third = preconfer.next_block();
  world.promise(third);
  expect(last(), Verdict::kPendingParent, Reason::kParentUnknown);
  world.promise(second);
  world.promise(first);
  world.settle();
  EXPECT_EQ(world.state.heads.unsafe->hash, preconfer.tip.hash);
  EXPECT_TRUE(world.state.book.pending_parent.empty());
}

TEST_F(CommitmentRules, time_beyond_the_schedule_waits_and_a_new_table_decides) {
  Facts facts = preconfer.variant(2, 0).facts;
  facts.timestamp = UnixSeconds{2200};
  facts.window_end = UnixSeconds{2536};
  facts.signer = address_number(4);
  seal(facts);
  world.commitment(facts);
  expect(last(), Verdict::kPendingSchedule, Reason::kNoWindow);
  protocol::Schedule longer = model_schedule();
  longer.version = 2;
  longer.windows.push_back(
      protocol::Window{UnixSeconds{2152}, UnixSeconds{2536}, address_number(4)});
  world.feed(events::ScheduleConfigured{longer});
  expect(last(), Verdict::kAdmitted, Reason::kNone);
  EXPECT_EQ(world.state.book.held.begin()->second.schedule_version, 2U);
}

TEST_F(CommitmentRules, later_table_that_names_another_committer_refuses_then_and_not_earlier) {
  Facts facts = preconfer.variant(2, 0).facts;
  facts.timestamp = UnixSeconds{2200};
  seal(facts);
  world.commitment(facts);
  expect(last(), Verdict::kPendingSchedule, Reason::kNoWindow);
  protocol::Schedule longer = model_schedule();
  longer.windows.push_back(
      protocol::Window{UnixSeconds{2152}, UnixSeconds{2536}, address_number(4)});
  world.feed(events::ScheduleConfigured{longer});
  expect(last(), Verdict::kRejected, Reason::kSignerMismatch);
}

TEST_F(CommitmentRules, broken_table_is_refused_and_the_old_one_stays) {
  protocol::Schedule broken = model_schedule();
  std::swap(broken.windows[0], broken.windows[1]);
  world.feed(events::ScheduleConfigured{broken});
  expect(last(), Verdict::kScheduleRejected, Reason::kScheduleDefect);
  EXPECT_EQ(world.state.schedule, model_schedule());
}

TEST_F(CommitmentRules, window_is_left_open_and_right_closed) {
  Preconfer late;
  late.clock = UnixSeconds{1382};
  Facts last_second = late.variant(2, 0).facts;  // timestamp 1384 = end of window 1
  EXPECT_EQ(last_second.signer, address_number(1));
  world.commitment(last_second);
  expect(last(), Verdict::kAdmitted, Reason::kNone);
}

TEST_F(CommitmentRules, equivocation_keeps_both_and_executes_the_first) {
  const Promise rival = preconfer.variant(3, 9);
  const Promise first = preconfer.next_block();
  world.promise(first);
  world.promise(rival);
  world.settle();
  const auto contested = std::ranges::find_if(world.decisions, [](const Decision& decision) {
    return decision.verdict == Verdict::kContested;
  });
  ASSERT_NE(contested, world.decisions.end());
  EXPECT_EQ(contested->reason, Reason::kEquivocation);
  EXPECT_EQ(world.state.book.held.size(), 2U);
  for (const auto& [key, commitment] : world.state.book.held) EXPECT_TRUE(commitment.contested);
  EXPECT_EQ(world.state.heads.unsafe->hash, preconfer.tip.hash);
  ASSERT_EQ(world.state.evidence.size(), 1U);
  EXPECT_EQ(world.state.evidence[0].kind, EvidenceKind::kEquivocation);
  EXPECT_LT(world.state.evidence[0].first, world.state.evidence[0].second);
}

TEST_F(CommitmentRules, height_holds_a_bounded_number_of_rivals) {
  for (std::uint8_t salt = 0; salt < 10; ++salt) {
    world.commitment(preconfer.variant(2, salt).facts);
  }
  expect(last(), Verdict::kEvicted, Reason::kHeightFull);
  EXPECT_EQ(world.state.book.held.size(), limits::kCandidatesPerHeightMax);
}

TEST_F(CommitmentRules, block_far_ahead_is_not_kept) {
  Facts facts = preconfer.variant(2, 0).facts;
  facts.block_number = BlockNumber{std::uint64_t{1} << 63};
  seal(facts);
  world.commitment(facts);
  expect(last(), Verdict::kEvicted, Reason::kTooFarAhead);
  facts.block_number = BlockNumber{limits::kHeightsAheadMax};
  seal(facts);
  world.commitment(facts);
  expect(last(), Verdict::kPendingParent, Reason::kParentUnknown);
}

TEST_F(CommitmentRules, full_parent_buffer_drops_the_farthest) {
  Facts facts = preconfer.variant(2, 0).facts;
  for (std::size_t i = 0; i < limits::kPendingParentMax; ++i) {
    facts.block_number = BlockNumber{10 + i};
    facts.parent_preconf_hash.bytes.fill(static_cast<std::uint8_t>(i));
    seal(facts);
    world.commitment(facts);
  }
  EXPECT_EQ(world.state.book.pending_parent.size(), limits::kPendingParentMax);
  facts.block_number = BlockNumber{2'000};
  seal(facts);
  world.commitment(facts);
  expect(last(), Verdict::kEvicted, Reason::kBufferFull);
  facts.block_number = BlockNumber{9};
  seal(facts);
  world.commitment(facts);
  expect(last(), Verdict::kPendingParent, Reason::kParentUnknown);
  EXPECT_EQ(world.state.book.pending_parent.size(), limits::kPendingParentMax);
}

TEST_F(CommitmentRules, block_after_the_signers_eop_is_refused_with_evidence) {
  world.promise(preconfer.next_block(2, 0, true));
  world.settle();
  world.promise(preconfer.next_block());
  expect(last(), Verdict::kRejected, Reason::kAfterEop);
  EXPECT_EQ(world.state.heads.unsafe->number, BlockNumber{1});
  ASSERT_EQ(world.state.evidence.size(), 1U);
  EXPECT_EQ(world.state.evidence[0].kind, EvidenceKind::kAfterEop);
}

/// What the next window's owner signs inside the window that ended early.
Facts handed_over(Facts facts) {
  facts.signer = address_number(2);
  facts.window_end = UnixSeconds{1768};
  seal(facts);
  return facts;
}

TEST_F(CommitmentRules, next_owner_continues_after_an_eop_block) {
  world.promise(preconfer.next_block(2, 0, true));
  Promise block = preconfer.variant(2, 0);
  block.facts = handed_over(block.facts);
  world.promise(block);
  world.settle();
  EXPECT_EQ(world.state.heads.unsafe->number, BlockNumber{2});
  preconfer.adopt(block);
  Promise another = preconfer.variant(2, 0);
  another.facts = handed_over(another.facts);
  world.promise(another);
  world.settle();
  EXPECT_EQ(world.state.heads.unsafe->number, BlockNumber{3});
}

TEST_F(CommitmentRules, next_owner_without_eop_is_refused_when_the_parent_is_known) {
  world.promise(preconfer.next_block());
  world.commitment(handed_over(preconfer.variant(2, 0).facts));
  expect(last(), Verdict::kRejected, Reason::kSignerMismatch);
}

TEST_F(CommitmentRules, next_owner_before_the_eop_arrives_waits) {
  const Promise eop = preconfer.next_block(2, 0, true);
  Promise block = preconfer.variant(2, 0);
  block.facts = handed_over(block.facts);
  world.promise(block);
  expect(last(), Verdict::kPendingParent, Reason::kParentUnknown);
  world.promise(eop);
  world.settle();
  EXPECT_EQ(world.state.heads.unsafe->number, BlockNumber{2});
}

TEST_F(CommitmentRules, eop_only_occupies_no_height_and_the_next_owner_takes_it) {
  world.promise(preconfer.next_block());
  const Facts eop = preconfer.eop_only();
  EXPECT_EQ(eop.block_number, BlockNumber{2});
  world.commitment(eop);
  EXPECT_EQ(last().verdict, Verdict::kHandoff);
  preconfer.parent_preconf = eop.preconf_hash;
  Promise block = preconfer.variant(2, 0);
  block.facts = handed_over(block.facts);
  world.promise(block);
  world.settle();
  EXPECT_EQ(world.state.heads.unsafe->number, BlockNumber{2});
}

TEST_F(CommitmentRules, eop_survives_a_restart) {
  world.promise(preconfer.next_block(2, 0, true));
  world.settle();
  world.start();
  world.settle();
  world.promise(preconfer.next_block());
  expect(last(), Verdict::kRejected, Reason::kAfterEop);
}

// A past window's key filled the height of its successor with promises whose lists never came.
TEST_F(CommitmentRules, one_key_can_not_fill_a_height_against_its_successor) {
  world.promise(preconfer.next_block(2, 0, true));
  world.settle();
  const Facts good = preconfer.variant(2, 0).facts;
  for (std::uint8_t salt = 1; salt <= 8; ++salt) world.commitment(preconfer.variant(2, salt).facts);
  Promise successor = preconfer.variant(2, 0);
  successor.facts = handed_over(good);
  world.promise(successor);
  world.settle();
  EXPECT_EQ(world.state.heads.unsafe->number, BlockNumber{2});
}

// An idle middle window: two EOP-only commitments in a row stopped the chain.
TEST_F(CommitmentRules, chain_goes_on_over_two_eop_only_commitments) {
  world.promise(preconfer.next_block());
  const Facts first = preconfer.eop_only();
  world.commitment(first);
  preconfer.parent_preconf = first.preconf_hash;
  Facts second = preconfer.eop_only();
  second.signer = address_number(2);
  second.window_end = UnixSeconds{1768};
  seal(second);
  world.commitment(second);
  EXPECT_EQ(last().verdict, Verdict::kHandoff);
  preconfer.parent_preconf = second.preconf_hash;
  preconfer.clock = UnixSeconds{1800};  // in the third window
  world.promise(preconfer.next_block());
  world.settle();
  EXPECT_EQ(world.state.heads.unsafe->number, BlockNumber{2});
  EXPECT_EQ(world.state.heads.unsafe->hash, preconfer.tip.hash);
}

// An EOP-only for a height long executed closed the signer's own blocks after a rewind.
TEST_F(CommitmentRules, late_eop_only_does_not_take_back_executed_blocks) {
  world.promise(preconfer.next_block());
  Preconfer past = preconfer;
  for (int i = 0; i < 4; ++i) world.promise(preconfer.next_block());
  world.settle();
  world.commitment(past.eop_only());
  ASSERT_EQ(world.state.evidence.size(), 1U);
  EXPECT_EQ(world.state.evidence[0].kind, EvidenceKind::kAfterEop);
  engine.lose_blocks(3);
  world.fire_next_timer();
  world.settle_with_retries();
  EXPECT_EQ(world.state.heads.unsafe->hash, preconfer.tip.hash);
}

TEST_F(CommitmentRules, at_or_below_the_boundary_is_stale) {
  engine.head_l1_origin = BlockNumber{1};
  world.fire_next_timer();
  world.settle();
  world.commitment(preconfer.variant(2, 0).facts);
  expect(last(), Verdict::kStale, Reason::kStaleCommitment);
}

}  // namespace
}  // namespace preconf::tests
