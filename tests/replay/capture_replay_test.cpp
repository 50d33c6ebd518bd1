// Tools on captures: they say what they say about the data directory.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "replay/capture_export.hpp"
#include "replay/cli/tool.hpp"
#include "replay/replay.hpp"
#include "replay/walker.hpp"
#include "storage/capture_import.hpp"
#include "storage/retention.hpp"
#include "tests/replay/recorded_log.hpp"
#include "tests/storage/capture_fixture.hpp"

namespace preconf::replay {
namespace {

using core::Seq;
using tests::RealWorld;
using tests::RecordedLog;

struct Ran {
  int code = -1;
  std::string out;
  std::string err;
};
Ran run(const std::string& tool, const std::vector<std::string>& arguments) {
  std::ostringstream out;
  std::ostringstream err;
  const int code = run_tool(*find_tool(tool), arguments, Streams{out, err});
  return {code, out.str(), err.str()};
}

class CaptureTools : public testing::Test {
 protected:
  void SetUp() override {
    for (std::uint64_t i = 0; i < 12; ++i) world_.add_traffic(i);
    log_.write(world_);
    middle_ = world_.state.last_seq;
    for (std::uint64_t i = 12; i < 24; ++i) world_.add_traffic(i);
    log_.write(world_);
    end_ = world_.state.last_seq;
    log_.close();
  }
  [[nodiscard]] std::string file(const std::string& name) const {
    return (directory_.path() / name).string();
  }
  [[nodiscard]] std::string log() const { return log_.path().string(); }

  static ReplayReport replayed(const std::string& path, bool verify) {
    ReplayOptions options;
    options.directory = path;
    options.verify = verify;
    options.workers = 2;
    return replay(options, {});
  }
  static core::Hash32 state_hash_at(const std::string& path, Seq seq) {
    const auto history = open_history(path);
    EXPECT_TRUE(history.has_value());
    const auto walker = Walker::start(*history, seq);
    EXPECT_TRUE(walker.has_value()) << (walker ? "" : walker.error().detail);
    return walker ? core::state_hash(walker->state()) : core::Hash32{};
  }
  void export_to(const std::string& from, const std::string& name,
                 const std::vector<std::string>& more = {}) const {
    std::vector<std::string> arguments{"export", from, file(name)};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Ran ran = run("log", arguments);
    ASSERT_EQ(ran.code, 0) << ran.err;
  }

