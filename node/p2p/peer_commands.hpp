// The executor's half for the network: one exchange or publication per command,
// exactly one outcome per command. It chooses no peer and repeats nothing.
#pragma once

#include <functional>
#include <map>
#include <memory>

#include "core/commands/commands.hpp"
#include "io/loop/worker_pool.hpp"
#include "io/p2p/p2p_host.hpp"
#include "node/loop/input_queue.hpp"
#include "node/p2p/gossip_ingress.hpp"
#include "node/p2p/peer_responses.hpp"

namespace preconf::node {

/// p2p thread only, but where it says otherwise.
class PeerCommands {
 public:
  struct Parts {
    io::EventLoop& loop;  ///< of the host
    io::P2pHost& host;
    io::WorkerPool& workers;
    InputQueue& inputs;
    GossipIngress& ingress;
    const storage::EventLog& log;
    core::protocol::NetworkProfile network;
    std::uint64_t chain_id = 0;  ///< of the topics
  };
  explicit PeerCommands(Parts parts);

  /// Outcomes come later, by way of the input queue.
  void start(const core::Command& command);
  void on_response(io::wire::swarm::Response response);

 private:
  struct Waiting {
    core::Command command;
    core::Millis since;
  };

  void ask(const core::Command& command, core::PeerNumber peer, io::wire::ExchangeProtocol protocol,
           core::BytesView body);
  void fetch_and_publish(const core::Command& command);
  void publish(const core::Command& command, GossipKind kind, const core::Bytes& data);
  void published(const core::Command& command, core::events::PublishResult result,
                 std::size_t peers);
  void ban(const core::commands::BanPeer& order);
  [[nodiscard]] std::optional<core::Bytes> bytes_of(const core::Command& command) const;
  [[nodiscard]] std::uint32_t elapsed_us(core::Millis since) const;

  Parts parts_;
  std::map<io::wire::RequestRef, Waiting> waiting_;
};

}  // namespace preconf::node
