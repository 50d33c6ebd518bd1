// One simulated engine on two HTTP ports: a public one, and one that asks for a JWT (HS256, iat
// within 60 s; 401 otherwise). JSON-RPC 2.0 over POST, single calls and batches; methods and
// control methods are listed in engine_methods.hpp, faults in faults.hpp.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/base/result.hpp"
#include "io/engine/jwt.hpp"
#include "io/http/server.hpp"
#include "node/devnet/engine_methods.hpp"

namespace preconf::node::devnet {

struct EngineServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t public_port = 0;  ///< 0: any free port
  std::uint16_t auth_port = 0;
  io::JwtSecret jwt_secret;
  core::protocol::ChainProfile profile;
  std::function<core::UnixSeconds()> now;  ///< judges iat; the system clock when empty
};

class EngineServer {
 public:
  EngineServer(io::EventLoop& loop, EngineServerOptions options);
  /// Loop thread, or while the loop does not run.
  ~EngineServer();
  EngineServer(const EngineServer&) = delete;
  EngineServer& operator=(const EngineServer&) = delete;

  /// Binds both ports. The error says which one and what the system said.
  [[nodiscard]] core::Result<core::Ok, std::string> start();
  void stop();

  /// "ADDR:PORT" of each port, and as URL.
  [[nodiscard]] std::string public_address() const;
  [[nodiscard]] std::string auth_address() const;
  [[nodiscard]] std::string public_url() const { return "http://" + public_address(); }
  [[nodiscard]] std::string auth_url() const { return "http://" + auth_address(); }

  // Loop thread only, from here on.

  [[nodiscard]] EngineState& engine() { return engine_; }
  /// Called after a call that moved the head, with the new head.
  void on_head(std::function<void(const SimBlock&)> callback) { on_head_ = std::move(callback); }
  /// Called with each method that arrives, before the engine acts.
  void on_call(std::function<void(std::string_view method)> callback) {
    on_call_ = std::move(callback);
  }

 private:
  struct Exchange;
  struct HeadWaiter {
    std::uint64_t number;
    io::HttpResponder responder;
    std::string id;
  };

  void serve(EnginePort port, io::HttpRequest request, io::HttpResponder responder);
  void serve_call(EnginePort port, io::JsonValue call, Exchange& exchange);
  void head_may_have_moved();

  io::EventLoop& loop_;
  EngineServerOptions options_;
  EngineState engine_;
  core::Hash32 announced_head_;
  std::function<void(const SimBlock&)> on_head_;
  std::function<void(std::string_view)> on_call_;
  std::vector<HeadWaiter> waiters_;
  std::uint16_t public_port_ = 0;
  std::uint16_t auth_port_ = 0;
  io::HttpServer public_server_;
  io::HttpServer auth_server_;
};

}  // namespace preconf::node::devnet
