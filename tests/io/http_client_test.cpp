#include "io/http/http_client.hpp"

#include <gtest/gtest.h>

#include "io/http/server.hpp"
#include "tests/io/support/loop_thread.hpp"
#include "tests/io/support/raw_client.hpp"

namespace preconf::io {
namespace {

using core::events::Certainty;
using std::chrono::milliseconds;
using test::LoopThread;
using test::Once;

class HttpClientTest : public ::testing::Test {
 protected:
  void SetUp() override {
    HttpHandlers handlers;
    handlers.on_request = [this](HttpRequest request, HttpResponder responder) {
      on_request_(std::move(request), std::move(responder));
    };
    server_ = std::make_unique<HttpServer>(thread_.loop, HttpServerOptions{}, handlers);
    const auto port = server_->start();
    ASSERT_TRUE(port) << port.error();
    port_ = *port;
    client_ = thread_.call([this] { return std::make_unique<HttpClient>(thread_.loop); });
  }
  void TearDown() override {
    thread_.join();
    client_.reset();
    server_.reset();
  }

  HttpCall call_to(std::uint16_t port, std::string body = "{}") {
    HttpCall call;
    call.url = "http://127.0.0.1:" + std::to_string(port) + "/";
    call.body = std::move(body);
    return call;
  }
  HttpResult send(HttpCall call) {
    Once<HttpResult> result;
    thread_.loop.post([this, call, set = result.set()] { client_->send(call, set); });
    return result.get();
  }

  LoopThread thread_;
  std::function<void(HttpRequest, HttpResponder)> on_request_ = [](const HttpRequest& request,
                                                                   const HttpResponder& responder) {
    responder.respond({.body = request.method + ":" + request.body});
  };
  std::unique_ptr<HttpServer> server_;
  std::unique_ptr<HttpClient> client_;
  std::uint16_t port_ = 0;
};

TEST_F(HttpClientTest, PostsAndReusesTheConnection) {
  const HttpResult first = send(call_to(port_, "one"));
  EXPECT_EQ(first.failure, HttpFailure::kNone);
  EXPECT_EQ(first.certainty, Certainty::kAnswered);
  EXPECT_EQ(first.status, 200U);
  EXPECT_EQ(first.body, "POST:one");
  EXPECT_FALSE(first.date.empty());
  EXPECT_FALSE(first.reused_connection);
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(send(call_to(port_, "more")).reused_connection);
  EXPECT_EQ(server_->accepted(), 1U);
}

TEST_F(HttpClientTest, Gets) {
  HttpCall call = call_to(port_);
  call.post = false;
  EXPECT_EQ(send(call).body, "GET:");
}

TEST_F(HttpClientTest, ManyAtOnce) {
  constexpr int kCalls = 50;
  std::vector<Once<HttpResult>> results(kCalls);
  thread_.call([&] {
    for (int i = 0; i < kCalls; ++i) {
      client_->send(call_to(port_, std::to_string(i)), results[static_cast<std::size_t>(i)].set());
    }
    return 0;
  });
  for (int i = 0; i < kCalls; ++i) {
    EXPECT_EQ(results[static_cast<std::size_t>(i)].get().body, "POST:" + std::to_string(i));
  }
}

TEST_F(HttpClientTest, LargeBodiesBothWays) {
  const std::string body(5'000'000, 'x');
  const HttpResult result = send(call_to(port_, body));
  EXPECT_EQ(result.failure, HttpFailure::kNone) << result.detail;
  EXPECT_EQ(result.body.size(), body.size() + 5);
}

TEST_F(HttpClientTest, NobodyListens) {
  std::uint16_t free_port = 0;
  {
    const test::RawServer gone("x", "");
    free_port = gone.port();
  }
  const HttpResult result = send(call_to(free_port));
  EXPECT_EQ(result.failure, HttpFailure::kConnect);
  EXPECT_EQ(result.certainty, Certainty::kNotSent);
}

TEST_F(HttpClientTest, NoAnswerWithinTheDeadline) {
  on_request_ = [](const HttpRequest&, const HttpResponder&) {};
  HttpCall call = call_to(port_);
  call.total_timeout = milliseconds(50);
  const HttpResult result = send(call);
  EXPECT_EQ(result.failure, HttpFailure::kTimeout);
  EXPECT_EQ(result.certainty, Certainty::kUnknown);
}

TEST_F(HttpClientTest, ConnectionClosedInsteadOfAnAnswer) {
  on_request_ = [](const HttpRequest&, const HttpResponder& responder) {
    responder.respond({.status = 0});
  };
  const HttpResult result = send(call_to(port_));
  EXPECT_EQ(result.failure, HttpFailure::kConnectionLost);
  EXPECT_EQ(result.certainty, Certainty::kUnknown);
}

TEST_F(HttpClientTest, ConnectionClosedInsideAnAnswer) {
  const test::RawServer server("{}", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc");
  const HttpResult result = send(call_to(server.port()));
  EXPECT_EQ(result.failure, HttpFailure::kConnectionLost);
  EXPECT_EQ(result.certainty, Certainty::kUnknown);
  EXPECT_TRUE(result.body.empty());
}

TEST_F(HttpClientTest, AnswerIsNotHttp) {
  for (const char* answer : {"SSH-2.0-OpenSSH\r\n", "\x15\x03\x01\x00\x02\x02\x46"}) {
    const test::RawServer server("{}", answer);
    const HttpResult result = send(call_to(server.port()));
    EXPECT_EQ(result.failure, HttpFailure::kNotHttp) << result.detail;
    EXPECT_EQ(result.certainty, Certainty::kUnknown);
  }
}

TEST_F(HttpClientTest, AnswerOverTheBound) {
  on_request_ = [](const HttpRequest&, const HttpResponder& responder) {
    responder.respond({.body = std::string(2'000, 'x')});
  };
  HttpCall call = call_to(port_);
  call.response_bytes_max = 1'999;
  EXPECT_EQ(send(call).failure, HttpFailure::kTooLarge);
  // Without a length it shows only while it comes.
  const test::RawServer server("{}", "HTTP/1.1 200 OK\r\n\r\n" + std::string(2'000, 'x'));
  call.url = "http://127.0.0.1:" + std::to_string(server.port());
  EXPECT_EQ(send(call).failure, HttpFailure::kTooLarge);
}

TEST_F(HttpClientTest, OtherSchemesAreRefused) {
  HttpCall call;
  for (const char* url : {"file:///etc/passwd", "gopher://127.0.0.1/", "", "http://"}) {
    call.url = url;
    const HttpResult result = send(call);
    EXPECT_EQ(result.failure, HttpFailure::kConnect) << url;
    EXPECT_EQ(result.certainty, Certainty::kNotSent) << url;
  }
}

TEST_F(HttpClientTest, ADestroyedClientDropsItsCalls) {
  Once<bool> asked;
  on_request_ = [set = asked.set()](const HttpRequest&, const HttpResponder&) { set(true); };
  thread_.loop.post([this] {
    client_->send(call_to(port_), [](const HttpResult&) { ADD_FAILURE() << "called back"; });
  });
  EXPECT_TRUE(asked.get());
  thread_.call([this] {
    client_.reset();
    return 0;
  });
}

TEST_F(HttpClientTest, ACallbackMayDestroyTheClient) {
  Once<bool> done;
  thread_.loop.post([this, set = done.set()] {
    client_->send(call_to(port_), [this, set](const HttpResult&) {
      client_.reset();
      set(true);
    });
  });
  EXPECT_TRUE(done.get());
}

}  // namespace
}  // namespace preconf::io
