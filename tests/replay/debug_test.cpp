// `preconf debug`: the same wherever one comes from, and by script.
#include <gtest/gtest.h>

#include <fstream>

#include "tests/replay/story.hpp"

namespace preconf::replay {
namespace {

using tests::contains;
using tests::Ran;
using tests::RealWorld;
using tests::seq_text;
using tests::Story;

class Debug : public Story {
 protected:
  Ran script(const std::string& text) {
    const auto path = log_.path().parent_path() / "script";
    std::ofstream(path) << text;
    return run("debug", {"--script", path.string()});
  }
};

TEST_F(Debug, goes_back_and_forth) {
  const Ran ran = script(
      "next 2\nstate last_seq\nback\nstate last_seq\ngoto block:2\n"
      "state heads.unsafe.number\ngoto head\nstate heads.safe.number\n");
  ASSERT_EQ(ran.code, 0) << ran.out << ran.err;
  EXPECT_TRUE(contains(ran.out, "last_seq  3\n")) << ran.out;
  EXPECT_TRUE(contains(ran.out, "last_seq  2\n"));
  EXPECT_TRUE(contains(ran.out, "heads.unsafe.number  2\n"));
  EXPECT_TRUE(contains(ran.out, "heads.safe.number  2\n"));
  EXPECT_EQ(script("next 2\nstate last_seq\n").out, script("next 2\nstate last_seq\n").out);
}

TEST_F(Debug, back_is_the_same_everywhere) {
  std::string forth;
  std::string back;
  for (std::uint64_t seq = 1; seq <= world_.state.last_seq.value; ++seq) {
    forth += (seq == 1 ? "" : "next\n") + std::string("state\n");
  }
  const Ran walked = script(forth);
  ASSERT_EQ(walked.code, 0);
  for (std::uint64_t seq = 1; seq <= world_.state.last_seq.value; ++seq) {
    const Ran ran = script("goto head\ngoto " + std::to_string(seq) + "\nstate\n");
    const std::size_t begin = ran.out.rfind("\n" + std::to_string(seq) + "  ") + 1;
    ASSERT_TRUE(contains(walked.out, ran.out.substr(begin))) << seq;
  }
}

TEST_F(Debug, watches_stop_and_why_finds_the_event) {
  const Ran ran = script(
      "watch heads.unsafe.number   # a comment\ncontinue\ncontinue\ncontinue until block:2\n"
      "unwatch heads.unsafe.number\ncontinue\nwhy heads.unsafe.number\nwhy heads.safe\nwhy gate\n"
      "why chain.chain_id\nheads\nqueue\nevent\n");
  ASSERT_EQ(ran.code, 0) << ran.out << ran.err;
  EXPECT_TRUE(contains(ran.out, "heads.unsafe.number  null -> 0\n")) << ran.out;
  EXPECT_TRUE(contains(ran.out, "heads.unsafe.number  0 -> 1\n" + seq_text(applied_[0]) + "  "));
  EXPECT_TRUE(contains(ran.out, "heads.unsafe.number  1 -> 2\n" + seq_text(applied_[1]) + "  "));
  EXPECT_TRUE(contains(ran.out, "heads.unsafe.number  2 -> 3\n" + seq_text(applied_[2]) + "  "));
  EXPECT_TRUE(contains(ran.out, "decided applied block 3"));
  EXPECT_TRUE(contains(ran.out, "heads.safe  null -> {\"number\":2")) << ran.out;
  EXPECT_TRUE(contains(ran.out, "0 held and not executed"));
  EXPECT_EQ(ran.out.find('\x1b'), std::string::npos);
}

TEST_F(Debug, why_is_the_same_with_snapshots) {
  const std::string text = "goto head\nwhy heads.safe\nwhy heads.unsafe.number\nwhy boots\n";
  const Ran before = script(text);
  RealWorld shorter;
  for (int i = 0; i < 2; ++i) shorter.add_block();
  log_.save(log_.snapshot(shorter.state));
  shorter.add_block();
  log_.save(log_.snapshot(shorter.state));
  EXPECT_EQ(script(text).out, before.out);
}

TEST_F(Debug, first_error_ends_a_script) {
  for (const char* bad :
       {"jump", "goto nowhere", "back", "state heads.unsave", "watch x[", "next 0", "next -1",
        "continue until 0", "why", "diff 1", "diff 1 999999", "unwatch x", "goto \x1b[2J"}) {
    const Ran ran = script(std::string(bad) + "\nstate last_seq\n");
    EXPECT_EQ(ran.code, 1) << bad;
    EXPECT_FALSE(contains(ran.out, "last_seq  1\n")) << bad;
    EXPECT_TRUE(contains(ran.out, "error: ")) << bad << ran.out;
    EXPECT_EQ(ran.out.find('\x1b'), std::string::npos);
  }
  EXPECT_EQ(script("quit\njump\n").code, 0);
  EXPECT_EQ(run("debug", {"--script", "/no/such/file"}).code, 1);
}

}  // namespace
}  // namespace preconf::replay
