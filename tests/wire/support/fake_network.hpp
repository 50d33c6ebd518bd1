// A network of swarms in memory: sockets with delay, limited buffers and any cuts, names of places
// and a clock, all from one seed. Runs are reproducible: equal seeds and calls, equal histories.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "io/wire/swarm.hpp"

namespace preconf::io::wire::test {

using core::Bytes;
using core::BytesView;
using core::Millis;

/// What the links of the network do to bytes.
struct NetworkTraits {
  std::uint64_t delay_min_ms = 1;
  std::uint64_t delay_max_ms = 20;      ///< of each piece, order is kept
  std::size_t piece_bytes_max = 3'000;  ///< writes arrive cut into random pieces up to this
  std::size_t buffer_bytes = 262'144;   ///< of a socket: what may be under way per direction
};

class FakeNetwork;

/// One node: a swarm, the place where it listens, and what its application was told.
struct FakeNode {
  std::size_t index = 0;
  Identity identity;
  Multiaddr address;
  std::unique_ptr<Swarm> swarm;
  bool accepts = true;  ///< else dials to it are refused

  std::vector<SwarmAction> told;  ///< everything but Dial, HasOutput, Close
  std::vector<std::pair<ConnId, CloseReason>> closed;
  /// Called for each action of `told`, after it was recorded. May call the swarm.
  std::function<void(FakeNode&, const SwarmAction&)> application;

  [[nodiscard]] const PeerId& id() const { return identity.peer_id(); }
  /// The peer's present name here.
  [[nodiscard]] std::optional<PeerRef> peer(const PeerId& id) const;
  template <class T>
  [[nodiscard]] std::vector<const T*> all() const {
    std::vector<const T*> found;
    for (const SwarmAction& action : told) {
      if (const T* one = std::get_if<T>(&action)) found.push_back(one);
    }
    return found;
  }
};

class FakeNetwork {
 public:
  explicit FakeNetwork(std::uint64_t seed, NetworkTraits traits = {});

  /// Listens on /ip4/10.0.<index / 250>.<index % 250 + 1>/tcp/9000. `config` may name others.
  FakeNode& add(SwarmConfig config = {}, KeyType key = KeyType::kEd25519);
  [[nodiscard]] FakeNode& operator[](std::size_t index) { return *nodes_[index]; }
  [[nodiscard]] std::size_t size() const { return nodes_.size(); }
  /// The address of a node that may not exist yet.
  [[nodiscard]] static Multiaddr address_of(std::size_t index);

  [[nodiscard]] Millis now() const { return now_; }
  /// Lets time pass, with everything that happens in it.
  void run(std::uint64_t milliseconds);
  /// Until `done`, at most so long. Was it done?
  [[nodiscard]] bool run_until(const std::function<bool()>& done, std::uint64_t milliseconds);
  /// After a call of a node's swarm from outside: does what the swarm wants.
  void settle(FakeNode& node);

  // Faults.
  /// Breaks one random connection; both ends see it closed. False: there is none.
  bool cut_any();
  /// Breaks all connections of a node.
  void cut(std::size_t node);
  /// The node does not read any more: its sockets fill up.
  void freeze(std::size_t node, bool frozen);
  /// Bytes of the node's connections vanish, and nobody is told.
  void blackhole(std::size_t node, bool lost);
  [[nodiscard]] std::size_t connection_count() const { return wires_.size() / 2; }

  Prng prng;

 private:
  /// One end of a connection.
  struct Wire {
    std::size_t node = 0;
    ConnId conn;
    std::uint64_t other = 0;    ///< the other end's number
    std::size_t under_way = 0;  ///< bytes sent from here and not read there
    Millis last_arrival;        ///< of what was sent from here
    std::deque<Bytes> unread;   ///< arrived here while frozen
    bool closing = false;       ///< this end has closed
  };

  void at(Millis when, std::function<void()> what);
  void act(FakeNode& node, SwarmAction action);
  void dial(FakeNode& node, const swarm::Dial& dial);
  void connect(std::size_t from, ConnId conn, std::size_t to);
  void send(std::uint64_t wire);
  void arrive(std::uint64_t wire, Bytes bytes);
  void read(std::uint64_t wire, const Bytes& bytes);
  void close(std::size_t node, ConnId conn);
  void hang_up(std::uint64_t wire);
  void wake(FakeNode& node);
  [[nodiscard]] X25519Secret secret();
  [[nodiscard]] std::optional<std::uint64_t> wire_of(std::size_t node, ConnId conn) const;
  [[nodiscard]] Millis delay();

  NetworkTraits traits_;
  Millis now_{1'000'000};
  std::uint64_t order_ = 0;
  std::size_t same_time_ = 0;  ///< events in a row at one time
  std::map<std::pair<Millis, std::uint64_t>, std::function<void()>> events_;
  std::vector<std::unique_ptr<FakeNode>> nodes_;
  std::map<std::uint64_t, Wire> wires_;
  std::map<std::pair<std::size_t, ConnId>, std::uint64_t> wire_names_;
  std::uint64_t last_wire_ = 0;
  std::vector<bool> frozen_;
  std::vector<bool> lost_;
  std::vector<Millis> wakes_;  ///< the earliest wake-up that is scheduled, per node
};

}  // namespace preconf::io::wire::test
