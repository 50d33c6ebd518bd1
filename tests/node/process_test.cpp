// The real binary on real sockets and files: kill -9, restart, refusals, exit codes.
#include <gtest/gtest.h>

#include <csignal>
#include <fstream>
#include <sstream>

#include "core/state.hpp"
#include "node/devnet/child_process.hpp"
#include "node/devnet/devnet.hpp"
#include "node/devnet/follower.hpp"
#include "node/loop/recover.hpp"
#include "storage/event_log.hpp"
#include "tests/support/loop_wait.hpp"
#include "tests/support/storage_events.hpp"

namespace preconf::tests {
namespace {

namespace devnet = node::devnet;

constexpr auto kDeadline = std::chrono::seconds(60);

struct ProcessTest : testing::Test {
  void SetUp() override {
    devnet::DevnetOptions options;
    options.directory = dir.path().string();
    options.followers = 1;
    auto made = devnet::Devnet::create(loop, options);
    ASSERT_TRUE(made) << made.error();
    net = std::move(*made);
    datadir = dir.path() / "data";
    engine().on_head([this](const devnet::SimBlock&) { changed(); });
  }

  devnet::EngineServer& engine() { return net->engine(1); }
  std::uint64_t engine_head() { return engine().engine().chain.head().number(); }

  void changed() { wait.changed(); }
  void wait_until(const std::function<bool()>& condition, const char* what) {
    ASSERT_TRUE(wait.until(condition, kDeadline)) << "deadline: " << what << "\n" << log_text();
  }
  std::string log_text() const {
    std::ifstream file(dir.path() / "node.log");
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }

  /// Starts the program; `more` options win over the complete ones. No file of the process grows
  /// beyond `file_kib_max`, when given.
  void start(const std::vector<std::string>& more = {}, int file_kib_max = 0) {
    std::vector<std::string> arguments = net->node_arguments(1, datadir.string());
    arguments.insert(arguments.end(), more.begin(), more.end());
    std::string program = PRECONF_BINARY;
    if (file_kib_max > 0) {
      arguments.insert(
          arguments.begin(),
          {"-c", "trap '' XFSZ; ulimit -f " + std::to_string(file_kib_max) + "; exec \"$0\" \"$@\"",
           program});
      program = "/bin/bash";
    }
    ready.reset();
    end.reset();
    auto started =
        devnet::ChildProcess::start(loop, program, arguments, (dir.path() / "node.log").string(),
                                    {[this](const std::string& line) {
                                       if (auto parsed = devnet::parse_ready_line(line)) {
                                         ready = parsed;
                                         ready_text = line;
                                         net->feed(1).resume("http://" + parsed->rpc);
                                         changed();
                                       }
                                     },
                                     [this](devnet::ChildEnd how) {
                                       end = how;
                                       net->feed(1).pause();
                                       changed();
                                     }});
    ASSERT_TRUE(started) << started.error();
    child = std::move(*started);
  }
  void start_and_wait(const std::vector<std::string>& more = {}) {
    start(more);
    wait_until([this] { return ready || end; }, "ready line");
    ASSERT_TRUE(ready) << log_text();
  }
  void wait_for_end() {
    wait_until([this] { return end.has_value(); }, "end of the process");
  }
  void kill() {
    net->feed(1).pause();
    child->signal(SIGKILL);
    wait_for_end();
    EXPECT_EQ(end->signal, SIGKILL);
  }
  void terminate() {
    child->signal(SIGTERM);
    wait_for_end();
    EXPECT_EQ(end->exit_code, 0) << log_text();
  }
  void produce(int blocks) {
    for (int i = 0; i < blocks; ++i) {
      const auto block = net->preconfer().produce();
      ASSERT_TRUE(block) << block.error();
      net->feed(1).push(*block);
      ++produced;
    }
  }
  void wait_for_head(std::uint64_t number) {
    wait_until([this, number] { return engine_head() >= number || end; }, "engine head");
    ASSERT_GE(engine_head(), number) << log_text();
  }
  /// Folds what is on disk, comparing every recorded digest on the way.
  core::State recovered_state() {
    auto log = storage::EventLog::open(datadir, storage::OpenMode::kReadOnly);
    EXPECT_TRUE(log) << log.error().detail;
    if (!log) return {};
    const storage::SnapshotStore none(dir.path() / "no-snapshots");
    auto recovered = node::recover(**log, none);
    EXPECT_TRUE(recovered) << recovered.error().detail;
    return recovered ? std::move(*recovered->state) : core::State{};
  }

