// The blobs that a log names, newest first and part by part.
#include "node/l1/blob_history.hpp"

#include <gtest/gtest.h>

#include "core/codec/blob.hpp"
#include "storage/event_log.hpp"
#include "tests/support/storage_events.hpp"

namespace preconf::node::l1 {
namespace {

namespace ev = core::events;

core::Hash32 hash_at(std::uint64_t seq) {
  core::Hash32 out;
  out.bytes[0] = static_cast<std::uint8_t>(seq);
  return out;
}

/// Events up to `last`; every third one a blob.
std::unique_ptr<storage::EventLog> log_of(const tests::TemporaryDirectory& directory,
                                          std::uint64_t last) {
  auto log = *storage::EventLog::open(directory.path(), storage::OpenMode::kCreate);
  storage::EventBatch batch;
  for (std::uint64_t seq = 1; seq <= last; ++seq) {
    core::Event& event = batch.events.emplace_back();
    event.seq = core::Seq{seq};
    if (seq % 3 == 0) {
      event.body = ev::BlobReceived{hash_at(seq), {}, {hash_at(seq), core::codec::kBlobBytes}};
    }
  }
  const storage::EventBatch* batches[] = {&batch};
  EXPECT_TRUE(last == 0 || log->append(batches, {}, false));
  return log;
}

TEST(BlobHistory, IsReadNewestFirstToItsBeginning) {
  const tests::TemporaryDirectory directory;
  const auto log = log_of(directory, 20);
  for (const std::uint64_t part : {1U, 2U, 7U, 19U, 20U, 1'000U}) {
    SCOPED_TRACE(part);
    BlobHistory history(*log, part);
    std::vector<core::Hash32> found;
    std::size_t parts = 0;
    while (!history.is_at_end()) {
      for (const ev::BlobReceived& blob : history.read_part()) found.push_back(blob.versioned_hash);
      ASSERT_LE(++parts, 20U);
    }
    EXPECT_EQ(parts, (20 + part - 1) / part);
    EXPECT_EQ(found, (std::vector{hash_at(18), hash_at(15), hash_at(12), hash_at(9), hash_at(6),
                                  hash_at(3)}));
  }
}

TEST(BlobHistory, AnEmptyLogHasNone) {
  const tests::TemporaryDirectory directory;
  const auto log = log_of(directory, 0);
  BlobHistory history(*log);
  EXPECT_TRUE(history.read_part().empty());
  EXPECT_TRUE(history.is_at_end());
}

}  // namespace
}  // namespace preconf::node::l1
