// Each fault, and what looks like it and is none. Expectations follow the definitions in
// docs/audit.md, not the code.
#include <gtest/gtest.h>

#include "tests/audit/story.hpp"

namespace preconf::replay::audit {
namespace {

using tests::address_number;
using tests::ModelEngine;
using tests::only;
using tests::Promise;
using tests::seal;
using tests::Story;
using tests::verdicts_of;
using Verdicts = std::vector<std::string>;

const core::protocol::CommitmentFacts& by(core::protocol::CommitmentFacts& facts,
                                          std::uint8_t signer) {
  facts.signer = address_number(signer);
  return facts;
}

TEST(Verdicts, AnHonestHandoverIsClean) {
  Story story;
  story.block();
  story.block();
  story.block(true);
  story.go_to(Story::kFirstEnd);
  story.block();
  story.confirm(4);
  const AuditReport report = story.audit();
  EXPECT_EQ(verdicts_of(report), Verdicts{});
  EXPECT_EQ(report.result, AuditResult::kClean);
  EXPECT_EQ(report.landing.honoured, 4u);
  ASSERT_EQ(report.windows.size(), 2u);
  EXPECT_EQ(report.windows[0].end.verdict, Verdict::kOk);
  EXPECT_EQ(report.windows[0].end.next_signer, address_number(2));
  EXPECT_EQ(report.windows[1].end.verdict, Verdict::kUnknown);
  EXPECT_FALSE(report.windows[1].end.missing.empty());
}

TEST(Verdicts, TheSameContentWithOtherSignatureBytesIsNoEquivocation) {
  Story story;
  Promise promise = story.block();
  promise.facts.commitment_hash.bytes[0] ^= 1;  // covers the signature, the other hashes do not
  story.tell(promise.facts);
  story.confirm(1);
  EXPECT_EQ(verdicts_of(story.audit()), Verdicts{});
}

TEST(Verdicts, TwoContentsForOneHeightAreAnEquivocation) {
  for (const bool rival_first : {false, true}) {
    Story story;
    story.block();
    const Promise rival = story.preconfer.variant(2, 1);
    if (rival_first) story.tell_in_time(rival);
    story.block();
    if (!rival_first) story.tell_in_time(rival);
    const AuditReport report = story.audit();
    EXPECT_EQ(verdicts_of(report), Verdicts{"equivocation fault"});
    const Finding found = only(report, Kind::kEquivocation);
    EXPECT_EQ(found.signer, address_number(1));
    EXPECT_EQ(found.window_end, core::UnixSeconds{Story::kFirstEnd});
    EXPECT_EQ(found.block_number, core::BlockNumber{2});
    EXPECT_EQ(found.seqs.size(), 2u);
    EXPECT_EQ(found.fault_class, FaultClass::kSafety);
    EXPECT_EQ(found.actionability, Actionability::kOffchainOnly);
    EXPECT_EQ(report.result, AuditResult::kFaults);
  }
}

TEST(Verdicts, TheConfirmedLoserOfAnEquivocationIsAlsoContradicted) {
  Story story;
  story.block();
  const Promise rival = story.preconfer.variant(2, 1);
  story.block();
  story.tell_in_time(rival);
  story.confirm(2);
  const AuditReport report = story.audit();
  EXPECT_EQ(verdicts_of(report), (Verdicts{"equivocation fault", "l1_contradiction fault"}));
  EXPECT_EQ(only(report, Kind::kL1Contradiction).preconf_hash, rival.facts.preconf_hash);
}

TEST(Verdicts, AnEopOnlyLeavesItsHeightToTheNextSigner) {
  Story story;
  story.block();
  const auto end = story.preconfer.eop_only();
  story.at(1010);
  story.tell(end);
  story.preconfer.parent_preconf = end.preconf_hash;
  story.go_to(Story::kFirstEnd);
  story.block();
  story.confirm(2);
  const AuditReport report = story.audit();
  EXPECT_EQ(verdicts_of(report), Verdicts{});
  EXPECT_TRUE(report.windows.at(0).end.eop_only);
}

TEST(Verdicts, AListIsMissingTwelveSecondsAfterItsCommitment) {
  for (const std::uint64_t nanos : {0u, 999'999'999u}) {
    Story story;
    const Promise promise = story.preconfer.next_block();
    story.at(1002);
    story.tell(promise.facts);
    story.idle_until(nanos == 0 ? 1014 : 1013, nanos);
    const AuditReport report = story.audit();
    const char* expected = nanos == 0 ? "withheld_txlist fault" : "withheld_txlist unknown";
    EXPECT_EQ(verdicts_of(report), Verdicts{expected});
    EXPECT_EQ(only(report, Kind::kWithheldTxList).preconf_hash, promise.facts.preconf_hash);
    EXPECT_FALSE(only(report, Kind::kWithheldTxList).missing.empty());
  }
}

TEST(Verdicts, ALateListIsNotWithheldAndDowntimeProvesNothing) {
  Story story;
  const Promise promise = story.preconfer.next_block();
  story.at(1002);
  story.tell(promise.facts);
  story.at(1060);
  story.tell_list(promise.list);
  story.idle_until(1200);
  EXPECT_EQ(verdicts_of(story.audit()), Verdicts{});

  Story down;
  const Promise lost = down.preconfer.next_block();
  down.at(1002);
  down.tell(lost.facts);
  down.restart(1100);
  down.idle_until(1200);
  EXPECT_EQ(verdicts_of(down.audit()), Verdicts{"withheld_txlist unknown"});
}

TEST(Verdicts, AWindowThatIsContinuedWithoutItsEndMissesTheEop) {
  Story story;
  story.block();
  story.block();
  EXPECT_EQ(verdicts_of(story.audit()), Verdicts{});  // nobody has gone on yet
  story.go_to(Story::kFirstEnd);
  story.block();
  const AuditReport report = story.audit();
  EXPECT_EQ(verdicts_of(report), Verdicts{"missing_eop fault"});
  const Finding found = only(report, Kind::kMissingEop);
  EXPECT_EQ(found.signer, address_number(1));
  EXPECT_EQ(found.window_end, core::UnixSeconds{Story::kFirstEnd});
  EXPECT_EQ(found.actionability, Actionability::kNeedsL1Landing);
  story.confirm(3);
  EXPECT_EQ(only(story.audit(), Kind::kMissingEop).actionability,
            Actionability::kEncodingNotSlashable);
}

TEST(Verdicts, AnEopThatComesAfterTheNextBlockStillEndsTheWindow) {
  Story story;
  story.block();
  const auto end = story.preconfer.eop_only();
  story.go_to(Story::kFirstEnd);
  story.block();
  story.at(Story::kFirstEnd + 3);
  story.tell(end);
  EXPECT_EQ(verdicts_of(story.audit()), Verdicts{});
}

TEST(Verdicts, ABlockBeyondTheOwnEopIsInvalidInAnyOrder) {
  for (const bool eop_first : {true, false}) {
    Story story;
    story.block();
    const Promise end = story.preconfer.next_block(2, 0, true);
    const Promise beyond = story.preconfer.next_block();
    story.tell_in_time(eop_first ? end : beyond);
    story.tell_in_time(eop_first ? beyond : end);
    const AuditReport report = story.audit();
    const Finding found = only(report, Kind::kInvalidEop);
    EXPECT_EQ(found.verdict, Verdict::kFault);
    EXPECT_EQ(found.block_number, core::BlockNumber{3});
    EXPECT_EQ(found.signer, address_number(1));
  }
}

TEST(Verdicts, ABlockAtTheHeightOfTheOwnEopOnlyIsInvalid) {
  Story story;
  story.block();
  const auto end = story.preconfer.eop_only();
  story.at(1004);
  story.tell(end);
  const Promise beyond = story.preconfer.next_block(5);
  story.tell_in_time(beyond);
  EXPECT_EQ(only(story.audit(), Kind::kInvalidEop).block_number, core::BlockNumber{2});
}

TEST(Verdicts, AKeyWithoutAWindowIsAWrongSigner) {
  Story story;
  story.block();
  Promise promise = story.preconfer.variant(2, 0);
  story.at(1005);
  story.tell(by(promise.facts, 7));
  story.tell(promise.facts);  // repeats are no further findings
  const AuditReport report = story.audit();
  EXPECT_EQ(verdicts_of(report), Verdicts{"wrong_signer fault"});
  EXPECT_EQ(only(report, Kind::kWrongSigner).preconf_hash, promise.facts.preconf_hash);
  EXPECT_EQ(only(report, Kind::kWrongSigner).fault_class, FaultClass::kNone);
}

TEST(Verdicts, TheNextSignerMayStartEarlyOnlyAfterTheEop) {
  for (const bool ended : {true, false}) {
    Story story;
    story.block(ended);
    Promise early = story.preconfer.variant(2, 0);
    early.facts.window_end = core::UnixSeconds{Story::kFirstEnd + Story::kWindowSeconds};
    early.facts.signer = address_number(2);
    seal(early.facts);
    story.tell_in_time(early);
    const Verdicts expected = ended ? Verdicts{} : Verdicts{"wrong_signer fault"};
    EXPECT_EQ(verdicts_of(story.audit()), expected);
  }
}

TEST(Verdicts, LateMeansMoreThanFourSecondsAfterTheWindow) {
  for (const std::uint64_t nanos : {0u, 1u}) {
    Story story;
    const Promise promise = story.preconfer.next_block();
    story.idle_until(1010);
    story.at(Story::kFirstEnd + 4, nanos);
    story.tell(promise.facts);
    story.tell_list(promise.list);
    const Verdicts expected = nanos == 0 ? Verdicts{} : Verdicts{"late_commitment fault"};
    EXPECT_EQ(verdicts_of(story.audit()), expected);
  }
}

TEST(Verdicts, WhoeverDidNotRunCanNotCallItLate) {
  Story story;
  const Promise promise = story.preconfer.next_block();
  story.idle_until(1001);
  story.restart(Story::kFirstEnd + 20);
  story.tell(promise.facts);
  story.tell_list(promise.list);
  const AuditReport report = story.audit();
  EXPECT_EQ(verdicts_of(report), Verdicts{"late_commitment excused"});
  EXPECT_FALSE(only(report, Kind::kLateCommitment).reason.empty());
  EXPECT_EQ(report.result, AuditResult::kClean);
  EXPECT_EQ(report.coverage.outages.size(), 1u);
}

TEST(Verdicts, AnEopExactlyAtTheEndOfItsWindowIsInTime) {
  Story story;
  story.block();
  story.go_to(Story::kFirstEnd - 1);
  story.block(true, 1);
  story.block(false, 1);  // timestamp one second into the next window
  story.confirm(3);
  EXPECT_EQ(verdicts_of(story.audit()), Verdicts{});
}

/// Another block at the height of the head, canonical from now on.
core::Hash32 replace_head(ModelEngine& engine) {
  core::protocol::HeaderFacts other = engine.head();
  other.hash.bytes[0] ^= 0xff;
  other.gas_used += 1;
  engine.blocks[other.hash] = other;
  engine.adopt(other.hash);
  return other.hash;
}

TEST(Verdicts, AConfirmedBlockThatIsAnotherOneContradictsThePromise) {
  Story story;
  story.block();
  const Promise broken = story.block();
  const core::Hash32 landed = replace_head(story.engine);
  story.confirm(2);
  const AuditReport report = story.audit();
  EXPECT_EQ(verdicts_of(report), (Verdicts{"l1_contradiction fault", "reorg fault"}));
  const Finding found = only(report, Kind::kL1Contradiction);
  EXPECT_EQ(found.block_number, core::BlockNumber{2});
  EXPECT_EQ(found.preconf_hash, broken.facts.preconf_hash);
  EXPECT_EQ(only(report, Kind::kReorg).block_number, core::BlockNumber{2});
  ASSERT_FALSE(report.blocks.empty());
  EXPECT_EQ(report.blocks.back().confirmed_hash, landed);
  EXPECT_EQ(report.landing.honoured, 1u);
  EXPECT_EQ(report.landing.contradicted, 1u);
}

TEST(Verdicts, WhatIsNotConfirmedIsOnlyAReorg) {
  Story story;
  story.block();
  story.block();
  replace_head(story.engine);
  story.read_heads();
  const AuditReport report = story.audit();
  EXPECT_EQ(verdicts_of(report), Verdicts{"reorg fault"});
  EXPECT_EQ(report.landing.unknown, 2u);
}

/// It said `not_landed` of what may land, and of what nobody looked for.
TEST(Verdicts, NothingIsNotLandedBeforeThePointerWasReadWhenItWasTooOld) {
  Story story;
  story.block();
  const Promise open = story.block();
  story.idle_until(Story::kFirstEnd + 1);
  story.confirm(1);
  story.idle_until(open.facts.timestamp.value + story.world.state.chain.timestamp_lag_max);
  const AuditReport unread = story.audit();
  EXPECT_EQ(unread.landing.honoured, 1u);
  EXPECT_EQ(unread.landing.not_landed, 0u);
  EXPECT_EQ(unread.landing.unknown, 1u);
  EXPECT_EQ(unread.landing.not_read, 1u);
  story.read_heads();
  const AuditReport report = story.audit();
  EXPECT_EQ(report.landing.not_landed, 1u);
  EXPECT_EQ(report.landing.unknown, 0u);
  EXPECT_EQ(report.landing.from_l1, 0u);
  EXPECT_TRUE(report.coverage.l1_not_followed.empty());
}

TEST(Verdicts, AHeadThatGoesBackLeavesItsBlocks) {
  Story story;
  story.block();
  story.block();
  story.block();
  story.engine.lose_blocks(2);
  story.read_heads();
  const AuditReport report = story.audit();
  EXPECT_EQ(verdicts_of(report), Verdicts{"reorg fault"});
  EXPECT_EQ(only(report, Kind::kReorg).block_number, core::BlockNumber{2});
  EXPECT_EQ(story.world.state.heads.unsafe->number, core::BlockNumber{3});  // executed again
}

TEST(Verdicts, WhatIsUnderTheHorizonIsCountedNotForgotten) {
  Story story;
  AuditOptions options;
  options.bounds.open_promises = 2;
  const Promise early = story.block();
  story.block(true);
  story.go_to(Story::kFirstEnd);
  story.block();
  story.block();
  Promise old = early;
  old.facts.coinbase = address_number(5);
  seal(old.facts);
  story.tell(old.facts);
  const AuditReport report = story.audit(options);
  EXPECT_EQ(report.beyond_horizon, 1u);
}

TEST(Verdicts, ListsOfFindingsAreBoundedAndSaySo) {
  Story story;
  story.block();
  for (std::uint8_t i = 0; i < 5; ++i) {
    Promise promise = story.preconfer.variant(2, i);
    story.at(1005);
    story.tell(by(promise.facts, 7));
  }
  AuditOptions options;
  options.bounds.findings_per_kind = 3;
  const AuditReport report = story.audit(options);
  EXPECT_EQ(report.findings.size(), 3u);
  EXPECT_EQ(report.counts.at("wrong_signer").faults, 5u);
  EXPECT_EQ(report.counts.at("wrong_signer").not_listed, 2u);
}

}  // namespace
}  // namespace preconf::replay::audit
