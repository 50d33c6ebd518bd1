// `preconf commands` and `preconf queue`; what all of these tools do about bad logs.
#include <gtest/gtest.h>

#include "tests/replay/story.hpp"

namespace preconf::replay {
namespace {

namespace ev = core::events;
using core::Seq;
using tests::contains;
using tests::lines_of;
using tests::parsed;
using tests::Ran;
using tests::RealWorld;
using tests::RecordedLog;
using tests::run_on;
using tests::seq_text;
using tests::Story;

TEST_F(Story, commands_of_a_range) {
  const Ran ran = run("commands", {"--json"});
  ASSERT_EQ(ran.code, 0) << ran.err;
  simdjson::dom::parser parser;
  std::map<std::string, int> names;
  std::string hostile;
  for (const std::string& line : lines_of(ran.out)) {
    const auto row = parsed(parser, line);
    ++names[std::string(row["name"].get_string().value())];
    if (row["elapsed_us"].is_uint64() && row["elapsed_us"].get_uint64().value() == 1500) {
      hostile = std::string(row["outcome"].get_string().value());
      EXPECT_EQ(row["ended"]["seq"].get_uint64().value(), failed_.value);
      EXPECT_EQ(row["issued"]["seq"].get_uint64().value(), asked_.value);
    }
  }
  EXPECT_EQ(names["new_payload"], 3);
  EXPECT_EQ(names["read_heads"], 3);
  EXPECT_TRUE(contains(hostile, "rpc_error"));
  // Whatever is printed, no byte of it drives a terminal.
  for (const char* tool : {"commands", "heads", "queue"}) {
    const Ran text = run(tool);
    EXPECT_EQ(text.out.find('\x1b'), std::string::npos) << tool;
    EXPECT_EQ(text.out.find("\xc2\x9b"), std::string::npos) << tool;
  }
}

TEST_F(Story, pending_commands) {
  const Ran ran = run("commands", {"--pending", "--at", seq_text(asked_), "--json"});
  ASSERT_EQ(ran.code, 0) << ran.err;
  simdjson::dom::parser parser;
  const auto root = parsed(parser, ran.out);
  ASSERT_EQ(root["in_flight"].get_array().value().size(), 1u);
  EXPECT_EQ(root["in_flight"].at(0)["name"].get_string().value(), "read_heads");
  EXPECT_EQ(root["in_flight"].at(0)["issued"]["seq"].get_uint64().value(), asked_.value);
  ASSERT_EQ(root["on_restart"].get_array().value().size(), 1u);
  EXPECT_EQ(root["on_restart"].at(0)["body"]["type"].get_string().value(), "read_heads");
  const Ran after = run("commands", {"--pending"});
  EXPECT_TRUE(contains(after.out, "in flight: nothing")) << after.out;
  EXPECT_TRUE(contains(after.out, "read_retry")) << after.out;
  EXPECT_EQ(run("commands", {"--pending", "--from", "3"}).code, 1);
}

/// A follower that has promises but neither their lists nor all parents.
class Waiting : public ::testing::Test {
 protected:
  Waiting() {
    world_.add_block();
    ev::CommitmentReceived received;
    const auto& executed = world_.state.heads.executed.at(core::BlockNumber{1});
    received.facts = world_.state.book.find_linkable(executed.preconf_hash)->facts;
    received.facts.parent_preconf_hash = received.facts.preconf_hash;
    received.facts.block_number = core::BlockNumber{2};
    received.facts.timestamp.value += 2;
    received.facts.preconf_hash.bytes.fill(0x21);
    received.facts.raw_tx_list_hash.bytes.fill(0x31);
    received.facts.gas_limit = world_.state.heads.unsafe->gas_limit;
    world_.feed(received);
    two_ = world_.state.last_seq;
    world_.add_rejected_ingress();
    received.facts.parent_preconf_hash = received.facts.preconf_hash;
    received.facts.block_number = core::BlockNumber{3};
    received.facts.timestamp.value += 2;
    received.facts.preconf_hash.bytes.fill(0x22);
    received.facts.raw_tx_list_hash.bytes.fill(0x32);
    world_.feed(received);
    three_ = world_.state.last_seq;
    received.facts.parent_preconf_hash.bytes.fill(0x77);
    received.facts.block_number = core::BlockNumber{9};
    received.facts.preconf_hash.bytes.fill(0x23);
    world_.feed(received);
    nine_ = world_.state.last_seq;
    world_.add_rejected_ingress();
    log_.write(world_);
  }
  RealWorld world_;
  RecordedLog log_;
  Seq two_, three_, nine_;
};

TEST_F(Waiting, queue_names_what_each_waits_for) {
  const Ran ran = run_on(log_.path(), "queue", {"--json"});
  ASSERT_EQ(ran.code, 0) << ran.err;
  simdjson::dom::parser parser;
  const auto items = parsed(parser, ran.out)["items"].get_array().value();
  ASSERT_EQ(items.size(), 3u) << ran.out;
  const auto text = [&](std::size_t i, const char* key) {
    return std::string(items.at(i)[key].get_string().value());
  };
  EXPECT_EQ(text(0, "waits_for"), "txlist");
  EXPECT_TRUE(contains(text(0, "hash"), "0x3131"));
  EXPECT_EQ(items.at(0)["since"]["seq"].get_uint64().value(), two_.value);
  EXPECT_EQ(items.at(0)["waiting_us"].get_uint64().value(),
            (world_.state.last_seq.value - two_.value) * 1'000);
  EXPECT_EQ(text(1, "waits_for"), "txlist");
  EXPECT_EQ(items.at(1)["since"]["seq"].get_uint64().value(), three_.value);
  EXPECT_EQ(text(2, "waits_for"), "parent");
  EXPECT_TRUE(contains(text(2, "hash"), "0x7777"));
  EXPECT_EQ(items.at(2)["since"]["seq"].get_uint64().value(), nine_.value);
  const Ran early = run_on(log_.path(), "queue", {"--at", seq_text(two_)});
  EXPECT_TRUE(contains(early.out, "1 held and not executed")) << early.out;
}

TEST(InspectTools, wrong_use_and_nothing_to_read) {
  RecordedLog empty;
  empty.close();
  for (const char* tool : {"state", "heads", "commands", "queue", "debug"}) {
    EXPECT_EQ(run_on("no/such/directory", tool).code, 1) << tool;
    EXPECT_EQ(run_on(empty.path(), tool).code, 1) << tool;
    EXPECT_EQ(run_on(empty.path(), tool, {"--help"}).code, 0) << tool;
    EXPECT_TRUE(contains(run_on(empty.path(), tool, {"--help"}).out, "Example: preconf ")) << tool;
    EXPECT_EQ(run_on(empty.path(), tool, {"--no-such-option"}).code, 1) << tool;
  }
  EXPECT_EQ(run_on("no/such/directory", "block", {"1"}).code, 1);
}

TEST(InspectTools, damage_is_four) {
  RealWorld world;
  RecordedLog log;
  for (int i = 0; i < 4; ++i) world.add_block();
  log.write(world);
  log.spoil([](storage::Rocks& rocks) {
    std::string record;
    const storage::SeqKey key(Seq{20});
    ASSERT_TRUE(rocks.db().Get({}, rocks.log(), key.slice(), &record).ok());
    record[record.size() / 2] ^= 1;
    ASSERT_TRUE(rocks.db().Put({}, rocks.log(), key.slice(), record).ok());
  });
  for (const char* tool : {"state", "heads", "commands", "queue"}) {
    const Ran ran = run_on(log.path(), tool);
    EXPECT_EQ(ran.code, 4) << tool << ran.err;
    EXPECT_TRUE(contains(ran.err, "at event 20")) << tool << ran.err;
  }
  EXPECT_EQ(run_on(log.path(), "block", {"2"}).code, 4);
  EXPECT_EQ(run_on(log.path(), "state", {"--at", "12"}).code, 0);
}

}  // namespace
}  // namespace preconf::replay