  tests::TemporaryDirectory directory_;
  RecordedLog log_;
  RealWorld world_;
  Seq middle_;
  Seq end_;
};

TEST_F(CaptureTools, a_whole_log_replays_as_its_directory) {
  export_to(log(), "all");
  const ReplayReport one = replayed(log(), true);
  const ReplayReport other = replayed(file("all"), true);
  EXPECT_EQ(other.result, ReplayResult::kClean) << to_text(other);
  EXPECT_EQ(other.events, one.events);
  EXPECT_EQ(other.chain, one.chain);
  EXPECT_EQ(other.state_hash, one.state_hash);
  EXPECT_EQ(other.digests_compared, one.digests_compared);
  ASSERT_TRUE(other.facts.has_value());
  EXPECT_EQ(other.facts->commitments, one.facts->commitments);
  EXPECT_EQ(other.facts->payloads, one.facts->payloads);
  EXPECT_EQ(other.facts->missing, 0u);
  EXPECT_EQ(run("log", {"ls", file("all"), "--json"}).out, run("log", {"ls", log(), "--json"}).out);
  const std::string seq = std::to_string(middle_.value);
  EXPECT_EQ(run("log", {"show", file("all"), seq, "--json"}).out,
            run("log", {"show", log(), seq, "--json"}).out);
  EXPECT_EQ(run("log", {"verify", file("all")}).code, 0);
}

TEST_F(CaptureTools, a_part_begins_with_its_state) {
  const std::string from = std::to_string(middle_.value + 1);
  const std::string to = std::to_string(end_.value - 3);
  export_to(log(), "part", {"--from", from, "--to", to});
  const ReplayReport part = replayed(file("part"), true);
  EXPECT_EQ(part.result, ReplayResult::kClean) << to_text(part);
  EXPECT_EQ(part.started_after, middle_);
  EXPECT_EQ(part.last_seq, Seq{end_.value - 3});
  for (const Seq seq : {middle_, Seq{middle_.value + 5}, Seq{end_.value - 3}}) {
    EXPECT_EQ(state_hash_at(file("part"), seq), state_hash_at(log(), seq)) << seq.value;
  }
  const auto history = open_history(file("part"));
  const auto before = Walker::start(*history, Seq{middle_.value - 1});
  ASSERT_FALSE(before.has_value());
  EXPECT_EQ(before.error().code, storage::StorageError::kPruned);
  EXPECT_EQ(run("log", {"verify", file("part")}).code, 0);
  EXPECT_EQ(run("log", {"ls", file("part")}).code, 0);
}

TEST_F(CaptureTools, export_import_export_gives_the_same_bytes) {
  const std::string from = std::to_string(middle_.value + 1);
  const std::vector<std::vector<std::string>> ranges{{}, {"--from", from}, {"--redact"}};
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    const std::string n = std::to_string(i);
    export_to(log(), "first" + n, ranges[i]);
    const Ran import = run("log", {"import", file("first" + n), file("node" + n)});
    ASSERT_EQ(import.code, 0) << import.err;
    const bool redacted = i == 2;
    export_to(file("node" + n), "second" + n, redacted ? ranges[i] : std::vector<std::string>{});
    EXPECT_EQ(tests::read_bytes(file("first" + n)), tests::read_bytes(file("second" + n))) << i;
    // And a capture of the capture.
    export_to(file("first" + n), "third" + n);
    EXPECT_EQ(tests::read_bytes(file("first" + n)), tests::read_bytes(file("third" + n))) << i;
    EXPECT_EQ(replayed(file("node" + n), false).state_hash, replayed(log(), false).state_hash);
    EXPECT_EQ(run("log", {"import", file("first" + n), file("node" + n)}).code, 1) << "exists";
  }
}

/// Content that is not there for a known reason is so in captures, too, and in what is made of
/// them. The export of a sound log was damaged before.
TEST_F(CaptureTools, what_is_known_of_removed_content_travels) {
  std::vector<core::Hash32> hashes;
  {
    const auto history = open_history(log()).value();
    const auto reader = history.events->read(Seq{1});
    storage::LoggedEvent logged;
    while (*reader->next_into(logged)) {
      for (const core::ContentRef& ref : core::content_refs(logged.event.body)) {
        if (history.events->content(ref.hash)) hashes.push_back(ref.hash);
      }
    }
  }
  ASSERT_GE(hashes.size(), 4u);
  const std::string hash = core::to_hex0x(hashes[0].view());
  ASSERT_EQ(run("log", {"redact", log(), hash, "--reason", "order \"7\""}).code, 0);
  storage::PruneRequest request;
  request.contents_to = middle_;
  request.dry_run = false;
  request.now.value = 99;
  request.pinned = {hashes[1]};
  ASSERT_TRUE(storage::prune_log(log(), request).has_value());
  ASSERT_EQ(run("log", {"verify", log()}).code, 0);

  export_to(log(), "first");
  const Ran verified = run("log", {"verify", file("first")});
  EXPECT_EQ(verified.code, 0) << verified.out;
  EXPECT_NE(verified.out.find("order \\\"7\\\""), std::string::npos) << verified.out;
  EXPECT_NE(verified.out.find("pruned     content"), std::string::npos) << verified.out;
  ASSERT_EQ(run("log", {"import", file("first"), file("node")}).code, 0);
  export_to(file("node"), "second");
  EXPECT_EQ(tests::read_bytes(file("first")), tests::read_bytes(file("second")));
  export_to(file("first"), "third");
  EXPECT_EQ(tests::read_bytes(file("first")), tests::read_bytes(file("third")));
  EXPECT_EQ(run("log", {"verify", file("node")}).code, 0);
  const auto capture = storage::CaptureFile::open(file("first"));
  ASSERT_TRUE(capture.has_value());
  EXPECT_EQ((*capture)->manifest().contents_missing, 0u);
  const auto removed = (*capture)->removed(hashes[0]);
  ASSERT_TRUE(removed.has_value());
  EXPECT_EQ(removed->reason, "order \"7\"");
  EXPECT_FALSE((*capture)->removed(hashes[1]).has_value()) << "it is there";
  EXPECT_EQ(replayed(file("first"), true).result, ReplayResult::kClean);
}

/// An import that was killed left a directory that stood in the way of the next one.
TEST_F(CaptureTools, a_killed_import_can_be_repeated) {
  export_to(log(), "all");
  namespace fs = std::filesystem;
  const fs::path left = file("node.importing");
  fs::create_directories(left / "log");
  std::ofstream(left / "LOCK") << "1\n";
  std::ofstream(left / "log" / "000004.log") << "half";
  ASSERT_EQ(run("log", {"import", file("all"), file("node")}).code, 0);
  EXPECT_FALSE(fs::exists(left));
  EXPECT_EQ(run("log", {"verify", file("node")}).code, 0);
  // What is not its own it leaves alone.
  fs::create_directories(file("other.importing"));
  std::ofstream(fs::path(file("other.importing")) / "diary") << "mine";
  const Ran refused = run("log", {"import", file("all"), file("other")});
  EXPECT_EQ(refused.code, 1);
  EXPECT_NE(refused.err.find("other.importing"), std::string::npos) << refused.err;
  EXPECT_TRUE(fs::exists(fs::path(file("other.importing")) / "diary"));
}

TEST_F(CaptureTools, redacted_is_not_missing) {
  export_to(log(), "redacted", {"--redact", "--note", "for \"them\""});
  const auto capture = storage::CaptureFile::open(file("redacted"));
  ASSERT_TRUE(capture.has_value());
  EXPECT_TRUE((*capture)->manifest().content_redacted);
  EXPECT_EQ((*capture)->manifest().contents, 0u);
  EXPECT_EQ((*capture)->manifest().contents_missing, 0u);
  EXPECT_EQ((*capture)->manifest().note, "for \"them\"");
  const ReplayReport report = replayed(file("redacted"), false);
  EXPECT_EQ(report.result, ReplayResult::kClean);
  EXPECT_EQ(report.state_hash, replayed(log(), false).state_hash);
}

TEST_F(CaptureTools, damage_ends_with_4_and_bad_use_with_1) {
  export_to(log(), "all");
  const core::Bytes good = tests::read_bytes(file("all"));
  for (std::size_t at = 0; at < good.size(); at += good.size() / 40) {
    core::Bytes bad = good;
    bad[at] ^= 0x01;
    tests::write_bytes(file("bad"), bad);
    EXPECT_EQ(run("log", {"verify", file("bad")}).code, 4) << "byte " << at;
  }
  tests::write_bytes(file("bad"), core::BytesView(good).first(good.size() - 1));
  EXPECT_EQ(run("replay", {file("bad")}).code, 4);
  EXPECT_EQ(run("log", {"ls", file("bad")}).code, 4);
  EXPECT_EQ(run("log", {"import", file("bad"), file("node")}).code, 4);
  EXPECT_EQ(run("log", {"export", file("absent"), file("x")}).code, 1);
  EXPECT_EQ(run("log", {"export", log(), file("all")}).code, 1) << "exists";
  EXPECT_EQ(run("log", {"export", log(), file("x"), "--from", "9", "--to", "8"}).code, 1);
  EXPECT_EQ(run("log", {"export", log(), file("x"), "--note", "\xff"}).code, 1);
  EXPECT_FALSE(std::filesystem::exists(file("x")));
  EXPECT_FALSE(std::filesystem::exists(file("x.tmp")));
}

}  // namespace
}  // namespace preconf::replay
