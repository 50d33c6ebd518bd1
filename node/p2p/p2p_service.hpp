// The libp2p side of the node, on a thread of its own: peers and their answers
// become inputs, commands become exchanges and publications, requests of peers
// are answered.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "io/metrics/metrics.hpp"
#include "io/p2p/p2p_host.hpp"
#include "node/config/p2p_settings.hpp"
#include "node/p2p/gossip_ingress.hpp"
#include "node/p2p/introductions.hpp"
#include "node/p2p/p2p_metrics.hpp"
#include "node/p2p/peer_commands.hpp"
#include "node/p2p/request_server.hpp"

namespace preconf::node {

/// Verification of gossip and of answers, and reads for requests, that wait for
/// the worker. A full queue refuses gossip without blame and answers requests
/// with nothing.
inline constexpr std::size_t kP2pJobsMax = 512;

/// Did the operator name this peer in --p2p.static-peers, by its id or by the address that was
/// dialed? Those are never banned; bootnodes and whoever else comes can be.
[[nodiscard]] bool is_static_peer(const P2pConfig& config,
                                  const io::wire::swarm::PeerConnected& connected);

class P2pService {
 public:
  /// All outlive the service.
  struct Parts {
    InputQueue& inputs;
    const storage::EventLog& log;
    io::Metrics& metrics;
    core::protocol::NetworkProfile network;
  };
  /// `state` is the one that the loop starts with.
  P2pService(const P2pConfig& config, const io::wire::Identity& identity, Parts parts,
             const core::State& state);
  /// Ends in an orderly way, within kFarewell.
  ~P2pService();
  P2pService(const P2pService&) = delete;
  P2pService& operator=(const P2pService&) = delete;

  /// Listens and dials; the address to give to others, with the peer id, or
  /// what the system said.
  [[nodiscard]] core::Result<std::string, std::string> start();

  /// Any thread. Requires core::is_for_peers(); the outcome comes by way of the
  /// input queue.
  void execute(const core::Command& command);
  /// Loop thread, for every settled event, in order.
  void settle(const Settled& settled);
  /// Loop thread: what readers see from now on.
  void publish(std::shared_ptr<const io::Published> published);
  /// Any thread.
  [[nodiscard]] io::NetworkInfo info() const;

  /// How long goodbyes may take when the process ends.
  static constexpr std::chrono::milliseconds kFarewell{2'000};

 private:
  struct DialSum {
    core::events::DialFailureKind kind = core::events::DialFailureKind::kConnect;
    std::uint32_t attempts = 0;
  };

  void on_event(io::wire::SwarmAction event);
  void on_connected(const io::wire::swarm::PeerConnected& connected);
  void on_disconnected(const io::wire::swarm::PeerDisconnected& gone);
  void on_inbound_failed(const io::wire::swarm::InboundFailed& failed);
  void offer(core::EventBody body);
  void introduce();
  void flush_sums();
  void refresh_info();
  [[nodiscard]] std::shared_ptr<const io::Published> published() const;
  [[nodiscard]] GossipIngress::Parts ingress_parts();
  [[nodiscard]] RequestServer::Parts server_parts();

  const P2pConfig config_;
  const io::wire::Identity identity_;
  Parts parts_;

  mutable std::mutex mutex_;
  std::shared_ptr<const io::Published> published_;
  io::NetworkInfo info_;
  std::vector<core::PeerScore> scores_;  ///< told to gossipsub last; loop thread

  Introductions introductions_;
  PeerConducts conducts_;
  std::map<std::string, DialSum> dials_;  ///< by address; bounded by the configured peers
  P2pMetrics metrics_;
  io::EventLoop loop_;
  std::unique_ptr<io::WorkerPool> workers_;
  std::unique_ptr<io::P2pHost> host_;
  GossipIngress ingress_;
  RequestServer server_;
  std::unique_ptr<PeerCommands> commands_;
  std::thread thread_;
};

}  // namespace preconf::node
