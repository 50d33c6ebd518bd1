// The event log: what was appended is what is read, in order, after any number of openings.
#include "storage/event_log.hpp"

#include <gtest/gtest.h>

#include <set>

#include "tests/storage/log_fixture.hpp"

namespace preconf::storage {
namespace {

using core::Seq;
using tests::content_of;
using tests::EventGenerator;
using tests::TemporaryDirectory;

TEST(EventLog, reads_back_what_was_appended) {
  TemporaryDirectory directory;
  EventGenerator generator(1);
  const EventBatch batch = generator.batch(Seq{1}, 100);
  LogPosition end;
  {
    const auto log = open_log(directory.path() / "node", OpenMode::kCreate);
    ASSERT_NE(log, nullptr);
    EXPECT_EQ(log->end(), LogPosition{});
    EXPECT_TRUE(read_all(*log).events.empty());
    end = append(*log, batch);
    EXPECT_EQ(end.seq, Seq{100});
    EXPECT_EQ(log->end(), end);
    ASSERT_TRUE(log->write_high_water_mark(end).has_value());
  }
  for (const OpenMode mode : {OpenMode::kWrite, OpenMode::kCreate, OpenMode::kReadOnly}) {
    const auto log = open_log(directory.path() / "node", mode);
    ASSERT_NE(log, nullptr);
    EXPECT_EQ(log->end(), end);
    const auto all = read_all(*log);
    EXPECT_FALSE(all.failure.has_value());
    ASSERT_EQ(all.events.size(), 100u);
    for (std::size_t i = 0; i < 100; ++i) EXPECT_EQ(all.events[i].event, batch.events[i]);
    EXPECT_EQ(all.events.back().chain, end.chain);
    EXPECT_EQ(log->chain_at(Seq{100}), end.chain);
    EXPECT_EQ(log->chain_at(Seq{99}), all.events[98].chain);
    EXPECT_EQ(log->chain_at(Seq{101}), std::nullopt);
    const auto tail = read_all(*log, Seq{98});
    ASSERT_EQ(tail.events.size(), 3u);
    EXPECT_EQ(tail.events.front().event, batch.events[97]);
    EXPECT_TRUE(read_all(*log, Seq{101}).events.empty());
    EXPECT_TRUE(read_all(*log, Seq{5000}).events.empty());
  }
}

TEST(EventLog, a_long_scan_reads_ahead_and_gives_the_same) {
  TemporaryDirectory directory;
  EventGenerator generator(14);
  const EventBatch batch = generator.batch(Seq{1}, 6000);
  const auto log = open_log(directory.path(), OpenMode::kCreate);
  append(*log, batch, false);
  const auto all = read_all(*log);
  EXPECT_FALSE(all.failure.has_value());
  ASSERT_EQ(all.events.size(), 6000u);
  for (std::size_t i = 0; i < 6000; ++i) ASSERT_EQ(all.events[i].event, batch.events[i]);
  EXPECT_EQ(all.events.back().chain, log->end().chain);
  // Into one object, past the end, and given up early.
  const auto reader = log->read(Seq{100});
  LoggedEvent logged;
  for (std::size_t i = 99; i < 6000; ++i) {
    ASSERT_TRUE(*reader->next_into(logged));
    ASSERT_EQ(logged.event, batch.events[i]);
  }
  EXPECT_FALSE(*reader->next_into(logged));
  EXPECT_FALSE(*reader->next_into(logged));
  const auto abandoned = log->read(Seq{1});
  ASSERT_TRUE(*abandoned->next_into(logged));
  const auto untouched = log->read(Seq{1});
}

TEST(EventLog, a_long_scan_stops_at_damage) {
  TemporaryDirectory directory;
  EventGenerator generator(15);
  {
    const auto log = open_log(directory.path(), OpenMode::kCreate);
    append(*log, generator.batch(Seq{1}, 6000), false);
  }
  {
    RawLog raw(directory.path());
    raw.remove(RawLog::kLog, RawLog::key(Seq{5555}));
  }
  const auto log = open_log(directory.path(), OpenMode::kReadOnly);
  const auto reader = log->read(Seq{1});
  LoggedEvent logged;
  for (std::size_t i = 1; i < 5555; ++i) ASSERT_TRUE(*reader->next_into(logged));
  for (int again = 0; again < 2; ++again) {
    const auto next = reader->next_into(logged);
    ASSERT_FALSE(next.has_value());
    EXPECT_EQ(next.error().seq, Seq{5555});
  }
}

TEST(EventLog, opens_only_what_is_there) {
  TemporaryDirectory directory;
  for (const OpenMode mode : {OpenMode::kWrite, OpenMode::kReadOnly}) {
    EXPECT_EQ(open_failure(directory.path() / "none", mode).code, StorageError::kNotFound);
    EXPECT_EQ(open_failure(directory.path(), mode).code, StorageError::kNotFound);
  }
  EXPECT_FALSE(std::filesystem::exists(directory.path() / "none"));
}

TEST(EventLog, batch_boundaries_do_not_change_the_chain) {
  EventGenerator generator(2);
  const EventBatch all = generator.batch(Seq{1}, 30);
  std::set<core::Hash32> ends;
  for (const std::size_t step : {1u, 7u, 30u}) {
    TemporaryDirectory directory;
    const auto log = open_log(directory.path(), OpenMode::kCreate);
    for (std::size_t at = 0; at < all.events.size(); at += step) {
      EventBatch part;
      for (std::size_t i = at; i < std::min(at + step, all.events.size()); ++i) {
        part.events.push_back(all.events[i]);
      }
      append(*log, part, false);
    }
    ends.insert(log->end().chain);
  }
  EXPECT_EQ(ends.size(), 1u);
}

TEST(EventLog, refuses_a_gap_and_everything_after_a_failure) {
  TemporaryDirectory directory;
  EventGenerator generator(3);
  {
    const auto log = open_log(directory.path(), OpenMode::kCreate);
    append(*log, generator.batch(Seq{1}, 3));
    const EventBatch gap = generator.batch(Seq{5}, 1);
    const EventBatch* batches[] = {&gap};
    const auto refused = log->append(batches, {}, true);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().seq, Seq{5});
    const EventBatch good = generator.batch(Seq{4}, 1);
    batches[0] = &good;
    EXPECT_FALSE(log->append(batches, {}, true).has_value()) << "the object has failed for good";
    EXPECT_EQ(log->end().seq, Seq{3});
  }
  const auto log = open_log(directory.path(), OpenMode::kWrite);
  EXPECT_EQ(append(*log, generator.batch(Seq{4}, 1)).seq, Seq{4});
}

TEST(EventLog, refuses_an_event_that_could_not_be_read_back) {
  TemporaryDirectory directory;
  const auto log = open_log(directory.path(), OpenMode::kCreate);
  EventBatch batch;
  batch.events.emplace_back();
  batch.events[0].seq = Seq{1};
  batch.events[0].body = core::events::BootStarted{{}, std::string(10'000, 'x')};
  const EventBatch* batches[] = {&batch};
  const auto refused = log->append(batches, {}, true);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, StorageError::kUndecodable);
}

TEST(EventLog, keeps_content_by_its_hash) {
  TemporaryDirectory directory;
  EventGenerator generator(4);
  const Content small = content_of(generator.bytes(100));
  const Content large = content_of(generator.bytes(2'000'000));
  const Content empty = content_of({});
  {
    const auto log = open_log(directory.path(), OpenMode::kCreate);
    EventBatch batch = generator.batch(Seq{1}, 2);
    batch.contents = {small, large, empty, large};
    append(*log, batch);
    EXPECT_EQ(*log->content(large.hash), *large.bytes);
  }
  const auto log = open_log(directory.path(), OpenMode::kReadOnly);
  EXPECT_EQ(*log->content(small.hash), *small.bytes);
  EXPECT_EQ(*log->content(large.hash), *large.bytes);
  EXPECT_EQ(*log->content(empty.hash), *empty.bytes);
  EXPECT_EQ(log->content(core::Hash32{}), nullptr);
}

TEST(EventLog, refuses_content_under_a_wrong_hash) {
  TemporaryDirectory directory;
  EventGenerator generator(5);
  const auto log = open_log(directory.path(), OpenMode::kCreate);
  EventBatch batch = generator.batch(Seq{1}, 1);
  batch.contents = {content_of(generator.bytes(50))};
  batch.contents[0].hash.bytes[31] ^= 1;
  const EventBatch* batches[] = {&batch};
  const auto refused = log->append(batches, {}, true);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, StorageError::kContentMissing);
  EXPECT_EQ(log->content(batch.contents[0].hash), nullptr);
  EXPECT_TRUE(read_all(*log).events.empty());
}

TEST(EventLog, attaches_digests_and_says_where_there_are_none) {
  TemporaryDirectory directory;
  EventGenerator generator(6);
  std::vector<core::Hash32> digests;
  for (int i = 0; i < 10; ++i) digests.push_back(generator.fixed<32>());
  {
    const auto log = open_log(directory.path(), OpenMode::kCreate);
    const EventBatch batch = generator.batch(Seq{1}, 10);
    const EventBatch* batches[] = {&batch};
    // 3 is unknown; 6 was digested twice; 9 and 10 not yet.
    const EffectsDigests with_batch[] = {{Seq{1}, {digests[0], digests[1]}}};
    ASSERT_TRUE(log->append(batches, with_batch, true).has_value());
    const EffectsDigests later[] = {{Seq{4}, {digests[3], digests[4], core::Hash32{}}},
                                    {Seq{6}, {digests[5], digests[6], digests[7]}}};
    ASSERT_TRUE(log->append({}, later, false).has_value());
  }
  const auto log = open_log(directory.path(), OpenMode::kReadOnly);
  for (const std::uint64_t from : {1u, 2u, 5u, 7u}) {
    const auto read = read_all(*log, Seq{from});
    ASSERT_EQ(read.events.size(), 11 - from);
    for (const LoggedEvent& logged : read.events) {
      const std::uint64_t seq = logged.event.seq.value;
      const auto want =
          seq == 3 || seq > 8 ? std::nullopt : std::optional<core::Hash32>(digests[seq - 1]);
      EXPECT_EQ(logged.effects_digest, want) << "from " << from << " seq " << seq;
    }
  }
}

TEST(EventLog, refuses_digests_of_events_that_do_not_exist) {
  for (const EffectsDigests& group :
       {EffectsDigests{Seq{0}, {{}}}, EffectsDigests{Seq{3}, {{}, {}}},
        EffectsDigests{Seq{~std::uint64_t{0}}, {{}}}, EffectsDigests{Seq{1}, {{}, {}, {}, {}}}}) {
    TemporaryDirectory directory;
    EventGenerator generator(7);
    const auto log = open_log(directory.path(), OpenMode::kCreate);
    append(*log, generator.batch(Seq{1}, 3));
    EXPECT_FALSE(log->append({}, std::span(&group, 1), false).has_value());
  }
}

}  // namespace
}  // namespace preconf::storage
