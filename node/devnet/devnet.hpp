// The simulated network inside one process: engines, schedule, secrets, the preconfer and its
// feeds. Followers are other processes (supervisor.hpp) or nodes in the same one (tests).
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "node/devnet/devnet_l1.hpp"
#include "node/devnet/engine_server.hpp"
#include "node/devnet/follower_feed.hpp"
#include "node/devnet/network_peer.hpp"
#include "node/devnet/preconfer.hpp"

namespace preconf::node::devnet {

struct DevnetOptions {
  std::string directory;      ///< exists; receives jwt.hex, schedule.json, signed.txt
  std::size_t followers = 2;  ///< engines beside the preconfer's
  std::chrono::milliseconds block_time{2'000};
  std::size_t transfers_per_block = 3;
  std::size_t windows = 1'575;  ///< of 384 s: seven days
  bool has_network = false;     ///< a libp2p peer of the preconfer, which followers dial
  bool has_l1 = false;          ///< a simulated L1 that followers read; else they are told of none
  std::uint64_t l1_finalized_lag = 3;  ///< L1 blocks: how deep a reorg can be
};

class Devnet {
 public:
  /// Writes the files and starts the engines. The error says what is missing.
  [[nodiscard]] static core::Result<std::unique_ptr<Devnet>, std::string> create(
      io::EventLoop& loop, DevnetOptions options);

  [[nodiscard]] Preconfer& preconfer() { return *preconfer_; }
  /// Engine 0 is the preconfer's, engine i that of follower i (from 1).
  [[nodiscard]] EngineServer& engine(std::size_t index) { return *engines_.at(index); }
  /// Feed of follower i (from 1).
  [[nodiscard]] FollowerFeed& feed(std::size_t follower) { return *feeds_.at(follower - 1); }
  /// Null without has_network.
  [[nodiscard]] NetworkPeer* network() { return network_peer_.get(); }
  /// Null without has_l1.
  [[nodiscard]] DevnetL1* l1() { return l1_.get(); }
  /// Puts the preconfer's blocks on L1 as far as a proposal is full; nothing without has_l1. Where
  /// a promise is broken the preconfer goes on from what L1 has.
  void propose_due();
  /// Others dial this follower from now on, too.
  void add_peer(std::string address) { peers_.push_back(std::move(address)); }
  [[nodiscard]] std::size_t followers() const { return feeds_.size(); }

  [[nodiscard]] const std::string& jwt_file() const { return jwt_file_; }
  /// Empty with has_l1.
  [[nodiscard]] const std::string& schedule_file() const { return schedule_file_; }
  [[nodiscard]] const core::Address& slasher() const { return network_.slasher_address; }

  /// The next start of this follower has these options, too.
  void add_arguments(std::size_t follower, std::vector<std::string> arguments) {
    more_arguments_[follower] = std::move(arguments);
  }
  /// Options of `preconf node` for follower i (from 1) with its data in `datadir`.
  [[nodiscard]] std::vector<std::string> node_arguments(std::size_t follower,
                                                        const std::string& datadir);
  /// Options of `preconf node` for whoever joins this network: all but the data directory, and the
  /// engine with its secret.
  [[nodiscard]] std::vector<std::string> network_arguments() const;

 private:
  explicit Devnet(io::EventLoop& loop) : client_(loop) {}
  [[nodiscard]] core::Result<core::Ok, std::string> start(io::EventLoop& loop,
                                                          const DevnetOptions& options);
  /// With the L1 that it builds on, or the schedule file that stands for one.
  [[nodiscard]] core::Result<core::Ok, std::string> start_preconfer(io::EventLoop& loop,
                                                                    const DevnetOptions& options);

  core::protocol::NetworkProfile network_;
  std::string jwt_file_;
  std::string schedule_file_;
  io::HttpClient client_;
  std::vector<std::unique_ptr<EngineServer>> engines_;
  std::vector<std::unique_ptr<FollowerFeed>> feeds_;
  std::unique_ptr<DevnetL1> l1_;
  std::unique_ptr<Preconfer> preconfer_;
  std::unique_ptr<NetworkPeer> network_peer_;
  std::map<std::size_t, std::vector<std::string>> more_arguments_;
  std::vector<std::string> peers_;  ///< multiaddrs that nodes are told to dial
};

}  // namespace preconf::node::devnet
