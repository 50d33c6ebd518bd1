// preconf log ls, show, verify.
#include "replay/log_tools.hpp"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <sstream>

#include "core/base/hex.hpp"
#include "replay/cli/tool.hpp"
#include "tests/replay/recorded_log.hpp"

namespace preconf::replay {
namespace {

using core::Seq;
using tests::RealWorld;
using tests::RecordedLog;

struct Ran {
  int code = -1;
  std::string out;
  std::string err;

  [[nodiscard]] bool has(const std::string& text) const {
    return out.find(text) != std::string::npos;
  }
  [[nodiscard]] std::ptrdiff_t lines() const { return std::count(out.begin(), out.end(), '\n'); }
};

Ran run(const RecordedLog& log, const std::string& tool, std::vector<std::string> options = {}) {
  std::vector<std::string> arguments{tool, log.path().string()};
  arguments.insert(arguments.end(), options.begin(), options.end());
  std::ostringstream out;
  std::ostringstream err;
  const int code = run_tool(*find_tool("log"), arguments, Streams{out, err});
  return {code, out.str(), err.str()};
}

class LogTools : public testing::Test {
 protected:
  void SetUp() override {
    for (std::uint64_t i = 0; i < 12; ++i) world_.add_traffic(i);
    log_.write(world_);
    log_.save(log_.snapshot(world_.state));
  }

