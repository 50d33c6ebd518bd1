// One follower of the simulated network: a `preconf node` process, its engine, its feed and what it
// tells about its head.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "node/devnet/child_process.hpp"
#include "node/devnet/devnet.hpp"
#include "node/devnet/heads_subscriber.hpp"

namespace preconf::node::devnet {

/// The line a node prints when it serves: `ready rpc=ADDR:PORT seq=N head=N replayed=N
/// recovery_ms=N ... p2p=MULTIADDR`.
struct ReadyLine {
  std::string rpc;
  std::uint64_t seq = 0;
  std::optional<std::uint64_t> head;  ///< none: "-"
  std::uint64_t replayed = 0;
  std::uint64_t recovery_ms = 0;
  std::string p2p;  ///< multiaddr with the peer id; empty: "-" or absent
};
/// Nothing unless the line starts with "ready" and has the members up to recovery_ms.
[[nodiscard]] std::optional<ReadyLine> parse_ready_line(const std::string& line);

class Follower {
 public:
  struct Handlers {
    std::function<void(Follower&)> on_ready;
    std::function<void(Follower&)> on_heads;  ///< the node's heads changed
    std::function<void(Follower&, const NodeDecision&)> on_decision;
    std::function<void(Follower&, const Delivery&)> on_delivery;
    std::function<void(Follower&, ChildEnd)> on_end;  ///< wanted or not
  };

  /// `index` from 1. `directory` receives follower-<index>/ and its log. All outlive the follower.
  Follower(io::EventLoop& loop, Devnet& devnet, std::size_t index, std::string program,
           const std::string& directory, Handlers handlers);

  /// Starts the process. The error is what the system said.
  [[nodiscard]] core::Result<core::Ok, std::string> start();
  /// SIGKILL; blocks wait in the feed until the next start().
  void kill();
  /// SIGTERM; the node is expected to end with exit code 0.
  void terminate();

  [[nodiscard]] std::size_t index() const { return index_; }
  /// 0 when no process runs.
  [[nodiscard]] int pid() const { return running_ ? child_->pid() : 0; }
  [[nodiscard]] bool ready() const { return ready_.has_value(); }
  [[nodiscard]] const ReadyLine& ready_line() const { return *ready_; }
  /// From start() to the ready line.
  [[nodiscard]] std::chrono::microseconds start_time() const { return start_time_; }
  /// As the node told them last, in this life of it.
  [[nodiscard]] const NodeHeads& heads() const { return heads_told_; }
  [[nodiscard]] const std::string& datadir() const { return datadir_; }
  [[nodiscard]] const std::string& log_file() const { return log_file_; }

 private:
  void read_line(const std::string& line);
  void ended(ChildEnd end);

  io::EventLoop& loop_;
  Devnet& devnet_;
  std::size_t index_;
  std::string program_;
  std::string datadir_;
  std::string log_file_;
  Handlers handlers_;
  std::optional<ReadyLine> ready_;
  NodeHeads heads_told_;
  std::chrono::steady_clock::time_point started_at_;
  std::chrono::microseconds start_time_{0};
  bool running_ = false;
  std::unique_ptr<HeadsSubscriber> heads_;
  std::unique_ptr<ChildProcess> child_;
};

}  // namespace preconf::node::devnet
