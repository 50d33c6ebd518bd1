// preconf whatif: changed inputs on scripted histories.
#include "replay/whatif/whatif.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "replay/cli/tool.hpp"
#include "replay/whatif/inserts.hpp"
#include "replay/whatif/recorded_l1.hpp"
#include "tests/reducer/derivation_world.hpp"
#include "tests/replay/recorded_log.hpp"
#include "tests/support/memory_history.hpp"
#include "tests/support/world.hpp"

namespace preconf::replay {
namespace {

using core::Seq;
using tests::ModelEngine;
using tests::Preconfer;
using tests::Promise;
using tests::World;

class Counterfactual : public testing::Test {
 protected:
  Counterfactual() {
    world_.start();
    world_.settle();
    for (int i = 0; i < 6; ++i) {
      promises_.push_back(preconfer_.next_block());
      list_at_.push_back(core::next(world_.state.last_seq));
      world_.promise(promises_.back());
      world_.settle();
    }
  }
  WhatIfReport run(const InputChanges& changes) {
    const History history = tests::history_of(world_.log);
    const auto report = what_if(history, changes, {Seq{1}, history.events->end().seq}, {});
    if (!report) ADD_FAILURE() << report.error().message;
    return report ? *report : WhatIfReport{};
  }
  static InputChanges dropping(const std::string& text) {
    InputChanges changes;
    auto predicate = Predicate::parse(text, PredicateScope::kEvent);
    EXPECT_TRUE(predicate.has_value());
    if (predicate) changes.drop = *predicate;
    return changes;
  }

