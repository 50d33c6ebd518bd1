#include "io/rpc/json_rpc.hpp"

#include <map>
#include <utility>

#include "core/base/assert.hpp"
#include "core/base/hex.hpp"
#include "io/http/server.hpp"
#include "io/json/eth_json.hpp"
#include "io/json/json_writer.hpp"
#include "io/rpc/rpc_exchange.hpp"
#include "io/rpc/rpc_request.hpp"
#include "io/rpc/subscriptions.hpp"

namespace preconf::io {
namespace {

struct Method {
  RpcMethod run;
  RpcMethodMetrics metrics;
};

using Pending = std::shared_ptr<std::atomic<std::size_t>>;

HttpResponse plain(unsigned status, std::string_view text) {
  return {.status = status, .body = std::string(text) + "\n", .content_type = "text/plain"};
}

std::string_view path_of(std::string_view target) { return target.substr(0, target.find('?')); }

}  // namespace

JsonValue RpcCall::first_param() const { return params.at(0); }

struct JsonRpcServer::Impl {
  Impl(EventLoop& event_loop, JsonRpcOptions given);

  void on_request(HttpRequest request, HttpResponder responder);
  void on_get(const HttpRequest& request, const HttpResponder& responder);
  void on_ws_message(ConnectionId connection, std::string_view text);
  /// Answers one message; `exchange` knows the way back.
  void run(std::string_view text, ConnectionId connection,
           const std::shared_ptr<RpcExchange>& exchange);
  void run_batch(const std::shared_ptr<const JsonDocument>& document, ConnectionId connection,
                 const std::shared_ptr<RpcExchange>& exchange);
  /// Adds a call that is answered already, with an error.
  void refuse(RpcExchange& exchange, RpcRefusal refusal, int code, std::string_view message,
              std::string id = "null");
  void add_call(RpcExchange& exchange, JsonValue call);
  void dispatch(RpcExchange& exchange, std::size_t index, JsonValue call, ConnectionId connection,
                const std::shared_ptr<const JsonDocument>& document);
  void subscribe(const RpcCall& call, const RpcReply& reply);
  void unsubscribe(const RpcCall& call, const RpcReply& reply);
  RpcMethodMetrics metrics_of(const std::string& method);

