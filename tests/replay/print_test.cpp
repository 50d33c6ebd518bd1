// The generic printer and the finder of differences.
#include "replay/json_printer.hpp"
#include "replay/line_printer.hpp"

#include <gtest/gtest.h>
#include <simdjson.h>

#include "core/state.hpp"
#include "replay/difference.hpp"
#include "tests/support/storage_events.hpp"

namespace preconf::replay {
namespace {

TEST(Print, json_of_a_decision) {
  core::Decision decision;
  decision.verdict = core::Verdict::kRejected;
  decision.reason = core::Reason::kSignerMismatch;
  decision.subject.bytes.fill(0xaa);
  decision.number = core::BlockNumber{7};
  decision.a = ~std::uint64_t{0};
  EXPECT_EQ(to_json(decision), R"({"verdict":"rejected","reason":"signer_mismatch","subject":"0x)" +
                                   std::string(64, 'a') +
                                   R"(","number":7,"a":18446744073709551615,"b":0,"hash":"0x)" +
                                   std::string(64, '0') + R"("})");
}

TEST(Print, quoted_text_can_not_drive_a_terminal_or_break_json) {
  const auto quoted = [](std::string_view text) {
    std::string out;
    append_quoted(out, text);
    return out;
  };
  EXPECT_EQ(quoted("a\"b\\c"), R"("a\"b\\c")");
  EXPECT_EQ(quoted("\x1b[2J\n\x7f"), R"("\u001b[2J\u000a\u007f")");
  EXPECT_EQ(quoted("\xc2\x9b"), R"("\u009b")");
  EXPECT_EQ(quoted("gr\xc3\xbc\xc3\x9f"), "\"gr\xc3\xbc\xc3\x9f\"");
  EXPECT_EQ(quoted("\xff\xc3"), R"("\ufffd\ufffd")");
  EXPECT_EQ(quoted("\xed\xa0\x80"), R"("\ufffd\ufffd\ufffd")");  // a surrogate
  EXPECT_EQ(quoted("\xf0\x9f\x98\x80"), "\"\xf0\x9f\x98\x80\"");
}

TEST(Print, times_and_quantities) {
  EXPECT_EQ(utc_time(core::WallNanos{0}), "1970-01-01T00:00:00.000000000Z");
  EXPECT_EQ(utc_time(core::WallNanos{1'700'000'000'000'000'001}), "2023-11-14T22:13:20.000000001Z");
  EXPECT_EQ(quantity_text(core::U256{}), "0x0");
  EXPECT_EQ(quantity_text(core::U256::from_u64(0x1f)), "0x1f");
}

TEST(Print, every_event_is_valid_json_and_text) {
  constexpr std::uint64_t kSeed = 20260701;
  RecordProperty("seed", std::to_string(kSeed));
  tests::EventGenerator generator(kSeed);
  simdjson::dom::parser parser;
  for (std::uint64_t i = 1; i <= 2'000; ++i) {
    const core::Event event = generator.event(core::Seq{i});
    const std::string json = to_json(event);
    simdjson::dom::element root;
    ASSERT_EQ(parser.parse(json).get(root), simdjson::SUCCESS) << "seed " << kSeed << ": " << json;
    std::uint64_t seq = 0;
    ASSERT_EQ(root["seq"].get_uint64().get(seq), simdjson::SUCCESS);
    EXPECT_EQ(seq, i);
    EXPECT_FALSE(to_lines(event, 2).empty());
    EXPECT_FALSE(first_difference(event, event).has_value());
  }
}

TEST(Print, state_is_valid_json_with_text_keys) {
  core::State state;
  state.counters[core::counter_key(core::Verdict::kStale, core::Reason::kNone)] = 3;
  core::Command command;
  command.id = {core::Seq{5}, 1};
  state.in_flight[command.id] = command;
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  const std::string json = to_json(state);
  ASSERT_EQ(parser.parse(json).get(root), simdjson::SUCCESS) << json;
  std::string_view type;
  ASSERT_EQ(root["in_flight"]["5:1"]["body"]["type"].get_string().get(type), simdjson::SUCCESS);
  EXPECT_EQ(type, "read_heads");
}

TEST(Difference, names_the_path) {
  core::State left;
  core::State right;
  EXPECT_FALSE(first_difference(left, right).has_value());
  right.timers[2].generation = 9;
  auto found = first_difference(left, right);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->path, "timers[2].generation");
  EXPECT_EQ(found->recorded, "0");
  EXPECT_EQ(found->recomputed, "9");

  right.lane = core::ApplyPlan{};
  found = first_difference(left, right, "state");
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->path, "state.lane");
  EXPECT_EQ(found->recorded, "idle");
  EXPECT_EQ(found->recomputed, "apply_plan");

  right.heads.executed[core::BlockNumber{4}];
  left.heads.executed[core::BlockNumber{3}];
  found = first_difference(left, right);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->path, "heads.executed[3]");
  EXPECT_EQ(found->recorded, "present");
  EXPECT_EQ(found->recomputed, "absent");

  left.chain.chain_id = 1;
  right.schedule.windows.resize(1);
  found = first_difference(left, right);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->path, "chain.chain_id");
}

}  // namespace
}  // namespace preconf::replay
