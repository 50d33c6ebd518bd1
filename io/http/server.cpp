#include "io/http/server.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/experimental/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "io/http/server_core.hpp"
#include "io/loop/asio_loop.hpp"

namespace preconf::io {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

constexpr auto kAwait = asio::experimental::as_tuple(asio::use_awaitable);

/// Pause after a failed accept (out of descriptors): accepting again at once would spin.
constexpr std::chrono::milliseconds kAcceptPause{100};

}  // namespace

void Connection::cut() {
  closing = true;
  boost::system::error_code ignored;
  (ws ? ws->stream.next_layer() : socket).close(ignored);
  deadline.cancel();
  wake.cancel();
}

HttpServerCore::HttpServerCore(EventLoop& loop, HttpServerOptions given, HttpHandlers functions)
    : context(loop.impl().context), options(std::move(given)), handlers(std::move(functions)) {
  if (options.metrics == nullptr) return;
  for (std::size_t i = 0; i < counters_.size(); ++i) {
    counters_[i] = options.metrics->counter(
        "io_http_refused_total", "HTTP and WebSocket clients turned away, by reason",
        {{"server", options.name}, {"reason", name_of(static_cast<HttpRefusal>(i))}});
  }
  open_gauge_ = options.metrics->gauge("io_http_connections", "Open client connections",
                                       {{"server", options.name}});
}

core::Result<std::uint16_t, std::string> HttpServerCore::start() {
  boost::system::error_code error;
  const auto address = asio::ip::make_address(options.address, error);
  if (error) return core::Unexpected{"bad listen address " + options.address};
  const tcp::endpoint endpoint(address, options.port);
  tcp::acceptor acceptor(context);
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) {
    return core::Unexpected{"cannot listen on " + options.address + ":" +
                            std::to_string(options.port) + ": " + error.message()};
  }
  const std::uint16_t port = acceptor.local_endpoint().port();
  acceptor_.emplace(std::move(acceptor));
  asio::co_spawn(context, accept_loop(shared_from_this()), asio::detached);
  return port;
}

asio::awaitable<void> HttpServerCore::accept_loop(std::shared_ptr<HttpServerCore> core) {
  asio::steady_timer pause(core->context);
  while (!core->stopped) {
    auto [error, socket] = co_await core->acceptor_->async_accept(kAwait);
    if (core->stopped) co_return;
    if (!error) {
      core->admit(std::move(socket));
      continue;
    }
    pause.expires_after(kAcceptPause);
    co_await pause.async_wait(kAwait);
  }
}

void HttpServerCore::admit(Socket socket) {
  accepted.fetch_add(1, std::memory_order_relaxed);
  if (table_.size() >= options.limits.connections_max) {
    count(HttpRefusal::kTooManyConnections);
    // Fits any fresh socket's buffer, so this neither blocks nor keeps the connection.
    static constexpr std::string_view kBusy =
        "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
    boost::system::error_code ignored;
    socket.non_blocking(true, ignored);
    socket.write_some(asio::buffer(kBusy), ignored);
    socket.shutdown(tcp::socket::shutdown_send, ignored);
    return;
  }
  boost::system::error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  const ConnectionId id{++last_id_};
  auto connection = std::make_unique<Connection>(id, std::move(socket));
  Connection* const raw = connection.get();
  table_.emplace(id, std::move(connection));
  open.store(table_.size(), std::memory_order_relaxed);
  open_gauge_.set(static_cast<double>(table_.size()));
  asio::co_spawn(context, serve_connection(shared_from_this(), raw), asio::detached);
}

void HttpServerCore::stop() {
  stopped = true;
  boost::system::error_code ignored;
  if (acceptor_) acceptor_->close(ignored);
  for (auto& [id, connection] : table_) connection->cut();
}

void HttpServerCore::leave(ConnectionId id) {
  const auto found = table_.find(id);
  if (--found->second->coroutines > 0) {
    found->second->cut();
    return;
  }
  table_.erase(found);
  open.store(table_.size(), std::memory_order_relaxed);
  open_gauge_.set(static_cast<double>(table_.size()));
}

void HttpServerCore::count(HttpRefusal refusal) {
  refusals[static_cast<std::size_t>(refusal)].fetch_add(1, std::memory_order_relaxed);
  counters_[static_cast<std::size_t>(refusal)].add();
}

