#include "node/devnet/engine_server.hpp"

#include <fmt/format.h>

#include <chrono>

#include "core/base/hex.hpp"
#include "io/json/eth_json.hpp"
#include "io/json/json_writer.hpp"
#include "node/devnet/engine_json.hpp"

namespace preconf::node::devnet {
namespace {

using io::JsonValue;

constexpr std::size_t kBatchMax = 100;
constexpr std::size_t kHeadWaitersMax = 64;
constexpr std::size_t kMethodNamesMax = 256;

core::UnixSeconds system_now() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(since).count();
  return core::UnixSeconds{static_cast<std::uint64_t>(seconds)};
}

io::HttpServerOptions server_options(const EngineServerOptions& options, std::uint16_t port,
                                     const char* name) {
  io::HttpServerOptions server;
  server.address = options.address;
  server.port = port;
  server.name = name;
  server.limits.body_bytes_max = 32 * 1024 * 1024;
  // A call that a fault leaves unanswered, or that waits for a head, must not end with a 503.
  server.limits.request_timeout = std::chrono::minutes(30);
  server.limits.idle_timeout = std::chrono::minutes(30);
  return server;
}

/// The answer of an engine that reports `fault.status` for `method`.
std::string status_answer(const Fault& fault, std::string_view method) {
  StatusAnswer status;
  status.status = fault.status;
  status.validation_error = fault.message;
  if (method == "engine_forkchoiceUpdatedV2") {
    return forkchoice_json(ForkchoiceAnswer{std::move(status), std::nullopt});
  }
  io::JsonWriter out;
  write_status(out, status);
  return out.take();
}

}  // namespace

