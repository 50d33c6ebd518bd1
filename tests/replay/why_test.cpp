// preconf why: every subject on a scripted history.
#include "replay/why/why.hpp"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <sstream>

#include "replay/cli/tool.hpp"
#include "replay/json_printer.hpp"
#include "tests/support/memory_history.hpp"
#include "tests/support/storage_events.hpp"
#include "tests/support/world.hpp"

namespace preconf::replay {
namespace {

using core::BlockNumber;
using core::Seq;
using tests::ModelEngine;
using tests::Preconfer;
using tests::Promise;
using tests::World;

class Why : public testing::Test {
 protected:
  WhyAnswer ask(Question question) {
    const History history = tests::history_of(world_.log);
    if (question.at.value == 0) question.at = history.events->end().seq;
    const auto answer = explain(history, question, {});
    EXPECT_TRUE(answer.has_value());
    return answer ? *answer : WhyAnswer{};
  }
  WhyAnswer ask_rejected(const core::Hash32& hash) {
    Question question;
    question.subject = WhySubject::kRejected;
    question.hash = hash;
    return ask(question);
  }
  WhyAnswer ask_block(WhySubject subject, std::uint64_t number, std::uint64_t at = 0) {
    Question question;
    question.subject = subject;
    question.block = BlockNumber{number};
    question.at = Seq{at};
    return ask(question);
  }

  void start() {
    world_.start();
    world_.settle();
  }
  void execute(const Promise& promise) {
    world_.promise(promise);
    world_.settle();
  }
  /// The seq of the newest event.
  [[nodiscard]] Seq now() const { return world_.state.last_seq; }

