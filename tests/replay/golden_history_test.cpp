// Logs of released programs are folded by this one as they were by their own: same digests, same
// states (tests/golden/history_v<reducer version>/, never rewritten). And they can be gone on with.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "core/base/hex.hpp"
#include "replay/cli/tool.hpp"
#include "replay/history.hpp"
#include "replay/replay.hpp"
#include "replay/snapshots.hpp"
#include "tests/replay/recorded_log.hpp"
#include "tests/support/tests_dir.hpp"

namespace preconf::replay {
namespace {

namespace ev = core::events;
using core::Seq;

const std::filesystem::path kGolden = std::filesystem::path(preconf::tests::tests_dir()) / "golden";

/// As the program that made the history printed them.
struct Golden {
  const char* name;
  std::uint64_t end;
  std::uint64_t head;
  std::uint32_t reducer_version;
  std::size_t snapshots;
  const char* state_hash;
  const char* chain;
};
constexpr Golden kHistories[] = {
    {"history_v1", 125, 12, 1, 2,
     "71731e92b11facb72628ec1d9d8ec06020730c33c76df37edc942539dad8a91e",
     "703a4af71bcca6729153e1555c12d8e979fe0fdb76959fc550a7523f8412f8fd"},
    // A devnet follower that was killed, with libp2p peers: kinds 13 to 19.
    {"history_v3", 91, 8, 3, 1, "73142c3e3029b0da1d6a4a08d6d8d542864782ee56f8be36d8b826e975987f88",
     "9be9d4224d6d38dd2468a26519e08611946016f895ef73f0bb4d2df418d79a61"},
    // The same with an L1: proposals with blobs derived, one promise broken: kinds 20 to 24.
    {"history_v4", 185, 8, 4, 1, "88588591805711560ffd9b0d390f041308e97fb4a1024142b4e764de88b6e0db",
     "0cc1e7923f90aef0da91d493db713ad6d8a31f87b273d3492488b8950956d5d7"},
    // With a reorg of L1 that undid a derived proposal; the proposal in its place is longer. The
    // records are as they were written; its blobs, a megabyte that no fold reads, are redacted.
    {"history_v5", 885, 47, 5, 1,
     "b46f4fb80713d4ff44b9153ce22a4300b52b12183df7a01035cab1fe168510ae",
     "cc9eed5c1eb24207ac3781635f1ec069f6d68e095d7c28262545ce5831ed75f3"},
    // Two reorgs of L1, one of which took a derived proposal back: its promises are judged again.
    {"history_v6", 555, 36, 6, 0,
     "b02a76614a90ea6af60b8ef52cc11f04dc7467d7b49cdab0d520903d3656813d",
     "d185d6b66649bb99cb1699181bf9aa7c2d7994e66024e26bde06605d1896c246"},
};

TEST(GoldenHistory, replays_clean_under_the_rules_of_its_time) {
  for (const Golden& golden : kHistories) {
    SCOPED_TRACE(golden.name);
    ReplayOptions options;
    options.directory = kGolden / golden.name;
    options.verify = true;
    const ReplayReport report = replay(options, {});
    EXPECT_EQ(report.result, ReplayResult::kClean) << to_text(report);
    EXPECT_EQ(report.last_seq, Seq{golden.end});
    EXPECT_EQ(report.digests_compared, golden.end);
    EXPECT_EQ(core::to_hex(report.state_hash.view()), golden.state_hash);
    EXPECT_EQ(core::to_hex(report.chain.view()), golden.chain);
    ASSERT_EQ(report.snapshots.size(), golden.snapshots);
    for (const SnapshotCheck& check : report.snapshots) {
      EXPECT_EQ(check.health, SnapshotHealth::kEqual);
    }
    const auto history = open_history(options.directory);
    const auto state = state_after(*history->events, *history->snapshots, Seq{golden.end});
    ASSERT_TRUE(state.has_value());
    EXPECT_EQ((*state)->reducer_version, golden.reducer_version);
    EXPECT_EQ((*state)->heads.unsafe->number.value, golden.head);
  }
}

/// A copy of the history of version 1 that a younger program goes on with.
class Continued {
 public:
  Continued() {
    std::filesystem::copy(kGolden / "history_v1", path(), std::filesystem::copy_options::recursive);
    const auto history = open_history(path()).value();
    state_ = state_after(*history.events, *history.snapshots, history.events->end().seq).value();
  }
  [[nodiscard]] std::filesystem::path path() const { return directory_.path() / "node"; }
  [[nodiscard]] const core::State& state() const { return *state_; }

  /// Appends one event with the digest of what this program makes of it.
  core::Outcome append(core::EventBody body, bool reduce = true) {
    storage::EventBatch batch;
    core::Event& event = batch.events.emplace_back();
    event.seq = core::next(state_->last_seq);
    event.wall.value = state_->last_wall.value + 1;
    event.body = std::move(body);
    storage::EffectsDigests digests{event.seq, {}};
    core::Outcome outcome;
    if (reduce) {
      core::reduce(*state_, event, outcome);
      digests.digests.push_back(core::effects_digest(outcome));
    }
    const auto log = storage::EventLog::open(path(), storage::OpenMode::kWrite).value().release();
    const std::unique_ptr<storage::EventLog> owner(log);
    const storage::EventBatch* batches[] = {&batch};
    EXPECT_TRUE(log->append(batches, std::span(&digests, 1), true).has_value());
    return outcome;
  }

 private:
  tests::TemporaryDirectory directory_;
  std::unique_ptr<core::State> state_;
};

int run_replay(const std::filesystem::path& path, std::string* out = nullptr) {
  std::ostringstream text;
  const int code = run_tool(*find_tool("replay"), {path.string()}, Streams{text, text});
  if (out != nullptr) *out = text.str();
  return code;
}

const ev::EngineAnswered kLate{{Seq{2}, 0}, 1, ev::EngineFailed{}};

TEST(GoldenHistory, goes_on_under_new_rules_behind_a_barrier) {
  Continued log;
  EXPECT_EQ(log.append(kLate).decisions.at(0).a, 0u) << "version 1 does not say which command";
  log.append(ev::ReducerActivated{1, 2, core::state_hash(log.state())});
  EXPECT_EQ(log.append(kLate).decisions.at(0).a, 2u);
  log.append(ev::BootStarted{{}, "new", 1'000});
  std::string out;
  EXPECT_EQ(run_replay(log.path(), &out), 0) << out;
}

TEST(GoldenHistory, a_barrier_to_unknown_rules_is_refused) {
  Continued log;
  log.append(ev::ReducerActivated{1, 99, core::state_hash(log.state())}, false);
  std::string out;
  EXPECT_EQ(run_replay(log.path(), &out), 4);
  EXPECT_NE(out.find("99"), std::string::npos) << out;
}

TEST(GoldenHistory, a_barrier_raised_after_another_state_is_a_divergence) {
  Continued log;
  log.append(ev::ReducerActivated{1, 2, core::Hash32{}}, false);
  std::string out;
  EXPECT_EQ(run_replay(log.path(), &out), 3) << out;
}

}  // namespace
}  // namespace preconf::replay
