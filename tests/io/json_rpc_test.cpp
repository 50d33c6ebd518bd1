#include "io/rpc/json_rpc.hpp"

#include <gtest/gtest.h>

#include "io/json/json_reader.hpp"
#include "io/metrics/metrics.hpp"
#include "io/rpc/subscriptions.hpp"
#include "tests/io/support/loop_thread.hpp"
#include "tests/io/support/raw_client.hpp"
#include "tests/io/support/ws_client.hpp"

namespace preconf::io {
namespace {

using test::LoopThread;
using test::Once;
using test::RawClient;
using test::WsClient;

class JsonRpcTest : public ::testing::Test {
 protected:
  void TearDown() override {
    thread_.join();
    server_.reset();
  }

  void serve(RpcLimits limits = {}) {
    JsonRpcOptions options;
    options.rpc = limits;
    options.metrics = &metrics_;
    server_ = std::make_unique<JsonRpcServer>(thread_.loop, options);
    server_->add_method("echo", [](const RpcCall& call, const RpcReply& reply) {
      reply.result(call.params.to_text());
    });
    server_->add_method("fail", [](const RpcCall&, const RpcReply& reply) {
      reply.error(-32042, "no \"way\"", R"({"why":1})");
    });
    server_->add_method("later", [this](const RpcCall& call, const RpcReply& reply) {
      std::thread([reply, text = call.first_param().to_text()] {
        reply.result(text);
        reply.error(-1, "second answer");
      }).detach();
    });
    server_->add_method("never",
                        [this](const RpcCall&, const RpcReply& reply) { kept_.push_back(reply); });
    server_->add_method("big", [](const RpcCall& call, const RpcReply& reply) {
      reply.result("\"" + std::string(call.first_param().as_u64().value_or(0), 'x') + "\"");
    });
    server_->add_page("/page", [] { return HttpResponse{.body = "{}"}; });
    server_->add_topic("t");
    server_->enable_subscriptions("subscribe", "unsubscribe", "subscription");
    const auto port = server_->start();
    ASSERT_TRUE(port) << port.error();
    port_ = *port;
  }

  std::string post(const std::string& body) {
    RawClient client(port_);
    const auto response = client.post(body);
    EXPECT_EQ(response.status, 200U);
    return response.body;
  }
  static int code_of(const std::string& text) {
    const auto document = JsonDocument::parse(text);
    if (!document || document->root().get("error").missing()) return 0;
    return std::stoi(document->root().get("error").get("code").to_text());
  }
  static std::string call(const std::string& method, const std::string& params,
                          const std::string& id = "1") {
    return R"({"jsonrpc":"2.0","id":)" + id + R"(,"method":")" + method + R"(","params":)" +
           params + "}";
  }

  Metrics metrics_;
  LoopThread thread_;
  std::vector<RpcReply> kept_;
  std::unique_ptr<JsonRpcServer> server_;
  std::uint16_t port_ = 0;
};

TEST_F(JsonRpcTest, AnswersAndEchoesIds) {
  serve();
  EXPECT_EQ(post(call("echo", "[1,\"a\"]")), R"({"jsonrpc":"2.0","id":1,"result":[1,"a"]})");
  EXPECT_EQ(post(call("echo", "{\"a\":1}", "\"x\\\"y\"")),
            R"({"jsonrpc":"2.0","id":"x\"y","result":{"a":1}})");
  EXPECT_EQ(post(call("echo", "null", "null")), R"({"jsonrpc":"2.0","id":null,"result":null})");
  EXPECT_EQ(post(R"({"jsonrpc":"2.0","id":18446744073709551615,"method":"echo"})"),
            R"({"jsonrpc":"2.0","id":18446744073709551615,"result":null})");
}

TEST_F(JsonRpcTest, ErrorsCarryCodeMessageAndData) {
  serve();
  EXPECT_EQ(post(call("fail", "[]")),
            R"({"jsonrpc":"2.0","id":1,"error":{"code":-32042,"message":"no \"way\"",)"
            R"("data":{"why":1}}})");
}

TEST_F(JsonRpcTest, AnswersOnceFromAnotherThread) {
  serve();
  RawClient client(port_);
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(client.post(call("later", "[" + std::to_string(i) + "]")).body,
              R"({"jsonrpc":"2.0","id":1,"result":)" + std::to_string(i) + "}");
  }
}

TEST_F(JsonRpcTest, StandardCodes) {
  serve();
  const std::vector<std::pair<std::string, int>> cases = {
      {"", -32700},
      {"{", -32700},
      {"\xff", -32700},
      {R"({"jsonrpc":"2.0","id":1,"method":"echo","params":[18446744073709551616]})", -32700},
      {std::string(33, '[') + '1' + std::string(33, ']'), -32700},
      {"1", -32600},
      {"\"x\"", -32600},
      {"[]", -32600},
      {"{}", -32600},
      {R"({"jsonrpc":"1.0","id":1,"method":"echo"})", -32600},
      {R"({"jsonrpc":"2.0","id":1})", -32600},
      {R"({"jsonrpc":"2.0","id":1,"method":5})", -32600},
      {R"({"jsonrpc":"2.0","id":[],"method":"echo"})", -32600},
      {R"({"jsonrpc":"2.0","id":1,"method":"echo","params":5})", -32600},
      {call("nope", "[]"), -32601},
      {call("", "[]"), -32601},
      {call("subscribe", "[\"t\"]"), -32602}};
  for (const auto& [body, code] : cases) EXPECT_EQ(code_of(post(body)), code) << body;
  EXPECT_EQ(server_->refused(RpcRefusal::kTooDeep), 1U);
  EXPECT_EQ(server_->refused(RpcRefusal::kNumber), 1U);
  EXPECT_EQ(server_->refused(RpcRefusal::kEmptyBatch), 1U);
  EXPECT_EQ(server_->refused(RpcRefusal::kMethodNotFound), 2U);
}

