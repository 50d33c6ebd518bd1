#include "node/devnet/l1_server.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "core/base/hex.hpp"
#include "io/json/json_reader.hpp"
#include "node/devnet/l1_json.hpp"
#include "node/devnet/l1_methods.hpp"

namespace preconf::node::devnet {
namespace {

using io::JsonValue;

constexpr std::size_t kRequestBytesMax = 16 * 1024 * 1024;
/// Heads told at once; a subscriber that sees a gap reads the rest.
constexpr std::size_t kHeadsToldMax = 1'024;

io::HttpServerOptions server_options(const L1ServerOptions& options) {
  io::HttpServerOptions server;
  server.address = options.address;
  server.port = options.port;
  server.name = "l1";
  server.limits.body_bytes_max = kRequestBytesMax;
  // A call that a fault leaves unanswered must not end with a 503.
  server.limits.request_timeout = std::chrono::minutes(30);
  server.limits.idle_timeout = std::chrono::minutes(30);
  return server;
}

}  // namespace

/// One request on its way to one answer.
struct L1Server::Exchange {
  std::vector<std::string> answers;
  std::optional<Fault> transport;  ///< what happens to the whole answer
  std::optional<io::ConnectionId> session;
  std::chrono::milliseconds delay{0};
  bool single = true;

