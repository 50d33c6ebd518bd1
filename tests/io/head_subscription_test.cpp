// The wake-up over WebSocket, against our own server.
#include "io/l1/head_subscription.hpp"

#include <gtest/gtest.h>

#include "io/http/server.hpp"
#include "tests/io/support/loop_thread.hpp"

namespace preconf::io::l1 {
namespace {

using test::LoopThread;

struct HeadSubscriptionTest : ::testing::Test {
  HeadSubscriptionTest() {
    HttpHandlers handlers;
    handlers.on_request = [](const HttpRequest&, const HttpResponder& responder) {
      responder.respond({.status = 404});
    };
    handlers.on_ws_open = [this](ConnectionId, const HttpRequest& request) {
      ++opened;
      target = request.target;
      return true;
    };
    handlers.on_ws_message = [this](ConnectionId session, const std::string& text) {
      last_message = text;
      last_session = session;
      tell(R"({"jsonrpc":"2.0","id":1,"result":"0x1"})");
    };
    server = std::make_unique<HttpServer>(thread.loop, HttpServerOptions{}, std::move(handlers));
    const auto port = server->start();
    if (!port) throw std::runtime_error(port.error());
    url = "ws://127.0.0.1:" + std::to_string(*port) + "/key?x=1";
  }
  ~HeadSubscriptionTest() override {
    thread.join();
    subscription.reset();
    server.reset();
  }
  void tell(const std::string& text) {
    server->ws_send(last_session, std::make_shared<const std::string>(text));
  }
  /// Begins, and waits for the wake-up number `count`; `then` runs on the loop at each one.
  void subscribe(std::size_t count, std::function<void(std::size_t)> then = {}) {
    test::Once<int> reached;
    thread.call([&] {
      HeadSubscription::Handlers handlers;
      handlers.on_head = [this, count, then, set = reached.set()] {
        ++woken;
        if (then) then(woken);
        if (woken == count) set(0);
      };
      handlers.on_change = [this](const std::string& why_not) { changes.push_back(why_not); };
      subscription = std::make_unique<HeadSubscription>(thread.loop, url, std::move(handlers));
      return 0;
    });
    (void)reached.get();
  }

  LoopThread thread;
  std::unique_ptr<HttpServer> server;
  std::unique_ptr<HeadSubscription> subscription;
  std::string url;
  std::string target;
  std::string last_message;
  ConnectionId last_session;
  std::size_t opened = 0;
  std::size_t woken = 0;
  std::vector<std::string> changes;
};

TEST_F(HeadSubscriptionTest, SubscribesAndWakesAtEveryHead) {
  subscribe(3, [this](std::size_t times) {
    if (times < 3) tell(R"({"method":"eth_subscription","params":{"result":{"number":"0x1"}}})");
  });
  thread.call([this] {
    EXPECT_EQ(target, "/key?x=1");
    EXPECT_EQ(last_message,
              R"({"jsonrpc":"2.0","id":1,"method":"eth_subscribe","params":["newHeads"]})");
    EXPECT_EQ(opened, 1U);
    return 0;
  });
}

TEST_F(HeadSubscriptionTest, ConnectsAgainAfterTheServerClosed) {
  subscribe(2, [this](std::size_t times) {
    if (times == 1) server->ws_close(last_session);
  });
  thread.call([this] {
    EXPECT_EQ(opened, 2U);
    EXPECT_EQ(changes.size(), 3U) << "it stood, it did not, it stands again";
    EXPECT_EQ(changes.front(), "");
    EXPECT_NE(changes.at(1), "");
    EXPECT_EQ(changes.back(), "");
    return 0;
  });
}

// Nothing ever said that a URL leads nowhere.
TEST_F(HeadSubscriptionTest, WhoeverDoesNotAnswerIsToldOfOnce) {
  test::Once<std::string> told;
  thread.call([&] {
    server->stop();
    HeadSubscription::Handlers handlers;
    handlers.on_head = [] {};
    handlers.on_change = [this, set = told.set()](const std::string& why_not) {
      changes.push_back(why_not);
      set(why_not);
    };
    subscription = std::make_unique<HeadSubscription>(thread.loop, url, std::move(handlers));
    return 0;
  });
  EXPECT_NE(told.get(), "");
  thread.call([this] {
    EXPECT_EQ(changes.size(), 1U);
    return 0;
  });
}

TEST(WsUrl, Parts) {
  const auto plain = parse_ws_url("ws://node.example/path/key");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->host, "node.example");
  EXPECT_EQ(plain->port, "80");
  EXPECT_EQ(plain->target, "/path/key");
  const auto v6 = parse_ws_url("ws://[::1]:8546");
  ASSERT_TRUE(v6);
  EXPECT_EQ(v6->host, "::1");
  EXPECT_EQ(v6->port, "8546");
  EXPECT_EQ(v6->target, "/");
  for (const char* bad :
       {"wss://a", "http://a", "ws://", "ws://:80", "ws://a:", "ws://a:x", "ws://a:123456"}) {
    EXPECT_FALSE(parse_ws_url(bad)) << bad;
  }
}

}  // namespace
}  // namespace preconf::io::l1
