// Reorgs of L1 against real followers: processes with engines of their own that read the simulated
// L1 over HTTP and get the preconfer's blocks over libp2p. Whatever L1 takes back, all end at the
// chain that the final L1 says, and their logs replay.
#include <gtest/gtest.h>

#include <csignal>
#include <fstream>
#include <sstream>

#include "io/http/http_client.hpp"
#include "io/json/json_reader.hpp"
#include "node/devnet/child_process.hpp"
#include "node/devnet/devnet.hpp"
#include "node/devnet/follower.hpp"
#include "tests/support/loop_wait.hpp"
#include "tests/support/storage_events.hpp"

namespace preconf::tests {
namespace {

namespace devnet = node::devnet;
using devnet::Follower;

constexpr auto kDeadline = std::chrono::seconds(60);
constexpr std::size_t kLate = 3;  ///< follower that starts when everything has happened

struct L1ReorgTest : testing::Test {
  void SetUp() override { start_network(3); }
  void start_network(std::uint64_t finalized_lag) {
    devnet::DevnetOptions options;
    options.directory = dir.path().string();
    options.followers = kLate;
    options.has_network = true;
    options.has_l1 = true;
    options.l1_finalized_lag = finalized_lag;
    auto made = devnet::Devnet::create(loop, options);
    ASSERT_TRUE(made) << made.error();
    net = std::move(*made);
    Follower::Handlers handlers;
    handlers.on_ready = [this](Follower&) { changed(); };
    handlers.on_heads = [this](Follower&) { changed(); };
    handlers.on_end = [this](const Follower& follower, devnet::ChildEnd end) {
      ended[follower.index()] = end;
      changed();
    };
    for (std::size_t i = 1; i <= kLate; ++i) {
      followers.push_back(
          std::make_unique<Follower>(loop, *net, i, PRECONF_BINARY, dir.path().string(), handlers));
    }
    for (std::size_t i = 1; i < kLate; ++i) start(i);
    wait_until([this] { return follower(1).ready() && follower(2).ready(); }, "ready lines");
  }
  void TearDown() override { followers.clear(); }

  Follower& follower(std::size_t index) { return *followers[index - 1]; }
  devnet::L1Chain& l1() { return net->l1()->node().chain; }
  const devnet::EngineChain& engine(std::size_t i) { return net->engine(i).engine().chain; }

  void start(std::size_t index) {
    ended.erase(index);
    const auto started = follower(index).start();
    ASSERT_TRUE(started) << started.error();
  }
  void changed() { wait.changed(); }
  void wait_until(const std::function<bool()>& condition, const std::string& what) {
    ASSERT_TRUE(wait.until(condition, kDeadline)) << "deadline: " << what << logs();
  }
  std::string logs() {
    std::ostringstream out;
    for (const auto& one : followers) {
      const auto number = [](const auto& head) { return head ? head->number.value : 0; };
      out << "\nfollower " << one->index() << " at " << number(one->heads().executed) << ", safe "
          << number(one->heads().safe) << ", final " << number(one->heads().finalized) << "\n"
          << std::ifstream(one->log_file()).rdbuf();
    }
    return out.str();
  }

  /// Blocks that are promised, gossiped and proposed.
  void produce(int blocks) {
    for (int i = 0; i < blocks; ++i) {
      const auto block = net->preconfer().produce();
      ASSERT_TRUE(block) << block.error();
      net->network()->publish(*block);
      net->propose_due();
    }
  }
  /// A call to a JSON-RPC port, as a user makes it.
  std::string call(const std::string& url, const std::string& method, const std::string& params) {
    std::optional<io::HttpResult> answer;
    io::HttpCall request;
    request.url = url;
    request.headers = {{"Content-Type", "application/json"}};
    request.body =
        R"({"jsonrpc":"2.0","id":1,"method":")" + method + R"(","params":)" + params + "}";
    client.send(request, [&](io::HttpResult result) {
      answer = std::move(result);
      changed();
    });
    wait_until([&] { return answer.has_value(); }, method);
    EXPECT_TRUE(answer && answer->body.find("\"result\"") != std::string::npos) << answer->body;
    return answer ? answer->body : std::string();
  }
  void reorg(std::uint64_t depth, const std::string& variant) {
    call(net->l1()->url(), "sim_reorg", "[" + std::to_string(depth) + ",\"" + variant + "\"]");
  }

