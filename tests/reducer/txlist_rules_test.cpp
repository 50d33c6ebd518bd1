// Driver effect T2: a list that can not be executed marks its commitment, and the node lives on.
#include <gtest/gtest.h>

#include "core/limits.hpp"
#include "core/protocol/anchor_tx.hpp"
#include "tests/support/world.hpp"

namespace preconf::tests {
namespace {

using namespace preconf::core;  // NOLINT: test
using List = protocol::TxListFacts;

struct BrokenList {
  const char* name;
  Reason reason;
  EvidenceKind evidence;
  void (*breaks)(List&);
};

class TxListRules : public ::testing::TestWithParam<BrokenList> {
 protected:
  TxListRules() {
    world.start();
    world.settle();
  }
  ModelEngine engine{167001};
  World world{engine};
  Preconfer preconfer;
};

TEST_P(TxListRules, marks_the_commitment_and_its_children_invalid_in_either_order) {
  for (const bool list_first : {true, false}) {
    ModelEngine other(167001);
    World run(other);
    Preconfer author;
    run.start();
    run.settle();
    Promise broken = author.next_block();
    GetParam().breaks(broken.list);
    const Promise child = author.next_block();
    if (list_first) run.txlist(broken.list);
    run.commitment(broken.facts);
    run.promise(child);
    if (!list_first) run.txlist(broken.list);
    run.settle_with_retries();
    EXPECT_EQ(run.state.heads.unsafe->number, BlockNumber{0});
    EXPECT_EQ(other.writes, 0U) << "the engine never sees it";
    const auto key = CommitmentKey{broken.facts.preconf_hash, broken.facts.signer};
    const Commitment* commitment = run.state.book.find(key);
    ASSERT_NE(commitment, nullptr);
    EXPECT_EQ(commitment->phase, Phase::kInvalid);
    EXPECT_STREQ(name_of(commitment->invalid_reason), name_of(GetParam().reason));
    ASSERT_EQ(run.state.evidence.size(), 1U);
    EXPECT_EQ(run.state.evidence[0].kind, GetParam().evidence);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Defects, TxListRules,
    ::testing::Values(
        BrokenList{"undecodable", Reason::kTxListUndecodable, EvidenceKind::kTxListUndecodable,
                   [](List& l) { l.defect = protocol::TxListDefect::kZlibDecode; }},
        BrokenList{"no_anchor", Reason::kAnchorMissing, EvidenceKind::kAnchorInvalid,
                   [](List& l) { l.anchor.defect = protocol::AnchorDefect::kMissing; }},
        BrokenList{"wrong_sender", Reason::kAnchorWrongSender, EvidenceKind::kAnchorInvalid,
                   [](List& l) { l.anchor.sender = address_number(1); }},
        BrokenList{"wrong_contract", Reason::kAnchorWrongContract, EvidenceKind::kAnchorInvalid,
                   [](List& l) { l.anchor.to = address_number(1); }},
        BrokenList{"wrong_chain", Reason::kAnchorWrongChain, EvidenceKind::kAnchorInvalid,
                   [](List& l) { l.anchor.chain_id = 167000; }},
        BrokenList{"wrong_gas", Reason::kAnchorWrongGasOrValue, EvidenceKind::kAnchorInvalid,
                   [](List& l) { l.anchor.gas_limit = 999'999; }},
        BrokenList{"with_value", Reason::kAnchorWrongGasOrValue, EvidenceKind::kAnchorInvalid,
                   [](List& l) { l.anchor.value_is_zero = false; }},
        BrokenList{"with_tip", Reason::kAnchorWrongGasOrValue, EvidenceKind::kAnchorInvalid,
                   [](List& l) { l.anchor.max_priority_fee_per_gas = U256::from_u64(1); }},
        BrokenList{"wrong_number", Reason::kAnchorNumberMismatch, EvidenceKind::kAnchorInvalid,
                   [](List& l) { ++l.anchor.anchor_block_number; }},
        BrokenList{"wrong_base_fee", Reason::kAnchorWrongBaseFee, EvidenceKind::kAnchorInvalid,
                   [](List& l) { l.anchor.max_fee_per_gas = U256::from_u64(24'999'999); }}),
    [](const auto& test_case) { return std::string(test_case.param.name); });

TEST(txlist_rules, rival_at_the_height_of_an_invalid_block_executes) {
  ModelEngine engine(167001);
  World world(engine);
  Preconfer preconfer;
  world.start();
  world.settle();
  Promise broken = preconfer.variant(3, 5);
  broken.list.defect = protocol::TxListDefect::kRlpNotAList;
  world.promise(broken);
  world.promise(preconfer.next_block());
  world.settle();
  EXPECT_EQ(world.state.heads.unsafe->hash, preconfer.tip.hash);
}

TEST(txlist_rules, unreferenced_lists_are_bounded_and_the_oldest_goes_first) {
  ModelEngine engine(167001);
  World world(engine);
  world.start();
  List list;
  for (std::size_t i = 0; i < limits::kUnreferencedTxListsMax + 10; ++i) {
    list.hash.bytes[0] = static_cast<std::uint8_t>(i);
    list.hash.bytes[1] = static_cast<std::uint8_t>(i >> 8);
    world.txlist(list);
  }
  EXPECT_EQ(world.state.txlists.lists.size(), limits::kUnreferencedTxListsMax);
  EXPECT_FALSE(world.state.txlists.lists.contains(Hash32{}));
}

TEST(txlist_rules, list_shared_by_two_commitments_survives_the_stale_one) {
  ModelEngine engine(167001);
  World world(engine);
  Preconfer preconfer;
  world.start();
  world.settle();
  const Promise first = preconfer.next_block();
  Promise second = preconfer.variant(2, 0);
  second.facts.raw_tx_list_hash = first.list.hash;
  seal(second.facts);
  world.promise(first);
  world.commitment(second.facts);
  world.settle();
  engine.head_l1_origin = BlockNumber{1};
  world.fire_next_timer();
  world.settle();
  EXPECT_EQ(world.state.book.by_height.begin()->number, BlockNumber{2});
  EXPECT_TRUE(world.state.txlists.lists.contains(first.list.hash));
}

TEST(txlist_rules, same_list_twice_is_a_duplicate) {
  ModelEngine engine(167001);
  World world(engine);
  Preconfer preconfer;
  world.start();
  const Promise block = preconfer.next_block();
  world.txlist(block.list);
  world.txlist(block.list);
  EXPECT_EQ(world.decisions.back().reason, Reason::kTxListDuplicate);
}

// publishTxList of a list known to be undecodable was answered as a success.
TEST(txlist_rules, undecodable_list_is_refused_each_time_it_is_offered) {
  ModelEngine engine(167001);
  World world(engine);
  world.start();
  List list;
  list.defect = protocol::TxListDefect::kZlibDecode;
  for (int i = 0; i < 2; ++i) {
    world.txlist(list);
    EXPECT_EQ(world.decisions.back().verdict, Verdict::kTxListRejected);
  }
}

}  // namespace
}  // namespace preconf::tests
