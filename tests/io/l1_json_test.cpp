// L1's answers as text, and our calls.
#include "io/l1/l1_json.hpp"

#include <gtest/gtest.h>

#include "core/base/hex.hpp"
#include "core/protocol/inbox.hpp"
#include "io/l1/log_ranges.hpp"

namespace preconf::io::l1 {
namespace {

std::string hex(std::size_t bytes, char digit) { return "0x" + std::string(2 * bytes, digit); }

std::string log_text(const std::string& index = "0x0", const std::string& extra = "") {
  return R"({"blockNumber":"0x10","blockHash":")" + hex(32, 'a') + R"(","logIndex":")" + index +
         R"(","address":")" + hex(20, '1') + R"(","topics":[")" + hex(32, '2') +
         R"("],"data":"0x0102")" + extra + "}";
}

template <class Read>
auto read_text(const std::string& text, Read read) {
  const auto document = JsonDocument::parse(text);
  EXPECT_TRUE(document) << text;
  return read(document->root());
}

TEST(L1Json, LogsInOrder) {
  const auto logs = read_text("[" + log_text("0x5") + "," + log_text("0x2") + "]",
                              [](JsonValue value) { return logs_from(value); });
  ASSERT_TRUE(logs) << logs.error().text;
  ASSERT_EQ(logs->size(), 2U);
  EXPECT_EQ(logs->at(0).log_index, 2U);
  EXPECT_EQ(logs->at(1).log_index, 5U);
  EXPECT_EQ(logs->at(0).data, (core::Bytes{1, 2}));
  EXPECT_EQ(core::to_hex0x(logs->at(0).topics.at(0).view()), hex(32, '2'));
}

// The same log twice would be the same proposal twice: a gap in the ids.
TEST(L1Json, ALogThatIsToldTwiceIsOneLog) {
  const auto read = [](JsonValue value) { return logs_from(value); };
  const auto logs =
      read_text("[" + log_text("0x2") + "," + log_text("0x5") + "," + log_text("0x2") + "]", read);
  ASSERT_TRUE(logs) << logs.error().text;
  ASSERT_EQ(logs->size(), 2U);
  EXPECT_EQ(logs->at(0).log_index, 2U);
}

TEST(L1Json, LogsThatContradictEachOther) {
  const auto read = [](JsonValue value) { return logs_from(value); };
  std::string other = log_text("0x2");
  other.replace(other.find("0x0102"), 6, "0x0103");
  const auto two = read_text("[" + log_text("0x2") + "," + other + "]", read);
  ASSERT_FALSE(two);
  EXPECT_EQ(two.error().kind, BadAnswerKind::kFalseLogs);
  EXPECT_EQ(two.error().text, "logs: two that differ with one index");
  other = log_text("0x3");
  other.replace(other.find(hex(32, 'a')), 66, hex(32, 'b'));
  const auto blocks = read_text("[" + log_text("0x2") + "," + other + "]", read);
  ASSERT_FALSE(blocks);
  EXPECT_EQ(blocks.error().kind, BadAnswerKind::kFalseLogs);
  EXPECT_EQ(blocks.error().text, "logs: two blocks with one number");
}

TEST(L1Json, LogsThatAreNone) {
  const auto read = [](JsonValue value) { return logs_from(value); };
  EXPECT_FALSE(read_text("{}", read));
  EXPECT_FALSE(read_text("[" + log_text("0xffffffff") + "]", read)) << "stands for no log";
  const auto removed = read_text("[" + log_text("0x1", R"(,"removed":true)") + "]", read);
  ASSERT_FALSE(removed);
  EXPECT_NE(removed.error().text.find("removed"), std::string::npos);
  EXPECT_TRUE(read_text("[" + log_text("0x1", R"(,"removed":false)") + "]", read));
}

