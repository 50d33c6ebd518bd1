// Positions: every form finds the event it names, and absurd text is refused with a reason.
#include "replay/position.hpp"

#include <gtest/gtest.h>

#include "replay/time_text.hpp"
#include "tests/replay/recorded_log.hpp"

namespace preconf::replay {
namespace {

namespace ev = core::events;
using core::Seq;
using tests::RealWorld;
using tests::RecordedLog;

/// A follower whose engine is set back once: heads 0..12, then 6, then 7 again.
class Position : public ::testing::Test {
 protected:
  static constexpr std::uint64_t kBlocks = 12;

  Position() {
    for (std::uint64_t i = 0; i < kBlocks; ++i) {
      world_.add_block();
      note();
      if (i == 5) old_head_ = *world_.state.heads.unsafe;
    }
    log_.write(world_);
  }

  void note() { first_.emplace(world_.state.heads.unsafe->number.value, world_.state.last_seq); }

  /// The engine says that its head is block 6.
  void set_back() {
    const auto& timer = world_.state.timers[static_cast<std::size_t>(core::TimerId::kEnginePoll)];
    ASSERT_TRUE(timer.armed);
    world_.feed(ev::TimerFired{core::TimerId::kEnginePoll, timer.generation});
    ASSERT_EQ(world_.state.in_flight.size(), 1u);
    ev::HeadsRead read{world_.state.chain.chain_id, old_head_, std::nullopt, std::nullopt,
                       std::nullopt};
    world_.feed(ev::EngineAnswered{world_.state.in_flight.begin()->first, 9, read});
    ASSERT_EQ(world_.state.heads.unsafe->number.value, 6u);
  }

  core::Result<Seq, std::string> resolve(const std::string& text) {
    const auto history = open_history(log_.path());
    return resolve_position(history.value(), text);
  }
  std::uint64_t seq_of(const std::string& text) {
    const auto seq = resolve(text);
    EXPECT_TRUE(seq) << text << ": " << (seq ? "" : seq.error());
    return seq ? seq->value : 0;
  }
  std::string error_of(const std::string& text) {
    const auto seq = resolve(text);
    EXPECT_FALSE(seq) << text << " is " << (seq ? seq->value : 0);
    return seq ? "" : seq.error();
  }