  EventLoop& loop;
  const JsonRpcOptions options;
  std::shared_ptr<RpcRefusals> refusals = std::make_shared<RpcRefusals>();
  RpcMethodMetrics unknown_method;
  std::map<std::string, Method, std::less<>> methods;
  std::map<std::string, std::function<HttpResponse()>, std::less<>> pages;
  std::map<ConnectionId, Pending> sessions;
  Subscriptions subscriptions;
  std::string notification;
  std::unique_ptr<HttpServer> http;
  bool stopped = false;
};

JsonRpcServer::Impl::Impl(EventLoop& event_loop, JsonRpcOptions given)
    : loop(event_loop),
      options(std::move(given)),
      subscriptions(options.rpc.subscriptions_per_connection_max) {
  unknown_method = metrics_of("unknown");
  if (options.metrics != nullptr) {
    for (std::size_t i = 0; i < refusals->metrics.size(); ++i) {
      refusals->metrics[i] = options.metrics->counter(
          "preconf_rpc_refused_total", "Messages and calls turned away before a method saw them",
          {{"reason", name_of(static_cast<RpcRefusal>(i))}});
    }
  }
  HttpHandlers handlers;
  handlers.on_request = [this](HttpRequest request, HttpResponder responder) {
    on_request(std::move(request), std::move(responder));
  };
  handlers.on_ws_open = [this](ConnectionId id, const HttpRequest&) {
    sessions.emplace(id, std::make_shared<std::atomic<std::size_t>>(0));
    return true;
  };
  handlers.on_ws_message = [this](ConnectionId id, const std::string& text) {
    on_ws_message(id, text);
  };
  handlers.on_ws_close = [this](ConnectionId id, WsEnd) {
    sessions.erase(id);
    subscriptions.remove_all(id);
  };
  http = std::make_unique<HttpServer>(loop,
                                      HttpServerOptions{.address = options.address,
                                                        .port = options.port,
                                                        .limits = options.http,
                                                        .metrics = options.metrics,
                                                        .name = "rpc"},
                                      std::move(handlers));
}

RpcMethodMetrics JsonRpcServer::Impl::metrics_of(const std::string& method) {
  if (options.metrics == nullptr) return {};
  const MetricLabels labels = {{"method", method}};
  Metrics& m = *options.metrics;
  return {m.counter("preconf_rpc_requests_total", "JSON-RPC calls", labels),
          m.counter("preconf_rpc_errors_total", "JSON-RPC calls answered with an error", labels),
          m.histogram("preconf_rpc_duration_seconds", "JSON-RPC call to answer", labels,
                      Metrics::duration_bounds())};
}

void JsonRpcServer::Impl::on_request(HttpRequest request, HttpResponder responder) {
  if (request.method == "GET") {
    on_get(request, responder);
    return;
  }
  if (request.method != "POST") {
    refusals->count(RpcRefusal::kNoSuchPage);
    responder.respond(plain(405, "POST for JSON-RPC, GET for pages"));
    return;
  }
  // Browsers send other types across sites without asking.
  if (!request.header("Content-Type").starts_with("application/json")) {
    refusals->count(RpcRefusal::kContentType);
    responder.respond(plain(415, "Content-Type must be application/json"));
    return;
  }
  const auto exchange = std::make_shared<RpcExchange>();
  exchange->http = std::move(responder);
  run(request.body, request.connection, exchange);
}

void JsonRpcServer::Impl::on_get(const HttpRequest& request, const HttpResponder& responder) {
  const auto page = pages.find(path_of(request.target));
  if (page == pages.end()) {
    refusals->count(RpcRefusal::kNoSuchPage);
    responder.respond(plain(404, "no such page"));
    return;
  }
  responder.respond(page->second());
}

void JsonRpcServer::Impl::on_ws_message(ConnectionId connection, std::string_view text) {
  const auto exchange = std::make_shared<RpcExchange>();
  exchange->websocket = true;
  exchange->ws = http->ws_sender(connection);
  exchange->pending_of_session = sessions.at(connection);
  run(text, connection, exchange);
}

void JsonRpcServer::Impl::run(std::string_view text, ConnectionId connection,
                              const std::shared_ptr<RpcExchange>& exchange) {
  exchange->refusals = refusals;
  exchange->response_bytes_max = options.rpc.response_bytes_max;
  auto parsed = JsonDocument::parse(
      text, {.bytes_max = options.http.body_bytes_max, .depth_max = options.rpc.depth_max});
  if (!parsed) {
    refuse(*exchange, refusal_of(parsed.error()), rpc_code::kParseError,
           std::string("Parse error: ") + name_of(parsed.error()));
    exchange->all_calls_added();
    return;
  }
  const auto document = std::make_shared<const JsonDocument>(std::move(parsed).value());
  if (document->root().kind() == JsonKind::kArray) {
    run_batch(document, connection, exchange);
    return;
  }
  const JsonValue call = document->root();
  add_call(*exchange, call);
  exchange->complete = true;
  if (exchange->left == 0) {
    exchange->all_calls_added();
  } else {
    dispatch(*exchange, 0, call, connection, document);
  }
}

void JsonRpcServer::Impl::run_batch(const std::shared_ptr<const JsonDocument>& document,
                                    ConnectionId connection,
                                    const std::shared_ptr<RpcExchange>& exchange) {
  const std::size_t size = document->root().size();
  if (size == 0 || size > options.rpc.batch_max) {
    refuse(*exchange, size == 0 ? RpcRefusal::kEmptyBatch : RpcRefusal::kBatchTooLarge,
           rpc_code::kInvalidRequest,
           size == 0 ? "Invalid Request: empty batch" : "Invalid Request: batch too large");
    exchange->all_calls_added();
    return;
  }
  exchange->batch = true;
  exchange->calls.reserve(size);
  std::vector<JsonValue> calls;
  document->root().each_element([&](JsonValue call) {
    calls.push_back(call);
    add_call(*exchange, call);
    return true;
  });
  for (std::size_t i = 0; i < calls.size(); ++i) {
    if (!exchange->calls[i].answered) dispatch(*exchange, i, calls[i], connection, document);
  }
  exchange->all_calls_added();
}

void JsonRpcServer::Impl::refuse(RpcExchange& exchange, RpcRefusal refusal, int code,
                                 std::string_view message, std::string id) {
  refusals->count(refusal);
  unknown_method.errors.add();
  RpcExchange::Call& call = exchange.calls.emplace_back();
  call.answered = true;
  if (!id.empty()) call.answer = rpc_error_text(id, code, message);
  call.id = std::move(id);
}

void JsonRpcServer::Impl::add_call(RpcExchange& exchange, JsonValue call) {
  if (const char* defect = defect_of(call)) {
    refuse(exchange, RpcRefusal::kInvalidRequest, rpc_code::kInvalidRequest,
           std::string("Invalid Request: ") + defect);
    return;
  }
  const JsonValue id = call.get("id");
  std::string id_text = id.missing() ? std::string() : id.to_text();
  const auto method = methods.find(*call.get("method").as_string());
  if (method == methods.end()) {
    unknown_method.requests.add();
    refuse(exchange, RpcRefusal::kMethodNotFound, rpc_code::kMethodNotFound, "Method not found",
           std::move(id_text));
    return;
  }
  if (exchange.pending_of_session && exchange.pending_of_session->load(std::memory_order_relaxed) >=
                                         options.rpc.pending_per_connection_max) {
    refuse(exchange, RpcRefusal::kTooManyPending, rpc_code::kInternalError,
           "too many calls without an answer on this connection", std::move(id_text));
    return;
  }
  if (exchange.pending_of_session) exchange.pending_of_session->fetch_add(1);
  method->second.metrics.requests.add();
  RpcExchange::Call& entry = exchange.calls.emplace_back();
  entry.id = std::move(id_text);
  entry.metrics = method->second.metrics;
  ++exchange.left;
}

void JsonRpcServer::Impl::dispatch(RpcExchange& exchange, std::size_t index, JsonValue call,
                                   ConnectionId connection,
                                   const std::shared_ptr<const JsonDocument>& document) {
  const auto method = methods.find(*call.get("method").as_string());
  JsonValue params = call.get("params");
  if (params.is_null()) params = {};
  method->second.run({connection, exchange.websocket, document, params}, exchange.reply(index));
}

void JsonRpcServer::Impl::subscribe(const RpcCall& call, const RpcReply& reply) {
  const auto topic = call.first_param().as_string();
  std::optional<std::uint64_t> id;
  if (call.websocket && topic) id = subscriptions.add(call.connection, *topic);
  if (!id) {
    refusals->count(RpcRefusal::kSubscription);
    reply.error(rpc_code::kInvalidParams,
                !call.websocket ? "subscriptions need a WebSocket"
                                : "unknown topic, or too many subscriptions on this connection");
    return;
  }
  reply.result("\"" + core::to_quantity(*id) + "\"");
}

void JsonRpcServer::Impl::unsubscribe(const RpcCall& call, const RpcReply& reply) {
  const auto id = as_quantity_u64(call.first_param());
  if (!id) {
    reply.error(rpc_code::kInvalidParams, "subscription id expected");
    return;
  }
  reply.result(subscriptions.remove(call.connection, *id) ? "true" : "false");
}

JsonRpcServer::JsonRpcServer(EventLoop& loop, JsonRpcOptions options)
    : impl_(std::make_shared<Impl>(loop, std::move(options))) {}

JsonRpcServer::~JsonRpcServer() { stop(); }

void JsonRpcServer::add_method(std::string name, RpcMethod method) {
  const RpcMethodMetrics metrics = impl_->metrics_of(name);
  impl_->methods.insert_or_assign(std::move(name), Method{std::move(method), metrics});
}

void JsonRpcServer::add_page(std::string path, std::function<HttpResponse()> page) {
  impl_->pages.insert_or_assign(std::move(path), std::move(page));
}

void JsonRpcServer::add_topic(std::string topic) { impl_->subscriptions.add_topic(topic); }

void JsonRpcServer::enable_subscriptions(std::string subscribe_method,
                                         std::string unsubscribe_method,
                                         std::string notification_method) {
  impl_->notification = std::move(notification_method);
  Impl* const impl = impl_.get();
  add_method(std::move(subscribe_method),
             [impl](const RpcCall& call, const RpcReply& reply) { impl->subscribe(call, reply); });
  add_method(std::move(unsubscribe_method), [impl](const RpcCall& call, const RpcReply& reply) {
    impl->unsubscribe(call, reply);
  });
}

core::Result<std::uint16_t, std::string> JsonRpcServer::start() { return impl_->http->start(); }

void JsonRpcServer::stop() {
  impl_->stopped = true;
  impl_->http->stop();
}

bool JsonRpcServer::has_subscribers() const { return impl_->subscriptions.count() != 0; }

void JsonRpcServer::notify(std::string topic, std::shared_ptr<const std::string> result_json) {
  impl_->loop.post([weak = std::weak_ptr<Impl>(impl_), topic = std::move(topic),
                    result = std::move(result_json)] {
    const auto impl = weak.lock();
    if (!impl || impl->stopped) return;
    impl->subscriptions.each(topic, [&](ConnectionId connection, std::uint64_t id) {
      JsonWriter json(result->size() + 128);
      json.begin_object().key("jsonrpc").text("2.0").key("method").text(impl->notification);
      json.key("params").begin_object().key("subscription").quantity(id);
      json.key("result").raw(*result).end_object().end_object();
      impl->http->ws_send(connection, std::make_shared<const std::string>(json.take()));
    });
  });
}

std::uint64_t JsonRpcServer::refused(HttpRefusal refusal) const {
  return impl_->http->refused(refusal);
}

std::uint64_t JsonRpcServer::refused(RpcRefusal refusal) const {
  return impl_->refusals->counts[static_cast<std::size_t>(refusal)].load(std::memory_order_relaxed);
}

std::size_t JsonRpcServer::connections() const { return impl_->http->connections(); }

}  // namespace preconf::io
