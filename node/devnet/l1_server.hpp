// The execution side of a simulated L1 node on one port: JSON-RPC 2.0 over HTTP, single calls and
// batches; over WebSocket the same, and eth_subscribe for newHeads. Control methods (sim_) are on
// the same port: nobody else reaches it.
#pragma once

#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "io/http/server.hpp"
#include "io/json/json_reader.hpp"
#include "node/devnet/l1_node.hpp"
#include "node/devnet/rpc_answer.hpp"

namespace preconf::node::devnet {

struct L1ServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  ///< 0: any free port
  std::size_t batch_max = 100;
};

class L1Server {
 public:
  static constexpr std::size_t kSubscriptionsMax = 64;

  /// `node` outlives the server, which observes its chain's head.
  L1Server(io::EventLoop& loop, L1Node& node, L1ServerOptions options);
  /// Loop thread, or while the loop does not run.
  ~L1Server();
  L1Server(const L1Server&) = delete;
  L1Server& operator=(const L1Server&) = delete;

  /// The error is what the system said.
  [[nodiscard]] core::Result<core::Ok, std::string> start();
  void stop();

  [[nodiscard]] std::string address() const;
  [[nodiscard]] std::string url() const { return "http://" + address(); }
  [[nodiscard]] std::string ws_url() const { return "ws://" + address(); }
  [[nodiscard]] std::size_t subscriptions() const { return subscriptions_.size(); }

 private:
  struct Exchange;
  struct Subscription {
    io::ConnectionId session;
    std::string id;  ///< as quoted hex
  };

  void on_request(io::HttpRequest request, io::HttpResponder responder);
  void on_message(io::ConnectionId session, const std::string& text);
  /// Every call of a request's text.
  void serve_text(std::string_view text, Exchange& exchange);
  void serve_call(io::JsonValue call, Exchange& exchange);
  [[nodiscard]] MethodAnswer answer_call(std::string_view method, io::JsonValue params,
                                         const Exchange& exchange);
  [[nodiscard]] MethodAnswer subscribe(io::JsonValue params, io::ConnectionId session);
  [[nodiscard]] MethodAnswer unsubscribe(io::JsonValue params, io::ConnectionId session);
  void announce_heads();

  io::EventLoop& loop_;
  L1Node& node_;
  L1ServerOptions options_;
  core::Hash32 announced_;  ///< what subscribers were told last
  std::vector<Subscription> subscriptions_;
  std::uint64_t next_subscription_ = 1;
  std::uint16_t port_ = 0;
  io::HttpServer server_;
};

}  // namespace preconf::node::devnet
