#include "io/http/server.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <optional>

#include "io/metrics/metrics.hpp"
#include "tests/io/support/loop_thread.hpp"
#include "tests/io/support/raw_client.hpp"

namespace preconf::io {
namespace {

using std::chrono::milliseconds;
using test::LoopThread;
using test::Once;
using test::RawClient;
using test::RawResponse;

class HttpServerTest : public ::testing::Test {
 protected:
  void TearDown() override {
    thread_.join();
    server_.reset();
  }

  void serve(HttpLimits limits = {}) {
    HttpHandlers handlers;
    handlers.on_request = [this](HttpRequest request, HttpResponder responder) {
      on_request_(std::move(request), std::move(responder));
    };
    server_ = std::make_unique<HttpServer>(
        thread_.loop, HttpServerOptions{.limits = limits, .metrics = &metrics_, .name = "test"},
        std::move(handlers));
    const auto port = server_->start();
    ASSERT_TRUE(port) << port.error();
    port_ = *port;
  }

  Metrics metrics_;
  LoopThread thread_;
  std::function<void(HttpRequest, HttpResponder)> on_request_ = [](HttpRequest request,
                                                                   const HttpResponder& responder) {
    responder.respond({.body = request.method + " " + request.target + " " +
                               std::to_string(request.body.size()) + " " +
                               std::string(request.header("x-test"))});
  };
  std::unique_ptr<HttpServer> server_;
  std::uint16_t port_ = 0;
};

TEST_F(HttpServerTest, AnswersOnAKeptConnection) {
  serve();
  RawClient client(port_);
  EXPECT_EQ(client.post("{}", "X-Test: yes\r\n").body, "POST / 2 yes");
  const RawResponse second = client.get("/a?b=c");
  EXPECT_EQ(second.status, 200U);
  EXPECT_EQ(second.body, "GET /a?b=c 0 ");
  EXPECT_EQ(second.headers.at("content-type"), "application/json");
  EXPECT_EQ(second.headers.at("date").size(), 29U);
  EXPECT_EQ(server_->accepted(), 1U);
}

TEST_F(HttpServerTest, PipelinedRequestsAreAnsweredInOrder) {
  serve();
  RawClient client(port_);
  client.send("GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(client.response().body, "GET /1 0 ");
  EXPECT_EQ(client.response().body, "GET /2 0 ");
}

TEST_F(HttpServerTest, ClosesWhenAsked) {
  serve();
  RawClient client(port_);
  client.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(client.response().status, 200U);
  EXPECT_EQ(client.rest(), "");
}

TEST_F(HttpServerTest, AnswersFromAnotherThreadAndOnlyOnce) {
  on_request_ = [](const HttpRequest&, const HttpResponder& responder) {
    std::thread([responder] {
      responder.respond({.body = "first"});
      responder.respond({.body = "second"});
    }).detach();
  };
  serve();
  RawClient client(port_);
  EXPECT_EQ(client.get("/").body, "first");
  EXPECT_EQ(client.get("/").body, "first") << "a late second answer must not answer this request";
}

TEST_F(HttpServerTest, AnswersForAConnectionThatIsGoneAreDropped) {
  Once<bool> asked;
  std::optional<HttpResponder> kept;
  on_request_ = [&kept, set = asked.set()](const HttpRequest&, const HttpResponder& responder) {
    kept = responder;
    set(true);
  };
  serve();
  {
    RawClient client(port_);
    client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_TRUE(asked.get());
  }
  kept->respond({.body = std::string(100'000, 'x')});
  kept->respond({.body = "again"});
  on_request_ = [](const HttpRequest&, const HttpResponder& r) { r.respond({.body = "fine"}); };
  RawClient next(port_);
  EXPECT_EQ(next.get("/").body, "fine");
}

TEST_F(HttpServerTest, RefusesABodyOverTheBound) {
  serve({.body_bytes_max = 1'000});
  RawClient declared(port_);
  declared.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n");
  EXPECT_EQ(declared.response().status, 413U);
  RawClient chunked(port_);
  chunked.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n" +
               std::string(1'001, 'x') + "\r\n");
  EXPECT_EQ(chunked.response().status, 413U);
  RawClient exact(port_);
  EXPECT_EQ(exact.post(std::string(1'000, 'x')).body, "POST / 1000 ");
  EXPECT_EQ(server_->refused(HttpRefusal::kBodyTooLarge), 2U);
  EXPECT_NE(
      metrics_.text().find("io_http_refused_total{reason=\"body_too_large\",server=\"test\"} 2"),
      std::string::npos);
}

TEST_F(HttpServerTest, ATenMegabyteBodyIsAnsweredNotReset) {
  serve();
  RawClient client(port_);
  EXPECT_EQ(client.post(std::string(10 * 1024 * 1024, 'x')).status, 413U);
}

TEST_F(HttpServerTest, AFiveMegabyteBodyPasses) {
  serve();
  RawClient client(port_);
  EXPECT_EQ(client.post(std::string(5 * 1024 * 1024, 'x')).body, "POST / 5242880 ");
}

TEST_F(HttpServerTest, Continues100) {
  serve();
  RawClient client(port_);
  client.send("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  EXPECT_EQ(client.receive_exactly(25), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("abc");
  EXPECT_EQ(client.response().body, "POST / 3 ");
}

TEST_F(HttpServerTest, RefusesAHeaderOverTheBound) {
  serve();
  RawClient client(port_);
  client.send("GET / HTTP/1.1\r\nX: " + std::string(17'000, 'a') + "\r\n\r\n");
  EXPECT_EQ(client.response().status, 431U);
  EXPECT_EQ(server_->refused(HttpRefusal::kHeaderTooLarge), 1U);
}

TEST_F(HttpServerTest, RefusesWhatIsNotHttp) {
  serve();
  for (const char* text : {"hello\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "\x16\x03\x01\x02\r\n\r\n",
                           "POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n"}) {
    RawClient client(port_);
    client.send(text);
    EXPECT_EQ(client.response().status, 400U) << text;
    EXPECT_EQ(client.rest(), "");
  }
  EXPECT_EQ(server_->refused(HttpRefusal::kBadRequest), 4U);
}

TEST_F(HttpServerTest, SlowHeadersAreCutOff) {
  serve({.header_timeout = milliseconds(50)});
  RawClient silent(port_);
  EXPECT_EQ(silent.response().status, 408U);
  RawClient partial(port_);
  partial.send("GET / HTTP/1.1\r\nX-Slow: ");
  EXPECT_EQ(partial.response().status, 408U);
  EXPECT_EQ(server_->refused(HttpRefusal::kHeaderTimeout), 2U);
}

TEST_F(HttpServerTest, SlowBodiesAreCutOff) {
  serve({.request_timeout = milliseconds(50)});
  RawClient client(port_);
  client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc");
  EXPECT_EQ(client.response().status, 408U);
  EXPECT_EQ(server_->refused(HttpRefusal::kBodyTimeout), 1U);
}

TEST_F(HttpServerTest, AHandlerThatNeverAnswersGives503) {
  on_request_ = [](const HttpRequest&, const HttpResponder&) {};
  serve({.request_timeout = milliseconds(50)});
  RawClient client(port_);
  EXPECT_EQ(client.get("/").status, 503U);
  EXPECT_EQ(server_->refused(HttpRefusal::kHandlerTimeout), 1U);
}

TEST_F(HttpServerTest, IdleConnectionsAreClosed) {
  serve({.idle_timeout = milliseconds(50)});
  RawClient client(port_);
  EXPECT_EQ(client.get("/").status, 200U);
  EXPECT_EQ(client.rest(), "");
  EXPECT_EQ(server_->refused(HttpRefusal::kIdle), 1U);
}

TEST_F(HttpServerTest, ConnectionsAboveTheBoundGet503AndOthersStayFast) {
  serve({.connections_max = 2});
  RawClient first(port_);
  RawClient second(port_);
  EXPECT_EQ(first.get("/").status, 200U);
  EXPECT_EQ(second.get("/").status, 200U);
  RawClient third(port_);
  EXPECT_EQ(third.response().status, 503U);
  EXPECT_EQ(third.rest(), "");
  EXPECT_EQ(server_->refused(HttpRefusal::kTooManyConnections), 1U);
  EXPECT_EQ(first.get("/").status, 200U);
}

TEST_F(HttpServerTest, HalfOpenClientsDoNotHoldUpGoodOnes) {
  serve();
  std::vector<std::unique_ptr<RawClient>> half_open;
  for (int i = 0; i < 100; ++i) {
    half_open.push_back(std::make_unique<RawClient>(port_));
    half_open.back()->send("POST / HTTP/1.1\r\nContent-Le");
  }
  RawClient good(port_);
  EXPECT_EQ(good.get("/").status, 200U);
}

TEST_F(HttpServerTest, AClientThatLeavesInTheMiddleLeavesNothingBehind) {
  serve();
  for (const char* text : {"", "GET", "POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\nabc"}) {
    RawClient client(port_);
    client.send(text);
  }
  RawClient good(port_);
  EXPECT_EQ(good.get("/").status, 200U);
}

TEST_F(HttpServerTest, ABusyPortIsReported) {
  serve();
  HttpServer other(thread_.loop, {.port = port_}, {});
  const auto result = other.start();
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().find(std::to_string(port_)), std::string::npos);
  HttpServer wrong(thread_.loop, {.address = "localhost"}, {});
  EXPECT_FALSE(wrong.start());
}

TEST_F(HttpServerTest, StopClosesEverythingNow) {
  Once<bool> asked;
  on_request_ = [set = asked.set()](const HttpRequest&, const HttpResponder&) { set(true); };
  serve();
  RawClient idle(port_);
  RawClient waiting(port_);
  waiting.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(asked.get());
  thread_.call([this] {
    server_->stop();
    return 0;
  });
  EXPECT_EQ(idle.rest(), "");
  EXPECT_EQ(waiting.rest(), "");
}

TEST_F(HttpServerTest, AConnectionSurvivesItsServersDestruction) {
  serve();
  RawClient client(port_);
  EXPECT_EQ(client.get("/").status, 200U);
  thread_.call([this] {
    server_.reset();
    return 0;
  });
  EXPECT_EQ(client.rest(), "");
}

}  // namespace
}  // namespace preconf::io