/// One HTTP request on its way to one HTTP answer.
struct EngineServer::Exchange {
  std::vector<std::string> answers;
  std::optional<Fault> transport;  ///< what happens to the whole HTTP answer
  io::HttpResponder responder;
  std::chrono::milliseconds delay{0};
  bool single = true;
  bool waits = false;  ///< answered later (sim_waitHead)

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

EngineServer::EngineServer(io::EventLoop& loop, EngineServerOptions options)
    : loop_(loop),
      options_(std::move(options)),
      engine_(options_.profile),
      announced_head_(engine_.chain.head().hash),
      public_server_(loop, server_options(options_, options_.public_port, "engine_public"),
                     io::HttpHandlers{[this](io::HttpRequest request, io::HttpResponder responder) {
                                        serve(EnginePort::kPublic, std::move(request),
                                              std::move(responder));
                                      },
                                      {},
                                      {},
                                      {}}),
      auth_server_(loop, server_options(options_, options_.auth_port, "engine_auth"),
                   io::HttpHandlers{[this](io::HttpRequest request, io::HttpResponder responder) {
                                      serve(EnginePort::kAuth, std::move(request),
                                            std::move(responder));
                                    },
                                    {},
                                    {},
                                    {}}) {
  if (!options_.now) options_.now = system_now;
}

EngineServer::~EngineServer() { stop(); }

core::Result<core::Ok, std::string> EngineServer::start() {
  const auto public_port = public_server_.start();
  if (!public_port) return core::Unexpected<std::string>{"public port: " + public_port.error()};
  const auto auth_port = auth_server_.start();
  if (!auth_port) return core::Unexpected<std::string>{"auth port: " + auth_port.error()};
  public_port_ = *public_port;
  auth_port_ = *auth_port;
  return core::Ok{};
}

void EngineServer::stop() {
  public_server_.stop();
  auth_server_.stop();
}

std::string EngineServer::public_address() const {
  return fmt::format("{}:{}", options_.address, public_port_);
}
std::string EngineServer::auth_address() const {
  return fmt::format("{}:{}", options_.address, auth_port_);
}

void EngineServer::serve(EnginePort port, io::HttpRequest request, io::HttpResponder responder) {
  io::HttpResponse response;
  if (port == EnginePort::kAuth) {
    const io::JwtDefect defect =
        io::check_jwt(request.header("Authorization"), options_.jwt_secret, options_.now());
    if (defect != io::JwtDefect::kNone) {
      response.status = 401;
      response.content_type = "text/plain";
      response.body = io::name_of(defect);
      responder.respond(std::move(response));
      return;
    }
  }
  if (request.method != "POST") {
    response.status = 405;
    response.content_type = "text/plain";
    response.body = "Used HTTP Method is not allowed. POST is required\n";
    responder.respond(std::move(response));
    return;
  }
  const auto document = io::JsonDocument::parse(request.body, io::JsonLimits{32 << 20, 32});
  if (!document) {
    response.body = rpc_response("null", RpcError{-32700, "Parse error"});
    responder.respond(std::move(response));
    return;
  }
  Exchange exchange;
  exchange.responder = responder;
  const JsonValue root = document->root();
  if (root.kind() == io::JsonKind::kArray) {
    exchange.single = false;
    if (root.size() == 0 || root.size() > kBatchMax) {
      exchange.single = true;
      exchange.answers.push_back(rpc_response("null", RpcError{-32600, "Invalid request"}));
    } else {
      root.each_element([&](JsonValue call) {
        serve_call(port, call, exchange);
        return true;
      });
    }
  } else {
    serve_call(port, root, exchange);
  }
  head_may_have_moved();

  if (exchange.waits) return;
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

void EngineServer::serve_call(EnginePort port, JsonValue call, Exchange& exchange) {
  const auto method = call.get("method").as_string();
  const JsonValue id_value = call.get("id");
  if (!method) {
    exchange.answers.push_back(rpc_response("null", RpcError{-32600, "Invalid request"}));
    return;
  }
  const std::string id = id_value.to_text();
  if (engine_.calls.size() < kMethodNamesMax || engine_.calls.contains(*method)) {
    ++engine_.calls[std::string(method->substr(0, 64))];
  }
  if (on_call_) on_call_(*method);
  const JsonValue params = call.get("params");
  if (port == EnginePort::kAuth && *method == "sim_waitHead" && exchange.single) {
    const auto number = params.at(0).as_u64();
    if (number && *number > engine_.chain.head().number() && waiters_.size() < kHeadWaitersMax) {
      waiters_.push_back(HeadWaiter{*number, exchange.responder, id});
      exchange.waits = true;
      return;
    }
  }
  std::optional<Fault> fault;
  if (!method->starts_with("sim_")) fault = engine_.faults.take(*method);
  MethodAnswer answer = std::string("null");
  if (!fault || fault->act) answer = call_method(engine_, port, *method, params);
  if (fault) {
    switch (fault->kind) {
      case FaultKind::kStatus:
        answer = status_answer(*fault, *method);
        break;
      case FaultKind::kError:
        answer = EngineError{fault->code, fault->message};
        break;
      case FaultKind::kSlow:
        exchange.delay = std::max(exchange.delay, std::chrono::milliseconds(fault->delay_ms));
        break;
      case FaultKind::kHuge:
        answer = '"' + std::string(fault->bytes, 'a') + '"';
        break;
      default:
        if (!exchange.transport) exchange.transport = std::move(fault);
        return;
    }
  }
  if (!id_value.missing()) exchange.answers.push_back(rpc_response(id, answer));
}

void EngineServer::head_may_have_moved() {
  const SimBlock& head = engine_.chain.head();
  if (head.hash == announced_head_) return;
  announced_head_ = head.hash;
  for (auto waiter = waiters_.begin(); waiter != waiters_.end();) {
    if (waiter->number > head.number()) {
      ++waiter;
      continue;
    }
    io::HttpResponse response;
    response.body = rpc_response(waiter->id, block_json(head, false));
    waiter->responder.respond(std::move(response));
    waiter = waiters_.erase(waiter);
  }
  if (on_head_) on_head_(head);
}

}  // namespace preconf::node::devnet
