// The event log: what was appended is what is read, in order, after any number of openings.
#include "storage/event_log.hpp"

#include <gtest/gtest.h>

#include "tests/support/storage_events.hpp"

namespace preconf::storage {
namespace {

using core::Seq;
using tests::EventGenerator;
using tests::TemporaryDirectory;

std::unique_ptr<EventLog> open_log(const std::filesystem::path& path, OpenMode mode) {
  auto log = EventLog::open(path, mode);
  EXPECT_TRUE(log.has_value()) << (log ? "" : log.error().detail);
  return log ? std::move(log).value() : nullptr;
}

std::vector<LoggedEvent> read_all(const EventLog& log, Seq from = Seq{1}) {
  std::vector<LoggedEvent> out;
  const auto reader = log.read(from);
  for (;;) {
    auto next = reader->next();
    if (!next) {
      ADD_FAILURE() << next.error().detail;
      return out;
    }
    if (!next->has_value()) return out;
    out.push_back(std::move(**next));
  }
}

TEST(EventLog, reads_back_what_was_appended) {
  TemporaryDirectory directory;
  EventGenerator generator(1);
  const EventBatch batch = generator.batch(Seq{1}, 100);
  const EventBatch* batches[] = {&batch};
  LogPosition end;
  {
    const auto log = open_log(directory.path() / "node", OpenMode::kCreate);
    ASSERT_NE(log, nullptr);
    const auto position = log->append(batches, {}, true);
    ASSERT_TRUE(position.has_value()) << position.error().detail;
    end = *position;
    EXPECT_EQ(end.seq, Seq{100});
    EXPECT_EQ(log->end(), end);
    ASSERT_TRUE(log->write_high_water_mark(end).has_value());
  }
  const auto log = open_log(directory.path() / "node", OpenMode::kWrite);
  ASSERT_NE(log, nullptr);
  EXPECT_EQ(log->end(), end);
  const auto all = read_all(*log);
  ASSERT_EQ(all.size(), 100u);
  for (std::size_t i = 0; i < all.size(); ++i) EXPECT_EQ(all[i].event, batch.events[i]);
  EXPECT_EQ(all.back().chain, end.chain);
  EXPECT_EQ(log->chain_at(Seq{100}), end.chain);
  EXPECT_EQ(log->chain_at(Seq{101}), std::nullopt);
  const auto tail = read_all(*log, Seq{98});
  ASSERT_EQ(tail.size(), 3u);
  EXPECT_EQ(tail.front().event, batch.events[97]);
}

}  // namespace
}  // namespace preconf::storage
