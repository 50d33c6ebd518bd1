// The way of a gossip message into the log and of the reducer's verdict back to
// gossipsub.
//
// p2p thread: a message arrives -> worker: facts from its bytes -> input queue
// -> loop: reduced, durable -> verdict -> p2p thread: forwarded, dropped or
// charged.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>

#include "core/gossip_verdict.hpp"
#include "io/loop/worker_pool.hpp"
#include "io/wire/gossipsub/actions.hpp"
#include "node/loop/input_queue.hpp"
#include "node/loop/ports.hpp"
#include "node/p2p/gossip_check.hpp"
#include "node/p2p/gossip_quota.hpp"
#include "node/p2p/peer_conduct.hpp"

namespace preconf::node {

/// Request ids of gossip: the RPC counts from 1 upwards.
inline constexpr std::uint64_t kGossipRequestBit = std::uint64_t{1} << 63;

/// Thread safe.
class GossipIngress {
 public:
  struct Parts {
    InputQueue& inputs;
    io::WorkerPool& workers;
    PeerConducts& conducts;
    core::protocol::NetworkProfile network;
    std::uint64_t chain_id = 0;  ///< of the topics
    /// Tells gossipsub; any thread.
    std::function<void(const io::wire::MessageId&, io::wire::Verdict)> report;
    /// The newest known state; any thread, may be null.
    std::function<std::shared_ptr<const io::Published>()> published;
    std::function<core::Millis()> now;
  };
  explicit GossipIngress(Parts parts);

  /// Exactly one report() follows, unless the process ends before.
  void on_message(const io::wire::gossip::Deliver& delivered);
  /// A durable event whose request id has kGossipRequestBit.
  void settle(const Settled& settled);
  /// Commitments that came by another way name lists, too.
  void note_commitment(const core::protocol::CommitmentFacts& facts);
  void forget(core::PeerNumber peer);

  /// Messages whose verdict is awaited.
  [[nodiscard]] std::size_t pending() const;

 private:
  struct Pending {
    io::wire::MessageId id;
    core::Hash32 subject;
    core::PeerNumber peer;
    GossipKind kind = GossipKind::kCommitment;
    bool is_charged = false;
    bool is_scheduled = false;  ///< the commitment's signer is
    std::size_t list_bytes = 0;
  };

  void check(const io::wire::GossipMessagePtr& message, core::PeerNumber peer, GossipKind kind);
  void refuse(const Pending& pending, const GossipRefusal& refusal);
  void offer(Pending pending, Input input);
  [[nodiscard]] bool charge(Pending& pending, const core::protocol::CommitmentFacts& facts);
  [[nodiscard]] bool charge(Pending& pending, const core::protocol::TxListFacts& facts);
  [[nodiscard]] bool is_scheduled(const core::Address& signer) const;

  Parts parts_;
  mutable std::mutex mutex_;
  GossipQuota quota_;
  std::map<std::uint64_t, Pending> pending_;  ///< by request id
  std::uint64_t last_request_ = 0;
};

}  // namespace preconf::node
