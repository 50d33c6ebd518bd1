// The simulated engine's chain against independently computed blocks and the mock-engine contract
// of the engine reference page.
#include "node/devnet/engine_chain.hpp"

#include <gtest/gtest.h>

#include "core/codec/trie.hpp"
#include "node/devnet/block_rules.hpp"
#include "tests/node/devnet_fixture.hpp"

namespace preconf::node::devnet::testing {
namespace {

using core::Hash32;
using core::events::PayloadStatus;

TEST(DevnetEngineChain, GenesisIsTheIndependentlyComputedHeader) {
  const EngineChain chain(devnet_profile());
  EXPECT_EQ(chain.head().number(), 0U);
  EXPECT_EQ(chain.head().hash,
            hash_of("0xbc9f1f15cacbbed7ab583614583cbe5af71ae45c437cdf484fcbaf4e1574d2dc"));
}

TEST(DevnetEngineChain, FirstBlockIsTheIndependentlyComputedHeader) {
  EngineChain chain(devnet_profile());
  const BuildRequest request =
      request_on(chain, chain.head(), {bytes_of(kTransfer), bytes_of(kLegacy)});
  const auto started = chain.forkchoice_updated(state_at(chain.head().hash), &request);
  ASSERT_TRUE(started.has_value());
  ASSERT_TRUE(started->payload_id.has_value());
  EXPECT_EQ(*started->payload_id, fixed<8>("0x022f3d138e5ffb6b"));
  const auto payload = chain.get_payload(*started->payload_id);
  ASSERT_TRUE(payload.has_value());
  const SimBlock& block = **payload;
  EXPECT_EQ(block.header.gas_used, 64'292U);
  EXPECT_EQ(block.header.difficulty, core::U256::from_u64(793'292));
  EXPECT_EQ(block.header.transactions_root,
            hash_of("0xb4530158e9be500aef58dee21c34f49b230b3173a70e72f5ee3fb69140709450"));
  EXPECT_EQ(block.header.receipts_root,
            hash_of("0xfe12b56ac75b52af4370fe9a3082bd1824ecab1417c73a16d571efdd49a39386"));
  EXPECT_EQ(block.header.state_root,
            hash_of("0x178ac0a7d158c21fd7157f76815d1007ffa89dc5fe5c949f34bf8cc4d5727382"));
  EXPECT_EQ(block.hash,
            hash_of("0x55fc19b87e8b8c80bc4a5957a8a8b166c89a46b8215658f51581de00c2598455"));
  EXPECT_EQ(block.golden_nonce, 1U);
  EXPECT_EQ(chain.new_payload(claim_of(block)).status, PayloadStatus::kValid);
}

/// derivation.md 6.9: parent aa.., timestamp 1700000000, the worked anchor list, extraData (75, 1).
TEST(DevnetEngineChain, PayloadIdIsTheWorkedVector) {
  BuildRequest request;
  request.timestamp = core::UnixSeconds{1'700'000'000};
  request.prev_randao =
      hash_of("0xa6eef7e35abe7026729641147f7915573c7e97b47efa546f5f6e3230263bcb49");
  request.fee_recipient = fixed<20>("0x00000000000000000000000000000000000000c0");
  request.tx_list = core::codec::encode_txlist(std::vector<core::Bytes>{anchor_tx(0, 25'000'000)});
  request.extra_data = bytes_of("0x4b000000000001");
  EXPECT_EQ(payload_args_id(filled(0xaa), request), fixed<8>("0x02b2e312a511eb47"));
  // preconf.md 7.4
  request.timestamp = core::UnixSeconds{10};
  request.prev_randao = filled(0x22);
  request.fee_recipient.bytes.fill(0x33);
  request.tx_list = bytes_of("0xc3820102");
  request.extra_data = bytes_of("0x05000000000007");
  EXPECT_EQ(payload_args_id(filled(0x11), request), fixed<8>("0x02e669224184aa58"));
  request.parent_beacon_block_root = Hash32{};
  EXPECT_NE(payload_args_id(filled(0x11), request), fixed<8>("0x02e669224184aa58"));
}

TEST(DevnetEngineChain, TwoEnginesMakeTheSameChain) {
  EngineChain one(devnet_profile());
  EngineChain two(devnet_profile());
  extend(one, 20);
  extend(two, 20);
  EXPECT_EQ(one.head().number(), 20U);
  EXPECT_EQ(one.head().hash, two.head().hash);
  EXPECT_EQ(one.head().golden_nonce, 20U);
}

// reth acknowledges an ancestor as head without moving to it.
TEST(DevnetEngineChain, BuildingOnAnAncestorMakesASideBlockAndMovesNothing) {
  EngineChain chain(devnet_profile());
  extend(chain, 5);
  const SimBlock& old_head = chain.head();
  const SimBlock& parent = *chain.canonical(2);
  const BuildRequest request = request_on(chain, parent, {bytes_of(kTransfer)}, 3);
  const auto started = chain.forkchoice_updated(state_at(parent.hash), &request);
  ASSERT_TRUE(started.has_value());
  EXPECT_EQ(chain.head().hash, old_head.hash) << "the head moves when the new block is adopted";
  const SimBlock* other = apply(chain, parent, request);
  ASSERT_NE(other, nullptr);
  EXPECT_EQ(chain.head().hash, other->hash);
  EXPECT_EQ(chain.canonical(3), other);
  EXPECT_EQ(chain.canonical(4), nullptr);
  EXPECT_FALSE(chain.is_canonical(old_head));
  // The abandoned branch is still known and can become canonical again.
  const auto back = chain.forkchoice_updated(state_at(old_head.hash), nullptr);
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(back->status.status, PayloadStatus::kValid);
  EXPECT_EQ(chain.head().hash, old_head.hash);
  EXPECT_EQ(chain.canonical(3)->hash, chain.canonical(4)->header.parent_hash);
}

TEST(DevnetEngineChain, AnAncestorAsHeadIsValidAndMovesNeitherHeadNorLabels) {
  EngineChain chain(devnet_profile());
  extend(chain, 5);
  core::commands::ForkchoiceState state = state_at(chain.head().hash);
  state.safe = chain.canonical(4)->hash;
  ASSERT_TRUE(chain.forkchoice_updated(state, nullptr).has_value());
  state.head = chain.canonical(2)->hash;
  state.safe = chain.canonical(1)->hash;
  const auto answer = chain.forkchoice_updated(state, nullptr);
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status.status, PayloadStatus::kValid);
  EXPECT_EQ(answer->status.latest_valid_hash, state.head);
  EXPECT_EQ(chain.head().number(), 5U);
  EXPECT_EQ(chain.safe(), chain.canonical(4));
  // Not even labels that are nowhere are looked at.
  state.safe = filled(0x99);
  EXPECT_TRUE(chain.forkchoice_updated(state, nullptr).has_value());
}

TEST(DevnetEngineChain, LabelsAreJudgedWhenTheHeadHasMovedFinalizedFirst) {
  EngineChain chain(devnet_profile());
  extend(chain, 3);
  const SimBlock& old_head = chain.head();
  const BuildRequest request = request_on(chain, *chain.canonical(2), {bytes_of(kTransfer)}, 3);
  const SimBlock* other = apply(chain, *chain.canonical(2), request);
  ASSERT_NE(other, nullptr);
  core::commands::ForkchoiceState state = state_at(old_head.hash);
  state.finalized = chain.canonical(1)->hash;
  state.safe = other->hash;
  const auto refused = chain.forkchoice_updated(state, nullptr);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, -38002);
  EXPECT_EQ(chain.head().hash, old_head.hash);
  EXPECT_EQ(chain.finalized(), chain.canonical(1));
  EXPECT_EQ(chain.safe(), nullptr);
}

TEST(DevnetEngineChain, AttributesOnAnUnknownHeadAreAnInternalError) {
  EngineChain source(devnet_profile());
  extend(source, 2);
  EngineChain chain(devnet_profile());
  const BuildRequest request = request_on(source, source.head());
  const auto answer = chain.forkchoice_updated(state_at(source.head().hash), &request);
  ASSERT_FALSE(answer.has_value());
  const EngineError missing{-32603, "Server error", "missing payload id"};
  EXPECT_EQ(answer.error(), missing);
  EXPECT_TRUE(chain.tables().origins.empty());
}

TEST(DevnetEngineChain, RowsOfPreconfirmedBlocksLeaveTheHeadPointerAlone) {
  EngineChain chain(devnet_profile());
  extend(chain, 3);
  ASSERT_EQ(chain.tables().origins.size(), 3U);
  const StoredOrigin* row = chain.tables().origin_at(3);
  ASSERT_NE(row, nullptr);
  EXPECT_EQ(row->l2_block_hash, chain.head().hash);
  EXPECT_TRUE(row->is_preconfirmation());
  EXPECT_FALSE(chain.tables().head_origin.has_value());
  EXPECT_TRUE(chain.tables().batch_blocks.empty());
}

TEST(DevnetEngineChain, BlocksFromL1MovePointerAndMappingWhenTheBuildStarts) {
  EngineChain chain(devnet_profile());
  BuildRequest request = request_on(chain, chain.head());
  request.origin.l1_block_height = core::U256::from_u64(77);
  request.origin.l1_block_hash = filled(0x77);
  ASSERT_TRUE(chain.forkchoice_updated(state_at(chain.head().hash), &request).has_value());
  EXPECT_EQ(chain.head().number(), 0U) << "not inserted yet";
  EXPECT_EQ(chain.tables().head_origin, std::uint64_t{1});
  EXPECT_EQ(chain.tables().batch_blocks.at(1), 1U);
  ASSERT_NE(chain.tables().head_row(), nullptr);
  EXPECT_EQ(chain.tables().head_row()->l1_block_hash, filled(0x77));
}

TEST(DevnetEngineChain, UnknownBlocksAreSyncing) {
  EngineChain source(devnet_profile());
  extend(source, 2);
  EngineChain chain(devnet_profile());
  EXPECT_EQ(chain.new_payload(claim_of(source.head())).status, PayloadStatus::kSyncing);
  const auto answer = chain.forkchoice_updated(state_at(source.head().hash), nullptr);
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status.status, PayloadStatus::kSyncing);
  EXPECT_EQ(chain.new_payload(claim_of(*source.canonical(1))).status, PayloadStatus::kValid);
  EXPECT_EQ(chain.head().number(), 0U);
}

TEST(DevnetEngineChain, AnUnknownHeadBecomesTheHeadWhenItComes) {
  EngineChain source(devnet_profile());
  extend(source, 2);
  EngineChain chain(devnet_profile());
  core::commands::ForkchoiceState state = state_at(source.head().hash);
  state.safe = source.canonical(1)->hash;
  ASSERT_TRUE(chain.forkchoice_updated(state, nullptr).has_value());
  EXPECT_EQ(chain.new_payload(claim_of(*source.canonical(1))).status, PayloadStatus::kValid);
  EXPECT_EQ(chain.new_payload(claim_of(source.head())).status, PayloadStatus::kValid);
  EXPECT_EQ(chain.head().hash, source.head().hash);
  EXPECT_EQ(chain.safe(), nullptr) << "the labels came with a call that was not carried out";
  // A head that was chosen meanwhile is what counts.
  extend(source, 1);
  ASSERT_TRUE(chain.forkchoice_updated(state_at(source.head().hash), nullptr).has_value());
  ASSERT_TRUE(chain.forkchoice_updated(state_at(chain.head().hash), nullptr).has_value());
  EXPECT_EQ(chain.new_payload(claim_of(source.head())).status, PayloadStatus::kValid);
  EXPECT_EQ(chain.head().number(), 2U);
}

TEST(DevnetEngineChain, WhatBuildsOnARejectedBlockIsRejected) {
  EngineChain source(devnet_profile());
  extend(source, 2);
  EngineChain chain(devnet_profile());
  PayloadClaim bad = claim_of(*source.canonical(1));
  bad.header.state_root.bytes[0] ^= 1;
  bad.block_hash = core::codec::hash_header(bad.header);
  ASSERT_EQ(chain.new_payload(bad).latest_valid_hash, chain.head().hash);
  PayloadClaim child = claim_of(source.head());
  child.header.parent_hash = bad.block_hash;
  const Hash32 wrong = child.block_hash;
  child.block_hash = core::codec::hash_header(child.header);
  const StatusAnswer answer = chain.new_payload(child);
  EXPECT_EQ(answer.status, PayloadStatus::kInvalid);
  EXPECT_EQ(answer.validation_error, "links to previously rejected block");
  EXPECT_EQ(answer.latest_valid_hash, chain.head().hash) << "genesis has no difficulty";
  const auto promote = chain.forkchoice_updated(state_at(child.block_hash), nullptr);
  ASSERT_TRUE(promote.has_value());
  EXPECT_EQ(promote->status.status, PayloadStatus::kInvalid);
  // A wrong hash is what is said of a block first, also there.
  child.block_hash = wrong;
  EXPECT_NE(chain.new_payload(child).validation_error.find("mismatch"), std::string::npos);
  EXPECT_EQ(chain.new_payload(child).latest_valid_hash, chain.head().hash);
}

TEST(DevnetEngineChain, ForkchoiceRefusesWhatItCanNotCheck) {
  EngineChain chain(devnet_profile());
  extend(chain, 3);
  const auto zero = chain.forkchoice_updated(state_at(Hash32{}), nullptr);
  ASSERT_FALSE(zero.has_value());
  EXPECT_EQ(zero.error().code, -38002);
  core::commands::ForkchoiceState state = state_at(chain.head().hash);
  state.safe = filled(0x99);
  ASSERT_FALSE(chain.forkchoice_updated(state, nullptr).has_value());
  state.safe = chain.canonical(2)->hash;
  state.finalized = chain.canonical(1)->hash;
  ASSERT_TRUE(chain.forkchoice_updated(state, nullptr).has_value());
  EXPECT_EQ(chain.safe(), chain.canonical(2));
  EXPECT_EQ(chain.finalized(), chain.canonical(1));
  BuildRequest request = request_on(chain, chain.head());
  request.timestamp = core::UnixSeconds{chain.head().header.timestamp - 1};
  const auto past = chain.forkchoice_updated(state_at(chain.head().hash), &request);
  ASSERT_FALSE(past.has_value());
  EXPECT_EQ(past.error().code, -38003);
}

/// Changes one thing of a valid block, seals it again, and expects INVALID with `reason`.
template <class Change>
void expect_invalid(std::string_view reason, Change&& change) {
  EngineChain chain(devnet_profile());
  extend(chain, 2);
  const BuildRequest request = request_on(chain, chain.head(), {bytes_of(kTransfer)});
  const auto started = chain.forkchoice_updated(state_at(chain.head().hash), &request);
  ASSERT_TRUE(started.has_value());
  PayloadClaim claim = claim_of(**chain.get_payload(*started->payload_id));
  change(claim);
  claim.header.transactions_root = core::codec::ordered_trie_root(claim.transactions);
  claim.tx_hash = claim.header.transactions_root;
  claim.block_hash = core::codec::hash_header(claim.header);
  const StatusAnswer answer = chain.new_payload(claim);
  EXPECT_EQ(answer.status, PayloadStatus::kInvalid) << reason;
  EXPECT_NE(answer.validation_error.find(reason), std::string::npos) << answer.validation_error;
  EXPECT_EQ(answer.latest_valid_hash, chain.head().hash);
  // Whoever names a rejected block is told so.
  const auto promote = chain.forkchoice_updated(state_at(claim.block_hash), nullptr);
  ASSERT_TRUE(promote.has_value());
  EXPECT_EQ(promote->status.status, PayloadStatus::kInvalid);
  EXPECT_EQ(promote->status.latest_valid_hash, Hash32{}) << "reth: the parent has a difficulty";
}

TEST(DevnetEngineChain, NewPayloadNamesWhatIsWrong) {
  expect_invalid("base fee", [](PayloadClaim& c) { ++*c.header.base_fee_wei; });
  expect_invalid("in the past", [](PayloadClaim& c) { c.header.timestamp -= 2; });
  expect_invalid("block number", [](PayloadClaim& c) { ++c.header.number; });
  expect_invalid("gas used", [](PayloadClaim& c) { --c.header.gas_used; });
  expect_invalid("greater than gas limit", [](PayloadClaim& c) { c.header.gas_limit = 20'000; });
  expect_invalid("state root", [](PayloadClaim& c) { c.header.state_root.bytes[0] ^= 1; });
  expect_invalid("receipt root", [](PayloadClaim& c) { c.header.receipts_root.bytes[0] ^= 1; });
  expect_invalid("zk gas", [](PayloadClaim& c) { c.header.difficulty = core::U256{}; });
  expect_invalid("extra data", [](PayloadClaim& c) { c.header.extra_data.resize(33); });
  expect_invalid("header field", [](PayloadClaim& c) { c.header.blob_gas_used = 1; });
  expect_invalid("does not decode", [](PayloadClaim& c) { c.transactions[1].pop_back(); });
  expect_invalid("expected selector", [](PayloadClaim& c) {
    c.transactions[0] = bytes_of(kTransfer);
    c.transactions.pop_back();
  });
}

// alethia-reth wraps its own checks so that reth takes them for faults of the block's content.
TEST(DevnetEngineChain, OfAWrongHashTheParentIsTheLatestValidBlock) {
  EngineChain chain(devnet_profile());
  const BuildRequest request = request_on(chain, chain.head());
  const auto started = chain.forkchoice_updated(state_at(chain.head().hash), &request);
  ASSERT_TRUE(started.has_value());
  PayloadClaim claim = claim_of(**chain.get_payload(*started->payload_id));
  claim.block_hash.bytes[31] ^= 1;
  const StatusAnswer answer = chain.new_payload(claim);
  EXPECT_EQ(answer.status, PayloadStatus::kInvalid);
  EXPECT_EQ(answer.latest_valid_hash, chain.head().hash);
  claim.block_hash.bytes[31] ^= 1;
  claim.difficulty_given = false;
  EXPECT_EQ(chain.new_payload(claim).validation_error,
            "missing header difficulty for Unzen payload");
  claim.difficulty_given = true;
  EXPECT_EQ(chain.new_payload(claim).status, PayloadStatus::kValid)
      << "a refused claim does not poison the block";
}

TEST(DevnetEngineChain, WithoutAListOnlyTheGivenAnchorIsExecuted) {
  EngineChain chain(devnet_profile());
  BuildRequest request = request_on(chain, chain.head());
  const core::PayloadId with_list = payload_args_id(chain.head().hash, request);
  request.tx_list.reset();
  EXPECT_NE(payload_args_id(chain.head().hash, request), with_list);
  request.anchor_transaction = anchor_tx(0, 25'000'000);
  const SimBlock* block = apply(chain, chain.head(), request);
  ASSERT_NE(block, nullptr);
  ASSERT_EQ(block->transactions.size(), 1U);
  EXPECT_EQ(block->transactions[0].raw, *request.anchor_transaction);
}

TEST(DevnetEngineChain, AnUndecodableListBuildsAnEmptyBlock) {
  EngineChain chain(devnet_profile());
  for (const std::string_view list : {"0x", "0x80", "0xc3820102", "0xc58401020304"}) {
    BuildRequest request = request_on(chain, chain.head());
    request.tx_list = bytes_of(list);
    const SimBlock* block = apply(chain, chain.head(), request);
    ASSERT_NE(block, nullptr) << list;
    EXPECT_TRUE(block->transactions.empty());
    EXPECT_EQ(block->header.transactions_root, core::codec::kEmptyTrieRoot);
    EXPECT_EQ(block->golden_nonce, 0U);
  }
}

TEST(DevnetEngineChain, InvalidTransactionsAreDroppedAndTheRestStays) {
  EngineChain chain(devnet_profile());
  core::Bytes unrecoverable = bytes_of(kTransfer);
  unrecoverable[unrecoverable.size() - 32] = 0xff;  // s over half the order
  const core::Bytes blob = bytes_of("0x03c0");
  BuildRequest request = request_on(
      chain, chain.head(), {unrecoverable, blob, anchor_tx(5, 25'000'000), bytes_of(kTransfer)});
  const SimBlock* block = apply(chain, chain.head(), request);
  ASSERT_NE(block, nullptr);
  ASSERT_EQ(block->transactions.size(), 2U);
  EXPECT_EQ(block->transactions[1].raw, bytes_of(kTransfer));
  EXPECT_EQ(block->transactions[1].sender, fixed<20>("0x1a642f0e3c3af545e7acbd38b07251b3990914f1"));
}

TEST(DevnetEngineChain, AnAnchorWithTheWrongNonceIsDroppedAndTheBlockRefused) {
  EngineChain chain(devnet_profile());
  BuildRequest request = request_on(chain, chain.head());
  request.tx_list = core::codec::encode_txlist(
      std::vector<core::Bytes>{anchor_tx(1, 25'000'000), bytes_of(kTransfer)});
  const auto started = chain.forkchoice_updated(state_at(chain.head().hash), &request);
  ASSERT_TRUE(started.has_value());
  const SimBlock& block = **chain.get_payload(*started->payload_id);
  ASSERT_EQ(block.transactions.size(), 1U);
  EXPECT_EQ(chain.new_payload(claim_of(block)).status, PayloadStatus::kInvalid);
}

TEST(DevnetEngineChain, ZkGasEndsTheBlock) {
  EngineChain chain(devnet_profile());
  BuildRequest request =
      request_on(chain, chain.head(), std::vector<core::Bytes>(500, bytes_of(kTransfer)));
  const SimBlock* block = apply(chain, chain.head(), request);
  ASSERT_NE(block, nullptr);
  EXPECT_EQ(block->transactions.size(), 1 + (100'000'000 - 243'000 - 22'240) / 264'000U);
  EXPECT_LE(block->header.difficulty, core::U256::from_u64(100'000'000));
}

TEST(DevnetEngineChain, ARestartWithAnOlderHeadForgetsBlocksButNotRows) {
  EngineChain chain(devnet_profile());
  extend(chain, 6);
  const Hash32 head = chain.head().hash;
  const Hash32 fourth = chain.canonical(4)->hash;
  const BuildRequest request = request_on(chain, *chain.canonical(1), {bytes_of(kTransfer)}, 3);
  const SimBlock* side = apply(chain, *chain.canonical(1), request);
  ASSERT_NE(side, nullptr);
  const Hash32 side_hash = side->hash;
  ASSERT_TRUE(chain.forkchoice_updated(state_at(head), nullptr).has_value());
  chain.rewind_and_forget(2);
  EXPECT_EQ(chain.by_hash(side_hash), nullptr) << "side blocks are in memory only";
  EXPECT_EQ(chain.head().hash, fourth);
  EXPECT_EQ(chain.by_hash(head), nullptr);
  EXPECT_EQ(chain.payload_jobs(), 0U);
  EXPECT_NE(chain.tables().origin_at(6), nullptr);
  extend(chain, 2);
  EXPECT_EQ(chain.head().hash, head) << "the same blocks again";
  chain.rewind_and_forget(100);
  EXPECT_EQ(chain.head().number(), 0U);
}

TEST(DevnetEngineChain, LastBlockOfBatchUsesTheMappingThenScans) {
  EngineChain chain(devnet_profile());
  extend(chain, 3);
  const auto batch = [](std::uint64_t id) { return core::U256::from_u64(id); };
  ASSERT_FALSE(chain.last_block_of_batch(batch(1)).has_value());
  EXPECT_EQ(chain.last_block_of_batch(batch(1)).error().message, "not found")
      << "preconfirmed blocks do not count";
  chain.tables().origins.erase(3);
  EXPECT_EQ(chain.last_block_of_batch(batch(1)).error().message,
            "proposal last block uncertain: BatchToLastBlockID missing and no newer proposal "
            "observed");
  chain.tables().origins[2].l1_block_height = core::U256::from_u64(9);
  chain.tables().origins[3] = StoredOrigin{};
  EXPECT_EQ(*chain.last_block_of_batch(batch(1)), 2U);
  EXPECT_FALSE(chain.last_block_of_batch(batch(2)).has_value());
  chain.tables().batch_blocks[2] = 3;
  EXPECT_EQ(*chain.last_block_of_batch(batch(2)), 3U);
}

TEST(DevnetEngineChain, OnlyTheNewestPayloadIsKept) {
  EngineChain chain(devnet_profile());
  const EngineError missing{-32603, "Server error", "missing payload"};
  const BuildRequest first = request_on(chain, chain.head());
  BuildRequest second = first;
  ++second.timestamp.value;
  const core::PayloadId id = payload_args_id(chain.head().hash, first);
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(chain.forkchoice_updated(state_at(chain.head().hash), &first).has_value());
    EXPECT_TRUE(chain.get_payload(id).has_value());
    EXPECT_TRUE(chain.get_payload(id).has_value()) << "as often as it is asked for";
    ASSERT_TRUE(chain.forkchoice_updated(state_at(chain.head().hash), &second).has_value());
    ASSERT_FALSE(chain.get_payload(id).has_value());
    EXPECT_EQ(chain.get_payload(id).error(), missing);
  }
  EXPECT_EQ(chain.payload_jobs(), 1U);
  chain.lose_jobs();
  EXPECT_EQ(chain.get_payload(payload_args_id(chain.head().hash, second)).error(), missing);
}

TEST(DevnetEngineChain, TheAnchorContractKeepsTheNewestL1BlockOfEachBranch) {
  EngineChain chain(devnet_profile());
  EXPECT_EQ(chain.head().anchor_number, 0U);
  extend(chain, 1);
  const SimBlock& first = chain.head();
  EXPECT_EQ(first.anchor_number, 12'345'678U);
  extend(chain, 1);
  EXPECT_EQ(chain.head().anchor_number, 12'345'678U) << "a number that is not higher is no step";
  EXPECT_NE(chain.head().ancestors_hash, first.ancestors_hash);
  EXPECT_EQ(chain.canonical(0)->anchor_number, 0U);
}

TEST(DevnetEngineChain, ABatchBeyondTheLookbackIsUncertain) {
  EngineChain chain(devnet_profile());
  extend(chain, 3);
  for (std::uint64_t number = 1; number <= 3; ++number) {
    StoredOrigin row;
    row.block_id = number;
    row.l1_block_height = core::U256::from_u64(9);
    chain.tables().origins[number] = row;
  }
  ASSERT_TRUE(chain.last_block_of_batch(core::U256::from_u64(1)).has_value());
  chain.set_lookback_max(0);
  const auto answer = chain.last_block_of_batch(core::U256::from_u64(1));
  ASSERT_FALSE(answer.has_value());
  EXPECT_NE(answer.error().message.find("lookback exceeded"), std::string::npos);
}

}  // namespace
}  // namespace preconf::node::devnet::testing
