// What the proposer puts on L1 derives to exactly the blocks that were preconfirmed; and, where it
// breaks a promise, to the block that the preconfer goes on from.
#include "node/devnet/proposer.hpp"

#include <gtest/gtest.h>

#include "core/crypto/hash.hpp"
#include "core/protocol/derived_block.hpp"
#include "core/protocol/execution_payload.hpp"
#include "core/protocol/known_canonical.hpp"
#include "core/protocol/segment.hpp"
#include "core/protocol/source_manifest.hpp"
#include "node/devnet/sim_wallet.hpp"
#include "tests/node/devnet_l1_fixture.hpp"

namespace preconf::node::devnet::testing {
namespace {

namespace protocol = core::protocol;
using core::Hash32;
using protocol::CanonicalMismatch;

protocol::HeaderFacts header_facts(const SimBlock& block) {
  return protocol::facts_of(block.header, block.hash);
}

/// What an engine says of a block that it built as a preconfirmation.
protocol::CanonicalBlockFacts canonical_facts(const EngineChain& chain, const SimBlock& block) {
  protocol::CanonicalBlockFacts facts;
  facts.header = header_facts(block);
  const StoredOrigin* row = chain.tables().origin_at(block.number());
  EXPECT_NE(row, nullptr);
  protocol::OriginRow origin;
  origin.block_number = core::BlockNumber{row->block_id};
  origin.l2_block_hash = row->l2_block_hash;
  origin.build_payload_args_id = row->build_payload_args_id;
  facts.origin = origin;
  facts.first_tx_hash = block.transactions.at(0).hash;
  facts.blob_gas_used = block.header.blob_gas_used;
  facts.excess_blob_gas = block.header.excess_blob_gas;
  facts.parent_beacon_block_root = block.header.parent_beacon_block_root;
  facts.requests_hash = block.header.requests_hash;
  return facts;
}

class DevnetProposer : public ::testing::Test {
 protected:
  DevnetProposer() {
    L1ChainOptions options = l1_options();
    options.deployment.clock.slot_seconds = 3;
    options.finalized_lag = 2;
    l1_ = std::make_unique<L1Chain>(options);
    activate(*l1_);
    for (int i = 0; i < 4; ++i) l1_->mine();
    ProposerOptions proposer;
    proposer.proposer = address_of(0xbb);
    proposer_ = std::make_unique<Proposer>(*l1_, l2_, proposer);
  }

