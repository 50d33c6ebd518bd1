// Pruning and redaction: what goes is gone, what stays can be read, the chain holds.
#include "storage/retention.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "storage/snapshot_store.hpp"
#include "tests/storage/log_fixture.hpp"

namespace preconf::storage {
namespace {

namespace fs = std::filesystem;
using core::Seq;

constexpr std::uint64_t kEvents = 60;

class RetentionTest : public ::testing::Test {
 protected:
  RetentionTest() {
    const auto log = open_log(path(), OpenMode::kCreate);
    for (std::uint64_t seq = 1; seq <= kEvents; ++seq) {
      EventBatch batch{{generator_.event(Seq{seq}, 8)}, {}};  // 8: a transaction list
      Content content = tests::content_of(generator_.bytes(seq % 2 == 0 ? 6'000 : 300));
      auto& received = std::get<core::events::TxListReceived>(batch.events[0].body);
      received.facts.hash = content.hash;
      received.facts.compressed_bytes = static_cast<std::uint32_t>(content.bytes->size());
      batch.contents.push_back(content);
      contents_.push_back(content);
      EffectsDigests digests{Seq{seq}, {generator_.fixed<32>()}};
      const EventBatch* batches[] = {&batch};
      EXPECT_TRUE(log->append(batches, std::span(&digests, 1), true).has_value());
    }
    before_ = read_all(*log).events;
  }
  [[nodiscard]] fs::path path() const { return directory_.path() / "node"; }

  [[nodiscard]] PruneRequest request(std::uint64_t to) const {
    PruneRequest out;
    out.to = {Seq{to}, before_[to - 1].chain};
    out.base.position = out.to;
    out.base.reducer_version = 1;
    out.base.state = {1, 2, 3};
    out.now.value = 99;
    out.dry_run = false;
    return out;
  }
  PruneReport prune(const PruneRequest& request) {
    const auto report = prune_log(path(), request);
    EXPECT_TRUE(report.has_value()) << (report ? "" : report.error().detail);
    return report ? *report : PruneReport{};
  }
  [[nodiscard]] const Content& content_at(std::uint64_t seq) const { return contents_[seq - 1]; }

  /// Whether any file of the database has these bytes.
  [[nodiscard]] bool files_contain(const core::Bytes& bytes) const {
    const std::string wanted(bytes.begin(), bytes.end());
    for (const auto& entry : fs::recursive_directory_iterator(path())) {
      if (!entry.is_regular_file()) continue;
      std::ifstream file(entry.path(), std::ios::binary);
      const std::string text((std::istreambuf_iterator<char>(file)), {});
      if (text.find(wanted) != std::string::npos) return true;
    }
    return false;
  }
  void expect_reads_from(std::uint64_t first) {
    const auto log = open_log(path(), OpenMode::kReadOnly);
    ASSERT_NE(log, nullptr);
    EXPECT_EQ(log->base(), (LogPosition{Seq{first - 1}, before_[first - 2].chain}));
    EXPECT_EQ(log->chain_at(Seq{first - 1}), before_[first - 2].chain);
    EXPECT_EQ(log->log_id(), before_[0].chain);
    const auto read = read_all(*log);
    ASSERT_FALSE(read.failure.has_value()) << read.failure->detail;
    ASSERT_EQ(read.events.size(), kEvents - first + 1);
    for (std::size_t i = 0; i < read.events.size(); ++i) {
      EXPECT_EQ(read.events[i].event, before_[first - 1 + i].event);
      EXPECT_EQ(read.events[i].chain, before_[first - 1 + i].chain);
      EXPECT_EQ(read.events[i].effects_digest, before_[first - 1 + i].effects_digest);
    }
  }

  tests::TemporaryDirectory directory_;
  tests::EventGenerator generator_{21};
  std::vector<Content> contents_;
  std::vector<LoggedEvent> before_;
};

TEST_F(RetentionTest, dry_run_counts_and_changes_nothing) {
  PruneRequest wanted = request(20);
  wanted.dry_run = true;
  const PruneReport report = prune(wanted);
  EXPECT_EQ(report.events, 20u);
  EXPECT_EQ(report.contents, 20u);
  EXPECT_EQ(report.content_bytes, 10u * 6'000 + 10u * 300);
  EXPECT_EQ(report.tombstones, 0u);
  const auto log = open_log(path(), OpenMode::kReadOnly);
  EXPECT_EQ(log->base().seq, Seq{0});
  EXPECT_EQ(read_all(*log).events.size(), kEvents);
  EXPECT_FALSE(fs::exists(path() / "base"));
}

TEST_F(RetentionTest, removes_events_and_their_content_and_keeps_the_chain) {
  ASSERT_TRUE(files_contain(*content_at(2).bytes));
  prune(request(20));
  expect_reads_from(21);
  {
    const auto log = open_log(path(), OpenMode::kReadOnly);
    EXPECT_EQ(log->content(content_at(20).hash), nullptr);
    EXPECT_NE(log->content(content_at(21).hash), nullptr);
    ASSERT_EQ(log->pruned().size(), 1u);
    EXPECT_EQ(log->pruned()[0].from, Seq{1});
    EXPECT_EQ(log->pruned()[0].to, Seq{20});
    EXPECT_EQ(log->pruned()[0].chain_at_to, before_[19].chain);
    EXPECT_EQ(log->pruned()[0].pruned_at.value, 99u);
  }
  EXPECT_FALSE(files_contain(*content_at(2).bytes)) << "the space is given back";
  EXPECT_TRUE(SnapshotStore(path() / "snapshots").load(Seq{20}).has_value());
  {
    const auto log = open_log(path(), OpenMode::kWrite);
    append(*log, generator_.batch(Seq{kEvents + 1}, 2));
  }
  prune(request(40));
  const auto log = open_log(path(), OpenMode::kReadOnly);
  EXPECT_EQ(log->base().seq, Seq{40});
  EXPECT_EQ(log->log_id(), before_[0].chain);
  ASSERT_EQ(log->pruned().size(), 2u);
  EXPECT_EQ(log->pruned()[1].chain_before, before_[19].chain);
  EXPECT_EQ(SnapshotStore(path() / "snapshots").list(), std::vector{Seq{40}});
}

TEST_F(RetentionTest, content_goes_earlier_than_its_event_and_leaves_a_tombstone) {
  PruneRequest wanted = request(10);
  wanted.contents_to = Seq{30};
  wanted.pinned = {content_at(5).hash, content_at(15).hash};
  const PruneReport report = prune(wanted);
  EXPECT_EQ(report.contents, 28u);
  EXPECT_EQ(report.tombstones, 19u);
  expect_reads_from(11);
  const auto log = open_log(path(), OpenMode::kReadOnly);
  EXPECT_NE(log->content(content_at(5).hash), nullptr);
  EXPECT_NE(log->content(content_at(15).hash), nullptr);
  EXPECT_FALSE(log->removed(content_at(15).hash).has_value());
  const auto removed = log->removed(content_at(30).hash);
  ASSERT_TRUE(removed.has_value());
  EXPECT_EQ(removed->cause, RemovalCause::kPruned);
  EXPECT_EQ(removed->size_bytes, 6'000u);
  EXPECT_FALSE(log->removed(content_at(3).hash).has_value()) << "nobody asks any more";
}

TEST_F(RetentionTest, refuses_what_would_break_the_log) {
  EXPECT_FALSE(prune_log(path(), request(kEvents)).has_value()) << "one event stays";
  PruneRequest foreign = request(20);
  foreign.to.chain.bytes[0] ^= 1;
  foreign.base.position = foreign.to;
  EXPECT_FALSE(prune_log(path(), foreign).has_value());
  prune(request(20));
  EXPECT_FALSE(prune_log(path(), request(10)).has_value()) << "below the base";
  const auto log = open_log(path(), OpenMode::kWrite);
  const auto busy = prune_log(path(), request(30));
  ASSERT_FALSE(busy.has_value());
  EXPECT_EQ(busy.error().code, StorageError::kLocked);
}

TEST_F(RetentionTest, redaction_removes_the_bytes_and_says_so) {
  for (const std::uint64_t seq : {8u, 9u}) {
    const auto size = redact_content(path(), {content_at(seq).hash, "a reason", {5}});
    ASSERT_TRUE(size.has_value()) << size.error().detail;
    EXPECT_EQ(*size, content_at(seq).bytes->size());
    EXPECT_FALSE(files_contain(*content_at(seq).bytes)) << seq;
  }
  {
    const auto log = open_log(path(), OpenMode::kReadOnly);
    const auto read = read_all(*log);
    EXPECT_FALSE(read.failure.has_value());
    EXPECT_EQ(read.events.back().chain, before_.back().chain);
    EXPECT_EQ(log->content(content_at(8).hash), nullptr);
    const auto removed = log->removed(content_at(8).hash);
    ASSERT_TRUE(removed.has_value());
    EXPECT_EQ(removed->cause, RemovalCause::kRedacted);
    EXPECT_EQ(removed->reason, "a reason");
    EXPECT_EQ(removed->size_bytes, 6'000u);
    EXPECT_NE(log->content(content_at(10).hash), nullptr);
  }
  EXPECT_TRUE(redact_content(path(), {content_at(8).hash, "again", {6}}).has_value());
  EXPECT_EQ(open_log(path(), OpenMode::kReadOnly)->removed(content_at(8).hash)->reason, "a reason")
      << "the first reason stays";
  const auto unknown = redact_content(path(), {generator_.fixed<32>(), "x", {6}});
  ASSERT_FALSE(unknown.has_value());
  EXPECT_EQ(unknown.error().code, StorageError::kContentMissing);

  const auto log = open_log(path(), OpenMode::kWrite);
  append(*log, EventBatch{{}, {content_at(8)}});
  EXPECT_NE(log->content(content_at(8).hash), nullptr) << "content that comes again is content";
  EXPECT_FALSE(log->removed(content_at(8).hash).has_value());
}

TEST(SnapshotPolicy, keeps_the_newest_and_one_per_run) {
  std::vector<Seq> seqs;
  for (std::uint64_t seq = 50; seq <= 1'000; seq += 50) seqs.push_back(Seq{seq});
  const auto gone = superfluous(seqs, {2, 300});
  std::vector<Seq> kept;
  std::set_difference(seqs.begin(), seqs.end(), gone.begin(), gone.end(), std::back_inserter(kept));
  EXPECT_EQ(kept, (std::vector{Seq{50}, Seq{300}, Seq{600}, Seq{900}, Seq{950}, Seq{1'000}}));
  EXPECT_TRUE(superfluous(kept, {2, 300}).empty());
  EXPECT_TRUE(superfluous({Seq{1}, Seq{2}}, {2, 300}).empty());
}

}  // namespace
}  // namespace preconf::storage