  TemporaryDirectory dir;
  std::filesystem::path datadir;
  io::EventLoop loop;
  LoopWait wait{loop};
  std::unique_ptr<devnet::Devnet> net;
  std::unique_ptr<devnet::ChildProcess> child;
  std::optional<devnet::ReadyLine> ready;
  std::string ready_text;
  std::optional<devnet::ChildEnd> end;
  std::uint64_t produced = 0;
};
using node_process = ProcessTest;

TEST_F(node_process, executes_is_killed_recovers_and_goes_on) {
  start_and_wait();
  EXPECT_EQ(ready->replayed, 0U);
  EXPECT_EQ(ready->head, std::optional<std::uint64_t>{0});
  EXPECT_NE(ready_text.find("gate=open"), std::string::npos) << ready_text;
  produce(3);
  wait_for_head(3);
  // The end of one block's plan is still on its way when the signal comes; two more are queued.
  produce(2);
  kill();
  start_and_wait();
  EXPECT_GT(ready->replayed, 0U);
  wait_for_head(5);
  terminate();
  const core::State state = recovered_state();
  EXPECT_TRUE(state.stopping);
  EXPECT_EQ(state.boots, 2U);
}

TEST_F(node_process, ten_kills_at_different_moments_lose_nothing) {
  start_and_wait();
  for (std::uint64_t round = 1; round <= 10; ++round) {
    produce(2);
    // Later rounds kill at a later step of the apply plan: the engine's calls are the clock.
    const std::uint64_t steps = engine().engine().calls["engine_newPayloadV2"] + round % 2;
    wait_until([&] { return end || engine().engine().calls["engine_newPayloadV2"] >= steps; },
               "newPayload");
    kill();
    start_and_wait();
  }
  wait_for_head(produced);
  EXPECT_EQ(engine().engine().chain.head().hash, net->engine(0).engine().chain.head().hash);
  terminate();
  const core::State state = recovered_state();
  EXPECT_EQ(state.boots, 11U);
}

TEST_F(node_process, a_clean_stop_leaves_a_snapshot_and_nothing_to_replay) {
  start_and_wait();
  produce(2);
  wait_for_head(2);
  terminate();
  start_and_wait();
  EXPECT_EQ(ready->replayed, 0U);
  // The stop may have come before block 2 was confirmed; the node finds that it is there.
  produce(1);
  wait_for_head(3);
  EXPECT_EQ(engine().engine().chain.head().hash, net->engine(0).engine().chain.head().hash);
  terminate();
}

TEST_F(node_process, without_the_shadow_it_replays_everything_and_works_as_well) {
  start_and_wait({"--shadow", "off"});
  produce(1);
  wait_for_head(1);
  terminate();
  start_and_wait({"--shadow", "off"});
  EXPECT_GT(ready->replayed, 0U);
  produce(1);
  wait_for_head(2);
  terminate();
}

TEST_F(node_process, a_second_process_is_refused_with_the_owners_pid) {
  start_and_wait();
  const int owner = child->pid();
  auto first = std::move(child);
  start();
  wait_for_end();
  EXPECT_EQ(end->exit_code, 1);
  EXPECT_NE(log_text().find(std::to_string(owner)), std::string::npos) << log_text();
  child = std::move(first);
  end.reset();
  terminate();
}

TEST_F(node_process, other_rules_than_the_logs_are_refused_by_option_name) {
  start_and_wait();
  terminate();
  start({"--preconf.slasher", "0x00000000000000000000000000000000000000bb"});
  wait_for_end();
  EXPECT_EQ(end->exit_code, 1);
  EXPECT_NE(log_text().find("--preconf.slasher"), std::string::npos);
  start({"--chain", "hoodi"});
  wait_for_end();
  EXPECT_EQ(end->exit_code, 1);
  EXPECT_NE(log_text().find("--chain"), std::string::npos);
}

TEST_F(node_process, a_damaged_log_is_refused_with_its_own_exit_code) {
  start_and_wait();
  produce(1);
  wait_for_head(1);
  kill();
  // The independent witness says that more events were durable than the log has.
  std::filesystem::remove_all(datadir / "log");
  start();
  wait_for_end();
  EXPECT_EQ(end->exit_code, 4) << log_text();
}

TEST_F(node_process, effects_that_differ_from_the_record_end_with_exit_code_3) {
  start_and_wait();
  produce(1);
  wait_for_head(1);
  terminate();
  std::filesystem::remove_all(datadir / "snapshots");
  {
    auto log = storage::EventLog::open(datadir, storage::OpenMode::kWrite);
    ASSERT_TRUE(log) << log.error().detail;
    const storage::EffectsDigests wrong[] = {{core::Seq{4}, {core::Hash32{}}}};
    ASSERT_TRUE((*log)->append({}, wrong, true));
  }
  start();
  wait_for_end();
  EXPECT_EQ(end->exit_code, 3) << log_text();
  EXPECT_NE(log_text().find("seq 4"), std::string::npos) << log_text();
}

TEST_F(node_process, a_log_that_can_not_grow_stops_the_node_and_loses_nothing_durable) {
  // No file may grow beyond 96 KiB: the write fails as on a full disk (EFBIG for ENOSPC).
  start({}, 96);
  wait_until([this] { return ready || end; }, "ready line");
  ASSERT_TRUE(ready) << log_text();
  produce(40);
  wait_for_end();
  EXPECT_EQ(end->exit_code, 1) << log_text();
  EXPECT_NE(log_text().find("halted"), std::string::npos) << log_text();
  start_and_wait();
  EXPECT_GT(ready->replayed, 0U);
  wait_for_head(produced);
  terminate();
  EXPECT_EQ(recovered_state().boots, 2U);
}

TEST_F(node_process, refused_submissions_are_summed_up_before_the_shutdown_event) {
  start_and_wait();
  io::HttpClient client(loop);
  int answers = 0;
  for (int i = 0; i < 3; ++i) {
    io::HttpCall call;
    call.url = "http://" + ready->rpc;
    call.body = R"({"jsonrpc":"2.0","id":1,"method":"preconf_publishCommitment",)"
                R"("params":[{"commitment":"0x1234"}]})";
    call.headers = {{"Content-Type", "application/json"}};
    client.send(std::move(call), [&](const io::HttpResult& result) {
      EXPECT_NE(result.body.find("-32001"), std::string::npos) << result.body;
      ++answers;
      changed();
    });
  }
  wait_until([&] { return answers == 3; }, "answers");
  terminate();
  const core::State state = recovered_state();
  ASSERT_EQ(state.ingress_rejected.size(), 1U);
  EXPECT_EQ(state.ingress_rejected.begin()->second, 3U);
}

TEST_F(node_process, without_an_engine_it_says_so_and_serves) {
  engine().stop();
  start_and_wait();
  EXPECT_FALSE(ready->head);
  EXPECT_EQ(ready_text.find("gate=open"), std::string::npos);
  terminate();
}

TEST_F(node_process, unusable_options_end_with_exit_code_1_before_anything_is_made) {
  start({"--jwt.secret", "/nowhere"});
  wait_for_end();
  EXPECT_EQ(end->exit_code, 1);
  EXPECT_FALSE(std::filesystem::exists(datadir));
  EXPECT_NE(log_text().find("--jwt.secret"), std::string::npos);
}

TEST_F(node_process, a_taken_port_ends_with_exit_code_1) {
  start_and_wait();
  auto first = std::move(child);
  const std::string taken = ready->rpc;
  datadir = dir.path() / "other";
  start({"--preconf.rpc.addr", taken});
  wait_for_end();
  EXPECT_EQ(end->exit_code, 1);
  EXPECT_NE(log_text().find("--preconf.rpc.addr"), std::string::npos);
  child = std::move(first);
  end.reset();
  terminate();
}

}  // namespace
}  // namespace preconf::tests
