// The feed of one follower against a scripted JSON-RPC server, and the lines that followers print.
#include "node/devnet/follower_feed.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <csignal>

#include "io/http/server.hpp"
#include "io/json/json_reader.hpp"
#include "node/devnet/child_process.hpp"
#include "node/devnet/follower.hpp"
#include "tests/node/devnet_fixture.hpp"

namespace preconf::node::devnet::testing {
namespace {

/// Answers each request with the next scripted body; status 0 drops the connection.
class ScriptedNode {
 public:
  explicit ScriptedNode(io::EventLoop& loop)
      : server_(loop, io::HttpServerOptions{},
                io::HttpHandlers{[this](io::HttpRequest request, io::HttpResponder responder) {
                                   serve(std::move(request), std::move(responder));
                                 },
                                 {},
                                 {},
                                 {}}) {
    const auto port = server_.start();
    EXPECT_TRUE(port.has_value());
    url_ = fmt::format("http://127.0.0.1:{}", port ? *port : 0);
  }
  std::vector<std::string> script;      ///< bodies; "drop" closes the connection
  std::vector<std::uint64_t> received;  ///< block numbers in order of arrival
  [[nodiscard]] const std::string& url() const { return url_; }

 private:
  void serve(io::HttpRequest request, io::HttpResponder responder) {
    const auto document = io::JsonDocument::parse(request.body);
    received.push_back(document ? document->root().get("id").as_u64().value_or(0) : 0);
    io::HttpResponse response;
    response.body = R"({"jsonrpc":"2.0","id":1,"result":{}})";
    if (!script.empty()) {
      response.body = script.front();
      script.erase(script.begin());
    }
    if (response.body == "drop") response.status = 0;
    responder.respond(std::move(response));
  }
  std::string url_;
  io::HttpServer server_;
};

std::shared_ptr<const PublishedBlock> block(std::uint64_t number) {
  auto made = std::make_shared<PublishedBlock>();
  made->number = core::BlockNumber{number};
  made->request = fmt::format(R"({{"jsonrpc":"2.0","id":{},"method":"m","params":[]}})", number);
  return made;
}

class DevnetFeed : public ::testing::Test {
 protected:
  DevnetFeed() : node_(loop_), client_(loop_), feed_(loop_, client_) {
    feed_.on_delivery([this](const Delivery& delivery) {
      deliveries_.push_back(delivery);
      if (deliveries_.size() == wanted_) loop_.stop();
    });
  }
  void run_until(std::size_t deliveries) {
    wanted_ = deliveries;
    const io::TimerHandle deadline = loop_.arm(std::chrono::seconds(20), [this] {
      ADD_FAILURE() << "only " << deliveries_.size() << " deliveries";
      loop_.stop();
    });
    loop_.run();
    loop_.cancel(deadline);
  }
  io::EventLoop loop_;
  ScriptedNode node_;
  io::HttpClient client_;
  FollowerFeed feed_;
  std::vector<Delivery> deliveries_;
  std::size_t wanted_ = 0;
};

TEST_F(DevnetFeed, DeliversInOrderAndOnlyAfterResume) {
  for (std::uint64_t number = 1; number <= 5; ++number) feed_.push(block(number));
  EXPECT_EQ(feed_.waiting(), 5U);
  feed_.resume(node_.url());
  run_until(5);
  EXPECT_EQ(node_.received, (std::vector<std::uint64_t>{1, 2, 3, 4, 5}));
  EXPECT_EQ(feed_.waiting(), 0U);
}

TEST_F(DevnetFeed, RepeatsTheSameBlockUntilItIsAnswered) {
  node_.script = {"drop", R"({"id":1,"error":{"code":-32000,"message":"busy"}})", "no json",
                  R"({"id":1,"error":{"code":-32006,"message":"no window yet"}})"};
  feed_.push(block(1));
  feed_.resume(node_.url());
  run_until(1);
  EXPECT_EQ(node_.received, (std::vector<std::uint64_t>{1, 1, 1, 1, 1}));
  EXPECT_TRUE(deliveries_[0].accepted);
  EXPECT_EQ(deliveries_[0].attempts, 5U);
}

TEST_F(DevnetFeed, ARefusalIsReportedAndTheNextBlockFollows) {
  node_.script = {R"({"id":1,"error":{"code":-32005,"message":"signer mismatch"}})",
                  R"({"id":2,"error":{"code":-32003,"message":"stale commitment"}})"};
  feed_.push(block(1));
  feed_.push(block(2));
  feed_.resume(node_.url());
  run_until(2);
  EXPECT_FALSE(deliveries_[0].accepted);
  EXPECT_EQ(deliveries_[0].code, -32005);
  EXPECT_EQ(deliveries_[0].message, "signer mismatch");
  EXPECT_TRUE(deliveries_[1].accepted) << "stale: the follower is past it";
}

TEST_F(DevnetFeed, ARestartedFollowerGetsWhatWasNotAnswered) {
  feed_.push(block(1));
  feed_.resume("http://127.0.0.1:1");  // nobody listens there
  feed_.push(block(2));
  feed_.pause();
  feed_.push(block(3));
  EXPECT_EQ(feed_.waiting(), 3U);
  feed_.resume(node_.url());
  run_until(3);
  EXPECT_EQ(node_.received, (std::vector<std::uint64_t>{1, 2, 3}));
}

TEST(DevnetReadyLine, IsReadByItsNames) {
  const auto line = parse_ready_line(
      "ready rpc=127.0.0.1:4567 seq=12 head=3 replayed=11 recovery_ms=4 gate=open");
  ASSERT_TRUE(line.has_value());
  EXPECT_EQ(line->rpc, "127.0.0.1:4567");
  EXPECT_EQ(line->seq, 12U);
  EXPECT_EQ(line->head, std::uint64_t{3});
  EXPECT_EQ(line->replayed, 11U);
  EXPECT_EQ(line->recovery_ms, 4U);
  EXPECT_FALSE(parse_ready_line("ready rpc=127.0.0.1:4567 seq=x replayed=1 recovery_ms=1"));
  EXPECT_FALSE(parse_ready_line("not ready rpc=127.0.0.1:4567"));
  EXPECT_EQ(line->p2p, "");
  const auto networked = parse_ready_line(
      "ready rpc=a seq=1 head=- replayed=0 recovery_ms=0 gate=open p2p=/ip4/1.2.3.4/tcp/5/p2p/Q");
  ASSERT_TRUE(networked.has_value());
  EXPECT_EQ(networked->p2p, "/ip4/1.2.3.4/tcp/5/p2p/Q");
  const auto headless = parse_ready_line("ready rpc=a seq=1 head=- replayed=0 recovery_ms=0");
  ASSERT_TRUE(headless.has_value());
  EXPECT_FALSE(headless->head.has_value());
}

TEST(DevnetHeads, AreReadFromNotificationsOnly) {
  const std::string hash = "0x" + std::string(64, 'a');
  const auto heads = heads_in_notification(
      R"({"jsonrpc":"2.0","method":"preconf_subscription","params":{"subscription":"0x1","result":)"
      R"({"seq":9,"unsafe":{"number":5,"hash":")" +
      hash + R"("},"safe":{"number":4,"hash":")" + hash + R"("},"finalized":null}}})");
  ASSERT_TRUE(heads && heads->executed && heads->safe);
  EXPECT_EQ(heads->executed->number.value, 5U);
  EXPECT_EQ(core::to_hex0x(heads->executed->hash.view()), hash);
  EXPECT_EQ(heads->safe->number.value, 4U);
  EXPECT_FALSE(heads->finalized);
  EXPECT_FALSE(heads_in_notification(R"({"jsonrpc":"2.0","id":1,"result":"0x1"})"));
  EXPECT_FALSE(heads_in_notification("garbage"));
}

