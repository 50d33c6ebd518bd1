// A router on a table with peers around it whose every word is written by the test.
#pragma once

#include <string>

#include "io/wire/gossipsub/router.hpp"
#include "tests/wire/gossip/rpc_bytes.hpp"

namespace preconf::io::wire::test {

/// An RPC that the router sent, in owned form.
struct SentRpc {
  PeerRef peer;
  SendClass send_class = SendClass::kControl;
  std::vector<std::pair<Topic, bool>> subscriptions;
  std::vector<Bytes> messages;  ///< the data of each
  std::vector<Topic> grafts;
  std::vector<std::pair<Topic, std::optional<std::uint64_t>>> prunes;
  std::vector<MessageId> ihave;
  std::vector<MessageId> iwant;
  std::vector<MessageId> idontwant;
};

/// The router's words since the last take().
struct Taken {
  std::vector<SentRpc> sent;
  std::vector<gossip::Deliver> delivered;
  std::vector<gossip::PeerFaults> faults;
  std::vector<gossip::DropPeer> dropped;

  /// Peers to which messages went, in the order of sending.
  [[nodiscard]] std::vector<std::uint64_t> message_receivers() const;
  [[nodiscard]] std::vector<std::uint64_t> grafted() const;
  [[nodiscard]] std::vector<std::uint64_t> pruned() const;
  [[nodiscard]] std::size_t fault(std::uint64_t peer, GossipFault fault) const;
};

inline const Topic kTopic = "/taiko/167000/0/preconfirmationCommitments";
inline const Topic kOtherTopic = "/taiko/167000/0/rawTxLists";

class RouterTable {
 public:
  explicit RouterTable(const GossipConfig& config = {}, std::uint64_t seed = 1);

  /// Peer `n` with identity_of(n) and PeerRef n, in kTopic when `subscribed`.
  void connect(std::uint32_t n, Direction direction = Direction::kInbound,
               GossipVersion version = GossipVersion::kV12, bool subscribed = true);
  void disconnect(std::uint32_t n) { router.peer_disconnected(PeerRef{n}, now); }
  void rpc(std::uint32_t n, const Bytes& rpc) { router.on_rpc(PeerRef{n}, rpc, now); }
  /// A well signed message of `author` from peer `n`.
  MessageId message(std::uint32_t n, std::uint32_t author, BytesView data,
                    const Topic& topic = kTopic);
  void verdict(const MessageId& id, Verdict verdict) {
    (void)router.report_validation(id, verdict, now);
  }

  /// Lets time pass, heartbeats at their times.
  void advance(std::uint64_t millis);
  /// Past the initial delay, to just after a heartbeat.
  void warm_up() { advance(5'000); }

  [[nodiscard]] Taken take();
  [[nodiscard]] std::set<std::uint64_t> mesh(const Topic& topic = kTopic) const;
  [[nodiscard]] Score score(std::uint32_t n) const {
    return router.state().scores.score(identity_of(n).peer_id());
  }

  Identity self = identity_of(60'000);
  Millis now{1'000'000};
  GossipRouter router;

 private:
  std::uint64_t seqno_ = 1;
};

/// Data number `n`, of `size` bytes.
[[nodiscard]] Bytes data_of(std::uint32_t n, std::size_t size = 64);
[[nodiscard]] MessageId id_of(BytesView data);

}  // namespace preconf::io::wire::test
