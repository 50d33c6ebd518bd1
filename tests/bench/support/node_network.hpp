// A real `preconf node` process, its simulated engine behind timed proxies, and blocks that are
// signed in advance.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "node/devnet/child_process.hpp"
#include "node/devnet/devnet.hpp"
#include "node/devnet/heads_subscriber.hpp"
#include "tests/bench/support/timed_proxy.hpp"
#include "tests/support/storage_events.hpp"

namespace preconf::bench {

using PublishedBlock = node::devnet::PublishedBlock;

class NodeNetwork {
 public:
  /// Signs `blocks` blocks and starts the program; returns when it serves.
  /// With `arguments` behind its own.
  explicit NodeNetwork(std::size_t blocks, std::vector<std::string> arguments = {});
  ~NodeNetwork();
  NodeNetwork(const NodeNetwork&) = delete;
  NodeNetwork& operator=(const NodeNetwork&) = delete;

  [[nodiscard]] std::uint16_t rpc_port() const { return rpc_port_; }
  [[nodiscard]] std::uint16_t engine_port() const { return engine_port_; }
  /// Multiaddr with the peer id; empty without --p2p.listen.
  [[nodiscard]] const std::string& p2p_address() const { return p2p_address_; }
  [[nodiscard]] const std::vector<std::shared_ptr<const PublishedBlock>>& blocks() const {
    return blocks_;
  }
  /// Returns when the node's executed head is at `number` or above; gives up after a minute.
  void wait_head(core::BlockNumber number);

  void arm_engine();
  /// When the first bytes went from the node to its engine since arm_engine().
  [[nodiscard]] std::optional<Clock::time_point> first_engine_bytes() const;

  /// A figure of /proc/PID/status in MiB, as "VmRSS" or "VmHWM".
  [[nodiscard]] double memory_mib(const std::string& name) const;
  [[nodiscard]] core::protocol::NetworkProfile network() const;

 private:
  void start_node();
  void read_line(const std::string& line);

  std::vector<std::string> more_arguments_;
  tests::TemporaryDirectory directory_;
  io::EventLoop loop_;
  std::unique_ptr<node::devnet::Devnet> devnet_;
  std::vector<std::shared_ptr<const PublishedBlock>> blocks_;
  std::uint16_t engine_port_ = 0;
  std::unique_ptr<TimedProxy> public_proxy_;
  std::unique_ptr<TimedProxy> auth_proxy_;
  std::unique_ptr<node::devnet::HeadsSubscriber> heads_;
  std::unique_ptr<node::devnet::ChildProcess> child_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::uint16_t rpc_port_ = 0;  ///< 0 until the node serves
  std::string p2p_address_;
  core::BlockNumber head_;
  bool has_ended_ = false;
  std::thread thread_;
};

}  // namespace preconf::bench