TEST(L1Json, Calls) {
  LogFilter filter;
  filter.addresses = {*core::fixed_from_hex<20>(hex(20, '1'))};
  filter.topics = {core::protocol::kProposedTopic};
  const std::string rest = R"("address":[")" + hex(20, '1') + R"("],"topics":[[")" +
                           core::to_hex0x(core::protocol::kProposedTopic.view()) + R"("]]}])";
  EXPECT_EQ(logs_call(filter, {1}, {1'000}).params,
            R"([{"fromBlock":"0x1","toBlock":"0x3e8",)" + rest);
  EXPECT_EQ(logs_call(filter, *core::fixed_from_hex<32>(hex(32, 'a'))).params,
            R"([{"blockHash":")" + hex(32, 'a') + R"(",)" + rest);
  EXPECT_EQ(header_call("finalized").params, R"(["finalized",false])");
  EXPECT_EQ(state_call(filter.addresses[0], core::Bytes{0x6a}, std::nullopt).params,
            R"([{"to":")" + hex(20, '1') + R"(","data":"0x6a"},"latest"])");
}

TEST(L1Json, IsThereCode) {
  EXPECT_EQ(code_call(*core::fixed_from_hex<20>(hex(20, '1'))).params,
            R"([")" + hex(20, '1') + R"(","latest"])");
  const auto has_code = [](const std::string& text) {
    return read_text(text, [](JsonValue value) { return has_code_from(value); });
  };
  EXPECT_EQ(has_code(R"("0x")"), false);
  EXPECT_EQ(has_code(R"("0x00")"), true);
  EXPECT_EQ(has_code('"' + hex(24'576, '6') + '"'), true);
  for (const char* none : {"null", R"("")", R"("0x0")", R"("0xgg")", "0", R"(["0x00"])"}) {
    EXPECT_EQ(has_code(none), std::nullopt) << none;
  }
}

// Bits of a known address: the bloom of a block with one log of it (yellow paper, M3:2048).
TEST(L1Json, Bloom) {
  LogsBloom bloom;
  const auto address = *core::fixed_from_hex<20>("095e7baea6a6c7c4c2dfeb977efac326af552d87");
  EXPECT_FALSE(may_contain(bloom, address.view()));
  add_to_bloom(bloom, address.view());
  EXPECT_TRUE(may_contain(bloom, address.view()));
  EXPECT_FALSE(may_contain(bloom, core::Bytes{1, 2, 3}));
  std::size_t bits = 0;
  for (const std::uint8_t byte : bloom.bytes) bits += static_cast<std::size_t>(std::popcount(byte));
  EXPECT_LE(bits, 3U);
}

TEST(L1Json, LogsInABloom) {
  L1Log log;
  log.address.bytes.fill(0x31);
  log.topics.resize(2);
  log.topics[1].bytes.fill(0x32);
  const LogsBloom one = bloom_of({&log, 1});
  EXPECT_TRUE(may_contain(one, log.address.view()));
  EXPECT_TRUE(may_contain(one, log.topics[1].view()));
  EXPECT_TRUE(is_part_of({}, one));
  EXPECT_TRUE(is_part_of(one, one));
  EXPECT_FALSE(is_part_of(one, {}));
}

TEST(LogRanges, HalvesOnRefusalsAndGrowsAgain) {
  LogRanges ranges(1'000);
  const core::L1BlockNumber last{10'000};
  EXPECT_EQ(ranges.next({5}, last), (BlockRange{{5}, {1'004}}));
  EXPECT_EQ(ranges.next({9'999}, last), (BlockRange{{9'999}, last}));
  BlockRange range = ranges.next({5}, last);
  std::size_t halvings = 0;
  while (ranges.on_too_much(range)) {
    range = ranges.next({5}, last);
    ++halvings;
  }
  EXPECT_EQ(range, (BlockRange{{5}, {5}})) << "less can not be asked for";
  EXPECT_EQ(halvings, 9U);
  for (int i = 0; i < 20; ++i) ranges.on_answered(ranges.next({5}, last));
  EXPECT_EQ(ranges.blocks(), 1'000U);
  // A range that its end cut short says nothing about what may be asked for.
  (void)ranges.on_too_much(ranges.next({5}, last));
  const std::uint64_t before = ranges.blocks();
  ranges.on_answered(ranges.next(last, last));
  EXPECT_EQ(ranges.blocks(), before);
}

}  // namespace
}  // namespace preconf::io::l1
