// Paths and differences: every name of the state is reachable, wrong names are told, and what the
// differences say is true.
#include "replay/state_path.hpp"

#include <gtest/gtest.h>

#include "core/crypto/secp256k1.hpp"
#include "replay/json_printer.hpp"
#include "replay/state_diff.hpp"
#include "tests/replay/real_world.hpp"

namespace preconf::replay {
namespace {

namespace ev = core::events;
using tests::RealWorld;

Value at(const core::State& state, const std::string& path) {
  const auto value = lookup(state, path);
  EXPECT_TRUE(value) << path << ": " << (value ? "" : value.error());
  return value ? *value : Value{};
}
std::string error_at(const core::State& state, const std::string& path) {
  const auto value = lookup(state, path);
  EXPECT_FALSE(value) << path << " is " << (value ? value->json : "");
  return value ? "" : value.error();
}

TEST(StatePath, leaves_are_typed) {
  RealWorld world;
  for (int i = 0; i < 3; ++i) world.add_block();
  const core::State& state = world.state;
  EXPECT_EQ(*at(state, "heads.unsafe.number").as_integer(), (Integer{3, false}));
  EXPECT_EQ(*at(state, "gate.open").as_bool(), true);
  EXPECT_EQ(*at(state, "gate.reason").as_text(), "none");
  EXPECT_EQ(*at(state, "heads.unsafe.hash").as_text(),
            core::to_hex0x(state.heads.unsafe->hash.view()));
  EXPECT_TRUE(at(state, "heads.safe").is_none());
  EXPECT_TRUE(at(state, "heads.safe.number").is_none());
  EXPECT_EQ(at(state, "heads.safe.number").json, "null");
  EXPECT_EQ(*at(state, "timers[0].armed").as_bool(), true);
  EXPECT_EQ(*at(state, "timers[0].generation").as_integer(),
            (Integer{state.timers[0].generation, false}));
  EXPECT_EQ(at(state, "last_wall").as_text()->substr(0, 11), "2023-11-14T");
}

TEST(StatePath, containers) {
  RealWorld world;
  for (int i = 0; i < 3; ++i) world.add_block();
  const core::State& state = world.state;
  const auto& [key, commitment] = *state.book.held.begin();
  const std::string key_path = "book.held[" + key_text(key) + "]";
  EXPECT_EQ(*at(state, key_path + ".phase").as_text(), "executed");
  EXPECT_EQ(at(state, key_path).json, to_json(commitment));
  EXPECT_TRUE(at(state, key_path).is_composite);
  const std::string cut = key_text(key).substr(0, 12) + "..";
  EXPECT_EQ(*at(state, "book.held[" + cut + "].facts.block_number").as_integer(),
            (Integer{commitment.facts.block_number.value, false}));
  EXPECT_EQ(*at(state, "book.held.size").as_integer(), (Integer{3, false}));
  EXPECT_NE(error_at(state, "book.held[0x..].phase").find("several"), std::string::npos);
  EXPECT_NE(error_at(state, "book.held[12].phase").find("no key of this kind"), std::string::npos);
  EXPECT_EQ(*at(state, "heads.executed[2].hash").as_text(),
            core::to_hex0x(state.heads.executed.at(core::BlockNumber{2}).hash.view()));
  EXPECT_TRUE(at(state, "heads.executed[99].hash").is_none());
  EXPECT_EQ(*at(state, "heads.executed.last.timestamp").as_integer(),
            (Integer{state.heads.unsafe->timestamp.value, false}));
  EXPECT_EQ(*at(state, "book.by_height.first.number").as_integer(), (Integer{1, false}));
  EXPECT_EQ(*at(state, "book.by_height[" + key_text(*state.book.by_height.begin()) + "]").as_bool(),
            true);
  core::HeightKey absent = *state.book.by_height.begin();
  absent.number = core::BlockNumber{77};
  EXPECT_EQ(*at(state, "book.by_height[" + key_text(absent) + "]").as_bool(), false);
  EXPECT_TRUE(at(state, "evidence[0].kind").is_none());
  EXPECT_TRUE(at(state, "evidence.last.kind").is_none());
  EXPECT_EQ(*at(state, "lane.type").as_text(), "idle");
  EXPECT_TRUE(at(state, "lane.apply_plan.step").is_none());
}

TEST(StatePath, text_keys_and_hostile_text) {
  RealWorld world;
  const std::string hostile = "a\"]\\ \x1b[2J \xc2\x9b x";
  world.feed(ev::IngressRejected{core::SourceKind::kRpc, hostile, 3, core::Hash32{}});
  world.feed(ev::IngressRejected{core::SourceKind::kRpc, "plain", 4, core::Hash32{}});
  EXPECT_EQ(*at(world.state, "ingress_rejected[plain]").as_integer(), (Integer{4, false}));
  std::string step;
  append_quoted(step, hostile);
  EXPECT_EQ(step.find('\x1b'), std::string::npos);
  EXPECT_EQ(*at(world.state, "ingress_rejected[" + step + "]").as_integer(), (Integer{3, false}));
  EXPECT_TRUE(at(world.state, "ingress_rejected[other]").is_none());
}

TEST(StatePath, unknown_names_say_what_there_is) {
  const core::State state;
  EXPECT_NE(error_at(state, "heads.save").find("unsafe, unsafe_parent_time, safe, finalized"),
            std::string::npos);
  // Also below what is absent.
  EXPECT_NE(error_at(state, "heads.safe.nmber").find("number, hash"), std::string::npos);
  EXPECT_NE(
      error_at(state, "lane.aply_plan")
          .find("idle, apply_plan, consistency_plan, derive_plan, settle_plan, resume_plan, type"),
      std::string::npos);
  EXPECT_NE(error_at(state, "timers[3].armed").find("beyond the 3"), std::string::npos);
  EXPECT_NE(error_at(state, "timers[x]").find("no index"), std::string::npos);
  EXPECT_NE(error_at(state, "boots.more").find("no parts"), std::string::npos);
  for (const char* path : {".", "..", "heads.", ".heads", "heads..safe", "heads[", "heads[]",
                           "heads]", "timers[0]armed", "timers[0", "[0]", "ingress_rejected[\"a]",
                           "ingress_rejected[\"\\q\"]", "heads.size", "boots[0]", "\x1b[2J"}) {
    EXPECT_FALSE(error_at(state, path).empty()) << path;
    EXPECT_EQ(error_at(state, path).find('\x1b'), std::string::npos);
  }
  EXPECT_FALSE(error_at(state, std::string(100'000, 'a')).empty());
}

TEST(StatePath, events_too) {
  core::Event event;
  event.seq = core::Seq{9};
  ev::EngineFailed failed{ev::EngineFailureKind::kRpcError, ev::Certainty::kAnswered, -38001, "x"};
  event.body = ev::EngineAnswered{{core::Seq{4}, 0}, 250, failed};
  const auto code = lookup(event, "body.engine_answered.result.engine_failed.code");
  ASSERT_TRUE(code);
  EXPECT_EQ(*code->as_integer(), (Integer{38001, true}));
  EXPECT_LT(*code->as_integer(), (Integer{0, false}));
  EXPECT_EQ(*lookup(event, "body.type")->as_text(), "engine_answered");
  EXPECT_TRUE(lookup(event, "body.timer_fired.timer")->is_none());
}

/// Every step that children() names leads somewhere.
std::size_t visit_all(const core::State& state, const std::string& path) {
  const auto steps = children(field_of(state), StatePath::parse(path).value(), 10'000);
  EXPECT_TRUE(steps) << path;
  std::size_t visited = 1;
  for (const std::string& step : *steps) {
    const std::string child = join_path(path, step);
    const auto value = lookup(state, child);
    EXPECT_TRUE(value) << child << ": " << (value ? "" : value.error());
    const bool is_end =
        step == "size" || step == "type" || (value && !value->is_composite && !value->is_none());
    if (!is_end) visited += visit_all(state, child);
  }
  return visited;
}

TEST(StatePath, every_name_leads_somewhere) {
  RealWorld world;
  for (std::uint64_t i = 0; i < 2; ++i) world.add_traffic(i);
  world.state.schedule.windows.resize(2);
  world.state.network = {};
  EXPECT_GT(visit_all(world.state, ""), 200u);
}

TEST(StateDiff, equal_states_have_no_changes) {
  RealWorld world;
  world.add_block();
  const Changes changes = changes_between(field_of(world.state), field_of(world.state), 100);
  EXPECT_EQ(changes.total, 0u);
}

TEST(StateDiff, every_change_is_what_the_paths_say) {
  RealWorld world;
  for (std::uint64_t i = 0; i < 5; ++i) world.add_traffic(i);
  const core::State before = world.state;
  for (std::uint64_t i = 5; i < 40; ++i) world.add_traffic(i);
  world.feed(ev::IngressRejected{core::SourceKind::kRpc, "odd \"]\x1b", 1, core::Hash32{}});
  const core::State& after = world.state;
  const Changes changes = changes_between(field_of(before), field_of(after), 100'000);
  EXPECT_EQ(changes.total, changes.shown.size());
  EXPECT_GT(changes.total, 100u);
  std::set<std::string> paths;
  for (const Change& change : changes.shown) {
    EXPECT_TRUE(paths.insert(change.path).second) << change.path;
    EXPECT_EQ(at(before, change.path).json, change.before) << change.path;
    EXPECT_EQ(at(after, change.path).json, change.after) << change.path;
    EXPECT_NE(change.before, change.after) << change.path;
  }
  EXPECT_TRUE(paths.contains("heads.unsafe.number"));
  EXPECT_TRUE(paths.contains("last_seq"));
  EXPECT_TRUE(paths.contains("heads.executed[40]"));
  const Changes bounded = changes_between(field_of(before), field_of(after), 7);
  EXPECT_EQ(bounded.shown.size(), 7u);
  EXPECT_EQ(bounded.total, changes.total);
}

}  // namespace
}  // namespace preconf::replay
