// The inside of a swarm: one table of connections, one of peers; everything else names them.
#pragma once

#include <map>
#include <set>

#include "io/wire/ban_list.hpp"
#include "io/wire/redial.hpp"
#include "io/wire/session.hpp"
#include "io/wire/swarm.hpp"

namespace preconf::io::wire {

struct SwarmLink {
  enum class Phase : std::uint8_t {
    kDialing,
    kUpgrading,
    kOpen,
    kDraining,  ///< waits for its exchanges to end
    kLeaving,   ///< said goodbye; closed when that is taken
  };
  Phase phase = Phase::kDialing;
  Direction direction = Direction::kInbound;
  Multiaddr address;                  ///< where the peer is
  Multiaddr dialed;                   ///< as it was asked for, before names were resolved
  std::unique_ptr<Session> session;   ///< not while dialing
  PeerRef peer;                       ///< set from kOpen on
  core::Millis since;                 ///< the upgrade began
  core::Millis deadline{UINT64_MAX};  ///< of dialing, draining, leaving
  core::Millis wake{UINT64_MAX};      ///< when something is due; see set_wake()
  CloseReason leaving_for = CloseReason::kDisconnected;
  bool output_told = false;
  bool speaks_gossip = false;  ///< carries RPCs to the peer
  std::size_t partial_bytes = 0;

  [[nodiscard]] bool is_open() const { return phase >= Phase::kOpen; }
};

struct SwarmPeer {
  PeerId id;
  std::vector<ConnId> conns;  ///< in order of arrival; the first carries RPCs and requests
  bool in_router = false;
  std::string agent_version;
};

struct SwarmState {
  SwarmState(SwarmConfig&& config_in, const Identity& identity_in, const X25519Secret& noise_secret,
             std::uint64_t seed, core::Millis now);

  using Links = std::map<ConnId, SwarmLink>;

  // swarm_links.cpp: how connections come and go
  [[nodiscard]] std::optional<AcceptRefusal> refusal_of(const Multiaddr& remote, core::Millis now);
  [[nodiscard]] bool crowd_out(core::Millis now);
  [[nodiscard]] ConnId add_link(Direction direction, const Multiaddr& address);
  void begin_upgrade(ConnId conn, const X25519Secret& ephemeral, core::Millis now);
  std::optional<ConnId> dial(const Multiaddr& address, core::Millis now);
  void dial_static(core::Millis now);
  void admit(ConnId conn, core::Millis now);
  void close(ConnId conn, CloseReason reason, core::Millis now, bool at_once = true);
  void close_all(std::vector<ConnId> conns, CloseReason reason, core::Millis now);
  void drain(ConnId conn, CloseReason reason, core::Millis now);
  void leave(ConnId conn, core::Millis now);
  void fail_dial(ConnId conn, DialError error, core::Millis now);
  void forget_conn(ConnId conn, const SwarmLink& link, CloseReason reason, core::Millis now);

  // swarm_peers.cpp: what is spoken
  void handle(ConnId conn, Session::Events& events, core::Millis now);
  void handle_one(ConnId conn, SessionEvent& event, core::Millis now);
  void finish_exchange(PeerRef peer, SessionEvent& event);
  void on_gossip_ready(ConnId conn, const session::GossipReady& ready, core::Millis now);
  void on_gossip_lost(ConnId conn, core::Millis now);
  void pump_router(core::Millis now);
  void serve_waiting(core::Millis now);
  void watch_memory(ConnId conn, core::Millis now);
  void settle(ConnId conn, core::Millis now);
  void set_wake(ConnId conn, SwarmLink& link, core::Millis wake);
  [[nodiscard]] SharedBytes identify_frame(const Multiaddr& observed) const;
  [[nodiscard]] SwarmLink* link_of(ConnId conn);
  /// The connection that carries the peer's RPCs and requests, while it is open.
  [[nodiscard]] std::optional<ConnId> first_conn(PeerRef peer) const;
  [[nodiscard]] core::Millis deadline_of(const SwarmLink& link) const;
  void on_link_time(ConnId conn, core::Millis now);

  SwarmConfig config;
  Identity identity;
  X25519Secret noise_secret;
  SessionProtocols protocols;
  Prng prng;
  GossipRouter router;
  Redial redial;
  BanList bans;
  AcceptGate gate;

  Links links;
  std::set<std::pair<core::Millis, ConnId>> wakes;  ///< of all links; by time
  std::map<PeerRef, SwarmPeer> peers;
  std::map<PeerId, PeerRef> refs;
  std::map<InboundRef, ConnId> inbound;  ///< requests with the application
  std::deque<SwarmAction> actions;
  SwarmCounters counters;
  std::size_t partial_bytes = 0;  ///< of all links
  bool may_serve = false;         ///< a request waits, or room for one became free
  bool down = false;              ///< shutdown() was called
  ConnId last_conn;
  ConnId last_served;
  PeerRef last_peer;
  RequestRef last_request;
  InboundRef last_inbound;
  core::Bytes scratch;  ///< plaintext during one call
};

/// Adds what a session counts itself.
void add_session(SwarmCounters& counters, const Session& session);

}  // namespace preconf::io::wire
