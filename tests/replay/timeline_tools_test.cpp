// `preconf heads` and `preconf block`.
#include <gtest/gtest.h>

#include "core/base/hex.hpp"
#include "tests/replay/story.hpp"

namespace preconf::replay {
namespace {

using tests::contains;
using tests::lines_of;
using tests::parsed;
using tests::Ran;
using tests::seq_text;
using tests::Story;

TEST_F(Story, heads_timeline) {
  const Ran ran = run("heads", {"--label", "unsafe", "--json"});
  ASSERT_EQ(ran.code, 0) << ran.err;
  const auto lines = lines_of(ran.out);
  ASSERT_EQ(lines.size(), 4u) << ran.out;  // genesis adopted, then three blocks
  simdjson::dom::parser parser;
  EXPECT_EQ(parsed(parser, lines[0])["decision"].get_string().value(), "head_adopted");
  EXPECT_TRUE(parsed(parser, lines[0])["from"].is_null());
  for (std::size_t i = 0; i < 3; ++i) {
    const auto move = parsed(parser, lines[i + 1]);
    EXPECT_EQ(move["seq"].get_uint64().value(), applied_[i].value);
    EXPECT_EQ(move["from"]["number"].get_uint64().value(), i);
    EXPECT_EQ(move["to"]["number"].get_uint64().value(), i + 1);
    EXPECT_EQ(move["decision"].get_string().value(), "applied");
    EXPECT_EQ(move["event"].get_string().value(), "engine_answered");
    EXPECT_TRUE(contains(std::string(move["summary"].get_string().value()), "block_read"));
  }
  const Ran others = run("heads", {"--from", seq_text(labels_), "--to", seq_text(labels_)});
  EXPECT_TRUE(contains(others.out, "safe       none -> 2 ")) << others.out;
  EXPECT_TRUE(contains(others.out, "finalized  none -> 1 ")) << others.out;
  EXPECT_TRUE(contains(others.out, "confirmed  none -> 1  boundary_moved")) << others.out;
  EXPECT_FALSE(contains(others.out, "unsafe     "));
  const Ran gate = run("heads", {"--label", "gate"});
  EXPECT_TRUE(contains(gate.out, "-> open  gate_opened")) << gate.out;
  const Ran promised = run("heads", {"--label", "promised", "--json"});
  EXPECT_EQ(lines_of(promised.out).size(), 3u) << promised.out;
  EXPECT_EQ(run("heads", {"--label", "sauce"}).code, 1);
}

TEST_F(Story, block_has_its_whole_life) {
  const Ran ran = run("block", {"3", "--json"});
  ASSERT_EQ(ran.code, 0) << ran.err;
  simdjson::dom::parser parser;
  const auto life = parsed(parser, ran.out);
  EXPECT_EQ(life["block_hash"].get_string().value(),
            core::to_hex0x(world_.state.heads.unsafe->hash.view()));
  std::vector<std::string> calls;
  for (const auto call : life["calls"]) {
    calls.emplace_back(call["name"].get_string().value());
    EXPECT_EQ(call["elapsed_us"].get_uint64().value(), 250u);
  }
  EXPECT_EQ(calls, (std::vector<std::string>{"read_block", "start_payload", "get_payload",
                                             "new_payload", "update_forkchoice", "read_block"}));
  ASSERT_EQ(life["commitments"].get_array().value().size(), 1u);
  const auto commitment = life["commitments"].at(0);
  EXPECT_EQ(commitment["verdict"].get_string().value(), "admitted");
  EXPECT_EQ(commitment["repeats"].get_uint64().value(), 1u);
  EXPECT_EQ(commitment["last_phase"].get_string().value(), "executed");
  EXPECT_EQ(commitment["tx_list"]["seq"].get_uint64().value(),
            commitment["received"]["seq"].get_uint64().value() - 1);
  EXPECT_TRUE(contains(std::string(commitment["tx_list"]["wall"].get_string().value()), "2023-"));
  EXPECT_EQ(life["milestones"]["executed"]["seq"].get_uint64().value(), applied_[2].value);
  EXPECT_TRUE(life["milestones"]["safe"].is_null());
  std::vector<std::string> steps;
  for (const auto step : life["steps"]) steps.emplace_back(step["what"].get_string().value());
  EXPECT_EQ(steps.front(), "txlist_received");
  EXPECT_EQ(steps[1], "commitment_received");
  EXPECT_EQ(steps.back(), "commitment_repeated");
  for (const char* what : {"admitted", "apply_started", "applied", "on_head_chain"}) {
    EXPECT_EQ(std::count(steps.begin(), steps.end(), what), 1) << what;
  }
  const Ran first = run("block", {"1"});
  EXPECT_TRUE(contains(first.out, "finalized      event " + seq_text(labels_))) << first.out;
  EXPECT_TRUE(contains(first.out, "confirmed      event " + seq_text(labels_)));
}

TEST_F(Story, block_is_found_by_every_hash) {
  const std::string by_number = run("block", {"3"}).out;
  const auto hash = [](const core::Hash32& bytes) { return core::to_hex0x(bytes.view()); };
  for (const core::Hash32& name : {newest_.preconf_hash, newest_.raw_tx_list_hash,
                                   newest_.commitment_hash, world_.state.heads.unsafe->hash}) {
    EXPECT_EQ(run("block", {hash(name)}).out, by_number);
  }
  EXPECT_EQ(run("block", {hash(core::Hash32{})}).code, 1);
  EXPECT_EQ(run("block", {"0x12"}).code, 1);
  EXPECT_EQ(run("block", {"-3"}).code, 1);
  EXPECT_EQ(run("block", {"77"}).code, 1);
}

TEST_F(Story, block_shows_who_competes) {
  const Ran ran = run("block", {"4"});  // the stranger's
  EXPECT_EQ(ran.code, 0);
  EXPECT_TRUE(contains(ran.out, "rejected/signer_mismatch")) << ran.out;
  EXPECT_TRUE(contains(ran.out, "not on the executed chain"));
  EXPECT_TRUE(contains(ran.out, "never arrived"));
}

}  // namespace
}  // namespace preconf::replay