TEST(DevnetHeads, DecisionsAreReadFromNotificationsOnly) {
  const auto decisions = decisions_in_notification(
      R"({"jsonrpc":"2.0","method":"preconf_subscription","params":{"subscription":"0x3","result":)"
      R"({"seq":7,"decisions":[{"verdict":"applied","reason":"none","number":8},)"
      R"({"verdict":"contradicted","number":9}]}}})");
  ASSERT_EQ(decisions.size(), 2U);
  EXPECT_EQ(decisions[1].verdict, "contradicted");
  EXPECT_EQ(decisions[1].number.value, 9U);
  EXPECT_TRUE(decisions_in_notification("garbage").empty());
}

/// Runs a shell command to its end and returns its lines and end.
struct Ran {
  std::vector<std::string> lines;
  ChildEnd end;
};
Ran run_shell(const std::string& command, bool kill_at_first_line = false) {
  io::EventLoop loop;
  Ran ran;
  std::unique_ptr<ChildProcess> child;
  ChildProcess::Handlers handlers;
  handlers.on_line = [&](const std::string& line) {
    ran.lines.push_back(line);
    if (kill_at_first_line) child->signal(SIGKILL);
  };
  handlers.on_end = [&](ChildEnd end) {
    ran.end = end;
    loop.stop();
  };
  auto started =
      ChildProcess::start(loop, "/bin/sh", {"-c", command}, "/dev/null", std::move(handlers));
  EXPECT_TRUE(started.has_value());
  if (!started) return ran;
  child = std::move(*started);
  loop.run();
  return ran;
}

TEST(DevnetChildProcess, LinesComeBeforeTheEnd) {
  const Ran ran = run_shell("echo one; echo two; printf three; exit 7");
  EXPECT_EQ(ran.lines, (std::vector<std::string>{"one", "two", "three"}));
  EXPECT_EQ(ran.end.exit_code, 7);
  EXPECT_EQ(ran.end.signal, 0);
}

TEST(DevnetChildProcess, AKilledOneTellsTheSignal) {
  const Ran ran = run_shell("echo up; exec cat /dev/zero > /dev/null", true);
  EXPECT_EQ(ran.end.signal, SIGKILL);
  EXPECT_EQ(ran.end.exit_code, -1);
}

TEST(DevnetChildProcess, AMissingProgramIsAnError) {
  io::EventLoop loop;
  EXPECT_FALSE(ChildProcess::start(loop, "/nonexistent", {}, "/dev/null", {}).has_value());
}

}  // namespace
}  // namespace preconf::node::devnet::testing
