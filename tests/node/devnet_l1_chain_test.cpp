// The simulated L1's chain against independently computed blocks and the decoders of core/.
#include "node/devnet/l1_chain.hpp"

#include <gtest/gtest.h>

#include <set>

#include "core/codec/abi.hpp"
#include "core/crypto/hash.hpp"
#include "core/protocol/source_manifest.hpp"
#include "io/l1/l1_json.hpp"
#include "node/devnet/l1_json.hpp"
#include "node/devnet/l1_reorgs.hpp"
#include "tests/node/devnet_l1_fixture.hpp"

namespace preconf::node::devnet::testing {
namespace {

using core::Hash32;
using core::L1BlockNumber;
using core::UnixSeconds;
namespace protocol = core::protocol;

core::Bytes blob_with(std::uint8_t byte) {
  return core::codec::encode_blob(core::Bytes(100, byte));
}

protocol::ProposedFacts proposed_in(const L1Block& block) {
  EXPECT_EQ(block.logs.size(), 1U);
  if (block.logs.empty()) return {};
  const protocol::EncodedLog& log = block.logs.front().log;
  auto facts = protocol::read_proposed(log.topics, log.data);
  EXPECT_TRUE(facts.has_value());
  return facts ? *facts : protocol::ProposedFacts{};
}

/// tests/vectors/devnet_l1.mjs
TEST(DevnetL1Chain, FirstBlocksAreTheIndependentlyComputedOnes) {
  L1Chain chain(l1_options());
  EXPECT_EQ(chain.head().hash,
            hash_of("0x8cda5ca8b18301be131caf8f1a5df1cac414a64cd6b163083c227a454dcc4d27"));
  activate(chain);
  EXPECT_EQ(chain.head().hash,
            hash_of("0xcd4b53c91dd626cb56cdbdb2eed661c219fa69c61a5b7762afdbbbb9cbccb054"));
  const Hash32 blob = chain.add_blob(core::Bytes(core::codec::kBlobBytes, 0));
  EXPECT_EQ(blob, hash_of("0x015dc2349779b78a8f06ee88a09296c08145d98f849534fe33cf5b6acf8e04ee"));
  chain.submit(propose_of({blob}));
  const L1Block& block = chain.mine();
  EXPECT_EQ(core::crypto::keccak256(block.logs.at(0).log.data),
            hash_of("0x948c207fa19473f11e81a0d21362145d72c850d98fae3ee08be138398e879240"));
  EXPECT_EQ(block.header.receipts_root,
            hash_of("0xb0217e928c799d2c4cc5721d3cb927b5530c83d9424168e6d23306a4741f1391"));
  EXPECT_EQ(core::crypto::keccak256(block.header.logs_bloom.view()),
            hash_of("0xd20af064aabaaba1ea769efa250cf24e5852317fb85104d123c16ff90614540a"));
  EXPECT_EQ(block.hash,
            hash_of("0x9dce9074cc85ca6a0705c58a2dcad0211f0c4688b9ded63f3ed5d1083bd42254"));
  EXPECT_EQ(block.contracts.last_proposal_hash,
            hash_of("0x04985a55473481a825d7887a0f90e0712cecaf6f1a4d54193bb3ca7a356feed3"));
}

/// As the node's client reads them: every field is shown, and hashes to the block.
TEST(DevnetL1Chain, HeadersAreBelievedByTheClient) {
  L1Chain chain(l1_options());
  activate(chain);
  chain.submit(propose_of({chain.add_blob(core::Bytes(core::codec::kBlobBytes, 0))}));
  chain.mine();
  chain.mine(2);
  for (std::uint64_t number = 0; number <= chain.head().header.number; ++number) {
    const L1Block& block = *chain.canonical(L1BlockNumber{number});
    for (const std::string& text : {l1_header_json(block), l1_block_json(block)}) {
      const auto header = io::l1::header_from(io::JsonDocument::parse(text)->root());
      ASSERT_TRUE(header) << header.error().text;
      EXPECT_EQ(header->hash, block.hash);
      EXPECT_EQ(header->logs_bloom, block.header.logs_bloom);
    }
  }
}

TEST(DevnetL1Chain, ProposalsAreReadByTheDecoders) {
  L1Chain chain(l1_options());
  chain.submit(propose_of({filled(1)}));
  EXPECT_EQ(chain.mine().reverts, std::vector<std::string>{"ActivationRequired"});
  activate(chain);
  EXPECT_EQ(proposed_in(chain.head()), protocol::ProposedFacts{}) << "an activation is proposal 0";

  const Hash32 first = chain.add_blob(blob_with(1));
  const Hash32 second = chain.add_blob(blob_with(2));
  chain.submit(propose_of({first, second}));
  chain.submit(propose_of({first}));
  const L1Block& block = chain.mine();
  EXPECT_EQ(block.reverts, (std::vector<std::string>{"", "CannotProposeInCurrentBlock"}));
  const protocol::ProposedFacts facts = proposed_in(block);
  EXPECT_EQ(facts.id.value, 1U);
  EXPECT_EQ(facts.proposer, address_of(0xaa));
  EXPECT_EQ(facts.base_fee_sharing_pctg, devnet_profile().base_fee_sharing_pctg);
  ASSERT_EQ(facts.sources.size(), 1U);
  EXPECT_EQ(facts.sources[0].blobs.blob_hashes, (std::vector<Hash32>{first, second}));
  EXPECT_EQ(facts.sources[0].blobs.timestamp, block.timestamp());
  EXPECT_EQ(block.blobs, (std::vector<Hash32>{first, second, first}));
  for (const Hash32& hash : {first, second}) {
    const L1Blob* blob = chain.blob(hash);
    ASSERT_NE(blob, nullptr);
    EXPECT_EQ(core::codec::versioned_hash_of(blob->commitment), hash);
  }

  chain.submit(l1_call::ForceInclusion{second, 0});
  const UnixSeconds saved = chain.mine().timestamp();
  chain.submit(propose_of({first}));
  EXPECT_EQ(proposed_in(chain.mine()).sources.size(), 1U) << "none was asked for";
  auto with_forced = propose_of({first});
  with_forced.forced_inclusions = 5;
  chain.submit(with_forced);
  const protocol::ProposedFacts third = proposed_in(chain.mine());
  ASSERT_EQ(third.sources.size(), 2U);
  EXPECT_TRUE(third.sources[0].is_forced_inclusion);
  EXPECT_EQ(third.sources[0].blobs.timestamp, saved);
  EXPECT_FALSE(third.sources[1].is_forced_inclusion);
  EXPECT_EQ(core_state_at(chain, chain.head())->next.value, 4U);
}

TEST(DevnetL1Chain, ProofsAndRecoveryMoveTheCoreState) {
  L1Chain chain(l1_options());
  activate(chain);
  for (int i = 0; i < 3; ++i) {
    chain.submit(propose_of({chain.add_blob(blob_with(1))}));
    chain.mine();
  }
  chain.submit(l1_call::Prove{core::ProposalId{9}, address_of(1), filled(9)});
  EXPECT_EQ(chain.mine().reverts, std::vector<std::string>{"LastProposalIdTooLarge"});
  chain.submit(l1_call::Prove{core::ProposalId{2}, address_of(1), filled(9)});
  const L1Block& block = chain.mine();
  const auto proved = protocol::read_proved(block.logs.at(0).log.topics, block.logs[0].log.data);
  ASSERT_TRUE(proved.has_value());
  EXPECT_EQ(*proved, (protocol::ProvedFacts{core::ProposalId{1}, core::ProposalId{1},
                                            core::ProposalId{2}, address_of(1)}));
  const auto state = core_state_at(chain, block);
  ASSERT_TRUE(state.has_value());
  EXPECT_EQ(state->last_finalized.value, 2U);
  EXPECT_EQ(state->last_finalized_block_hash, filled(9));
  EXPECT_EQ(state->last_finalized_time, block.timestamp());
  EXPECT_EQ(state->last_proposal_block.value, 4U);
  EXPECT_EQ(core_state_at(chain, *chain.by_hash(block.header.parent_hash))->last_finalized.value,
            0U);

  chain.submit(l1_call::RecoverState{core::ProposalId{1}, filled(7)});
  const L1Block& after = chain.mine();
  const auto recovered =
      protocol::read_state_recovered(after.logs.at(0).log.topics, after.logs[0].log.data);
  ASSERT_TRUE(recovered.has_value());
  EXPECT_EQ(*recovered,
            (protocol::StateRecoveredFacts{core::ProposalId{4}, core::ProposalId{1}, filled(7)}));
  EXPECT_EQ(core_state_at(chain, after)->last_finalized.value, 1U);
}

TEST(DevnetL1Chain, BlocksLieInSlotsAndTagsMoveByOrderOrByLag) {
  L1Chain chain(l1_options());
  EXPECT_EQ(chain.mine().timestamp().value, kL1Genesis + 12);
  EXPECT_EQ(chain.mine(2).timestamp().value, kL1Genesis + 48) << "two slots were skipped";
  EXPECT_EQ(chain.at_time(UnixSeconds{kL1Genesis + 24}), nullptr);
  EXPECT_EQ(chain.at_time(UnixSeconds{kL1Genesis + 48}), &chain.head());
  EXPECT_EQ(chain.mine_until(UnixSeconds{kL1Genesis + 83}), 2U);
  EXPECT_EQ(chain.safe(), nullptr);
  EXPECT_FALSE(chain.set_finalized(L1BlockNumber{5}));
  EXPECT_TRUE(chain.set_finalized(L1BlockNumber{3}));
  EXPECT_EQ(chain.finalized()->header.number, 3U);

  L1ChainOptions options = l1_options();
  options.safe_lag = 1;
  options.finalized_lag = 3;
  L1Chain other(options);
  for (int i = 0; i < 5; ++i) other.mine();
  EXPECT_EQ(other.safe()->header.number, 4U);
  EXPECT_EQ(other.finalized()->header.number, 2U);
}

class DevnetL1Reorg : public ::testing::Test {
 protected:
  /// Activation in block 1, proposals in 2, 3 and 4; nothing in 5.
  DevnetL1Reorg() {
    activate(chain_);
    for (std::uint8_t i = 1; i <= 3; ++i) {
      std::vector<core::codec::BlockToPropose> blocks(1);
      blocks[0].block.timestamp = UnixSeconds{kL1Genesis + i};
      blocks[0].block.coinbase = address_of(i);
      chain_.submit(propose_of(
          {chain_.add_blob(core::codec::encode_blob(core::codec::encode_manifest(blocks)))}));
      chain_.mine();
    }
    chain_.mine();
    old_head_ = chain_.head().hash;
  }
  void reorg(std::uint64_t depth, ReorgVariant variant) {
    const auto done = chain_.reorg(reorg_plan(chain_, depth, variant));
    EXPECT_TRUE(done.has_value());
  }
  /// Proposal ids by L1 block, "-" where there is none, from block 2 on.
  std::string proposals() const {
    std::string out;
    for (std::uint64_t number = 2; number <= chain_.head().header.number; ++number) {
      const L1Block& block = *chain_.canonical(L1BlockNumber{number});
      out += block.logs.empty() ? "-" : std::to_string(proposed_in(block).id.value);
    }
    return out;
  }
  /// Coinbase of the only block of the proposal in L1 block `number`, as one byte.
  std::uint8_t coinbase_in(std::uint64_t number) const {
    const L1Block& block = *chain_.canonical(L1BlockNumber{number});
    const protocol::DerivationSource source = proposed_in(block).sources.at(0);
    std::vector<core::BytesView> blobs;
    for (const Hash32& hash : source.blobs.blob_hashes) {
      blobs.emplace_back(chain_.blob(hash)->bytes);
    }
    const auto resolved = protocol::resolve_source(source, blobs, {192, 1 << 20});
    EXPECT_EQ(resolved.defect, core::codec::ManifestDefect::kNone);
    return resolved.manifest.blocks.at(0).coinbase.bytes[19];
  }

