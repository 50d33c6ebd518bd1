// The L1 side of the simulated network: a node with its two ports, whoever posts lookaheads, and
// the proposer. It goes with the wall clock, and with L2's time where that is ahead.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "io/loop/event_loop.hpp"
#include "node/devnet/beacon_server.hpp"
#include "node/devnet/l1_server.hpp"
#include "node/devnet/lookahead_poster.hpp"
#include "node/devnet/proposer.hpp"

namespace preconf::node::devnet {

struct DevnetL1Options {
  std::string directory;    ///< exists; receives deployment.toml
  core::Address committer;  ///< of every window; also proposes
  core::Address slasher;    ///< a contract that is there and does nothing
  core::UnixSeconds now;
  std::uint64_t slot_seconds = 3;
  std::uint64_t slots_per_epoch = 32;
  std::size_t blocks_per_proposal = 3;
  /// L1 blocks by which finalized lies behind the head: reorgs are not deeper. L1 has twice as many
  /// before L2 has any.
  std::uint64_t finalized_lag = 3;
};

class DevnetL1 {
 public:
  /// L1 blocks by which safe lies behind the head.
  static constexpr std::uint64_t kSafeLag = 1;

  /// `l2` is the preconfer's engine and outlives it, as the loop does.
  DevnetL1(io::EventLoop& loop, const EngineChain& l2, const DevnetL1Options& options);
  ~DevnetL1();
  DevnetL1(const DevnetL1&) = delete;
  DevnetL1& operator=(const DevnetL1&) = delete;

  /// Opens the ports, writes the file and starts the clock. The error is what the system said.
  [[nodiscard]] core::Result<core::Ok, std::string> start();

  /// The L1 block that an L2 block at this time anchors to; L1 follows L2's time with it.
  [[nodiscard]] core::protocol::AnchorCall anchor_at(core::UnixSeconds time);
  [[nodiscard]] Proposer& proposer() { return proposer_; }
  [[nodiscard]] L1Node& node() { return node_; }
  [[nodiscard]] core::protocol::Schedule schedule(std::size_t windows) const;
  /// Mines until everything sent is final.
  void settle();

  [[nodiscard]] std::string url() const { return server_.url(); }
  [[nodiscard]] std::string beacon_url() const { return beacon_.url(); }
  /// Options of `preconf node` that make it follow this L1.
  [[nodiscard]] std::vector<std::string> node_arguments() const;

 private:
  void tick();

  [[nodiscard]] std::string deployment_file() const { return directory_ + "/deployment.toml"; }

  io::EventLoop& loop_;
  std::string directory_;
  core::Address committer_;
  std::uint64_t finalized_lag_;
  L1Node node_;
  LookaheadPoster lookahead_;
  L1Server server_;
  BeaconServer beacon_;
  Proposer proposer_;
  io::TimerHandle timer_;
};

/// The file that tells a node where the chain lives on L1 (--l1.deployment).
[[nodiscard]] std::string deployment_toml(const core::protocol::L1Deployment& deployment);

}  // namespace preconf::node::devnet
