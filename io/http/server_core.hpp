// Inside of HttpServer, for sources of io/http only.
//
// The core owns the table of connections. Each connection is driven by one coroutine (and a second
// one that writes, once it is a WebSocket session); coroutines hold the core, so that operations
// that end late find their memory, and leave the table when they end.
#pragma once

#include <array>
#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <ctime>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "io/http/server.hpp"
#include "io/metrics/metrics.hpp"

namespace preconf::io {

using Socket = boost::asio::ip::tcp::socket;
using WsStream = boost::beast::websocket::stream<Socket>;
using TimePoint = std::chrono::steady_clock::time_point;

/// The side of a connection that speaks WebSocket.
struct WsSession {
  explicit WsSession(Socket socket) : stream(std::move(socket)) {}

  WsStream stream;
  std::deque<std::shared_ptr<const std::string>> queue;
  std::size_t queued_bytes = 0;
  WsEnd end = WsEnd::kByClient;
  bool close_wanted = false;  ///< close frame after what is queued
};

struct Connection {
  Connection(ConnectionId name, Socket accepted)
      : id(name),
        socket(std::move(accepted)),
        deadline(socket.get_executor()),
        wake(socket.get_executor()) {}

  /// Cuts the TCP connection: operations in progress end with an error.
  void cut();

  ConnectionId id;
  Socket socket;                       ///< moved into `ws` by an upgrade
  boost::asio::steady_timer deadline;  ///< of the current socket operation
  std::uint64_t deadline_generation = 0;
  bool timed_out = false;          ///< the deadline ended the operation
  boost::asio::steady_timer wake;  ///< cancelled when an answer or output is there
  bool closing = false;
  int coroutines = 1;

  std::uint64_t request = 0;  ///< number of the request being answered
  std::optional<HttpResponse> response;

  std::optional<WsSession> ws;
};

class HttpServerCore : public std::enable_shared_from_this<HttpServerCore> {
 public:
  HttpServerCore(EventLoop& loop, HttpServerOptions options, HttpHandlers handlers);

  [[nodiscard]] core::Result<std::uint16_t, std::string> start();
  void stop();

  HttpResponder responder_for(const Connection& connection);
  /// Loop thread only, from here on.
  void deliver(ConnectionId id, std::uint64_t request, HttpResponse response);
  void ws_queue(ConnectionId id, std::shared_ptr<const std::string> text);
  void ws_end(ConnectionId id);

  /// The current socket operation ends at `when` with timed_out set.
  void set_deadline(Connection& connection, TimePoint when);
  void count(HttpRefusal refusal);
  /// A coroutine of the connection ends; with the last one the connection goes.
  void leave(ConnectionId id);
  [[nodiscard]] const std::string& http_date();

  boost::asio::io_context& context;
  const HttpServerOptions options;
  const HttpHandlers handlers;
  bool stopped = false;  ///< no handler runs any more

  std::array<std::atomic<std::uint64_t>, static_cast<std::size_t>(HttpRefusal::kCount)> refusals{};
  std::atomic<std::size_t> open{0};
  std::atomic<std::uint64_t> accepted{0};

 private:
  static boost::asio::awaitable<void> accept_loop(std::shared_ptr<HttpServerCore> core);
  void admit(Socket socket);

  std::map<ConnectionId, std::unique_ptr<Connection>> table_;
  std::uint64_t last_id_ = 0;
  std::optional<boost::asio::ip::tcp::acceptor> acceptor_;
  std::array<CounterHandle, static_cast<std::size_t>(HttpRefusal::kCount)> counters_;
  GaugeHandle open_gauge_;
  std::string date_;
  std::time_t date_second_ = 0;
};

/// Serves one connection until it ends.
boost::asio::awaitable<void> serve_connection(std::shared_ptr<HttpServerCore> core,
                                              Connection* connection);
/// Continues a connection as a WebSocket session until it ends.
boost::asio::awaitable<void> serve_websocket(
    std::shared_ptr<HttpServerCore> core, Connection* connection,
    boost::beast::http::request<boost::beast::http::string_body> upgrade);
/// Takes a coroutine out of its connection when the coroutine ends, however it ends.
struct LeaveGuard {
  std::shared_ptr<HttpServerCore> core;
  ConnectionId id;
  ~LeaveGuard() { core->leave(id); }
};

}  // namespace preconf::io