  L1Chain chain_{l1_options()};
  Hash32 old_head_;
};

TEST_F(DevnetL1Reorg, KeepsProposalsInOtherBlocks) {
  reorg(3, ReorgVariant::kKeep);
  EXPECT_EQ(proposals(), "123--");
  EXPECT_EQ(chain_.head().header.number, 6U);
  const L1Block* old = chain_.by_hash(old_head_);
  ASSERT_NE(old, nullptr) << "blocks of the other branch can still be read";
  EXPECT_FALSE(chain_.is_canonical(*old));
  EXPECT_NE(chain_.canonical(L1BlockNumber{3})->hash, old->header.parent_hash);
  EXPECT_EQ(chain_.canonical(L1BlockNumber{3})->header.parent_hash,
            chain_.canonical(L1BlockNumber{2})->hash);
  EXPECT_EQ(core_state_at(chain_, *old)->next.value, 4U);
  EXPECT_EQ(coinbase_in(4), 3);
}

TEST_F(DevnetL1Reorg, MovesThem) {
  reorg(4, ReorgVariant::kMove);
  EXPECT_EQ(proposals(), "-123-");
  EXPECT_EQ(proposed_in(*chain_.canonical(L1BlockNumber{4})).sources[0].blobs.timestamp.value,
            kL1Genesis + 4 * 12);
}

TEST_F(DevnetL1Reorg, DropsThem) {
  reorg(2, ReorgVariant::kDrop);
  EXPECT_EQ(proposals(), "12---");
  EXPECT_EQ(core_state_at(chain_, chain_.head())->next.value, 3U);
  chain_.submit(propose_of({chain_.add_blob(blob_with(1))}));
  chain_.mine();
  EXPECT_EQ(proposals(), "12---3");
}

TEST_F(DevnetL1Reorg, ChangesThem) {
  reorg(2, ReorgVariant::kChange);
  EXPECT_EQ(proposals(), "123--");
  EXPECT_EQ(coinbase_in(3), 2);
  EXPECT_EQ(coinbase_in(4), 3 ^ 1);
}

TEST_F(DevnetL1Reorg, WhatDoesNotFitWaitsForTheNextBlock) {
  L1Reorg plan;
  plan.depth = 4;
  plan.extra_blocks = 0;
  plan.shift = 3;
  ASSERT_TRUE(chain_.reorg(plan).has_value());
  EXPECT_EQ(proposals(), "---1");
  EXPECT_EQ(chain_.waiting(), 2U);
  const auto& reverts = chain_.mine().reverts;
  EXPECT_EQ(reverts, (std::vector<std::string>{"", "CannotProposeInCurrentBlock"}));
}

TEST_F(DevnetL1Reorg, StopsAtFinalityUnlessForced) {
  EXPECT_TRUE(chain_.set_safe(L1BlockNumber{4}));
  EXPECT_TRUE(chain_.set_finalized(L1BlockNumber{3}));
  L1Reorg plan;
  plan.depth = 3;
  EXPECT_FALSE(chain_.reorg(plan).has_value());
  EXPECT_EQ(chain_.head().hash, old_head_);
  plan.below_finalized = true;
  ASSERT_TRUE(chain_.reorg(plan).has_value());
  EXPECT_EQ(chain_.finalized()->header.number, 2U);
  EXPECT_EQ(chain_.safe()->header.number, 2U);
  plan.depth = 100;
  EXPECT_FALSE(chain_.reorg(plan).has_value());
  plan.depth = 0;
  EXPECT_FALSE(chain_.reorg(plan).has_value());
}

TEST(DevnetL1Contracts, LookaheadsAndBlacklistAreReadByTheDecoders) {
  L1Chain chain(l1_options());
  const protocol::EpochClock& clock = chain.deployment().clock;
  protocol::LookaheadSlot slot;
  slot.committer = address_of(7);
  slot.timestamp = UnixSeconds{kL1Genesis + 31 * 12};
  slot.registration_root = filled(3);
  chain.submit(l1_call::PostLookahead{clock.genesis, {slot}});
  chain.submit(l1_call::PostLookahead{UnixSeconds{kL1Genesis + 1}, {slot}});
  chain.submit(l1_call::ChangeBlacklist{filled(3), true});
  const L1Block& block = chain.mine();
  EXPECT_EQ(block.reverts, (std::vector<std::string>{"", "InvalidLookaheadTimestamp", ""}));
  ASSERT_EQ(block.logs.size(), 2U);
  const auto posted =
      protocol::read_lookahead_posted(block.logs[0].log.topics, block.logs[0].log.data, clock);
  ASSERT_TRUE(posted.has_value());
  EXPECT_EQ(posted->slots, std::vector<protocol::LookaheadSlot>{slot});
  const auto listed =
      protocol::read_blacklist_changed(block.logs[1].log.topics, block.logs[1].log.data);
  ASSERT_TRUE(listed.has_value());
  EXPECT_EQ(*listed, (protocol::BlacklistChanged{filled(3), block.timestamp(), true}));

  core::Bytes call = bytes_of("0xae41501a");  // getLookaheadHash(uint256)
  core::codec::append_abi_u64(call, kL1Genesis);
  const auto hash = chain.call(block, chain.deployment().lookahead_store, call);
  ASSERT_TRUE(hash.has_value());
  EXPECT_EQ(Hash32::from(*hash), posted->lookahead_hash);
}

TEST(DevnetL1Contracts, TheWhitelistSelectsAsItsContractDoes) {
  L1ChainOptions options = l1_options();
  options.operators = {{address_of(1), address_of(11), UnixSeconds{kL1Genesis}},
                       {address_of(2), address_of(12), UnixSeconds{kL1Genesis}}};
  L1Chain chain(options);
  const protocol::EpochClock& clock = chain.deployment().clock;
  const core::Address whitelist = chain.deployment().preconf_whitelist;
  chain.mine_until(UnixSeconds{kL1Genesis + 5 * 384});
  std::set<core::Address> selected;
  for (int i = 0; i < 6; ++i) {
    const L1Block& block = chain.mine(31);
    const auto current = chain.call(block, whitelist, bytes_of("0x343f0a68"));
    ASSERT_TRUE(current.has_value());
    // The root of the first block at or after the query, among the operators in their order.
    const UnixSeconds epoch = protocol::epoch_of(clock, block.timestamp());
    UnixSeconds query = protocol::first_randomness_query(clock, epoch);
    while (chain.at_time(query) == nullptr) query.value += clock.slot_seconds;
    const auto index = protocol::selected_operator(
        options.operators, *chain.at_time(query)->header.parent_beacon_block_root, epoch,
        UnixSeconds{0});
    core::codec::AbiDefect defect{};
    core::codec::AbiReader reader(*current, defect);
    const core::Address got = reader.address();
    EXPECT_EQ(got, options.operators[index.value()].proposer);
    selected.insert(got);
    core::Bytes call = bytes_of("0x13e7c9d8");  // operators(address)
    core::codec::append_abi_address(call, got);
    const auto record = chain.call(block, whitelist, call);
    ASSERT_TRUE(record.has_value());
    ASSERT_EQ(record->size(), 128U);
    EXPECT_EQ(record->back(), got.bytes[0] + 10) << "the sequencer";
  }
  EXPECT_EQ(selected.size(), 2U) << "the randomness does not select";

  chain.submit(l1_call::AddOperator{address_of(3), address_of(13)});
  chain.submit(l1_call::RemoveOperator{address_of(1)});
  chain.submit(l1_call::RemoveOperator{address_of(9)});
  const L1Block& block = chain.mine();
  EXPECT_EQ(block.reverts, (std::vector<std::string>{"", "", "InvalidOperatorAddress"}));
  ASSERT_EQ(block.logs.size(), 2U);
  const auto added =
      protocol::read_operator_changed(block.logs[0].log.topics, block.logs[0].log.data);
  ASSERT_TRUE(added.has_value());
  EXPECT_TRUE(added->is_added);
  EXPECT_EQ(added->sequencer, address_of(13));
  const auto removed =
      protocol::read_operator_changed(block.logs[1].log.topics, block.logs[1].log.data);
  ASSERT_TRUE(removed.has_value());
  EXPECT_FALSE(removed->is_added);
  EXPECT_EQ(removed->proposer, address_of(1));
}

TEST(DevnetL1Contracts, UnknownCallsRevertAndPlainAccountsAnswerNothing) {
  L1Chain chain(l1_options());
  EXPECT_FALSE(chain.call(chain.head(), chain.deployment().inbox, bytes_of("0xdeadbeef")));
  EXPECT_FALSE(chain.call(chain.head(), chain.deployment().inbox, {}));
  const auto plain = chain.call(chain.head(), address_of(5), bytes_of("0xdeadbeef"));
  ASSERT_TRUE(plain.has_value());
  EXPECT_TRUE(plain->empty());
  // EIP-4788: the parent's root at a block's timestamp; reverts where there is no block.
  chain.mine();
  const core::Address roots = fixed<20>("0x000f3df6d732807ef1319fb7b8bb8522d0beac02");
  core::Bytes time;
  core::codec::append_abi_u64(time, kL1Genesis + 12);
  const auto root = chain.call(chain.head(), roots, time);
  ASSERT_TRUE(root.has_value());
  EXPECT_EQ(Hash32::from(*root), *chain.head().header.parent_beacon_block_root);
  time.back() ^= 1;
  EXPECT_FALSE(chain.call(chain.head(), roots, time));
}

}  // namespace
}  // namespace preconf::node::devnet::testing