  /// Every follower says that this block is safe; it may have executed further.
  void wait_for_safe(const core::BlockRef& block) {
    wait_until(
        [&] {
          return std::all_of(followers.begin(), followers.end(), [&](const auto& one) {
            return one->pid() == 0 || one->heads().safe == block;
          });
        },
        "safe block " + std::to_string(block.number.value));
  }
  /// The last block of the newest proposal that was sent, as the preconfer promised it.
  core::BlockRef proposed() {
    const core::BlockNumber last = net->l1()->proposer().sent().back().last;
    return {last, engine(0).canonical(last.value)->hash};
  }
  /// Until the last proposal is on L1.
  void land() {
    const std::size_t sent = net->l1()->proposer().sent().size();
    while (l1().head().contracts.inbox.next.value <= sent) {
      static_cast<void>(net->l1()->anchor_at(core::UnixSeconds{
          l1().head().timestamp().value + 2 * l1().deployment().clock.slot_seconds}));
    }
  }
  /// All that is promised is proposed, proven and final.
  void settle() {
    // A proposal whose anchors do not move would be the default one.
    while (net->l1()->proposer().sent().back().last.value < engine(0).head().number()) produce(1);
    net->l1()->settle();
  }
  bool has_all_heads_at(const Follower& one, const core::BlockRef& block) {
    const auto& heads = one.heads();
    return heads.executed == block && heads.safe == block && heads.finalized == block;
  }
  /// Waits until executed, safe and finalized head of every follower is `block`, or, when there is
  /// none, that of follower 1, whatever it is, at this height.
  void wait_for_equal_heads(core::BlockNumber number, const std::optional<core::BlockRef>& block) {
    wait_until(
        [&] {
          const auto first = block ? block : follower(1).heads().finalized;
          if (!first || first->number != number) return false;
          return std::all_of(followers.begin(), followers.end(),
                             [&](const auto& one) { return has_all_heads_at(*one, *first); });
        },
        "equal heads at " + std::to_string(number.value));
    for (std::size_t i = 2; i <= kLate; ++i) {
      for (std::uint64_t n = 0; n <= number.value; ++n) {
        ASSERT_EQ(engine(1).canonical(n)->hash, engine(i).canonical(n)->hash) << i << " " << n;
      }
    }
  }
  std::uint64_t reorgs_seen_by(std::size_t index) {
    const auto document = io::JsonDocument::parse(
        call("http://" + follower(index).ready_line().rpc, "preconf_status", "[]"),
        io::JsonLimits{1 << 20, 32});
    EXPECT_TRUE(document.has_value());
    return document ? document->root().get("result").get("l1").get("reorgs").as_u64().value_or(0)
                    : 0;
  }
  /// Ends every follower, and folds its log again with all facts recomputed.
  void stop_and_replay() {
    for (const auto& one : followers) one->terminate();
    wait_until([this] { return ended.size() == kLate; }, "ends of the followers");
    for (const auto& one : followers) {
      EXPECT_EQ(ended[one->index()].exit_code, 0) << logs();
      std::optional<devnet::ChildEnd> end;
      std::string output;
      devnet::ChildProcess::Handlers handlers;
      handlers.on_line = [&](const std::string& line) { output += line + "\n"; };
      handlers.on_end = [&](devnet::ChildEnd how) {
        end = how;
        changed();
      };
      auto replay =
          devnet::ChildProcess::start(loop, PRECONF_BINARY, {"replay", one->datadir(), "--verify"},
                                      (dir.path() / "replay.log").string(), std::move(handlers));
      ASSERT_TRUE(replay) << replay.error();
      wait_until([&] { return end.has_value(); }, "replay");
      EXPECT_EQ(end->exit_code, 0) << output;
      EXPECT_NE(output.find("clean: states and effects are equal"), std::string::npos) << output;
    }
  }

