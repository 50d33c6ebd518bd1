// HttpServer: HTTP/1.1 and WebSocket on one port of an EventLoop.
//
// Connections live in one table and are named by id. Handlers run on the loop's thread; answers may
// come from any thread, later. Boost.Beast is inside.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "core/base/result.hpp"
#include "io/http/http_types.hpp"
#include "io/loop/event_loop.hpp"

namespace preconf::io {

class Metrics;

/// The right and duty to answer one request. A copy names the same request; the first answer
/// counts, later ones and those for a connection that is gone are dropped. A request nobody answers
/// ends with 503 after HttpLimits::request_timeout. Must not outlive the EventLoop.
class HttpResponder {
 public:
  HttpResponder() = default;  ///< answers nobody
  /// Any thread.
  void respond(HttpResponse response) const;

 private:
  friend class HttpServerCore;
  std::weak_ptr<class HttpServerCore> core_;
  ConnectionId connection_;
  std::uint64_t request_ = 0;
};

/// The right to send to one WebSocket session, from any thread; what comes after its end is
/// dropped. Must not outlive the EventLoop.
class WsSender {
 public:
  WsSender() = default;  ///< sends to nobody
  void send(std::shared_ptr<const std::string> text) const;

 private:
  friend class HttpServer;
  std::weak_ptr<class HttpServerCore> core_;
  ConnectionId session_;
};

/// All run on the loop's thread. Only on_request is required; without on_ws_open every upgrade is
/// refused.
struct HttpHandlers {
  std::function<void(HttpRequest, HttpResponder)> on_request;
  /// True accepts the WebSocket session.
  std::function<bool(ConnectionId, const HttpRequest&)> on_ws_open;
  std::function<void(ConnectionId, std::string)> on_ws_message;
  std::function<void(ConnectionId, WsEnd)>
      on_ws_close;  ///< once per session the server did not stop
};

struct HttpServerOptions {
  std::string address = "127.0.0.1";  ///< numeric IPv4 or IPv6
  std::uint16_t port = 0;             ///< 0: any free port
  HttpLimits limits;
  Metrics* metrics = nullptr;  ///< counters io_http_*{server=name}; outlives the server
  std::string name = "http";   ///< label in metrics
};

class HttpServer {
 public:
  HttpServer(EventLoop& loop, HttpServerOptions options, HttpHandlers handlers);
  /// Closes the port and every connection. Loop thread, or while the loop does not run.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  /// Binds and listens; the bound port, or what the system said.
  [[nodiscard]] core::Result<std::uint16_t, std::string> start();

  /// Stops accepting, closes the port and all connections now.
  void stop();

  /// Queues a text message on a WebSocket session; dropped when the session is gone. Any thread.
  /// One string may be sent to many sessions. A session whose queue is over its bound is closed
  /// (kWsSlowReader).
  void ws_send(ConnectionId session, std::shared_ptr<const std::string> text);
  [[nodiscard]] WsSender ws_sender(ConnectionId session) const;
  /// Ends a session with a close frame. Any thread.
  void ws_close(ConnectionId session);

  [[nodiscard]] std::uint64_t refused(HttpRefusal refusal) const;  ///< since start; any thread
  [[nodiscard]] std::size_t connections() const;                   ///< open now; any thread
  [[nodiscard]] std::uint64_t accepted() const;                    ///< since start; any thread

 private:
  std::shared_ptr<class HttpServerCore> core_;
};

}  // namespace preconf::io