  ModelEngine engine_{167001};
  World world_{engine_};
  Preconfer preconfer_;
};

/// Is there a way from the root to event `seq` along roles that begin so?
bool leads_to(const WhyAnswer& answer, const std::vector<std::string>& roles, Seq seq) {
  std::vector<std::uint32_t> at{0};
  for (const std::string& role : roles) {
    std::vector<std::uint32_t> next;
    for (const CauseEdge& edge : answer.edges) {
      const bool is_here = std::find(at.begin(), at.end(), edge.from) != at.end();
      if (is_here && edge.role.starts_with(role)) next.push_back(edge.to);
    }
    at = next;
  }
  return std::any_of(at.begin(), at.end(),
                     [&](std::uint32_t id) { return answer.nodes[id].seq == seq; });
}

bool has_unknown(const WhyAnswer& answer, const std::string& text) {
  return std::any_of(answer.nodes.begin(), answer.nodes.end(), [&](const CauseNode& node) {
    return node.unknown.find(text) != std::string::npos;
  });
}

std::string operand(const WhyAnswer& answer, const std::string& name) {
  for (const Operand& one : answer.operands) {
    if (one.name == name) return one.value;
  }
  return "none";
}

Seq seq_of_schedule(const World& world) {
  for (const core::Event& event : world.log) {
    if (std::holds_alternative<core::events::ScheduleConfigured>(event.body)) return event.seq;
  }
  return {};
}

TEST_F(Why, rejected_by_a_wrong_signer_names_the_schedule_and_the_right_one) {
  start();
  Promise wrong = preconfer_.variant(2, 1);
  const core::Address expected = wrong.facts.signer;
  wrong.facts.signer = tests::address_number(9);
  world_.commitment(wrong.facts);
  const Seq decided = now();
  world_.settle();

  const WhyAnswer answer = ask_rejected(wrong.facts.preconf_hash);
  EXPECT_EQ(answer.verdict, "rejected");
  ASSERT_TRUE(answer.rule);
  EXPECT_EQ(answer.rule->name, "signer_mismatch");
  EXPECT_EQ(answer.decided_at, decided);
  EXPECT_EQ(operand(answer, "window_end"), std::to_string(wrong.facts.window_end.value));
  EXPECT_EQ(operand(answer, "expected_committer"), core::to_hex0x(expected.view()));
  EXPECT_TRUE(leads_to(answer, {"schedule version 1"}, seq_of_schedule(world_)));
  ASSERT_EQ(answer.admitted_if.size(), 1U);
  EXPECT_EQ(answer.admitted_if[0], "it were signed by " + core::to_hex0x(expected.view()));

  // By its other hashes, too.
  Question question;
  question.subject = WhySubject::kRejected;
  question.hash = wrong.facts.content_hash;
  EXPECT_EQ(ask(question).decided_at, decided);
}

TEST_F(Why, what_would_have_been_admitted_is_complete) {
  start();
  Promise wrong = preconfer_.variant(2, 1);
  wrong.facts.signer = tests::address_number(9);
  wrong.facts.window_end = core::UnixSeconds{5};
  wrong.facts.gas_limit = 1;
  tests::seal(wrong.facts);
  world_.commitment(wrong.facts);
  const WhyAnswer answer = ask_rejected(wrong.facts.preconf_hash);
  ASSERT_EQ(answer.admitted_if.size(), 3U) << to_text(answer);
  EXPECT_TRUE(answer.admitted_if[0].starts_with("it were signed by"));
  EXPECT_TRUE(answer.admitted_if[1].starts_with("its submissionWindowEnd were 1384"));
  EXPECT_TRUE(answer.admitted_if[2].starts_with("its gas limit were within"));
}

TEST_F(Why, rejected_says_when_there_is_nothing_to_know) {
  start();
  core::Hash32 stranger;
  stranger.bytes.fill(0x77);
  const WhyAnswer answer = ask_rejected(stranger);
  EXPECT_EQ(answer.verdict, "unknown");
  EXPECT_FALSE(answer.found);
  const Promise fine = preconfer_.next_block();
  execute(fine);
  EXPECT_EQ(ask_rejected(fine.facts.preconf_hash).verdict, "applied");
}

TEST_F(Why, a_transaction_list_of_a_wrong_anchor_invalidates) {
  start();
  Promise wrong = preconfer_.variant(2, 1);
  wrong.list.anchor.anchor_block_number += 5;
  world_.commitment(wrong.facts);
  const Seq promised = now();
  world_.txlist(wrong.list);
  const Seq decided = now();
  const WhyAnswer answer = ask_rejected(wrong.facts.preconf_hash);
  EXPECT_EQ(answer.verdict, "invalidated");
  EXPECT_EQ(answer.rule->name, "anchor_number_mismatch");
  EXPECT_EQ(answer.decided_at, decided);
  EXPECT_EQ(operand(answer, "anchored"), std::to_string(wrong.list.anchor.anchor_block_number));
  EXPECT_TRUE(leads_to(answer, {"commitment"}, promised));
}

TEST_F(Why, not_executed_because_the_list_never_arrived) {
  start();
  const Promise first = preconfer_.next_block();
  const Promise second = preconfer_.next_block();
  const Promise third = preconfer_.next_block();
  execute(first);
  world_.commitment(second.facts);
  const Seq promised = now();
  execute(third);

  const WhyAnswer direct = ask_block(WhySubject::kNotExecuted, 2);
  EXPECT_EQ(direct.verdict, "txlist_missing");
  EXPECT_TRUE(leads_to(direct, {"commitment"}, promised));
  EXPECT_TRUE(has_unknown(direct, core::to_hex0x(second.facts.raw_tx_list_hash.view())));

  const WhyAnswer above = ask_block(WhySubject::kNotExecuted, 3);
  EXPECT_EQ(above.verdict, "waits_for_lower");
  EXPECT_TRUE(leads_to(above, {"needs", "commitment"}, promised));
  EXPECT_TRUE(has_unknown(above, "did not reach this node"));
}

TEST_F(Why, not_executed_because_the_parent_was_rejected_for_its_signer) {
  start();
  execute(preconfer_.next_block());
  Promise wrong = preconfer_.next_block();
  wrong.facts.signer = tests::address_number(9);  // does not change what children link to
  const Promise child = preconfer_.next_block();
  world_.promise(wrong);
  const Seq refused = now();
  world_.promise(child);
  const Seq waiting = now();
  world_.settle();

  const WhyAnswer answer = ask_block(WhySubject::kNotExecuted, 3);
  EXPECT_EQ(answer.verdict, "pending_parent");
  EXPECT_EQ(answer.decided_at, waiting);
  EXPECT_TRUE(leads_to(answer, {"pending_parent", "parent (rejected)"}, refused))
      << to_text(answer);
  EXPECT_TRUE(leads_to(answer, {"pending_parent", "parent (rejected)", "schedule"},
                       seq_of_schedule(world_)));
  EXPECT_EQ(ask_block(WhySubject::kNotExecuted, 2).rule->name, "signer_mismatch");
}

TEST_F(Why, not_executed_because_nothing_arrived_or_the_gate_is_closed) {
  start();
  EXPECT_EQ(ask_block(WhySubject::kNotExecuted, 1).verdict, "no_commitment");
  world_.feed(core::events::L1SyncObserved{false, core::ProposalId{0}, std::nullopt});
  const Seq closed = now();
  world_.promise(preconfer_.next_block());
  const WhyAnswer answer = ask_block(WhySubject::kNotExecuted, 1);
  EXPECT_EQ(answer.verdict, "gate_closed");
  EXPECT_EQ(answer.rule->name, "gate_scanner_not_live");
  EXPECT_TRUE(leads_to(answer, {"waits for", "closed by"}, closed)) << to_text(answer);
}

TEST_F(Why, not_executed_because_the_engine_called_it_invalid) {
  start();
  world_.promise(preconfer_.next_block());
  for (int i = 0; i < 3; ++i) world_.answer_next();  // probe, prepare, take
  world_.answer_next_with(
      core::events::PayloadJudged{core::events::PayloadStatus::kInvalid, {}, "bad"});
  const Seq judged = now();
  const WhyAnswer answer = ask_block(WhySubject::kNotExecuted, 1);
  EXPECT_EQ(answer.verdict, "invalidated");
  EXPECT_EQ(answer.rule->name, "engine_invalid");
  EXPECT_EQ(answer.decided_at, judged);
  EXPECT_TRUE(leads_to(answer, {"invalidated", "answers new_payload"}, Seq{judged.value - 1}));
}

TEST_F(Why, head_goes_back_through_every_engine_call_to_the_inputs) {
  start();
  const Promise first = preconfer_.next_block();
  world_.txlist(first.list);
  const Seq list = now();
  world_.commitment(first.facts);
  const Seq promised = now();
  world_.settle();
  const WhyAnswer answer = ask_block(WhySubject::kHead, 1);
  EXPECT_EQ(answer.verdict, "applied");
  const std::vector<std::string> calls{"answers read_block",    "answers update_forkchoice",
                                       "answers new_payload",   "answers get_payload",
                                       "answers start_payload", "answers read_block"};
  EXPECT_TRUE(leads_to(answer, calls, promised)) << to_text(answer);
  std::vector<std::string> to_list = calls;
  to_list.push_back("transaction list");
  EXPECT_TRUE(leads_to(answer, to_list, list));
  EXPECT_FALSE(answer.is_cut);
  EXPECT_EQ(ask_block(WhySubject::kHead, 7).verdict, "unknown");
}

TEST_F(Why, head_was_replaced_because_the_engine_restarted_older) {
  start();
  execute(preconfer_.next_block());
  execute(preconfer_.next_block());
  const Seq executed = now();
  engine_.lose_blocks(1);
  world_.feed(core::events::BootStarted{});
  const Seq boot = now();
  world_.settle();
  const WhyAnswer answer = ask_block(WhySubject::kReorg, 2);
  EXPECT_EQ(answer.verdict, "head_adopted");
  EXPECT_EQ(answer.rule->name, "engine_older_head");
  EXPECT_EQ(operand(answer, "engine_number"), "1");
  EXPECT_EQ(operand(answer, "our_number"), "2");
  EXPECT_TRUE(leads_to(answer, {"answers read_heads"}, boot)) << to_text(answer);
  EXPECT_TRUE(leads_to(answer, {"the head before"}, executed));
  EXPECT_EQ(ask_block(WhySubject::kReorg, 1).verdict, "not_replaced");
  // As things stood before the restart.
  EXPECT_EQ(ask_block(WhySubject::kReorg, 2, executed.value).verdict, "not_replaced");
}

// `why reorg LOG` was refused, although the documentation calls the number optional.
TEST_F(Why, reorg_without_a_block_is_the_newest_one) {
  start();
  Question question;
  question.subject = WhySubject::kReorg;
  question.any_block = true;
  EXPECT_EQ(ask(question).verdict, "not_replaced");
  for (int i = 0; i < 4; ++i) execute(preconfer_.next_block());
  engine_.lose_blocks(1);
  world_.feed(core::events::BootStarted{});
  world_.settle();
  const Seq older = now();
  engine_.lose_blocks(2);
  world_.feed(core::events::BootStarted{});
  world_.settle();

  const WhyAnswer answer = ask(question);
  EXPECT_EQ(answer.verdict, "head_adopted");
  EXPECT_EQ(answer.rule->name, "engine_older_head");
  EXPECT_GT(answer.decided_at, older);
  EXPECT_TRUE(answer.explanation.starts_with("block 2 0x")) << answer.explanation;
  EXPECT_NE(answer.explanation.find(", and all up to 3, left the executed chain"),
            std::string::npos)
      << answer.explanation;
  EXPECT_NE(answer.explanation.find("(2 replacements in all)"), std::string::npos);
  EXPECT_EQ(ask_block(WhySubject::kReorg, 3).decided_at, answer.decided_at);
  // As things stood before the second one.
  question.at = older;
  EXPECT_TRUE(ask(question).explanation.starts_with("block 4 0x"));
}

TEST_F(Why, not_synced_names_each_failing_criterion_and_since_when) {
  start();
  execute(preconfer_.next_block());
  Question question;
  question.subject = WhySubject::kNotSynced;
  EXPECT_EQ(ask(question).verdict, "ready");
  world_.feed(core::events::L1SyncObserved{true, core::ProposalId{4}, BlockNumber{50}});
  const Seq l1 = now();
  world_.now_ns += 3'000'000'000;
  world_.feed(core::events::IngressRejected{core::SourceKind::kRpc, "garbage", 1, {}});
  const WhyAnswer answer = ask(question);
  EXPECT_EQ(answer.verdict, "not_ready");
  EXPECT_EQ(answer.rule->name, "gate_not_confirmed");
  std::size_t failing = 0;
  for (const Finding& finding : answer.findings) {
    if (finding.holds) continue;
    ++failing;
    EXPECT_TRUE(finding.name == "confirmed_sync" || finding.name == "gate_open") << finding.name;
    EXPECT_EQ(finding.since, l1);
    EXPECT_EQ(finding.age_ms, 3'001U);
    EXPECT_FALSE(finding.unblocked_by.empty());
  }
  EXPECT_EQ(failing, 2U);
  EXPECT_TRUE(leads_to(answer, {"fails", "since"}, l1));
}

TEST_F(Why, stuck_lists_what_is_awaited_with_its_age) {
  start();
  world_.settle();
  const Promise first = preconfer_.next_block();
  const Promise second = preconfer_.next_block();
  const Promise third = preconfer_.next_block();
  world_.commitment(first.facts);
  const Seq promised = now();
  world_.commitment(third.facts);
  const Seq orphan = now();
  Question question;
  question.subject = WhySubject::kStuck;
  const WhyAnswer answer = ask(question);
  EXPECT_EQ(answer.verdict, "waiting");
  ASSERT_GE(answer.findings.size(), 2U);
  EXPECT_EQ(answer.findings[0].name, "txlist");
  EXPECT_EQ(answer.findings[0].since, promised);
  EXPECT_EQ(answer.findings[0].unblocked_by,
            "txlist_received with hash " + core::to_hex0x(first.list.hash.view()));
  EXPECT_EQ(answer.findings[1].name, "parent");
  EXPECT_EQ(answer.findings[1].since, orphan);
  EXPECT_EQ(answer.findings[1].unblocked_by, "commitment_received with preconf_hash " +
                                                 core::to_hex0x(second.facts.preconf_hash.view()));
}

TEST_F(Why, stuck_behind_the_engine_names_the_command_and_the_last_failure) {
  start();
  world_.promise(preconfer_.next_block());
  const Seq asked = now();
  Question question;
  question.subject = WhySubject::kStuck;
  const WhyAnswer waiting = ask(question);
  EXPECT_EQ(waiting.findings[0].name, "read_block");
  EXPECT_EQ(waiting.findings[0].since, asked);
  world_.answer_next_with(core::events::EngineFailed{core::events::EngineFailureKind::kConnect,
                                                     core::events::Certainty::kNotSent, 0, ""});
  const Seq failed = now();
  const WhyAnswer retry = ask(question);
  EXPECT_EQ(retry.findings[0].name, "apply_retry");
  EXPECT_TRUE(leads_to(retry, {"apply_retry"}, failed));
}

TEST_F(Why, command_has_a_cause_and_a_fate) {
  start();
  world_.promise(preconfer_.next_block());
  Question question;
  question.subject = WhySubject::kCommand;
  question.command = world_.outstanding.front().id;
  EXPECT_EQ(ask(question).verdict, "in_flight");
  world_.answer_next();
  const WhyAnswer answered = ask(question);
  EXPECT_EQ(answered.verdict, "answered");
  EXPECT_TRUE(leads_to(answered, {}, now())) << to_text(answered);
  EXPECT_TRUE(leads_to(answered, {"answers read_block"}, question.command.cause));
  question.command = world_.outstanding.front().id;
  world_.feed(core::events::BootStarted{});
  EXPECT_EQ(ask(question).verdict, "abandoned");
  question.command.ordinal = 99;
  EXPECT_EQ(ask(question).verdict, "unknown");
}

TEST_F(Why, depth_and_dot) {
  start();
  execute(preconfer_.next_block());
  Question question;
  question.subject = WhySubject::kHead;
  question.block = BlockNumber{1};
  question.depth = 2;
  const WhyAnswer answer = ask(question);
  EXPECT_TRUE(answer.is_cut);
  const std::string dot = to_dot(answer);
  EXPECT_TRUE(dot.starts_with("digraph why {"));
  EXPECT_NE(dot.find("n0 -> n1 [label=\"answers read_block"), std::string::npos) << dot;
}

TEST_F(Why, tool_prints_text_and_json) {
  start();
  const Promise first = preconfer_.next_block();
  execute(first);
  const tests::TemporaryDirectory directory;
  const std::string path = (directory.path() / "node").string();
  tests::write_log(path, world_.log, world_.digests);
  const auto run = [&](std::vector<std::string> arguments, std::string& out) {
    std::ostringstream stream;
    std::ostringstream err;
    const int code = run_tool(*find_tool("why"), arguments, Streams{stream, err});
    out = stream.str();
    return code;
  };
  std::string out;
  EXPECT_EQ(run({"head", path, "1"}, out), 0);
  EXPECT_NE(out.find("verdict  applied"), std::string::npos) << out;
  EXPECT_EQ(run({"rejected", path, core::to_hex0x(first.facts.preconf_hash.view()), "--json"}, out),
            0);
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  ASSERT_EQ(parser.parse(out).get(root), simdjson::SUCCESS) << out;
  EXPECT_EQ(run({"stuck", path, "--at", "3"}, out), 0);
  EXPECT_NE(out.find("(at event 3)"), std::string::npos) << out;
  EXPECT_EQ(run({"reorg", path}, out), 0);
  EXPECT_NE(out.find("not_replaced"), std::string::npos) << out;
  EXPECT_EQ(run({"reorg", path, "x"}, out), 1);
  EXPECT_EQ(run({"head", path}, out), 1);
  EXPECT_EQ(run({"head", path, "x"}, out), 1);
  EXPECT_EQ(run({"command", path, "3"}, out), 1);
  EXPECT_EQ(run({"rejected", path, "0x12"}, out), 1);
  EXPECT_EQ(run({"head", path + "nowhere", "1"}, out), 1);
}

// A boundary above the engine's head: held commitments are compared with the head, and the answer
// showed that as the boundary.
TEST_F(Why, stale_below_a_boundary_above_the_head_shows_both) {
  start();
  execute(preconfer_.next_block());
  core::protocol::CommitmentFacts orphan = preconfer_.variant(2, 7).facts;
  orphan.parent_preconf_hash.bytes.fill(0x77);
  tests::seal(orphan);
  execute(preconfer_.next_block());
  world_.commitment(orphan);  // held at height 2: its parent is unknown
  engine_.head_l1_origin = BlockNumber{5};
  ASSERT_TRUE(world_.fire_next_timer());
  world_.settle();
  ASSERT_EQ(world_.state.heads.unsafe->number, BlockNumber{2});
  const WhyAnswer answer = ask_rejected(orphan.preconf_hash);
  EXPECT_EQ(answer.verdict, "stale") << to_text(answer);
  EXPECT_EQ(operand(answer, "number"), "2");
  EXPECT_EQ(operand(answer, "boundary_up_to_head"), "2");
  EXPECT_EQ(operand(answer, "confirmed_boundary"), "5");
}

}  // namespace
}  // namespace preconf::replay
