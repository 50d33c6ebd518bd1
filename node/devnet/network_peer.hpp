// The preconfer's libp2p peer in the simulated network: gossips each block's transaction list and
// commitment, and answers whoever missed some. It takes nothing from others.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "io/p2p/p2p_host.hpp"
#include "node/devnet/follower_feed.hpp"

namespace preconf::node::devnet {

class NetworkPeer {
 public:
  static constexpr std::uint64_t kChainId = 167'000;
  static constexpr std::chrono::milliseconds kRetry{100};

  /// Loop thread only; destroy it when the loop runs no more.
  explicit NetworkPeer(io::EventLoop& loop);

  /// Listens on a port of its own of 127.0.0.1; the error is what the system said.
  [[nodiscard]] core::Result<core::Ok, std::string> start();
  /// Multiaddr with the peer id, for --p2p.static-peers.
  [[nodiscard]] const std::string& address() const { return address_; }

  /// Gossips list and commitment, once somebody is subscribed; kept for those who ask later.
  /// Requires ascending numbers without a hole.
  void publish(std::shared_ptr<const PublishedBlock> block);

  [[nodiscard]] std::size_t peers() const { return peers_; }
  /// Messages that nobody was there to take yet.
  [[nodiscard]] std::size_t waiting() const { return outbox_.size(); }

 private:
  using Message = std::pair<io::wire::Topic, core::Bytes>;

  void on_event(io::wire::SwarmAction event);
  void serve(const io::wire::swarm::InboundRequest& request);
  [[nodiscard]] std::optional<core::Bytes> answer(
      const io::wire::swarm::InboundRequest& request) const;
  [[nodiscard]] core::Bytes commitments_from(std::uint64_t first, std::size_t count) const;
  void send_waiting();

  io::EventLoop& loop_;
  io::wire::Identity identity_;
  std::vector<std::shared_ptr<const PublishedBlock>> blocks_;
  std::map<core::Hash32, std::shared_ptr<const core::Bytes>> lists_;
  std::deque<Message> outbox_;
  io::TimerHandle timer_;
  std::size_t peers_ = 0;
  std::string address_;
  std::unique_ptr<io::P2pHost> host_;
};

}  // namespace preconf::node::devnet