TEST_F(JsonRpcTest, NotificationsAreNotAnswered) {
  serve();
  EXPECT_EQ(post(R"({"jsonrpc":"2.0","method":"echo","params":[1]})"), "");
  EXPECT_EQ(post(R"({"jsonrpc":"2.0","method":"nope"})"), "");
  EXPECT_EQ(post(R"([{"jsonrpc":"2.0","method":"echo"},{"jsonrpc":"2.0","method":"fail"}])"), "");
}

TEST_F(JsonRpcTest, BatchesAnswerInOrderAndMixed) {
  serve();
  EXPECT_EQ(post("[" + call("later", "[1]", "1") + "," + call("echo", "[2]", "2") +
                 R"(,5,{"jsonrpc":"2.0","method":"echo"},)" + call("nope", "[]", "3") + "]"),
            R"([{"jsonrpc":"2.0","id":1,"result":1},{"jsonrpc":"2.0","id":2,"result":[2]},)"
            R"({"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":)"
            R"("Invalid Request: request is not an object"}},)"
            R"({"jsonrpc":"2.0","id":3,"error":{"code":-32601,"message":"Method not found"}}])");
}

TEST_F(JsonRpcTest, BatchBound) {
  serve();
  const auto batch = [](int size) {
    std::string text;
    for (int i = 0; i < size; ++i) text += (i == 0 ? "[" : ",") + call("echo", "[]");
    return text + "]";
  };
  EXPECT_EQ(JsonDocument::parse(post(batch(100)))->root().size(), 100U);
  EXPECT_EQ(code_of(post(batch(101))), -32600);
  EXPECT_EQ(server_->refused(RpcRefusal::kBatchTooLarge), 1U);
}

