#include "node/devnet/beacon_server.hpp"

#include <fmt/format.h>

#include <chrono>

#include "node/devnet/rpc_answer.hpp"

namespace preconf::node::devnet {
namespace {

io::HttpServerOptions server_options(const BeaconServerOptions& options) {
  io::HttpServerOptions server;
  server.address = options.address;
  server.port = options.port;
  server.name = "beacon";
  // A call that a fault leaves unanswered must not end with a 503.
  server.limits.request_timeout = std::chrono::minutes(30);
  server.limits.idle_timeout = std::chrono::minutes(30);
  return server;
}

}  // namespace

BeaconServer::BeaconServer(io::EventLoop& loop, L1Node& node, BeaconServerOptions options)
    : loop_(loop),
      node_(node),
      options_(std::move(options)),
      server_(loop, server_options(options_),
              io::HttpHandlers{[this](io::HttpRequest request, io::HttpResponder responder) {
                                 on_request(request, responder);
                               },
                               {},
                               {},
                               {}}) {}

BeaconServer::~BeaconServer() { stop(); }

core::Result<core::Ok, std::string> BeaconServer::start() {
  const auto port = server_.start();
  if (!port) return core::Unexpected<std::string>{"beacon port: " + port.error()};
  port_ = *port;
  return core::Ok{};
}

void BeaconServer::stop() { server_.stop(); }

std::string BeaconServer::address() const { return fmt::format("{}:{}", options_.address, port_); }

void BeaconServer::on_request(const io::HttpRequest& request, const io::HttpResponder& responder) {
  io::HttpResponse response;
  if (request.method != "GET") {
    response.status = 405;
    responder.respond(std::move(response));
    return;
  }
  std::string endpoint;
  response = answer_beacon(node_, request.target, endpoint);
  node_.count_call(endpoint);
  const auto fault = node_.faults.take(endpoint);
  if (!fault) return responder.respond(std::move(response));
  switch (fault->kind) {
    case FaultKind::kSlow:
      loop_.arm(std::chrono::milliseconds(fault->delay_ms),
                [responder, response] { responder.respond(response); });
      return;
    case FaultKind::kHuge:
      response.body = '"' + std::string(fault->bytes, 'a') + '"';
      return responder.respond(std::move(response));
    case FaultKind::kStatus:  // JSON-RPC has them, HTTP has its status
    case FaultKind::kError:
      response.status = fault->http_status;
      response.body = fault->message;
      return responder.respond(std::move(response));
    default:
      if (auto failing = failing_response(*fault)) responder.respond(std::move(*failing));
  }
}

}  // namespace preconf::node::devnet