  ModelEngine engine_{167001};
  World world_{engine_};
  Preconfer preconfer_;
  std::vector<Promise> promises_;
  std::vector<Seq> list_at_;
};

TEST_F(Counterfactual, nothing_changed_is_the_same_and_exact) {
  const WhatIfReport report = run(dropping("event.seq == 1000000"));
  EXPECT_FALSE(report.differs) << to_text(report);
  EXPECT_FALSE(report.model);
  EXPECT_EQ(report.events_changed, report.events_recorded);
  EXPECT_EQ(report.answers_modelled, 0U);
  EXPECT_GE(report.answers_recorded, 36U);
  EXPECT_TRUE(report.decisions.empty());
}

TEST_F(Counterfactual, a_dropped_duplicate_changes_no_engine_call) {
  world_.commitment(promises_[2].facts);
  const Seq repeated = world_.state.last_seq;
  const Promise more = preconfer_.next_block();
  world_.promise(more);
  world_.settle();
  const WhatIfReport report = run(dropping("event.seq == " + std::to_string(repeated.value)));
  EXPECT_TRUE(report.differs);
  EXPECT_FALSE(report.model) << to_text(report);
  EXPECT_EQ(report.first->seq, repeated);
  EXPECT_EQ(report.dropped, 1U);
  EXPECT_EQ(report.decisions.size(), 1U);
  EXPECT_EQ(report.changed_head->hash, report.recorded_head->hash);
}

TEST_F(Counterfactual, without_a_list_the_chain_ends_below_it) {
  const Seq dropped = list_at_[3];
  const WhatIfReport report = run(dropping("event.seq == " + std::to_string(dropped.value)));
  EXPECT_TRUE(report.differs);
  ASSERT_TRUE(report.first);
  EXPECT_EQ(report.first->seq, dropped);
  ASSERT_TRUE(report.model);
  EXPECT_GE(report.model->seq, dropped);
  EXPECT_EQ(report.recorded_head->number.value, 6U);
  EXPECT_EQ(report.changed_head->number.value, 3U);
  EXPECT_EQ(report.decisions.at("applied").recorded, 6U);
  EXPECT_EQ(report.decisions.at("applied").changed, 3U);
  EXPECT_GT(report.commands.at("new_payload").gone, 0U);
}

TEST_F(Counterfactual, a_list_that_came_later_gives_the_same_chain_by_the_model) {
  InputChanges changes = dropping("event.seq == " + std::to_string(list_at_[3].value));
  changes.inserts.emplace(list_at_[5], core::events::TxListReceived{promises_[3].list, 1});
  const WhatIfReport report = run(changes);
  EXPECT_TRUE(report.differs);
  ASSERT_TRUE(report.model);
  EXPECT_GT(report.answers_modelled, 0U);
  EXPECT_EQ(report.inserted, 1U);
  EXPECT_EQ(report.changed_head->number.value, 6U) << to_text(report);
}

TEST_F(Counterfactual, other_rules_from_a_file) {
  const auto rules = RuleChanges::parse(
      "[schedule]\nversion = 9\nwindows = [ { start = 900, end = 2000, committer = "
      "\"0x0909090909090909090909090909090909090909\" } ]\n");
  ASSERT_TRUE(rules.has_value()) << rules.error();
  InputChanges changes;
  changes.rules = *rules;
  const WhatIfReport report = run(changes);
  EXPECT_TRUE(report.differs);
  EXPECT_EQ(report.changed_head->number.value, 0U);
  EXPECT_EQ(report.decisions.at("rejected/signer_mismatch").changed, 6U) << to_text(report);

  EXPECT_TRUE(RuleChanges::parse("{\"chain\":{\"min_base_fee_wei\":5}}").has_value());
  EXPECT_FALSE(RuleChanges::parse("[chain]\nnonsense = 1\n").has_value());
  EXPECT_FALSE(RuleChanges::parse("[chain]\nanchor_address = \"0x12\"\n").has_value());
  EXPECT_FALSE(RuleChanges::parse("[chain\n").has_value());
  EXPECT_FALSE(RuleChanges::parse("[other]\na = 1\n").has_value());
  EXPECT_FALSE(
      RuleChanges::parse("{\"schedule\":{\"version\":1,\"windows\":[{\"start\":5,\"end\":5,"
                         "\"committer\":\"0x0909090909090909090909090909090909090909\"}]}}")
          .has_value());
}

/// Twenty promised blocks, in two proposals on L1 after all of them were executed.
struct CounterfactualOnL1 : testing::Test {
  CounterfactualOnL1() {
    node.catch_up();  // L1 has nothing yet: the gate opens
    for (std::size_t i = 0; i < 20; ++i) {
      list_at.push_back(core::next(node.world.state.last_seq));
      node.world.promise(chain.promises[i]);
      node.world.settle();
    }
    chain.l1.propose(chain.proposal(0));
    chain.l1.propose(chain.proposal(1));
    catch_up();
  }
  void catch_up() {
    node.catch_up();
    node.world.settle_with_retries();
  }
  /// Block `number` is promised and its list never comes.
  InputChanges without_list_of(std::size_t number) {
    InputChanges changes;
    auto drop = Predicate::parse("event.seq == " + std::to_string(list_at[number - 1].value),
                                 PredicateScope::kEvent);
    EXPECT_TRUE(drop.has_value());
    if (drop) changes.drop = *drop;
    return changes;
  }
  WhatIfReport run(const InputChanges& changes) {
    const History history = tests::history_of(node.world.log);
    const auto report = what_if(history, changes, {Seq{1}, history.events->end().seq}, {});
    if (!report) ADD_FAILURE() << report.error().message;
    return report ? *report : WhatIfReport{};
  }