TEST_F(JsonRpcTest, ResponseBoundHoldsForTheWholeBatch) {
  serve({.response_bytes_max = 1'000});
  EXPECT_EQ(code_of(post(call("big", "[1000]"))), -32008);
  EXPECT_EQ(code_of(post(call("big", "[900]"))), 0);
  const auto batch = JsonDocument::parse(
      post("[" + call("big", "[600]", "1") + "," + call("big", "[600]", "2") + "]"));
  EXPECT_FALSE(batch->root().at(0).get("result").missing());
  EXPECT_EQ(batch->root().at(1).get("error").get("code").to_text(), "-32008");
  EXPECT_EQ(server_->refused(RpcRefusal::kResponseTooLarge), 2U);
}

TEST_F(JsonRpcTest, PagesAndWrongMethods) {
  serve();
  RawClient client(port_);
  EXPECT_EQ(client.get("/page?x=1").body, "{}");
  EXPECT_EQ(client.get("/other").status, 404U);
  client.send("DELETE / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(client.response().status, 405U);
  client.send(
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(client.response().status, 415U);
  EXPECT_EQ(server_->refused(RpcRefusal::kNoSuchPage), 2U);
  EXPECT_EQ(server_->refused(RpcRefusal::kContentType), 1U);
}

TEST_F(JsonRpcTest, CountsCallsAndErrorsPerMethod) {
  serve();
  (void)post(call("echo", "[]"));
  (void)post(call("fail", "[]"));
  (void)post(call("nope", "[]"));
  const std::string text = metrics_.text();
  EXPECT_NE(text.find("preconf_rpc_requests_total{method=\"echo\"} 1\n"), std::string::npos);
  EXPECT_NE(text.find("preconf_rpc_errors_total{method=\"echo\"} 0\n"), std::string::npos);
  EXPECT_NE(text.find("preconf_rpc_errors_total{method=\"fail\"} 1\n"), std::string::npos);
  EXPECT_NE(text.find("preconf_rpc_errors_total{method=\"unknown\"} 1\n"), std::string::npos);
  EXPECT_NE(text.find("preconf_rpc_duration_seconds_count{method=\"echo\"} 1\n"),
            std::string::npos);
}

TEST_F(JsonRpcTest, WebSocketCallsAndBatches) {
  serve();
  WsClient client(port_);
  client.send_text(call("echo", "[1]"));
  EXPECT_EQ(client.receive_text(), R"({"jsonrpc":"2.0","id":1,"result":[1]})");
  client.send_text("[" + call("later", "[2]", "7") + "]");
  EXPECT_EQ(client.receive_text(), R"([{"jsonrpc":"2.0","id":7,"result":2}])");
  client.send_text("nonsense");
  EXPECT_EQ(code_of(client.receive_text()), -32700);
}

TEST_F(JsonRpcTest, WebSocketCallsWithoutAnswersAreBounded) {
  serve({.pending_per_connection_max = 3});
  WsClient client(port_);
  for (int i = 0; i < 3; ++i) client.send_text(call("never", "[]"));
  client.send_text(call("echo", "[]"));
  EXPECT_EQ(code_of(client.receive_text()), -32000);
  EXPECT_EQ(server_->refused(RpcRefusal::kTooManyPending), 1U);
  thread_.call([this] {
    for (const RpcReply& reply : kept_) reply.result("0");
    return 0;
  });
  for (int i = 0; i < 3; ++i) EXPECT_EQ(code_of(client.receive_text()), 0);
  client.send_text(call("echo", "[]"));
  EXPECT_EQ(client.receive_text(), R"({"jsonrpc":"2.0","id":1,"result":[]})");
}

TEST_F(JsonRpcTest, SubscribeNotifyUnsubscribe) {
  serve();
  WsClient client(port_);
  EXPECT_FALSE(server_->has_subscribers());
  server_->notify("t", std::make_shared<const std::string>("0"));
  client.send_text(call("subscribe", "[\"t\"]"));
  EXPECT_EQ(client.receive_text(), R"({"jsonrpc":"2.0","id":1,"result":"0x1"})");
  EXPECT_TRUE(server_->has_subscribers());
  server_->notify("other", std::make_shared<const std::string>("1"));
  server_->notify("t", std::make_shared<const std::string>("{\"n\":2}"));
  EXPECT_EQ(client.receive_text(), R"({"jsonrpc":"2.0","method":"subscription",)"
                                   R"("params":{"subscription":"0x1","result":{"n":2}}})");
  client.send_text(call("unsubscribe", "[\"0x2\"]"));
  EXPECT_EQ(client.receive_text(), R"({"jsonrpc":"2.0","id":1,"result":false})");
  client.send_text(call("unsubscribe", "[\"0x1\"]"));
  EXPECT_EQ(client.receive_text(), R"({"jsonrpc":"2.0","id":1,"result":true})");
  server_->notify("t", std::make_shared<const std::string>("3"));
  client.send_text(call("echo", "[4]"));
  EXPECT_EQ(client.receive_text(), R"({"jsonrpc":"2.0","id":1,"result":[4]})");
}

TEST_F(JsonRpcTest, SubscriptionsBelongToTheirConnection) {
  serve({.subscriptions_per_connection_max = 2});
  WsClient other(port_);
  {
    WsClient client(port_);
    for (int i = 0; i < 2; ++i) {
      client.send_text(call("subscribe", "[\"t\"]"));
      EXPECT_EQ(code_of(client.receive_text()), 0);
    }
    client.send_text(call("subscribe", "[\"t\"]"));
    EXPECT_EQ(code_of(client.receive_text()), -32602) << "over the bound";
    other.send_text(call("unsubscribe", "[\"0x1\"]"));
    EXPECT_EQ(other.receive_text(), R"({"jsonrpc":"2.0","id":1,"result":false})");
    client.send_text(call("subscribe", "[\"unknown\"]"));
    EXPECT_EQ(code_of(client.receive_text()), -32602);
  }
  // Its subscriptions went with it, or go when the server sees the end: nobody else is bothered.
  other.send_text(call("subscribe", "[\"t\"]"));
  EXPECT_EQ(other.receive_text(), R"({"jsonrpc":"2.0","id":1,"result":"0x3"})");
  server_->notify("t", std::make_shared<const std::string>("1"));
  EXPECT_NE(other.receive_text().find("\"subscription\":\"0x3\""), std::string::npos);
}

TEST(Subscriptions, GoWithTheirConnection) {
  Subscriptions subscriptions(2);
  subscriptions.add_topic("t");
  const ConnectionId a{1};
  const ConnectionId b{2};
  EXPECT_EQ(subscriptions.add(a, "t"), 1U);
  EXPECT_EQ(subscriptions.add(b, "t"), 2U);
  EXPECT_EQ(subscriptions.add(a, "t"), 3U);
  EXPECT_EQ(subscriptions.add(a, "t"), std::nullopt);
  EXPECT_EQ(subscriptions.add(b, "u"), std::nullopt);
  subscriptions.remove_all(a);
  EXPECT_EQ(subscriptions.count(), 1U);
  EXPECT_FALSE(subscriptions.remove(a, 1));
  EXPECT_FALSE(subscriptions.remove(a, 2)) << "of another connection";
  std::vector<std::uint64_t> seen;
  subscriptions.each("t", [&](ConnectionId, std::uint64_t id) { seen.push_back(id); });
  EXPECT_EQ(seen, std::vector<std::uint64_t>{2});
  EXPECT_TRUE(subscriptions.remove(b, 2));
  EXPECT_EQ(subscriptions.count(), 0U);
  EXPECT_EQ(subscriptions.add(a, "t"), 4U) << "the bound is free again";
}

}  // namespace
}  // namespace preconf::io
