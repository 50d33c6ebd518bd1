#include <gtest/gtest.h>

#include "io/http/server.hpp"
#include "tests/io/support/loop_thread.hpp"
#include "tests/io/support/ws_client.hpp"

namespace preconf::io {
namespace {

using std::chrono::milliseconds;
using test::LoopThread;
using test::Once;
using test::WsClient;

class WebSocketTest : public ::testing::Test {
 protected:
  void TearDown() override {
    thread_.join();
    server_.reset();
  }

  void serve(HttpLimits limits = {}) {
    HttpHandlers handlers;
    handlers.on_request = [](const HttpRequest&, const HttpResponder& responder) {
      responder.respond({.body = "plain"});
    };
    handlers.on_ws_open = [this, opened = opened_.set()](ConnectionId id, const HttpRequest& r) {
      if (r.target != "/") return false;
      if (!std::exchange(saw_one_, true)) opened(id);
      return true;
    };
    handlers.on_ws_message = [this](ConnectionId id, std::string text) {
      server_->ws_send(id, std::make_shared<const std::string>("echo " + std::move(text)));
    };
    handlers.on_ws_close = [closed = closed_.set()](ConnectionId, WsEnd end) { closed(end); };
    server_ = std::make_unique<HttpServer>(thread_.loop, HttpServerOptions{.limits = limits},
                                           std::move(handlers));
    const auto port = server_->start();
    ASSERT_TRUE(port) << port.error();
    port_ = *port;
  }

  LoopThread thread_;
  Once<ConnectionId> opened_;
  Once<WsEnd> closed_;
  bool saw_one_ = false;
  std::unique_ptr<HttpServer> server_;
  std::uint16_t port_ = 0;
};

TEST_F(WebSocketTest, EchoesTextOfEverySize) {
  serve();
  WsClient client(port_);
  for (const std::size_t size : {0U, 1U, 125U, 126U, 65'535U, 65'536U, 4'000'000U}) {
    const std::string text(size, 'x');
    ASSERT_TRUE(client.send_text(text));
    EXPECT_TRUE(client.receive_text() == "echo " + text) << size;
  }
}

TEST_F(WebSocketTest, UpgradesCanBeRefused) {
  serve();
  test::RawClient client(port_);
  client.send(
      "GET /other HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n");
  EXPECT_EQ(client.response().status, 403U);
}

TEST_F(WebSocketTest, ClientCloses) {
  serve();
  {
    WsClient client(port_);
    client.send_frame(8, "\x03\xe8");
    EXPECT_EQ(client.receive_close(), 1000U);
    EXPECT_EQ(client.raw.rest(), "");
  }
  EXPECT_EQ(closed_.get(), WsEnd::kByClient);
}

TEST_F(WebSocketTest, ServerClosesAfterWhatIsQueued) {
  serve();
  {
    WsClient client(port_);
    const ConnectionId id = opened_.get();
    server_->ws_send(id, std::make_shared<const std::string>("last words"));
    server_->ws_close(id);
    EXPECT_EQ(client.receive_text(), "last words");
    EXPECT_EQ(client.receive_close(), 1000U);
    client.send_frame(8, "\x03\xe8");
  }
  EXPECT_EQ(closed_.get(), WsEnd::kByServer);
}

TEST_F(WebSocketTest, PingsAreAnswered) {
  serve();
  WsClient client(port_);
  client.send_frame(9, "abc");
  const test::WsFrame frame = client.receive_frame();
  EXPECT_EQ(frame.opcode, 10U);
  EXPECT_EQ(frame.payload, "abc");
}

TEST_F(WebSocketTest, BinaryIsRefused) {
  serve();
  {
    WsClient client(port_);
    client.send_frame(2, "abc");
    EXPECT_EQ(client.receive_close(), 1003U);
    client.send_frame(8, "\x03\xeb");
  }
  EXPECT_EQ(closed_.get(), WsEnd::kRefused);
  EXPECT_EQ(server_->refused(HttpRefusal::kWsNotText), 1U);
}

TEST_F(WebSocketTest, TextThatIsNotUtf8IsRefused) {
  serve();
  WsClient client(port_);
  client.send_text("\xff\xfe");
  EXPECT_EQ(client.receive_close(), 1007U);
  client.send_frame(8, "\x03\xef");
  EXPECT_EQ(closed_.get(), WsEnd::kRefused);
  EXPECT_EQ(server_->refused(HttpRefusal::kWsProtocol), 1U);
}

TEST_F(WebSocketTest, AMessageOverTheBoundIsRefused) {
  serve({.ws_message_bytes_max = 1'000});
  WsClient client(port_);
  client.send_text(std::string(1'000, 'x'));
  EXPECT_EQ(client.receive_text().size(), 1'005U);
  client.send_text(std::string(1'001, 'x'));
  EXPECT_EQ(client.receive_close(), 1009U);
  client.send_frame(8, "\x03\xf1");
  EXPECT_EQ(closed_.get(), WsEnd::kRefused);
  EXPECT_EQ(server_->refused(HttpRefusal::kWsMessageTooLarge), 1U);
}

TEST_F(WebSocketTest, ASlowReaderIsClosedAndOthersAreNot) {
  serve({.ws_queue_bytes_max = 8 * 1024 * 1024});
  WsClient slow(port_, /*receive_buffer_bytes=*/4'096);
  const ConnectionId id = opened_.get();
  WsClient good(port_);
  // More than the queue and the socket buffers hold together; one string for all.
  const auto text = std::make_shared<const std::string>(64 * 1024, 'x');
  for (int i = 0; i < 1'000; ++i) server_->ws_send(id, text);
  EXPECT_EQ(closed_.get(), WsEnd::kSlowReader);
  EXPECT_EQ(server_->refused(HttpRefusal::kWsSlowReader), 1U);
  good.send_text("still here");
  EXPECT_EQ(good.receive_text(), "echo still here");
}

TEST_F(WebSocketTest, ASilentClientIsPingedThenClosed) {
  serve({.ws_idle_timeout = milliseconds(100)});
  WsClient client(port_);
  EXPECT_EQ(client.receive_frame().opcode, 9U);
  EXPECT_EQ(closed_.get(), WsEnd::kIdle);
  EXPECT_EQ(server_->refused(HttpRefusal::kWsIdle), 1U);
}

TEST_F(WebSocketTest, SendingToASessionThatIsGoneIsDropped) {
  serve();
  ConnectionId id;
  {
    WsClient client(port_);
    id = opened_.get();
  }
  EXPECT_EQ(closed_.get(), WsEnd::kByClient);
  server_->ws_send(id, std::make_shared<const std::string>("x"));
  server_->ws_sender(id).send(std::make_shared<const std::string>("x"));
  server_->ws_close(id);
  test::RawClient next(port_);
  EXPECT_EQ(next.get("/").body, "plain");
}

TEST_F(WebSocketTest, StopEndsSessionsNow) {
  serve();
  WsClient client(port_);
  (void)opened_.get();
  thread_.call([this] {
    server_->stop();
    return 0;
  });
  EXPECT_EQ(client.raw.rest(), "");
}

}  // namespace
}  // namespace preconf::io