  TemporaryDirectory dir;
  io::EventLoop loop;
  LoopWait wait{loop};
  io::HttpClient client{loop};
  std::unique_ptr<devnet::Devnet> net;
  std::vector<std::unique_ptr<Follower>> followers;
  std::map<std::size_t, devnet::ChildEnd> ended;
};

TEST_F(L1ReorgTest, WhatKeepsThePromisesEndsAtThePreconfersChain) {
  produce(8);
  land();
  wait_for_safe(proposed());
  const struct {
    std::uint64_t depth;
    const char* variant;
    bool kills;  ///< follower 2 is down while it happens
  } steps[] = {{1, "drop", false}, {3, "keep", false}, {2, "move", true},
               {3, "drop", true},  {3, "move", false}, {2, "drop", false}};
  for (const auto& step : steps) {
    SCOPED_TRACE(step.variant);
    if (step.kills) {
      follower(2).kill();
      wait_until([this] { return ended.contains(2); }, "end of follower 2");
    }
    reorg(step.depth, step.variant);
    if (step.kills) start(2);
    produce(6);
    land();
    wait_for_safe(proposed());
    if (HasFatalFailure()) return;
  }
  EXPECT_GE(reorgs_seen_by(1), 4U);  // some of them may be seen as one
  settle();
  start(kLate);
  const devnet::SimBlock& head = engine(0).head();
  wait_for_equal_heads(core::BlockNumber{head.number()},
                       core::BlockRef{core::BlockNumber{head.number()}, head.hash});
  stop_and_replay();
}

struct DeepL1ReorgTest : L1ReorgTest {
  void SetUp() override { start_network(16); }
};

TEST_F(DeepL1ReorgTest, TwelveBlocksWithTheirProposalsAreTakenBackAndComeAgain) {
  produce(60);
  land();
  wait_for_safe(proposed());
  const core::ProposalId landed = l1().head().contracts.inbox.next;
  reorg(12, "drop");
  EXPECT_GE(landed.value - l1().head().contracts.inbox.next.value, 8U);
  // The other follower is down while L1 has another branch, and back when it has a third.
  follower(2).kill();
  wait_until([this] { return ended.contains(2); }, "end of follower 2");
  produce(12);
  land();
  wait_for_safe(proposed());
  reorg(12, "move");
  start(2);
  produce(12);
  land();
  wait_for_safe(proposed());
  EXPECT_GE(reorgs_seen_by(1), 2U);
  settle();
  start(kLate);
  const devnet::SimBlock& head = engine(0).head();
  wait_for_equal_heads(core::BlockNumber{head.number()},
                       core::BlockRef{core::BlockNumber{head.number()}, head.hash});
  stop_and_replay();
}

TEST_F(L1ReorgTest, ABrokenPromiseEndsWhereANodeEndsThatSawOnlyTheFinalL1) {
  produce(8);
  land();
  const core::BlockRef promised = proposed();
  wait_for_safe(promised);
  // The last proposal is in L1's head or near it: the new branch has another last block in it.
  reorg(3, "change");
  settle();
  const core::BlockNumber last{engine(0).head().number()};
  start(kLate);
  wait_for_equal_heads(last, std::nullopt);
  EXPECT_NE(follower(1).heads().finalized->hash, engine(0).head().hash);
  EXPECT_GE(reorgs_seen_by(1), 1U);
  EXPECT_EQ(reorgs_seen_by(kLate), 0U);
  stop_and_replay();
}

TEST_F(L1ReorgTest, AnEngineWithoutBlocksBeginsAtACheckpoint) {
  produce(12);
  settle();
  const std::uint64_t proven = l1().finalized()->contracts.inbox.last_finalized.value;
  ASSERT_GE(proven, 2U);
  const core::BlockNumber checkpoint = net->l1()->proposer().sent().at(proven - 1).last;
  produce(12);
  land();
  net->engine(kLate).engine().chain.set_sync_peer(&engine(1));
  net->add_arguments(kLate, {"--l2.checkpoint", net->engine(1).public_url()});
  start(kLate);
  wait_for_safe(proposed());
  // What came by the engine's own sync is in no table; what was derived above it is.
  const auto& origins = engine(kLate).tables().origins;
  EXPECT_EQ(origins.begin()->first, checkpoint.value + 1);
  settle();
  const devnet::SimBlock& head = engine(0).head();
  wait_for_equal_heads(core::BlockNumber{head.number()},
                       core::BlockRef{core::BlockNumber{head.number()}, head.hash});
  stop_and_replay();
}

}  // namespace
}  // namespace preconf::tests