  tests::ProposedChain chain{20};
  tests::DerivingNode node{chain};
  std::vector<Seq> list_at;
};

// Behind the divergence L1 answered nothing: every proposal stayed where it was, and the head with
// it, whatever the question was.
TEST_F(CounterfactualOnL1, what_l1_answered_in_history_it_answers_behind_the_divergence) {
  ASSERT_EQ(node.world.state.l1_chain.derived.size(), 2u);
  const WhatIfReport report = run(without_list_of(12));
  ASSERT_TRUE(report.model) << to_text(report);
  EXPECT_LT(report.model->seq, list_at[13]);
  EXPECT_EQ(report.decisions.at("applied").changed, 11u);
  // L1 brings the blocks that nobody could execute before, and they are the same ones.
  ASSERT_TRUE(report.changed_head.has_value());
  EXPECT_EQ(report.changed_head->number.value, 20u) << to_text(report);
  EXPECT_EQ(report.changed_head->hash, report.recorded_head->hash);
  EXPECT_EQ(report.decisions.at("derived_built").changed, 9u);
  EXPECT_EQ(report.decisions.at("derived_kept").changed, 11u);
  EXPECT_FALSE(report.decisions.contains("proposal_derived")) << "as often as in history";
  EXPECT_FALSE(report.decisions.contains("safe_moved"));
  EXPECT_GT(report.l1_answers, 20u);
  EXPECT_EQ(report.l1_unanswered, 0u);
  EXPECT_NE(report.statement.find("model from there on"), std::string::npos);
  EXPECT_NE(report.statement.find("L1 answers a question as it did in history"), std::string::npos);
  EXPECT_EQ(report.statement.find("never asked it"), std::string::npos) << report.statement;
}

TEST_F(CounterfactualOnL1, a_reorg_of_l1_comes_behind_the_divergence_too) {
  while (chain.l1.next_id() != core::ProposalId{2}) chain.l1.reorg(1);
  chain.l1.propose(chain.other_proposal(1, 3));
  catch_up();
  const WhatIfReport report = run(without_list_of(12));
  ASSERT_TRUE(report.model);
  EXPECT_FALSE(report.decisions.contains("l1_reorged"));
  EXPECT_FALSE(report.decisions.contains("proposal_undone"));
  ASSERT_TRUE(report.changed_head.has_value());
  EXPECT_EQ(report.changed_head->hash, report.recorded_head->hash) << to_text(report);
}

TEST_F(CounterfactualOnL1, a_question_that_history_never_asked_stays_open_and_is_told) {
  const auto rules = RuleChanges::parse("{\"chain\":{\"min_base_fee_wei\":50000000}}");
  ASSERT_TRUE(rules.has_value()) << rules.error();
  InputChanges changes;
  changes.rules = *rules;
  const WhatIfReport report = run(changes);
  ASSERT_TRUE(report.model) << to_text(report);
  EXPECT_GT(report.l1_unanswered, 0u) << "every list has another base fee in its anchor";
  EXPECT_NE(report.statement.find("what history never asked it"), std::string::npos)
      << report.statement;
  EXPECT_NE(to_text(report).find(" questions without one\n"), std::string::npos);
}

TEST(RecordedL1, answers_what_was_known_at_that_time) {
  RecordedL1 l1;
  core::commands::ResolveSources asked;
  asked.id = core::ProposalId{3};
  const core::events::L1Failed missing{core::events::L1FailureKind::kBlobMissing, {}, ""};
  core::events::SourcesResolved resolved;
  resolved.id = asked.id;
  l1.remember(asked, missing, {100});
  l1.remember(asked, missing, {200});
  l1.remember(asked, resolved, {300});
  const auto at = [&](std::uint64_t time) { return l1.answer(asked, {time}); };
  EXPECT_EQ(*at(50), core::events::L1Result{missing}) << "nothing came earlier";
  EXPECT_EQ(*at(299), core::events::L1Result{missing});
  EXPECT_EQ(*at(300), core::events::L1Result{resolved});
  EXPECT_EQ(*at(900), core::events::L1Result{resolved});
  asked.id = core::ProposalId{4};
  EXPECT_EQ(at(900), nullptr);
}

TEST(Inserts, are_verified_from_their_bytes) {
  const core::Hash32 domain;
  const std::string commitment(2 * 382, '0');
  const auto read = read_inserts("{\"after\":3,\"commitment\":\"0x" + commitment +
                                     "\"}\n\n{\"after\":4,\"txlist\":\"AAAA\"}\n"
                                     "{\"after\":5,\"l1\":{\"scanner_live\":true,"
                                     "\"target_proposal\":7,\"target_block\":50}}",
                                 domain);
  ASSERT_TRUE(read.has_value()) << read.error();
  ASSERT_EQ(read->size(), 3U);
  const auto& received = std::get<core::events::CommitmentReceived>(read->find(Seq{3})->second);
  EXPECT_EQ(received.facts, core::protocol::verify_commitment(received.raw, domain));
  const auto& list = std::get<core::events::TxListReceived>(read->find(Seq{4})->second);
  EXPECT_EQ(list.facts.compressed_bytes, 3U);
  for (const char* bad : {"{\"after\":3}", "{\"commitment\":\"0x00\"}", "nonsense",
                          "{\"after\":3,\"commitment\":\"0x00\"}", "{\"after\":1,\"txlist\":\"!\"}",
                          "{\"after\":1,\"l1\":{}}", "{\"after\":1,\"schedule\":{}}"}) {
    const auto refused = read_inserts(bad, domain);
    ASSERT_FALSE(refused.has_value()) << bad;
    EXPECT_TRUE(refused.error().starts_with("line 1: ")) << refused.error();
  }
}

TEST(WhatIfTool, runs_on_a_data_directory) {
  tests::RecordedLog log;
  tests::RealWorld world;
  for (std::uint64_t i = 0; i < 5; ++i) world.add_traffic(i);
  log.write(world);
  log.close();
  const auto run = [&](std::vector<std::string> arguments, std::string& out) {
    std::ostringstream stream;
    std::ostringstream err;
    arguments.insert(arguments.begin(), log.path().string());
    const int code = run_tool(*find_tool("whatif"), arguments, Streams{stream, err});
    out = stream.str() + err.str();
    return code;
  };
  std::string out;
  EXPECT_EQ(run({"--drop", "event.seq == 2"}, out), 3) << out;
  EXPECT_EQ(run({"--drop", "event.kind == \"commitment_received\"", "--json"}, out), 3) << out;
  EXPECT_EQ(run({}, out), 1);
  EXPECT_EQ(run({"--drop", "gate.open"}, out), 1);
  EXPECT_EQ(run({"--config", "no/such/file"}, out), 1);
}

TEST_F(Counterfactual, a_condition_that_matches_nothing_says_so) {
  const WhatIfReport nothing = run(dropping("event.seq == 1000000"));
  EXPECT_TRUE(nothing.nothing_changed);
  EXPECT_NE(to_text(nothing).find("NOTHING MATCHED --drop"), std::string::npos);
  EXPECT_EQ(to_text(nothing).find("no decision differs"), std::string::npos);
  const WhatIfReport answers = run(dropping("event.kind == \"engine_answered\""));
  EXPECT_TRUE(answers.nothing_changed);
  EXPECT_GT(answers.not_droppable, 30U);
  EXPECT_NE(to_text(answers).find("can not be dropped"), std::string::npos);

  InputChanges behind;
  behind.inserts.emplace(Seq{1'000'000}, core::events::TxListReceived{promises_[3].list, 1});
  const WhatIfReport not_put_in = run(behind);
  EXPECT_TRUE(not_put_in.nothing_changed);
  EXPECT_NE(to_text(not_put_in).find("NOT PUT IN: 1 of 1"), std::string::npos);
}

TEST(WhatIfTool, nothing_changed_is_no_clean_answer) {
  tests::RecordedLog log;
  tests::RealWorld world;
  for (std::uint64_t i = 0; i < 3; ++i) world.add_traffic(i);
  log.write(world);
  log.close();
  for (const bool json : {false, true}) {
    std::vector<std::string> arguments{log.path().string(), "--drop", "event.seq == 99999"};
    if (json) arguments.emplace_back("--json");
    std::ostringstream out;
    std::ostringstream err;
    EXPECT_EQ(run_tool(*find_tool("whatif"), arguments, Streams{out, err}), 1);
    const char* words = json ? "\"nothing_changed\":true" : "NOTHING MATCHED --drop";
    EXPECT_NE(out.str().find(words), std::string::npos) << out.str();
    EXPECT_NE(err.str().find("nothing in the history was changed"), std::string::npos);
  }
}

}  // namespace
}  // namespace preconf::replay
