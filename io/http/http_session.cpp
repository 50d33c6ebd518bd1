// One HTTP connection: requests one after the other, each stage with its own deadline.
#include <boost/asio/experimental/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <utility>

#include "io/http/server_core.hpp"

namespace preconf::io {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using Parser = http::request_parser<http::string_body>;
using boost::system::error_code;

namespace {

constexpr auto kAwait = asio::experimental::as_tuple(asio::use_awaitable);
constexpr std::size_t kReadBytes = 16 * 1024;

TimePoint now() { return std::chrono::steady_clock::now(); }

/// How reading a request can end.
enum class ReadEnd { kRequest, kRefused, kGone };

struct ReadState {
  boost::beast::flat_buffer buffer;
  std::optional<Parser> parser;
  TimePoint began;                           ///< first byte of the request
  HttpRefusal refusal = HttpRefusal::kIdle;  ///< with kRefused
  bool first = true;                         ///< no request on this connection yet
};

ReadEnd refused(ReadState& state, HttpRefusal refusal) {
  state.refusal = refusal;
  return ReadEnd::kRefused;
}

ReadEnd read_failed(const Connection& connection, ReadState& state, error_code error,
                    HttpRefusal on_timeout) {
  if (connection.timed_out) return refused(state, on_timeout);
  if (error == http::error::header_limit) return refused(state, HttpRefusal::kHeaderTooLarge);
  if (error == http::error::body_limit) return refused(state, HttpRefusal::kBodyTooLarge);
  if (error == http::error::end_of_stream || error == http::error::partial_message) {
    return ReadEnd::kGone;
  }
  if (error.category() == make_error_code(http::error::bad_version).category()) {
    return refused(state, HttpRefusal::kBadRequest);
  }
  return ReadEnd::kGone;
}

/// Waits for the first byte: a kept-alive connection may be silent for long, a new one not.
asio::awaitable<ReadEnd> await_first_byte(HttpServerCore* core, Connection* connection,
                                          ReadState* state) {
  if (state->buffer.size() > 0) co_return ReadEnd::kRequest;  // pipelined
  const HttpLimits& limits = core->options.limits;
  core->set_deadline(*connection,
                     now() + (state->first ? limits.header_timeout : limits.idle_timeout));
  auto [error, size] =
      co_await connection->socket.async_read_some(state->buffer.prepare(kReadBytes), kAwait);
  if (connection->timed_out) {
    co_return refused(*state, state->first ? HttpRefusal::kHeaderTimeout : HttpRefusal::kIdle);
  }
  if (error) co_return ReadEnd::kGone;
  state->buffer.commit(size);
  co_return ReadEnd::kRequest;
}

asio::awaitable<ReadEnd> read_request(HttpServerCore* core, Connection* connection,
                                      ReadState* state) {
  const ReadEnd first = co_await await_first_byte(core, connection, state);
  if (first != ReadEnd::kRequest) co_return first;
  const HttpLimits& limits = core->options.limits;
  state->first = false;
  state->began = now();
  state->parser.emplace();
  state->parser->header_limit(static_cast<std::uint32_t>(limits.header_bytes_max));
  state->parser->body_limit(limits.body_bytes_max);

  core->set_deadline(*connection, state->began + limits.header_timeout);
  auto [header_error, header_size] =
      co_await http::async_read_header(connection->socket, state->buffer, *state->parser, kAwait);
  if (header_error) {
    co_return read_failed(*connection, *state, header_error, HttpRefusal::kHeaderTimeout);
  }
  if (state->parser->is_done()) co_return ReadEnd::kRequest;

  core->set_deadline(*connection, state->began + limits.request_timeout);
  const auto length = state->parser->content_length();
  if (length && *length > limits.body_bytes_max) {
    co_return refused(*state, HttpRefusal::kBodyTooLarge);
  }
  if (boost::beast::iequals(state->parser->get()[http::field::expect], "100-continue")) {
    static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
    co_await asio::async_write(connection->socket, asio::buffer(kContinue), kAwait);
  }
  auto [body_error, body_size] =
      co_await http::async_read(connection->socket, state->buffer, *state->parser, kAwait);
  if (body_error) co_return read_failed(*connection, *state, body_error, HttpRefusal::kBodyTimeout);
  co_return ReadEnd::kRequest;
}

unsigned status_of(HttpRefusal refusal) {
  switch (refusal) {
    case HttpRefusal::kBadRequest:
      return 400;
    case HttpRefusal::kHeaderTimeout:
    case HttpRefusal::kBodyTimeout:
      return 408;
    case HttpRefusal::kBodyTooLarge:
      return 413;
    case HttpRefusal::kHeaderTooLarge:
      return 431;
    case HttpRefusal::kHandlerTimeout:
      return 503;
    default:
      return 0;  // closed without a word
  }
}

HttpRequest take_request(ConnectionId id, http::request<http::string_body>&& message) {
  HttpRequest request;
  request.connection = id;
  request.method = std::string(message.method_string());
  request.target = std::string(message.target());
  for (const auto& field : message) {
    request.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
  }
  request.body = std::move(message.body());
  return request;
}

/// Writes one response; false when the connection is of no further use.
asio::awaitable<bool> write_response(HttpServerCore* core, Connection* connection,
                                     HttpResponse answer, unsigned version, bool keep_alive,
                                     TimePoint until) {
  http::response<http::string_body> message;
  message.version(version);
  message.result(answer.status);
  message.set(http::field::date, core->http_date());
  message.set(http::field::content_type, answer.content_type);
  for (auto& [name, value] : answer.headers) message.set(name, value);
  message.keep_alive(keep_alive);
  message.body() = std::move(answer.body);
  message.prepare_payload();
  core->set_deadline(*connection, until);
  auto [error, size] = co_await http::async_write(connection->socket, message, kAwait);
  if (connection->timed_out) core->count(HttpRefusal::kSlowReader);
  co_return !error && keep_alive;
}

/// Tells the client why, then reads on for a moment: closing a socket with unread input would throw
/// away the answer on its way.
asio::awaitable<void> refuse_request(HttpServerCore* core, Connection* connection,
                                     HttpRefusal refusal) {
  core->count(refusal);
  const unsigned status = status_of(refusal);
  if (status == 0) co_return;
  HttpResponse answer;
  answer.status = status;
  answer.content_type = "text/plain";
  answer.body = std::string(name_of(refusal)) + "\n";
  const TimePoint until = now() + core->options.limits.header_timeout;
  co_await write_response(core, connection, std::move(answer), 11, false, until);
  error_code ignored;
  connection->socket.shutdown(Socket::shutdown_send, ignored);
  std::array<char, kReadBytes> discarded;
  std::size_t left = 4 * core->options.limits.body_bytes_max;
  core->set_deadline(*connection, until);
  for (;;) {
    auto [error, size] =
        co_await connection->socket.async_read_some(asio::buffer(discarded), kAwait);
    if (error || size > left) co_return;
    left -= size;
  }
}

/// Hands the request to the handler and waits for its answer.
asio::awaitable<void> await_answer(HttpServerCore* core, Connection* connection,
                                   HttpRequest request, TimePoint until) {
  ++connection->request;
  connection->response.reset();
  core->handlers.on_request(std::move(request), core->responder_for(*connection));
  while (!connection->response && !connection->closing && now() < until) {
    connection->wake.expires_at(until);
    co_await connection->wake.async_wait(kAwait);
  }
}

}  // namespace

asio::awaitable<void> serve_connection(std::shared_ptr<HttpServerCore> core,
                                       Connection* connection) {
  const LeaveGuard guard{core, connection->id};
  ReadState state;
  for (;;) {
    const ReadEnd end = co_await read_request(core.get(), connection, &state);
    if (connection->closing || core->stopped || end == ReadEnd::kGone) co_return;
    if (end == ReadEnd::kRefused) {
      co_await refuse_request(core.get(), connection, state.refusal);
      co_return;
    }
    auto message = state.parser->release();
    if (boost::beast::websocket::is_upgrade(message)) {
      co_await serve_websocket(core, connection, std::move(message));
      co_return;
    }
    const bool keep_alive = message.keep_alive();
    const unsigned version = message.version();
    const TimePoint until = state.began + core->options.limits.request_timeout;
    co_await await_answer(core.get(), connection, take_request(connection->id, std::move(message)),
                          until);
    if (connection->closing || core->stopped) co_return;
    if (!connection->response) {
      co_await refuse_request(core.get(), connection, HttpRefusal::kHandlerTimeout);
      co_return;
    }
    HttpResponse answer = std::move(*connection->response);
    connection->response.reset();
    if (answer.status == 0) co_return;
    // The number moves on, so that a late second answer finds no request.
    ++connection->request;
    const bool again = co_await write_response(core.get(), connection, std::move(answer), version,
                                               keep_alive, until);
    if (!again || connection->closing) co_return;
  }
}

}  // namespace preconf::io