  RecordedLog log_;
  RealWorld world_;
};

TEST_F(LogTools, ls_prints_one_line_per_event) {
  const Ran all = run(log_, "ls");
  EXPECT_EQ(all.code, 0) << all.err;
  EXPECT_EQ(static_cast<std::uint64_t>(all.lines()), world_.state.last_seq.value);
  EXPECT_TRUE(all.out.starts_with("         1  2023-11-14T22:13:20.001000000Z  genesis_recorded"))
      << all.out;
  EXPECT_TRUE(all.has("chain 167001, reducer version " + std::to_string(core::kReducerVersion)));

  const Ran some = run(log_, "ls", {"--from", "2", "--to", "4"});
  EXPECT_EQ(some.lines(), 3);
  EXPECT_TRUE(some.out.starts_with("         2  "));

  const Ran lists = run(log_, "ls", {"--kind", "txlist_received"});
  EXPECT_EQ(lists.lines(), 12 + 1);
  EXPECT_TRUE(lists.has("1 transaction, "));
  EXPECT_TRUE(lists.has("defect zlib_decode"));
  EXPECT_FALSE(lists.has("commitment"));

  EXPECT_EQ(run(log_, "ls", {"--from", "1000000"}).lines(), 0);
  EXPECT_EQ(run(log_, "ls", {"--kind", "nonsense"}).code, 1);
}

TEST_F(LogTools, ls_json_is_one_object_per_line) {
  const Ran ran = run(log_, "ls", {"--json"});
  EXPECT_EQ(ran.code, 0);
  simdjson::dom::parser parser;
  std::istringstream lines(ran.out);
  std::uint64_t expected = 0;
  for (std::string line; std::getline(lines, line);) {
    simdjson::dom::element root;
    ASSERT_EQ(parser.parse(line).get(root), simdjson::SUCCESS) << line;
    std::uint64_t seq = 0;
    ASSERT_EQ(root["seq"].get_uint64().get(seq), simdjson::SUCCESS);
    EXPECT_EQ(seq, ++expected);
  }
  EXPECT_EQ(expected, world_.state.last_seq.value);
}

TEST_F(LogTools, show_prints_the_event_and_what_it_caused) {
  const Ran genesis = run(log_, "show", {"1"});
  EXPECT_EQ(genesis.code, 0) << genesis.err;
  EXPECT_TRUE(genesis.has("chain_id 167001"));
  const Ran boot = run(log_, "show", {"2"});
  EXPECT_TRUE(boot.has("caused 1 commands")) << boot.out;
  EXPECT_TRUE(boot.has("body read_heads")) << boot.out;
  const Ran raw = run(log_, "show", {"2", "--raw"});
  EXPECT_EQ(raw.code, 0);
  EXPECT_FALSE(raw.has("caused"));
  EXPECT_EQ(run(log_, "show", {"0"}).code, 1);
  EXPECT_EQ(run(log_, "show", {std::to_string(world_.state.last_seq.value + 1)}).code, 1);
  EXPECT_EQ(run(log_, "show", {"x"}).code, 1);
  EXPECT_EQ(run(log_, "show").code, 1);
}

TEST_F(LogTools, show_json_agrees_with_the_recorded_digest) {
  const Ran ran = run(log_, "show", {std::to_string(world_.state.last_seq.value), "--json"});
  EXPECT_EQ(ran.code, 0);
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  ASSERT_EQ(parser.parse(ran.out).get(root), simdjson::SUCCESS) << ran.out;
  std::string_view recorded;
  std::string_view recomputed;
  ASSERT_EQ(root["recorded_digest"].get_string().get(recorded), simdjson::SUCCESS);
  ASSERT_EQ(root["recomputed_digest"].get_string().get(recomputed), simdjson::SUCCESS);
  EXPECT_EQ(recorded, recomputed);
}

TEST_F(LogTools, show_says_when_the_effects_differ) {
  world_.add_block();
  RealWorld::Record record = world_.take();
  record.digests.digests.back().bytes[0] ^= 1;
  tests::append(log_.log(), record);
  const Ran ran = run(log_, "show", {std::to_string(world_.state.last_seq.value)});
  EXPECT_EQ(ran.code, 3);
  EXPECT_TRUE(ran.has("DIVERGENCE"));
}

TEST_F(LogTools, verify_prints_coverage) {
  log_.close();
  const Ran ran = run(log_, "verify");
  EXPECT_EQ(ran.code, 0) << ran.out;
  const std::string end = std::to_string(world_.state.last_seq.value);
  EXPECT_TRUE(ran.has("events     1.." + end + ",")) << ran.out;
  EXPECT_TRUE(ran.has("mark       event " + end + " proved durable")) << ran.out;
  EXPECT_TRUE(ran.has("recorded up to event " + end)) << ran.out;
  EXPECT_TRUE(ran.has("snapshot   " + end + " sound")) << ran.out;
  EXPECT_TRUE(ran.has("content    25 references, ")) << ran.out;  // 12 + 1 lists, 12 payloads
  EXPECT_TRUE(ran.has("0 missing")) << ran.out;
  EXPECT_TRUE(ran.has("sound: ")) << ran.out;
}

TEST_F(LogTools, verify_finds_missing_content) {
  core::events::TxListReceived absent;
  absent.facts.hash.bytes.fill(0xab);
  world_.feed(absent);
  log_.write(world_);
  const Ran ran = run(log_, "verify", {"--json"});
  EXPECT_EQ(ran.code, 4);
  EXPECT_TRUE(ran.has("\"missing_total\":1")) << ran.out;
  EXPECT_TRUE(ran.has("0xabab")) << ran.out;
}

TEST_F(LogTools, damage_is_named_by_all_tools) {
  log_.spoil([](storage::Rocks& rocks) {
    ASSERT_TRUE(rocks.db().Delete({}, rocks.log(), storage::SeqKey(Seq{9}).slice()).ok());
  });
  const Ran verify = run(log_, "verify");
  EXPECT_EQ(verify.code, 4);
  EXPECT_TRUE(verify.has("log damaged at event 9")) << verify.out;
  const Ran list = run(log_, "ls");
  EXPECT_EQ(list.code, 4);
  EXPECT_EQ(list.lines(), 8);
  EXPECT_EQ(run(log_, "show", {"9", "--raw"}).code, 4);
  EXPECT_EQ(run(log_, "show", {"5"}).code, 0);
}

TEST(LogToolsUsage, wrong_use_is_one) {
  std::ostringstream out;
  std::ostringstream err;
  EXPECT_EQ(run_tool(*find_tool("log"), {}, Streams{out, err}), 1);
  EXPECT_EQ(run_tool(*find_tool("log"), {"nonsense"}, Streams{out, err}), 1);
  EXPECT_EQ(run_tool(*find_tool("log"), {"ls", "no/such/directory"}, Streams{out, err}), 1);
  EXPECT_EQ(run_tool(*find_tool("log"), {"verify", "no/such/directory"}, Streams{out, err}), 1);
  EXPECT_EQ(run_tool(*find_tool("log"), {"ls", "--help"}, Streams{out, err}), 0);
}

}  // namespace
}  // namespace preconf::replay