  RealWorld world_;
  RecordedLog log_;
  std::map<std::uint64_t, Seq> first_;  ///< height -> event after which it was the head first
  core::protocol::HeaderFacts old_head_;
};

TEST_F(Position, seq_and_head) {
  const std::uint64_t end = world_.state.last_seq.value;
  EXPECT_EQ(seq_of("1"), 1u);
  EXPECT_EQ(seq_of(std::to_string(end)), end);
  EXPECT_EQ(seq_of("head"), end);
  EXPECT_EQ(seq_of("head~0"), end);
  EXPECT_EQ(seq_of("head~7"), end - 7);
  EXPECT_EQ(seq_of("head~" + std::to_string(end - 1)), 1u);
}

TEST_F(Position, absurd_text_is_refused_with_a_reason) {
  const std::string range =
      "the log has events 1 to " + std::to_string(world_.state.last_seq.value);
  EXPECT_NE(error_of("0").find(range), std::string::npos) << error_of("0");
  EXPECT_NE(error_of("99999999").find(range), std::string::npos);
  EXPECT_NE(error_of("head~99999999").find(range), std::string::npos);
  for (const char* text : {"",
                           " ",
                           "-1",
                           "+1",
                           "1 ",
                           "0x10",
                           "1e3",
                           "18446744073709551616",
                           "head~",
                           "head~-1",
                           "head~x",
                           "head1",
                           "headless",
                           "heads",
                           "block:",
                           "block:-1",
                           "block:x",
                           "block",
                           "block:1 ",
                           "@",
                           "@now",
                           "@-5",
                           "@1e9",
                           "@99999999999999999999",
                           "@2026-13-01",
                           "@2026-02-30",
                           "@2026-01-01T00:00:00",
                           "@2026-01-01T24:00:00Z",
                           "@2026-01-01Z",
                           "@1700000000.",
                           "@1700000000.1234567890",
                           "@1969-12-31T23:59:59Z",
                           "\x1b[2J",
                           "~3",
                           ":"}) {
    EXPECT_FALSE(error_of(text).empty()) << text;
  }
  EXPECT_EQ(error_of("\x1b[2J").find('\x1b'), std::string::npos);
  EXPECT_LT(error_of(std::string(1'000'000, 'x')).size(), 400u);
}

TEST_F(Position, times_are_found_at_every_event) {
  const auto history = open_history(log_.path());
  const auto reader = history->events->read(Seq{1});
  while (const auto next = reader->next().value()) {
    const std::uint64_t wall = next->event.wall.value;
    const auto text = [](std::uint64_t nanos) {
      std::string fraction = std::to_string(nanos % 1'000'000'000);
      fraction.insert(0, 9 - fraction.size(), '0');
      return "@" + std::to_string(nanos / 1'000'000'000) + "." + fraction;
    };
    EXPECT_EQ(resolve_position(*history, text(wall)).value(), next->event.seq);
    EXPECT_EQ(resolve_position(*history, text(wall + 999'999)).value(), next->event.seq);
    if (next->event.seq.value > 1) {
      EXPECT_EQ(resolve_position(*history, text(wall - 1)).value().value,
                next->event.seq.value - 1);
    }
  }
  EXPECT_NE(error_of("@1600000000").find("2023-11-14T22:13:20"), std::string::npos);
  EXPECT_EQ(seq_of("@2553-01-01T00:00:00Z"), world_.state.last_seq.value);
}

TEST(TimeText, calendar_is_that_of_date) {
  // date -u -d 2024-02-29T23:59:59Z +%s and so on
  const auto seconds = [](const char* text) {
    return time_from(text).value().value / 1'000'000'000;
  };
  EXPECT_EQ(seconds("1970-01-01"), 0u);
  EXPECT_EQ(seconds("2000-03-01"), 951'868'800u);
  EXPECT_EQ(seconds("2024-02-29T23:59:59Z"), 1'709'251'199u);
  EXPECT_EQ(seconds("2026-08-12T06:00:00Z"), 1'786'514'400u);
  EXPECT_EQ(seconds("2100-03-01T00:00:00Z"), 4'107'542'400u);
  EXPECT_EQ(time_from("2026-08-12T06:00:00.5Z")->value, 1'786'514'400'500'000'000u);
  EXPECT_EQ(time_from("1.000000001")->value, 1'000'000'001u);
  EXPECT_FALSE(time_from("2100-02-29"));
  EXPECT_FALSE(time_from("9999-01-01"));
}

TEST_F(Position, block_is_its_first_time_as_head) {
  set_back();
  for (const auto& [number, seq] : first_) {
    EXPECT_EQ(seq_of("block:" + std::to_string(number)), seq.value) << number;
  }
  EXPECT_NE(error_of("block:13").find("never"), std::string::npos);
  EXPECT_NE(error_of("block:18446744073709551615").find("never"), std::string::npos);
}

TEST_F(Position, snapshots_do_not_change_the_answer) {
  // Snapshots before and after the head was set back, and an unusable one.
  RealWorld world;
  RecordedLog log;
  std::map<std::uint64_t, Seq> first;
  for (std::uint64_t i = 0; i < kBlocks; ++i) {
    world.add_block();
    first.emplace(world.state.heads.unsafe->number.value, world.state.last_seq);
    log.write(world);
    if (i % 2 == 0) {
      auto snapshot = log.snapshot(world.state);
      if (i == 4) snapshot.state.resize(3);
      log.save(snapshot);
    }
  }
  const auto history = open_history(log.path());
  for (const auto& [number, seq] : first) {
    EXPECT_EQ(resolve_position(*history, "block:" + std::to_string(number)).value(), seq);
  }
}

TEST_F(Position, head_that_was_moved_back_hides_nothing) {
  set_back();
  log_.write(world_);
  log_.save(log_.snapshot(world_.state));  // its head is below most heights that were reached
  world_.add_rejected_ingress();
  log_.write(world_);
  for (const auto& [number, seq] : first_) {
    EXPECT_EQ(seq_of("block:" + std::to_string(number)), seq.value) << number;
  }
  EXPECT_FALSE(error_of("block:13").empty());
}

TEST(PositionOfNothing, empty_log_has_none) {
  RecordedLog log;
  log.close();
  const auto history = open_history(log.path());
  for (const char* text : {"1", "head", "head~1", "@1700000000", "block:0"}) {
    const auto seq = resolve_position(*history, text);
    ASSERT_FALSE(seq) << text;
    EXPECT_EQ(seq.error(), "the log is empty");
  }
}

}  // namespace
}  // namespace preconf::replay