  /// One block, as the preconfer makes it: promised, then offered to the proposer.
  std::optional<MakeInputs> preconfirm(std::uint64_t seconds, std::size_t transfers) {
    time_ += seconds;
    MakeInputs inputs;
    inputs.timestamp = core::UnixSeconds{time_};
    inputs.coinbase = address_of(0xcc);
    inputs.anchor = proposer_->anchor_at(inputs.timestamp);
    inputs.proposal = proposer_->open_proposal();
    for (std::size_t i = 0; i < transfers; ++i) {
      inputs.user_transactions.push_back(user_.transfer(address_of(1), 5, 1'000'000'000, 1));
    }
    const auto made = make_block(l2_, inputs);
    EXPECT_TRUE(made.has_value()) << (made ? "" : made.error());
    return proposer_->add_block();
  }

  /// Derives proposal `id` from L1 and compares each block with the chain that has the given head.
  /// Returns the mismatch of every block.
  std::vector<CanonicalMismatch> derive(std::uint64_t id) {
    const L1Block& block = landed_in(id);
    const auto& log = block.logs.at(proposal_log(block)).log;
    const auto proposed = protocol::read_proposed(log.topics, log.data);
    EXPECT_TRUE(proposed.has_value());
    const protocol::LandedAt landed{block.timestamp(), block.number(), block.hash,
                                    block.header.parent_hash};
    const auto proposal = protocol::proposal_of(*proposed, landed);
    std::vector<CanonicalMismatch> out;
    for (const protocol::DerivationSource& source : proposed->sources) {
      derive_source(source, proposal, out);
    }
    return out;
  }

  void derive_source(const protocol::DerivationSource& source,
                     const protocol::ProposalFacts& proposal, std::vector<CanonicalMismatch>& out) {
    std::vector<core::BytesView> blobs;
    for (const Hash32& hash : source.blobs.blob_hashes) {
      blobs.emplace_back(l1_->blob(hash)->bytes);
    }
    const auto resolved = protocol::resolve_source(
        source, blobs,
        {protocol::blocks_per_source_max(l2_.profile(), proposal.landed.timestamp), 1 << 24});
    EXPECT_EQ(resolved.defect, core::codec::ManifestDefect::kNone);
    const auto segment = protocol::prepare_segment(parent_, proposal, source.is_forced_inclusion,
                                                   resolved.manifest.blocks, l2_.profile());
    EXPECT_EQ(segment.defect, protocol::SegmentDefect::kNone) << name_of(segment.defect);
    for (const core::codec::BlockManifest& described : segment.blocks) {
      const L1Block& anchor = *l1_->canonical(described.anchor_block_number);
      const protocol::AnchorFactsFromChains facts{
          {described.anchor_block_number, anchor.hash, anchor.header.state_root},
          l2_.by_hash(parent_.header.hash)->golden_nonce};
      const auto derived = protocol::derive_block(parent_, proposal, described,
                                                  resolved.manifest.transactions_of(described),
                                                  facts, l2_.profile());
      ASSERT_TRUE(derived.has_value());
      const SimBlock& block = *l2_.canonical(derived->attributes.block_number.value);
      out.push_back(protocol::compare_with_canonical(derived->attributes,
                                                     core::crypto::keccak256(derived->anchor_tx),
                                                     canonical_facts(l2_, block), l2_.profile()));
      parent_ = protocol::parent_after(parent_, header_facts(block), described.anchor_block_number);
    }
  }

  static std::size_t proposal_log(const L1Block& block) {
    for (std::size_t i = 0; i < block.logs.size(); ++i) {
      if (block.logs[i].log.topics.at(0) == protocol::kProposedTopic) return i;
    }
    return block.logs.size();
  }
  const L1Block& landed_in(std::uint64_t id) {
    for (std::uint64_t number = 2; number <= l1_->head().header.number; ++number) {
      const L1Block& block = *l1_->canonical(core::L1BlockNumber{number});
      if (block.contracts.inbox.next.value == id + 1) return block;
    }
    ADD_FAILURE() << "proposal " << id << " is not on L1";
    return l1_->head();
  }

  static protocol::DerivationParent genesis_parent(const EngineChain& chain) {
    protocol::DerivationParent parent;
    parent.header = header_facts(*chain.canonical(0));
    return parent;
  }

  EngineChain l2_{devnet_profile()};
  std::unique_ptr<L1Chain> l1_;
  std::unique_ptr<Proposer> proposer_;
  SimWallet user_ = *SimWallet::create(devnet_profile().chain_id, "proposer test");
  std::uint64_t time_ = kL1Genesis + 20;
  protocol::DerivationParent parent_ = genesis_parent(l2_);
};

// A story whose last block opened a proposal went on with the default block in its place.
TEST_F(DevnetProposer, AProposalMayBeClosedOnceAnAnchorMovedInIt) {
  EXPECT_FALSE(proposer_->may_be_closed()) << "it has no block";
  while (proposer_->sent().empty()) preconfirm(1, 0);
  EXPECT_FALSE(proposer_->may_be_closed());
  const std::uint64_t anchor = l2_.head().anchor_number;
  for (int i = 0; i < 20 && l2_.head().anchor_number == anchor; ++i) {
    EXPECT_FALSE(proposer_->may_be_closed());
    preconfirm(1, 0);
  }
  EXPECT_EQ(proposer_->may_be_closed(), proposer_->sent().size() == 1);
  EXPECT_GT(l2_.head().anchor_number, anchor);
}

TEST_F(DevnetProposer, ItsManifestsDeriveToExactlyThePreconfirmedBlocks) {
  for (std::size_t i = 0; i < 30; ++i) {
    EXPECT_FALSE(preconfirm(1 + i % 4, i % 5).has_value());
  }
  EXPECT_FALSE(proposer_->close().has_value());
  proposer_->settle(2);
  ASSERT_GE(proposer_->sent().size(), 8U);
  std::uint64_t blocks = 0;
  for (const SentProposal& sent : proposer_->sent()) {
    const auto mismatches = derive(sent.id.value);
    blocks += mismatches.size();
    for (const CanonicalMismatch mismatch : mismatches) {
      EXPECT_EQ(mismatch, CanonicalMismatch::kNone)
          << "proposal " << sent.id.value << ": " << name_of(mismatch);
    }
  }
  EXPECT_EQ(blocks, 30U);
  EXPECT_EQ(parent_.header.hash, l2_.head().hash);
}

TEST_F(DevnetProposer, AnchorsAreRealBlocksAndMoveInEveryProposal) {
  for (int i = 0; i < 20; ++i) static_cast<void>(preconfirm(1, 0));
  std::uint64_t before = 0;
  for (const SentProposal& sent : proposer_->sent()) {
    const SimBlock& last = *l2_.canonical(sent.last.value);
    EXPECT_GT(last.anchor_number, before) << "proposal " << sent.id.value;
    before = last.anchor_number;
    const protocol::AnchorCall call = anchor_of(last);
    const L1Block* anchor = l1_->canonical(call.block_number);
    ASSERT_NE(anchor, nullptr);
    EXPECT_EQ(call.block_hash, anchor->hash);
    EXPECT_EQ(call.state_root, anchor->header.state_root);
  }
  EXPECT_GE(proposer_->sent().size(), 5U);
}

TEST_F(DevnetProposer, WithoutAMovingAnchorAProposalStaysOpen) {
  // L1 stands still: the anchor of every block is the same one.
  static_cast<void>(preconfirm(1, 0));
  while (proposer_->sent().empty()) static_cast<void>(preconfirm(1, 0));
  const std::uint64_t frozen = l2_.head().anchor_number;
  for (int i = 0; i < 10; ++i) {
    time_ += 1;
    MakeInputs inputs;
    inputs.timestamp = core::UnixSeconds{time_};
    inputs.anchor = anchor_of(l2_.head());
    inputs.proposal = proposer_->open_proposal();
    ASSERT_TRUE(make_block(l2_, inputs).has_value());
    EXPECT_FALSE(proposer_->add_block().has_value());
  }
  EXPECT_EQ(l2_.head().anchor_number, frozen);
  EXPECT_EQ(proposer_->sent().size(), 1U);
}

TEST_F(DevnetProposer, ABrokenPromiseDiffersInTheLastBlockAndThePreconferGoesOn) {
  for (const Contradiction kind : {Contradiction::kTransactions, Contradiction::kCoinbase}) {
    proposer_->contradict_next(kind);
    std::optional<MakeInputs> instead;
    while (!instead) instead = preconfirm(1, 2);
    const SentProposal sent = proposer_->sent().back();
    EXPECT_TRUE(sent.is_contradicting);
    proposer_->settle(0);
    auto mismatches = derive(sent.id.value);
    ASSERT_EQ(mismatches.size(), sent.last.value - sent.first.value + 1);
    EXPECT_NE(mismatches.back(), CanonicalMismatch::kNone);
    mismatches.pop_back();
    for (const CanonicalMismatch mismatch : mismatches) {
      EXPECT_EQ(mismatch, CanonicalMismatch::kNone);
    }
    // The preconfer takes what L1 has; then nothing differs.
    const Hash32 promised = l2_.head().hash;
    l2_.step_back();
    ASSERT_TRUE(make_block(l2_, *instead).has_value());
    EXPECT_NE(l2_.head().hash, promised);
    parent_ = genesis_parent(l2_);
    for (const SentProposal& one : proposer_->sent()) {
      for (const CanonicalMismatch mismatch : derive(one.id.value)) {
        EXPECT_EQ(mismatch, CanonicalMismatch::kNone);
      }
    }
  }
}

TEST_F(DevnetProposer, ProvesAndFinalizesWhatItSent) {
  for (int i = 0; i < 10; ++i) static_cast<void>(preconfirm(2, 1));
  static_cast<void>(proposer_->close());
  proposer_->settle(2);
  const SentProposal& last = proposer_->sent().back();
  const auto state = core_state_at(*l1_, *l1_->finalized());
  ASSERT_TRUE(state.has_value());
  EXPECT_EQ(state->next.value, last.id.value + 1);
  EXPECT_EQ(state->last_finalized, last.id);
  EXPECT_EQ(state->last_finalized_block_hash, l2_.head().hash);
}

TEST_F(DevnetProposer, ProposalsOfOneMomentLandOneAfterTheOther) {
  for (int i = 0; i < 30; ++i) l1_->mine();  // L1 is ahead: nothing lands for a while
  while (proposer_->sent().size() < 2) static_cast<void>(preconfirm(1, 1));
  static_cast<void>(preconfirm(1, 1));
  static_cast<void>(proposer_->close());
  ASSERT_EQ(proposer_->sent().size(), 3U);
  proposer_->settle(2);
  EXPECT_EQ(l1_->head().contracts.inbox.next.value, 4U);
}

TEST_F(DevnetProposer, WhatAReorgTookAwayIsProposedAgain) {
  for (int i = 0; i < 12; ++i) static_cast<void>(preconfirm(2, 1));
  ASSERT_GE(l1_->head().contracts.inbox.next.value, 3U);
  L1Reorg plan;
  plan.depth = l1_->head().header.number - 6;
  plan.below_finalized = true;
  plan.edit = [](const L1Call&) { return std::optional<L1Call>{}; };
  ASSERT_TRUE(l1_->reorg(plan).has_value());
  static_cast<void>(proposer_->close());
  proposer_->settle(2);
  const std::uint64_t sent = proposer_->sent().back().id.value;
  EXPECT_EQ(l1_->head().contracts.inbox.next.value, sent + 1);
  EXPECT_EQ(l1_->head().contracts.inbox.last_finalized.value, sent);
}

TEST(DevnetProposalManifest, APayloadOfSeveralBlobsComesBackWhole) {
  core::Bytes payload(2 * core::codec::kBlobPayloadBytesMax + 17);
  for (std::size_t i = 0; i < payload.size(); ++i) payload[i] = static_cast<std::uint8_t>(i * 7);
  const auto blobs = blobs_of_payload(payload);
  ASSERT_EQ(blobs.size(), 3U);
  core::Bytes back;
  for (const core::Bytes& blob : blobs) ASSERT_TRUE(core::codec::decode_blob(blob, back));
  EXPECT_EQ(back, payload);
  EXPECT_EQ(blobs_of_payload({}).size(), 1U) << "a proposal carries at least one blob";
}

}  // namespace
}  // namespace preconf::node::devnet::testing
