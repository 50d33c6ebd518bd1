// How connections of a swarm come and go.
#include "core/base/assert.hpp"
#include "io/wire/swarm_state.hpp"

namespace preconf::io::wire {
namespace {

using core::Millis;
using Phase = SwarmLink::Phase;

Millis after(Millis now, Millis delay) { return Millis{now.value + delay.value}; }

std::optional<DialError> dial_error(CloseReason reason) {
  switch (reason) {
    case CloseReason::kSetupTimeout:
      return DialError::kTimeout;
    case CloseReason::kWrongPeer:
      return DialError::kWrongPeer;
    case CloseReason::kBanned:
      return DialError::kBanned;
    case CloseReason::kLimit:
      return DialError::kLimit;
    case CloseReason::kSelf:
      return DialError::kBadAddress;
    case CloseReason::kRemoteClosed:
    case CloseReason::kRemoteGoAway:
      return DialError::kClosed;
    case CloseReason::kShutdown:
      return std::nullopt;
    default:
      return DialError::kUpgrade;
  }
}

/// What counts against the limits of one direction, or of both.
struct Census {
  std::size_t pending = 0;
  std::size_t open = 0;
};
Census count(const SwarmState::Links& links, std::optional<Direction> direction) {
  Census census;
  for (const auto& [conn, link] : links) {
    if (direction && link.direction != *direction) continue;
    ++(link.is_open() ? census.open : census.pending);
  }
  return census;
}

}  // namespace

std::optional<AcceptRefusal> SwarmState::refusal_of(const Multiaddr& remote, Millis now) {
  if (down) return AcceptRefusal::kShutdown;
  const AddressGroup group = group_of(remote);
  std::size_t of_group = 0;
  for (const auto& [conn, link] : links) {
    if (link.direction == Direction::kInbound && group_of(link.address) == group) ++of_group;
  }
  // Once there is no place it is no use to find out who it would be.
  if (count(links, Direction::kInbound).open >= config.connections.inbound ||
      count(links, {}).open >= config.connections.total) {
    return AcceptRefusal::kInboundFull;
  }
  if (const auto refused = gate.check(remote, of_group, now)) return refused;
  if (count(links, Direction::kInbound).pending >= config.connections.pending_inbound &&
      !crowd_out(now)) {
    return AcceptRefusal::kPendingFull;
  }
  gate.take(remote, now);
  return std::nullopt;
}

/// Makes room for a new handshake: of the address that holds most of the unfinished ones, the
/// oldest goes, unless it is young.
bool SwarmState::crowd_out(Millis now) {
  std::map<AddressGroup, std::pair<std::size_t, ConnId>> groups;
  for (const auto& [conn, link] : links) {
    if (link.direction != Direction::kInbound || link.is_open()) continue;
    ++groups.emplace(group_of(link.address), std::pair(std::size_t{0}, conn)).first->second.first;
  }
  std::optional<ConnId> victim;
  std::size_t held = 0;
  for (const auto& [group, entry] : groups) {
    const bool may_go =
        core::distance(links.at(entry.second).since, now) >= limits::kPendingGrace.value;
    if (!may_go || entry.first <= held) continue;
    held = entry.first;
    victim = entry.second;
  }
  if (!victim) return false;
  ++counters.crowded_out;
  close(*victim, CloseReason::kCrowdedOut, now);
  return true;
}

void add_session(SwarmCounters& counters, const Session& session) {
  counters.streams_refused += session.refused_streams();
  counters.rpcs_sent += session.rpcs_sent();
  counters.rpcs_dropped += session.rpcs().dropped();
}

ConnId SwarmState::add_link(Direction direction, const Multiaddr& address) {
  last_conn = core::next(last_conn);
  SwarmLink& link = links[last_conn];
  link.direction = direction;
  link.address = address;
  return last_conn;
}

void SwarmState::begin_upgrade(ConnId conn, const X25519Secret& ephemeral, Millis now) {
  SwarmLink& link = links.at(conn);
  link.phase = Phase::kUpgrading;
  link.since = now;
  const NoiseXx::Keys keys{noise_secret, ephemeral};
  link.session =
      std::make_unique<Session>(link.direction, protocols, identity, keys, link.dialed.peer, now);
  settle(conn, now);
}

std::optional<ConnId> SwarmState::dial(const Multiaddr& address, Millis now) {
  std::optional<DialError> error;
  if (!address.tcp_port) {
    error = DialError::kBadAddress;
  } else if (!address.peer.empty() && bans.contains(address.peer)) {
    error = DialError::kBanned;
  } else if (address.peer == identity.peer_id()) {
    error = DialError::kBadAddress;
  } else if (count(links, Direction::kOutbound).pending >= config.connections.pending_outbound) {
    error = DialError::kTooMany;
  } else if (count(links, Direction::kOutbound).open >= config.connections.outbound) {
    error = DialError::kLimit;
  }
  if (error) {
    ++counters.dial_failed;
    actions.push_back(swarm::DialFailed{address, *error});
    return std::nullopt;
  }
  const ConnId conn = add_link(Direction::kOutbound, address);
  SwarmLink& link = links.at(conn);
  link.dialed = address;
  link.deadline = after(now, limits::kConnectionSetupTimeout);
  ++counters.dialed;
  actions.push_back(swarm::Dial{conn, address});
  settle(conn, now);
  return conn;
}

void SwarmState::dial_static(Millis now) {
  while (Redial::Entry* entry = redial.due(now)) {
    const PeerId& peer = entry->address.peer;
    const bool connected = !peer.empty() && refs.contains(peer);
    std::optional<ConnId> conn;
    if (!connected) conn = dial(entry->address, now);
    if (conn) {
      entry->conn = conn;
    } else {
      redial.postpone(*entry, now, prng);
    }
  }
}

/// The secure channel stands: is the peer welcome?
void SwarmState::admit(ConnId conn, Millis now) {
  SwarmLink& link = links.at(conn);
  const PeerId id = link.session->remote_peer();
  const auto known = refs.find(id);
  if (id == identity.peer_id()) return close(conn, CloseReason::kSelf, now);
  if (bans.contains(id)) return close(conn, CloseReason::kBanned, now);
  const std::size_t of_direction = count(links, link.direction).open;
  const std::size_t of_direction_max = link.direction == Direction::kInbound
                                           ? config.connections.inbound
                                           : config.connections.outbound;
  const std::size_t of_peer = known == refs.end() ? 0 : peers.at(known->second).conns.size();
  if (of_direction >= of_direction_max || count(links, {}).open >= config.connections.total ||
      of_peer >= config.connections.per_peer || down) {
    return close(conn, CloseReason::kLimit, now);
  }
  link.phase = Phase::kOpen;
  link.deadline = Millis{UINT64_MAX};
  ++counters.established;
  redial.on_connected(conn, now);
  link.session->start(identify_frame(link.address), now);
  if (known != refs.end()) {
    link.peer = known->second;
    peers.at(link.peer).conns.push_back(conn);
    return;
  }
  last_peer = core::next(last_peer);
  link.peer = last_peer;
  link.speaks_gossip = true;
  refs.emplace(id, link.peer);
  peers.emplace(link.peer, SwarmPeer{id, {conn}, false, {}});
  actions.push_back(swarm::PeerConnected{link.peer, id, link.address, link.direction, link.dialed});
  link.session->open_gossip(now);
}

void SwarmState::fail_dial(ConnId conn, DialError error, Millis now) {
  ++counters.dial_failed;
  actions.push_back(swarm::DialFailed{links.at(conn).dialed, error});
  set_wake(conn, links.at(conn), Millis{UINT64_MAX});
  links.erase(conn);
  redial.on_ended(conn, now, prng);
}

void SwarmState::close(ConnId conn, CloseReason reason, Millis now, bool at_once) {
  const auto found = links.find(conn);
  if (found == links.end()) return;
  set_wake(conn, found->second, Millis{UINT64_MAX});
  SwarmLink link = std::move(found->second);
  partial_bytes -= link.partial_bytes;
  // What was under way is answered before the connection is forgotten.
  if (link.is_open()) {
    Session::Events events;
    link.session->abandon(events);
    for (SessionEvent& event : events) finish_exchange(link.peer, event);
  }
  if (link.session) add_session(counters, *link.session);
  links.erase(found);
  actions.push_back(swarm::Close{conn, at_once, reason});
  if (!link.is_open()) {
    const auto error = dial_error(reason);
    if (link.direction == Direction::kOutbound && error) {
      ++counters.dial_failed;
      actions.push_back(swarm::DialFailed{link.dialed, *error});
    }
  } else {
    ++counters.closed;
    forget_conn(conn, link, reason, now);
  }
  redial.on_ended(conn, now, prng);
  may_serve = true;
}

/// All connections of one peer, the one that carries RPCs last: so it is told once that it left.
void SwarmState::close_all(std::vector<ConnId> conns, CloseReason reason, Millis now) {
  for (; !conns.empty(); conns.pop_back()) close(conns.back(), reason, now);
}

/// The peer loses a connection. When that was the one for RPCs and there is another, the peer is
/// told to the application as one that left and came again: what was queued is lost.
void SwarmState::forget_conn(ConnId conn, const SwarmLink& link, CloseReason reason, Millis now) {
  SwarmPeer& peer = peers.at(link.peer);
  std::erase(peer.conns, conn);
  if (!link.speaks_gossip) return;
  const SwarmPeer left = std::move(peer);
  peers.erase(link.peer);
  refs.erase(left.id);
  if (left.in_router) router.peer_disconnected(link.peer, now);
  actions.push_back(swarm::PeerDisconnected{link.peer, left.id, reason});
  if (left.conns.empty()) return;

  last_peer = core::next(last_peer);
  refs.emplace(left.id, last_peer);
  peers.emplace(last_peer, SwarmPeer{left.id, left.conns, false, left.agent_version});
  for (const ConnId other : left.conns) links.at(other).peer = last_peer;
  SwarmLink& first = links.at(left.conns.front());
  first.speaks_gossip = true;
  actions.push_back(
      swarm::PeerConnected{last_peer, left.id, first.address, first.direction, first.dialed});
  if (first.phase == Phase::kOpen) first.session->open_gossip(now);
  settle(left.conns.front(), now);
}

void SwarmState::drain(ConnId conn, CloseReason reason, Millis now) {
  SwarmLink* link = link_of(conn);
  if (link == nullptr || link->phase > Phase::kOpen) return;
  if (!link->is_open()) return close(conn, reason, now);
  link->phase = Phase::kDraining;
  link->leaving_for = reason;
  link->deadline = after(now, limits::kExchangeTimeout);
  settle(conn, now);
}

void SwarmState::leave(ConnId conn, Millis now) {
  SwarmLink& link = links.at(conn);
  link.phase = Phase::kLeaving;
  link.deadline = after(now, limits::kGoodbyeTimeout);
  Session::Events events;
  link.session->go_away(events);
  for (SessionEvent& event : events) finish_exchange(link.peer, event);
  settle(conn, now);
}

}  // namespace preconf::io::wire
