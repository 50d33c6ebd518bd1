// The JSON-RPC API on a thread and event loop of its own, so that users never wait for the loop.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <thread>

#include "core/base/result.hpp"
#include "io/loop/event_loop.hpp"
#include "io/rpc/preconf_api.hpp"

namespace preconf::node {

class RpcThread {
 public:
  /// `backend` outlives it.
  RpcThread(io::PreconfBackend& backend, io::PreconfApiOptions options);
  /// Closes the port and every connection; joins.
  ~RpcThread();
  RpcThread(const RpcThread&) = delete;
  RpcThread& operator=(const RpcThread&) = delete;

  /// Listens, then serves; the bound port, or what the system said.
  [[nodiscard]] core::Result<std::uint16_t, std::string> start();

  /// Thread safe parts of it: publish_heads and publish_decisions.
  [[nodiscard]] io::PreconfApi& api() { return *api_; }

 private:
  io::EventLoop loop_;
  std::unique_ptr<io::PreconfApi> api_;
  std::thread thread_;
};

}  // namespace preconf::node
