// Answers what peers ask: our head, commitments by number, transaction lists by
// hash. Reads what is published and stored; the reducer is not asked.
//
// Every well-formed request is answered, with nothing when there is nothing:
// deployed peers ban whoever leaves a request open.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>

#include "core/served_chain.hpp"
#include "io/loop/worker_pool.hpp"
#include "io/wire/swarm_actions.hpp"
#include "node/loop/ports.hpp"
#include "node/p2p/peer_conduct.hpp"

namespace preconf::node {

/// Of one peer and protocol. Deployed servers allow 8, deployed clients fetch
/// lists of a catch-up without pacing: more than this is answered with nothing,
/// and counted.
inline constexpr std::uint32_t kServedPerIntervalMax = 64;
inline constexpr core::Millis kServedInterval{10'000};

class RequestServer {
 public:
  struct Parts {
    io::WorkerPool& workers;
    PeerConducts& conducts;
    const storage::EventLog& log;
    /// Answers; any thread.
    std::function<void(io::wire::InboundRef, core::Bytes)> respond;
    /// Resets a malformed request's stream; any thread.
    std::function<void(io::wire::InboundRef)> refuse;
    std::function<std::shared_ptr<const io::Published>()> published;
  };
  RequestServer(Parts parts, const core::State& state);

  /// p2p thread. Exactly one respond() or refuse() follows.
  void on_request(const io::wire::swarm::InboundRequest& request, core::Millis now);
  /// p2p thread.
  void forget(core::PeerNumber peer);
  /// Loop thread, in the order of the log: what can be served from now on.
  void note(const Settled& settled);

 private:
  struct Rate {
    core::Millis since;
    std::uint32_t requests = 0;
  };
  using RateKey = std::pair<core::PeerNumber, io::wire::ExchangeProtocol>;

  [[nodiscard]] bool is_over_limit(const RateKey& key, core::Millis now);
  void serve_head(const io::wire::swarm::InboundRequest& request);
  void serve_commitments(const io::wire::swarm::InboundRequest& request, bool is_empty);
  void serve_list(const io::wire::swarm::InboundRequest& request, bool is_empty);
  void malformed(const io::wire::swarm::InboundRequest& request);
  void answer(const io::wire::swarm::InboundRequest& request, core::Bytes body, bool is_full);

  Parts parts_;
  std::map<RateKey, Rate> rates_;
  std::mutex chain_mutex_;
  core::ServedChain chain_;
};

}  // namespace preconf::node