  [[nodiscard]] std::string body() {
    if (single) return answers.empty() ? std::string() : std::move(answers.front());
    std::string text = "[";
    for (std::size_t i = 0; i < answers.size(); ++i) {
      if (i > 0) text += ',';
      text += answers[i];
    }
    return text + ']';
  }
};

L1Server::L1Server(io::EventLoop& loop, L1Node& node, L1ServerOptions options)
    : loop_(loop),
      node_(node),
      options_(std::move(options)),
      announced_(node.latest().hash),
      server_(loop, server_options(options_),
              io::HttpHandlers{
                  [this](io::HttpRequest request, io::HttpResponder responder) {
                    on_request(std::move(request), std::move(responder));
                  },
                  [](io::ConnectionId, const io::HttpRequest&) { return true; },
                  [this](io::ConnectionId session, std::string text) { on_message(session, text); },
                  [this](io::ConnectionId session, io::WsEnd) {
                    std::erase_if(subscriptions_, [session](const Subscription& one) {
                      return one.session == session;
                    });
                  }}) {
  node_.chain.on_head([this] { announce_heads(); });
}

L1Server::~L1Server() {
  node_.chain.on_head({});
  stop();
}

core::Result<core::Ok, std::string> L1Server::start() {
  const auto port = server_.start();
  if (!port) return core::Unexpected<std::string>{"L1 port: " + port.error()};
  port_ = *port;
  return core::Ok{};
}

void L1Server::stop() { server_.stop(); }

std::string L1Server::address() const { return fmt::format("{}:{}", options_.address, port_); }

void L1Server::on_request(io::HttpRequest request, io::HttpResponder responder) {
  io::HttpResponse response;
  if (request.method != "POST") {
    response.status = 405;
    response.content_type = "text/plain";
    responder.respond(std::move(response));
    return;
  }
  Exchange exchange;
  serve_text(request.body, exchange);
  if (exchange.transport) {
    if (auto failure = failing_response(*exchange.transport)) {
      responder.respond(std::move(*failure));
    }
    return;
  }
  response.body = exchange.body();
  if (exchange.delay.count() == 0) return responder.respond(std::move(response));
  loop_.arm(exchange.delay, [responder, response] { responder.respond(response); });
}

void L1Server::on_message(io::ConnectionId session, const std::string& text) {
  Exchange exchange;
  exchange.session = session;
  serve_text(text, exchange);
  if (exchange.transport) {
    if (exchange.transport->kind != FaultKind::kTimeout) server_.ws_close(session);
    return;
  }
  auto answer = std::make_shared<const std::string>(exchange.body());
  if (exchange.delay.count() == 0) return server_.ws_send(session, std::move(answer));
  loop_.arm(exchange.delay, [sender = server_.ws_sender(session), answer] { sender.send(answer); });
}

void L1Server::serve_text(std::string_view text, Exchange& exchange) {
  const auto document = io::JsonDocument::parse(text, io::JsonLimits{kRequestBytesMax, 32});
  if (!document) {
    exchange.answers.push_back(rpc_response("null", RpcError{-32700, "parse error"}));
    return;
  }
  const JsonValue root = document->root();
  if (root.kind() != io::JsonKind::kArray) return serve_call(root, exchange);
  if (root.size() == 0 || root.size() > options_.batch_max) {
    const char* const what = root.size() == 0 ? "empty batch" : "batch too large";
    exchange.answers.push_back(rpc_response("null", RpcError{-32600, what}));
    return;
  }
  exchange.single = false;
  root.each_element([&](JsonValue call) {
    serve_call(call, exchange);
    return true;
  });
}

void L1Server::serve_call(JsonValue call, Exchange& exchange) {
  const auto method = call.get("method").as_string();
  if (!method) {
    exchange.answers.push_back(rpc_response("null", RpcError{-32600, "invalid request"}));
    return;
  }
  node_.count_call(*method);
  std::optional<Fault> fault;
  if (!method->starts_with("sim_")) fault = node_.faults.take(*method);
  MethodAnswer answer = std::string("null");
  if (!fault || fault->act) answer = answer_call(*method, call.get("params"), exchange);
  if (fault) {
    switch (fault->kind) {
      case FaultKind::kSlow:
        exchange.delay = std::max(exchange.delay, std::chrono::milliseconds(fault->delay_ms));
        break;
      case FaultKind::kStatus:  // payloads have one, L1 has none
      case FaultKind::kError:
        answer = RpcError{fault->code, fault->message};
        break;
      case FaultKind::kHuge:
        answer = '"' + std::string(fault->bytes, 'a') + '"';
        break;
      default:
        if (!exchange.transport) exchange.transport = std::move(fault);
        return;
    }
  }
  const JsonValue id = call.get("id");
  if (!id.missing()) exchange.answers.push_back(rpc_response(id.to_text(), answer));
}

MethodAnswer L1Server::answer_call(std::string_view method, JsonValue params,
                                   const Exchange& exchange) {
  if (exchange.session && method == "eth_subscribe") return subscribe(params, *exchange.session);
  if (exchange.session && method == "eth_unsubscribe") {
    return unsubscribe(params, *exchange.session);
  }
  MethodAnswer answer = call_l1_method(node_, method, params);
  if (method == "sim_lagHead") announce_heads();
  return answer;
}

MethodAnswer L1Server::subscribe(JsonValue params, io::ConnectionId session) {
  if (params.at(0).as_string() != "newHeads") {
    return RpcError{-32602, "only newHeads can be subscribed to"};
  }
  if (subscriptions_.size() >= kSubscriptionsMax) {
    return RpcError{-32000, "too many subscriptions"};
  }
  std::string id = fmt::format("\"{}\"", core::to_quantity(next_subscription_++));
  subscriptions_.push_back(Subscription{session, id});
  return id;
}

MethodAnswer L1Server::unsubscribe(JsonValue params, io::ConnectionId session) {
  const std::string id = params.at(0).to_text();
  const std::size_t removed = std::erase_if(subscriptions_, [&](const Subscription& subscription) {
    return subscription.session == session && subscription.id == id;
  });
  return std::string(removed != 0 ? "true" : "false");
}

void L1Server::announce_heads() {
  const L1Block* told = node_.chain.by_hash(announced_);
  // After a reorg every block of the new branch is told, as clients do.
  while (told != nullptr && !node_.chain.is_canonical(*told)) {
    told = node_.chain.by_hash(told->header.parent_hash);
  }
  const L1Block& latest = node_.latest();
  if (told == nullptr || latest.number() < told->number()) return;
  std::vector<const L1Block*> heads;
  for (const L1Block* at = &latest; at != told && heads.size() < kHeadsToldMax;
       at = node_.chain.by_hash(at->header.parent_hash)) {
    heads.push_back(at);
  }
  announced_ = latest.hash;
  std::reverse(heads.begin(), heads.end());
  for (const L1Block* head : heads) {
    const std::string header = l1_header_json(*head);
    for (const Subscription& subscription : subscriptions_) {
      server_.ws_send(subscription.session,
                      std::make_shared<const std::string>(
                          fmt::format(R"({{"jsonrpc":"2.0","method":"eth_subscription","params":)"
                                      R"({{"subscription":{},"result":{}}}}})",
                                      subscription.id, header)));
    }
  }
}

}  // namespace preconf::node::devnet
