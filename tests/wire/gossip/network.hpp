// Many routers in one process and in simulated time: links with latency and loss, applications with
// a verdict. Deterministic by its seed. Every frame that arrives is checked against the rules that
// hold for all of them.
#pragma once

#include <functional>
#include <memory>
#include <queue>

#include "io/wire/gossipsub/router.hpp"
#include "tests/wire/gossip/router_table.hpp"

namespace preconf::io::wire::test {

struct NetworkConfig {
  std::size_t nodes = 10;
  std::uint64_t seed = 1;
  std::uint64_t latency_min = 5;  ///< milliseconds, one way
  std::uint64_t latency_max = 50;
  std::uint64_t loss_percent = 0;  ///< of frames that a slow connection may drop
  std::uint64_t verdict_delay = 3;
  GossipConfig gossip;
};

class GossipNetwork {
 public:
  using Node = std::size_t;

  explicit GossipNetwork(const NetworkConfig& config);

  /// `dialer` dials `listener`; nothing when they are connected.
  void connect(Node dialer, Node listener);
  void disconnect(Node a, Node b);
  /// A random tree over all nodes, then each other pair with this probability.
  void connect_randomly(std::uint64_t percent);
  void run_for(std::uint64_t millis);

  auto publish(Node node, BytesView data) {
    const auto result = nodes_[node]->router.publish(kTopic, data, now_);
    if (result) nodes_[node]->got[result->id] = now_;
    drain(node);
    return result;
  }

  /// The application of `node` answers everything so from now on.
  void set_verdict(Node node, Verdict verdict) { nodes_[node]->verdict = verdict; }

  [[nodiscard]] std::size_t size() const { return nodes_.size(); }
  /// Nodes that have the message, the publisher included.
  [[nodiscard]] std::size_t count_having(const MessageId& id) const;
  [[nodiscard]] bool has(Node node, const MessageId& id) const {
    return nodes_[node]->got.contains(id);
  }
  /// Between publishing and the last node's delivery, of those that have it.
  [[nodiscard]] std::uint64_t latency_of(const MessageId& id) const;
  [[nodiscard]] std::set<Node> mesh(Node node) const;
  [[nodiscard]] std::set<Node> neighbours(Node node) const;
  [[nodiscard]] Score score(Node node, Node of) const;
  /// Copies of messages that arrived anywhere.
  [[nodiscard]] std::size_t copies() const { return copies_; }
  [[nodiscard]] Prng& random() { return random_; }
  [[nodiscard]] const RouterState& state(Node node) const { return nodes_[node]->router.state(); }

 private:
  struct Member {
    Member(std::uint32_t n, const GossipConfig& config, std::uint64_t seed, Millis now)
        : identity(identity_of(n)), router(config, identity, Prng(seed), now) {}
    Identity identity;
    GossipRouter router;
    Verdict verdict = Verdict::kAccept;
    std::map<PeerRef, Node> peers;
    std::map<Node, PeerRef> refs;
    std::map<MessageId, Millis> got;
    /// Which peers sent which ids, and which asked for them: they must not, or may, get them.
    std::map<MessageId, std::set<Node>> heard_from;
    std::map<std::pair<MessageId, Node>, int> sent_to;
    std::map<std::pair<MessageId, Node>, int> asked_by;
  };
  struct Event {
    Millis at;
    std::uint64_t order = 0;
    std::function<void()> run;
    bool operator>(const Event& other) const {
      return std::tie(at, order) > std::tie(other.at, other.order);
    }
  };

  void drain(Node node);
  void send(Node from, const gossip::SendRpc& rpc);
  void check_sent(Node from, Node to, const Rpc& rpc);
  void note_received(Node at, Node from, const Rpc& rpc);
  void later(std::uint64_t millis, std::function<void()> run);

  NetworkConfig config_;
  Prng random_;
  Millis now_{1'000'000};
  std::vector<std::unique_ptr<Member>> nodes_;
  std::map<std::pair<Node, Node>, std::uint64_t> latency_;
  std::map<std::pair<Node, Node>, Millis> last_arrival_;  ///< streams keep their order
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
  std::uint64_t order_ = 0;
  std::uint64_t next_ref_ = 1;
  std::size_t copies_ = 0;
};

}  // namespace preconf::io::wire::test
