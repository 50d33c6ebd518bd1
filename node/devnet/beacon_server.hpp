// The beacon side of a simulated L1 node, and a blob server, on one port: the endpoints that
// drivers read. Source: Ethereum beacon node API; GET /blobs/{versioned hash} as blob servers have
// it.
#pragma once

#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "io/http/server.hpp"
#include "node/devnet/l1_node.hpp"

namespace preconf::node::devnet {

/// The answer to GET `target`, without faults: 404 for what is not there, 400 for what can not be
/// read. `endpoint` receives the name under which faults and calls know it.
[[nodiscard]] io::HttpResponse answer_beacon(L1Node& node, std::string_view target,
                                             std::string& endpoint);

struct BeaconServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  ///< 0: any free port
};

class BeaconServer {
 public:
  /// `node` outlives the server.
  BeaconServer(io::EventLoop& loop, L1Node& node, BeaconServerOptions options);
  /// Loop thread, or while the loop does not run.
  ~BeaconServer();
  BeaconServer(const BeaconServer&) = delete;
  BeaconServer& operator=(const BeaconServer&) = delete;

  /// The error is what the system said.
  [[nodiscard]] core::Result<core::Ok, std::string> start();
  void stop();
  [[nodiscard]] std::string address() const;
  [[nodiscard]] std::string url() const { return "http://" + address(); }

 private:
  void on_request(const io::HttpRequest& request, const io::HttpResponder& responder);

  io::EventLoop& loop_;
  L1Node& node_;
  BeaconServerOptions options_;
  std::uint16_t port_ = 0;
  io::HttpServer server_;
};

}  // namespace preconf::node::devnet