void HttpServerCore::set_deadline(Connection& connection, TimePoint when) {
  connection.timed_out = false;
  const std::uint64_t generation = ++connection.deadline_generation;
  connection.deadline.expires_at(when);
  connection.deadline.async_wait(
      [core = shared_from_this(), id = connection.id, generation](boost::system::error_code error) {
        if (error) return;
        const auto found = core->table_.find(id);
        if (found == core->table_.end() || found->second->deadline_generation != generation) return;
        found->second->timed_out = true;
        found->second->socket.cancel(error);
      });
}

HttpResponder HttpServerCore::responder_for(const Connection& connection) {
  HttpResponder responder;
  responder.core_ = weak_from_this();
  responder.connection_ = connection.id;
  responder.request_ = connection.request;
  return responder;
}

void HttpServerCore::deliver(ConnectionId id, std::uint64_t request, HttpResponse response) {
  const auto found = table_.find(id);
  if (found == table_.end()) return;
  Connection& connection = *found->second;
  if (connection.request != request || connection.response) return;
  connection.response = std::move(response);
  connection.wake.cancel();
}

void HttpServerCore::ws_queue(ConnectionId id, std::shared_ptr<const std::string> text) {
  const auto found = table_.find(id);
  if (found == table_.end() || !found->second->ws || found->second->closing) return;
  WsSession& session = *found->second->ws;
  session.queued_bytes += text->size();
  session.queue.push_back(std::move(text));
  if (session.queue.size() > options.limits.ws_queue_messages_max ||
      session.queued_bytes > options.limits.ws_queue_bytes_max) {
    count(HttpRefusal::kWsSlowReader);
    session.end = WsEnd::kSlowReader;
    found->second->cut();
    return;
  }
  found->second->wake.cancel();
}

void HttpServerCore::ws_end(ConnectionId id) {
  const auto found = table_.find(id);
  if (found == table_.end() || !found->second->ws) return;
  found->second->ws->end = WsEnd::kByServer;
  found->second->ws->close_wanted = true;
  found->second->wake.cancel();
}

const std::string& HttpServerCore::http_date() {
  const std::time_t now = std::time(nullptr);
  if (now != date_second_) {
    std::tm parts{};
    gmtime_r(&now, &parts);
    std::array<char, 40> text{};
    const std::size_t size =
        std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
    date_.assign(text.data(), size);
    date_second_ = now;
  }
  return date_;
}

void HttpResponder::respond(HttpResponse response) const {
  auto core = core_.lock();
  if (!core) return;
  auto& context = core->context;
  asio::dispatch(context, [core = std::move(core), id = connection_, number = request_,
                           answer = std::move(response)]() mutable {
    core->deliver(id, number, std::move(answer));
  });
}

HttpServer::HttpServer(EventLoop& loop, HttpServerOptions options, HttpHandlers handlers)
    : core_(std::make_shared<HttpServerCore>(loop, std::move(options), std::move(handlers))) {}

HttpServer::~HttpServer() { core_->stop(); }

core::Result<std::uint16_t, std::string> HttpServer::start() { return core_->start(); }

void HttpServer::stop() { core_->stop(); }

void HttpServer::ws_send(ConnectionId session, std::shared_ptr<const std::string> text) {
  asio::dispatch(core_->context, [core = core_, session, text = std::move(text)]() mutable {
    core->ws_queue(session, std::move(text));
  });
}

void WsSender::send(std::shared_ptr<const std::string> text) const {
  auto core = core_.lock();
  if (!core) return;
  auto& context = core->context;
  asio::dispatch(context,
                 [core = std::move(core), id = session_, text = std::move(text)]() mutable {
                   core->ws_queue(id, std::move(text));
                 });
}

WsSender HttpServer::ws_sender(ConnectionId session) const {
  WsSender sender;
  sender.core_ = core_;
  sender.session_ = session;
  return sender;
}

void HttpServer::ws_close(ConnectionId session) {
  asio::dispatch(core_->context, [core = core_, session] { core->ws_end(session); });
}

std::uint64_t HttpServer::refused(HttpRefusal refusal) const {
  return core_->refusals[static_cast<std::size_t>(refusal)].load(std::memory_order_relaxed);
}

std::size_t HttpServer::connections() const { return core_->open.load(std::memory_order_relaxed); }

std::uint64_t HttpServer::accepted() const {
  return core_->accepted.load(std::memory_order_relaxed);
}

}  // namespace preconf::io
