// One WebSocket session: a coroutine reads, another writes what is queued.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>
#include <utility>

#include "io/http/server_core.hpp"

namespace preconf::io {

namespace asio = boost::asio;
namespace websocket = boost::beast::websocket;
namespace http = boost::beast::http;
using boost::system::error_code;

namespace {

constexpr auto kAwait = asio::experimental::as_tuple(asio::use_awaitable);

asio::awaitable<void> write_queued(std::shared_ptr<HttpServerCore> core, Connection* connection) {
  const LeaveGuard guard{core, connection->id};
  WsSession& session = *connection->ws;
  while (!connection->closing) {
    if (session.queue.empty()) {
      if (session.close_wanted) {
        co_await session.stream.async_close(websocket::close_code::normal, kAwait);
        co_return;
      }
      connection->wake.expires_at(TimePoint::max());
      co_await connection->wake.async_wait(kAwait);
      continue;
    }
    const std::shared_ptr<const std::string> text = session.queue.front();
    auto [error, size] = co_await session.stream.async_write(asio::buffer(*text), kAwait);
    if (error || connection->closing) co_return;
    session.queued_bytes -= text->size();
    session.queue.pop_front();
  }
}

/// What the end of reading means. A session that our side ended already knows why.
void judge_end(HttpServerCore& core, Connection& connection, error_code error) {
  WsSession& session = *connection.ws;
  if (connection.closing || session.end != WsEnd::kByClient) return;
  if (error == boost::beast::error::timeout) {
    core.count(HttpRefusal::kWsIdle);
    session.end = WsEnd::kIdle;
  } else if (error == websocket::error::message_too_big) {
    core.count(HttpRefusal::kWsMessageTooLarge);
    session.end = WsEnd::kRefused;
  } else if (error != websocket::error::closed &&
             error.category() == make_error_code(websocket::error::bad_opcode).category()) {
    core.count(HttpRefusal::kWsProtocol);
    session.end = WsEnd::kRefused;
  }
}

asio::awaitable<error_code> read_messages(HttpServerCore* core, Connection* connection) {
  WsSession& session = *connection->ws;
  boost::beast::flat_buffer buffer;
  for (;;) {
    auto [error, size] = co_await session.stream.async_read(buffer, kAwait);
    if (error) co_return error;
    if (connection->closing || core->stopped) co_return error;
    if (!session.stream.got_text()) {
      core->count(HttpRefusal::kWsNotText);
      session.end = WsEnd::kRefused;
      co_await session.stream.async_close(websocket::close_code::unknown_data, kAwait);
      co_return error;
    }
    core->handlers.on_ws_message(connection->id, boost::beast::buffers_to_string(buffer.data()));
    buffer.consume(buffer.size());
  }
}

asio::awaitable<void> refuse_upgrade(Connection* connection) {
  static constexpr std::string_view kForbidden =
      "HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
  co_await asio::async_write(connection->socket, asio::buffer(kForbidden), kAwait);
}

HttpRequest describe(ConnectionId id, const http::request<http::string_body>& upgrade) {
  HttpRequest request;
  request.connection = id;
  request.method = std::string(upgrade.method_string());
  request.target = std::string(upgrade.target());
  for (const auto& field : upgrade) {
    request.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
  }
  return request;
}

}  // namespace

asio::awaitable<void> serve_websocket(std::shared_ptr<HttpServerCore> core, Connection* connection,
                                      http::request<http::string_body> upgrade) {
  const HttpLimits& limits = core->options.limits;
  const HttpHandlers& handlers = core->handlers;
  if (!handlers.on_ws_open || !handlers.on_ws_message ||
      !handlers.on_ws_open(connection->id, describe(connection->id, upgrade))) {
    co_await refuse_upgrade(connection);
    co_return;
  }
  connection->deadline.cancel();
  ++connection->deadline_generation;
  connection->ws.emplace(std::move(connection->socket));
  WsStream& stream = connection->ws->stream;
  stream.set_option(websocket::stream_base::timeout{limits.header_timeout, limits.ws_idle_timeout,
                                                    /*keep_alive_pings=*/true});
  stream.read_message_max(limits.ws_message_bytes_max);
  stream.text(true);
  stream.auto_fragment(false);  // a message is one frame: nothing else is sent meanwhile

  auto [error] = co_await stream.async_accept(upgrade, kAwait);
  if (!error && !connection->closing) {
    ++connection->coroutines;
    asio::co_spawn(core->context, write_queued(core, connection), asio::detached);
    error = co_await read_messages(core.get(), connection);
  }
  judge_end(*core, *connection, error);
  if (!core->stopped && handlers.on_ws_close) {
    handlers.on_ws_close(connection->id, connection->ws->end);
  }
}

}  // namespace preconf::io
