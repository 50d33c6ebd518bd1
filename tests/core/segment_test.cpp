#include "core/protocol/segment.hpp"

#include "tests/core/vectors.hpp"

namespace preconf::core::test {
namespace {

using codec::BlockManifest;
using protocol::ChainProfile;
using protocol::DerivationParent;
using protocol::ProposalFacts;
using protocol::Segment;
using protocol::SegmentDefect;

constexpr std::uint64_t kMillion = 1'000'000;

struct Case {
  ChainProfile chain = *protocol::chain_profile("mainnet");
  DerivationParent parent;
  ProposalFacts proposal;
  std::vector<BlockManifest> blocks;
  bool forced = false;

  Case() {
    parent.header.number = BlockNumber{5};
    parent.header.timestamp = UnixSeconds{1775199990};
    parent.header.gas_limit = 31 * kMillion;
    parent.anchor_block_number = L1BlockNumber{1000};
    proposal.id = ProposalId{11};
    proposal.proposer = filled<20>(0xaa);
    proposal.landed.timestamp = UnixSeconds{1775200019};
    proposal.landed.block_number = L1BlockNumber{1101};
    add(1775199991, 1100);
  }
  void add(std::uint64_t timestamp, std::uint64_t anchor, std::uint64_t gas = 30 * kMillion) {
    BlockManifest block;
    block.timestamp = UnixSeconds{timestamp};
    block.coinbase = filled<20>(0xcc);
    block.anchor_block_number = L1BlockNumber{anchor};
    block.gas_limit = gas;
    block.transactions = 2;
    blocks.push_back(block);
  }
  [[nodiscard]] Segment prepare() const {
    return protocol::prepare_segment(parent, proposal, forced, blocks, chain);
  }
  [[nodiscard]] SegmentDefect defect() const { return prepare().defect; }
};

TEST(Segment, AValidManifestStandsAsItIs) {
  Case one;
  one.add(1775200019, 1100, 30'006'000);
  const Segment segment = one.prepare();
  EXPECT_EQ(segment.defect, SegmentDefect::kNone);
  EXPECT_FALSE(segment.is_replaced);
  EXPECT_EQ(segment.blocks, one.blocks);
}

TEST(Segment, AnInvalidManifestBecomesOneInheritedBlockWithoutTransactions) {
  Case one;
  one.add(1775199991, 1100);
  const Segment segment = one.prepare();
  EXPECT_EQ(segment.defect, SegmentDefect::kTimestampTooEarly);
  EXPECT_EQ(segment.defect_block, 1U);
  EXPECT_TRUE(segment.is_replaced);
  ASSERT_EQ(segment.blocks.size(), 1U);
  BlockManifest expected;
  expected.timestamp = UnixSeconds{1775199991};
  expected.coinbase = one.proposal.proposer;
  expected.anchor_block_number = L1BlockNumber{1000};
  expected.gas_limit = 30 * kMillion;
  EXPECT_EQ(segment.blocks[0], expected);
}

TEST(Segment, NoBlocks) {
  Case one;
  one.blocks.clear();
  EXPECT_EQ(one.defect(), SegmentDefect::kNoBlocks);
  EXPECT_EQ(one.prepare().blocks.size(), 1U);
}

TEST(Segment, TimestampLowerBounds) {
  const auto mainnet = *protocol::chain_profile("mainnet");
  const auto bound = [&mainnet](std::uint64_t parent, std::uint64_t landed) {
    return protocol::timestamp_lower_bound(mainnet, UnixSeconds{parent}, UnixSeconds{landed}).value;
  };
  EXPECT_EQ(bound(1775199990, 1775200019), 1775199991U);
  EXPECT_EQ(bound(1775100000, 1775200019), 1775193875U);  // proposal - 6144
  EXPECT_EQ(bound(1775200019, 1775200019), 1775200020U);
  EXPECT_EQ(bound(0, 6144), 1775135700U);  // the fork
  EXPECT_EQ(bound(~std::uint64_t{0}, 0), ~std::uint64_t{0});
  auto devnet = *protocol::chain_profile("devnet");
  const auto early = [&devnet](std::uint64_t landed) {
    return protocol::timestamp_lower_bound(devnet, UnixSeconds{0}, UnixSeconds{landed}).value;
  };
  EXPECT_EQ(early(1536), 1U);  // not above the lag: only the parent counts
  EXPECT_EQ(early(1537), 1U);
  EXPECT_EQ(early(1538), 2U);
}

TEST(Segment, TimestampsAtTheirBounds) {
  Case one;
  one.blocks[0].timestamp = UnixSeconds{1775199990};
  EXPECT_EQ(one.defect(), SegmentDefect::kTimestampTooEarly);
  one.blocks[0].timestamp = UnixSeconds{1775200019};
  EXPECT_EQ(one.defect(), SegmentDefect::kNone);
  one.blocks[0].timestamp = UnixSeconds{1775200020};
  EXPECT_EQ(one.defect(), SegmentDefect::kTimestampTooLate);
  one.blocks[0].timestamp = UnixSeconds{1775200019};
  one.add(1775200019, 1100);
  EXPECT_EQ(one.defect(), SegmentDefect::kNoTimeLeft);
  Case old;
  old.parent.header.timestamp = UnixSeconds{1775100000};
  old.blocks[0].timestamp = UnixSeconds{1775193874};
  EXPECT_EQ(old.defect(), SegmentDefect::kTimestampTooEarly);
  old.blocks[0].timestamp = UnixSeconds{1775193875};
  EXPECT_EQ(old.defect(), SegmentDefect::kNone);
}

TEST(Segment, ADefaultMayLieAfterItsProposal) {
  Case one;
  one.parent.header.timestamp = UnixSeconds{1775200019};
  const Segment segment = one.prepare();
  EXPECT_EQ(segment.defect, SegmentDefect::kNoTimeLeft);
  EXPECT_EQ(segment.blocks[0].timestamp, UnixSeconds{1775200020});
  EXPECT_GT(segment.blocks[0].timestamp, one.proposal.landed.timestamp);
}

TEST(Segment, Anchors) {
  Case one;
  one.blocks[0].anchor_block_number = L1BlockNumber{1101};
  EXPECT_EQ(one.defect(), SegmentDefect::kAnchorTooNew);  // the origin is 1100
  one.blocks[0].anchor_block_number = L1BlockNumber{999};
  EXPECT_EQ(one.defect(), SegmentDefect::kAnchorBackwards);
  one.blocks[0].anchor_block_number = L1BlockNumber{1000};
  EXPECT_EQ(one.defect(), SegmentDefect::kAnchorStagnant);
  one.blocks[0].anchor_block_number = L1BlockNumber{1001};
  EXPECT_EQ(one.defect(), SegmentDefect::kNone);
  one.add(1775200000, 1000);
  EXPECT_EQ(one.defect(), SegmentDefect::kAnchorBackwards);
  EXPECT_EQ(one.prepare().defect_block, 1U);
  // It is enough that the last block moves.
  one.blocks[0].anchor_block_number = L1BlockNumber{1000};
  one.blocks[1].anchor_block_number = L1BlockNumber{1001};
  EXPECT_EQ(one.defect(), SegmentDefect::kNone);
}

TEST(Segment, AnchorLagPerChain) {
  for (const auto& [name, lag] :
       {std::pair{"mainnet", 512U}, {"hoodi", 128U}, {"masaya", 128U}, {"devnet", 128U}}) {
    Case one;
    one.chain = *protocol::chain_profile(name);
    one.parent.anchor_block_number = L1BlockNumber{0};
    one.proposal.landed.block_number = L1BlockNumber{1101};
    one.blocks[0].anchor_block_number = L1BlockNumber{1100 - lag};
    EXPECT_EQ(one.defect(), SegmentDefect::kNone) << name;
    one.blocks[0].anchor_block_number = L1BlockNumber{1100 - lag - 1};
    EXPECT_EQ(one.defect(), SegmentDefect::kAnchorTooOld) << name;
    one.proposal.landed.block_number = L1BlockNumber{lag + 1};  // origin = lag: no lower bound
    one.blocks[0].anchor_block_number = L1BlockNumber{1};
    EXPECT_EQ(one.defect(), SegmentDefect::kNone) << name;
  }
}

TEST(Segment, GasLimits) {
  const auto allowed = [](std::uint64_t block, std::uint64_t parent_gas, std::uint64_t gas) {
    Case one;
    one.parent.header.number = BlockNumber{block};
    one.parent.header.gas_limit = parent_gas;
    one.blocks[0].gas_limit = gas;
    const SegmentDefect defect = one.defect();
    EXPECT_TRUE(defect == SegmentDefect::kNone || defect == SegmentDefect::kGasLimit);
    return defect == SegmentDefect::kNone;
  };
  struct Row {
    std::uint64_t block, parent, low, high;
  };
  for (const Row& row :
       {Row{1, 46'000'000, 44'991'000, 45'000'000}, Row{1, 31'000'000, 29'994'000, 30'006'000},
        Row{1, 11'000'000, 10'000'000, 10'002'000}, Row{1, 10'000'000, 9'001'800, 9'001'800},
        Row{0, 15'000'000, 14'997'000, 15'003'000}}) {
    EXPECT_TRUE(allowed(row.block, row.parent, row.low)) << row.parent;
    EXPECT_TRUE(allowed(row.block, row.parent, row.high)) << row.parent;
    EXPECT_FALSE(allowed(row.block, row.parent, row.low - 1)) << row.parent;
    EXPECT_FALSE(allowed(row.block, row.parent, row.high + 1)) << row.parent;
  }
}

TEST(Segment, GasLimitsFollowTheManifestNotTheHeader) {
  Case one;
  one.blocks[0].gas_limit = 30'006'000;
  one.add(1775200000, 1100, 30'012'001);  // floor(30,006,000 * 1.0002)
  EXPECT_EQ(one.defect(), SegmentDefect::kNone);
  one.blocks[1].gas_limit += 1;
  EXPECT_EQ(one.defect(), SegmentDefect::kGasLimit);
  EXPECT_EQ(one.prepare().defect_block, 1U);
}

TEST(Segment, AForcedInclusionInheritsAndKeepsItsTransactions) {
  Case one;
  one.forced = true;
  one.blocks[0] = BlockManifest{};
  one.blocks[0].transactions = 3;
  one.blocks[0].transactions_bytes = 99;
  one.blocks[0].gas_limit = 1;
  const Segment segment = one.prepare();
  EXPECT_EQ(segment.defect, SegmentDefect::kNone);
  EXPECT_FALSE(segment.is_replaced);
  EXPECT_EQ(segment.blocks[0].timestamp, UnixSeconds{1775199991});
  EXPECT_EQ(segment.blocks[0].coinbase, one.proposal.proposer);
  EXPECT_EQ(segment.blocks[0].anchor_block_number, L1BlockNumber{1000});  // stagnant: allowed
  EXPECT_EQ(segment.blocks[0].gas_limit, 30 * kMillion);
  EXPECT_EQ(segment.blocks[0].transactions_bytes, 99U);
}

TEST(Segment, AForcedInclusionWithAStaleAnchorLosesItsTransactions) {
  Case one;
  one.forced = true;
  one.proposal.landed.block_number = L1BlockNumber{1000 + 512 + 2};  // origin - 512 = 1001
  const Segment segment = one.prepare();
  EXPECT_EQ(segment.defect, SegmentDefect::kAnchorTooOld);
  EXPECT_TRUE(segment.is_replaced);
  EXPECT_EQ(segment.blocks[0].transactions, 0U);
  EXPECT_EQ(segment.blocks[0].anchor_block_number, L1BlockNumber{1000});  // may lag: not checked
}

TEST(Segment, AForcedInclusionWithoutTimeLosesItsTransactions) {
  Case one;
  one.forced = true;
  one.parent.header.timestamp = one.proposal.landed.timestamp;
  EXPECT_EQ(one.defect(), SegmentDefect::kNoTimeLeft);
  EXPECT_EQ(one.prepare().blocks[0].transactions, 0U);
}

TEST(Segment, TheAllZeroManifestOfAProposerInherits) {
  Case one;
  one.blocks = codec::default_manifest().blocks;
  const Segment segment = one.prepare();
  // Its anchor does not move, so it is replaced by the same block again.
  EXPECT_EQ(segment.defect, SegmentDefect::kAnchorStagnant);
  EXPECT_EQ(segment.blocks[0].timestamp, UnixSeconds{1775199991});
  EXPECT_EQ(segment.blocks[0].gas_limit, 30 * kMillion);
}

TEST(Segment, TheGenesisParentHasNoAnchorGas) {
  Case one;
  one.chain = *protocol::chain_profile("devnet");
  one.parent.header.number = BlockNumber{0};
  one.parent.header.gas_limit = 15 * kMillion;
  one.blocks.clear();
  EXPECT_EQ(one.prepare().blocks[0].gas_limit, 15 * kMillion);
  one.parent.header.number = BlockNumber{1};
  EXPECT_EQ(one.prepare().blocks[0].gas_limit, 14 * kMillion);
  one.parent.header.gas_limit = 5;
  EXPECT_EQ(one.prepare().blocks[0].gas_limit, 0U);
}

TEST(Segment, TheNextParent) {
  const Case one;
  protocol::HeaderFacts produced;
  produced.number = BlockNumber{6};
  produced.timestamp = UnixSeconds{1775199995};
  const auto after = protocol::parent_after(one.parent, produced, L1BlockNumber{1100});
  EXPECT_EQ(after.header, produced);
  EXPECT_EQ(after.block_time_seconds, 5U);
  EXPECT_EQ(after.anchor_block_number, L1BlockNumber{1100});
}

TEST(Segment, DefectsHaveNames) {
  EXPECT_STREQ(name_of(SegmentDefect::kAnchorStagnant), "anchor_stagnant");
  EXPECT_STREQ(name_of(static_cast<SegmentDefect>(77)), "unknown");
}

}  // namespace
}  // namespace preconf::core::test
