// `preconf state`, and `replay` up to positions.
#include <gtest/gtest.h>

#include "replay/json_printer.hpp"
#include "replay/walker.hpp"
#include "tests/replay/story.hpp"

namespace preconf::replay {
namespace {

using core::Seq;
using tests::contains;
using tests::parsed;
using tests::Ran;
using tests::RealWorld;
using tests::seq_text;
using tests::Story;

TEST_F(Story, state_at_every_event_is_the_fold) {
  const auto history = open_history(log_.path());
  auto walker = Walker::start(*history, Seq{0});
  ASSERT_TRUE(walker);
  while (walker->next().value()) {
    const std::string at = seq_text(walker->seq());
    const Ran ran = run("state", {"--at", at, "--json", "--hash"});
    ASSERT_EQ(ran.code, 0) << ran.err;
    EXPECT_TRUE(contains(ran.out, "\"state\":" + to_json(walker->state()) + "}")) << at;
    EXPECT_TRUE(contains(ran.out, to_json(core::state_hash(walker->state())))) << at;
  }
  EXPECT_EQ(walker->seq(), world_.state.last_seq);
}

TEST_F(Story, state_is_the_same_with_snapshots) {
  const Ran before = run("state", {"--json", "--hash"});
  const Ran middle = run("state", {"--at", seq_text(first_three_), "--json"});
  RealWorld shorter;
  for (int i = 0; i < 2; ++i) shorter.add_block();
  log_.save(log_.snapshot(shorter.state));
  log_.save(log_.snapshot(world_.state));
  EXPECT_EQ(run("state", {"--json", "--hash"}).out, before.out);
  EXPECT_EQ(run("state", {"--at", seq_text(first_three_), "--json"}).out, middle.out);
}

TEST_F(Story, state_paths) {
  const Ran ran = run("state", {"--path", "heads.unsafe.number", "--path", "heads.safe.number",
                                "--path", "in_flight.size", "--json"});
  ASSERT_EQ(ran.code, 0) << ran.err;
  EXPECT_TRUE(contains(ran.out,
                       "\"values\":{\"heads.unsafe.number\":3,\"heads.safe.number\":2,"
                       "\"in_flight.size\":0}}"))
      << ran.out;
  EXPECT_TRUE(contains(run("state", {"--at", "block:2", "--path", "heads.unsafe.number"}).out,
                       "heads.unsafe.number  2\n"));
  const Ran wrong = run("state", {"--path", "heads.unsave"});
  EXPECT_EQ(wrong.code, 1);
  EXPECT_TRUE(wrong.out.empty());
  EXPECT_TRUE(contains(wrong.err, "unsafe_parent_time")) << wrong.err;
  EXPECT_EQ(run("state", {"--at", "99999"}).code, 1);
  EXPECT_EQ(run("state", {"--at", "block:77"}).code, 1);
}

TEST_F(Story, state_diff_lists_all_changes) {
  const Ran ran = run(
      "state", {"--at", seq_text(Seq{labels_.value - 1}), "--diff", seq_text(labels_), "--json"});
  ASSERT_EQ(ran.code, 0) << ran.err;
  simdjson::dom::parser parser;
  const auto root = parsed(parser, ran.out);
  std::map<std::string, std::string> changes;
  for (const auto change : root["changes"]) {
    changes[std::string(change["path"].get_string().value())] =
        simdjson::minify(change["before"].value()) + ">" +
        simdjson::minify(change["after"].value());
  }
  EXPECT_EQ(root["total"].get_uint64().value(), changes.size());
  EXPECT_EQ(changes["heads.head_l1_origin"], "null>1");
  EXPECT_TRUE(contains(changes["heads.safe"], "null>{\"number\":2"));
  EXPECT_EQ(changes["last_seq"], seq_text(Seq{labels_.value - 1}) + ">" + seq_text(labels_));
  EXPECT_TRUE(contains(run("state", {"--at", "5", "--diff", "5"}).out, "nothing differs"));
  const Ran some = run(
      "state", {"--at", "1", "--diff", "head", "--path", "heads.safe.number", "--path", "gate"});
  EXPECT_TRUE(contains(some.out, "heads.safe.number  null -> 2\n")) << some.out;
  EXPECT_TRUE(contains(some.out, "gate.open  false -> true\n")) << some.out;
}

TEST_F(Story, replay_ends_at_positions) {
  const Ran block = run("replay", {"--until-block", "2", "--json"});
  EXPECT_EQ(block.code, 0) << block.err;
  EXPECT_TRUE(contains(block.out, "\"last_seq\":" + seq_text(applied_[1]) + ",")) << block.out;
  const Ran time = run("replay", {"--until-time", "2553-01-01T00:00:00Z"});
  EXPECT_EQ(time.code, 0) << time.err;
  EXPECT_EQ(run("replay", {"--until-block", "77"}).code, 1);
  EXPECT_EQ(run("replay", {"--until-time", "yesterday"}).code, 1);
  EXPECT_EQ(run("replay", {"--until-time", "1999-01-01"}).code, 1);
  EXPECT_EQ(run("replay", {"--until-block", "2", "--until-seq", "4"}).code, 1);
}

TEST_F(Story, replay_can_expect_every_effect) {
  EXPECT_EQ(run("replay", {"--expect-effects"}).code, 0);
  world_.add_rejected_ingress();
  RealWorld::Record tail = world_.take();
  tail.digests.digests.clear();
  tests::append(log_.log(), tail);
  EXPECT_EQ(run("replay").code, 0);
  const Ran ran = run("replay", {"--expect-effects"});
  EXPECT_EQ(ran.code, 3);
  EXPECT_TRUE(contains(ran.out, seq_text(failed_) + " digests compared")) << ran.out;
  EXPECT_TRUE(contains(ran.out, "first at event " + seq_text(world_.state.last_seq))) << ran.out;
}

}  // namespace
}  // namespace preconf::replay
