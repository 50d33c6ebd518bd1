// What a swarm's connections speak, and where it goes.
#include <algorithm>

#include "core/base/assert.hpp"
#include "io/wire/swarm_state.hpp"

namespace preconf::io::wire {
namespace {

using core::Bytes;
using core::Millis;
using Phase = SwarmLink::Phase;

}  // namespace

SwarmLink* SwarmState::link_of(ConnId conn) {
  const auto found = links.find(conn);
  return found == links.end() ? nullptr : &found->second;
}

std::optional<ConnId> SwarmState::first_conn(PeerRef peer) const {
  const auto found = peers.find(peer);
  if (found == peers.end()) return std::nullopt;
  const ConnId conn = found->second.conns.front();
  return links.at(conn).phase == Phase::kOpen ? std::optional(conn) : std::nullopt;
}

void SwarmState::handle(ConnId conn, Session::Events& events, Millis now) {
  const PeerRef peer = link_of(conn) != nullptr ? links.at(conn).peer : PeerRef{};
  for (; !events.empty(); events.pop_front()) {
    if (link_of(conn) != nullptr) {
      handle_one(conn, events.front(), now);
    } else {
      finish_exchange(peer, events.front());  // nothing else of a closed connection matters
    }
  }
  settle(conn, now);
}

void SwarmState::handle_one(ConnId conn, SessionEvent& event, Millis now) {
  SwarmLink& link = links.at(conn);
  if (std::holds_alternative<session::Established>(event)) {
    admit(conn, now);
  } else if (const auto* failed = std::get_if<session::Failed>(&event)) {
    close(conn, failed->reason, now);
  } else if (const auto* ready = std::get_if<session::GossipReady>(&event)) {
    on_gossip_ready(conn, *ready, now);
  } else if (std::holds_alternative<session::GossipLost>(event)) {
    on_gossip_lost(conn, now);
  } else if (const auto* rpc = std::get_if<session::Rpc>(&event)) {
    ++counters.rpcs_received;
    router.on_rpc(link.peer, rpc->frame, now);
    pump_router(now);
  } else if (auto* identified = std::get_if<session::Identified>(&event)) {
    peers.at(link.peer).agent_version = identified->identify->agent_version;
    actions.push_back(swarm::PeerIdentified{link.peer, *identified->identify});
  } else if (std::holds_alternative<session::RequestWaiting>(event)) {
    may_serve = true;
  } else {
    finish_exchange(link.peer, event);
  }
}

void SwarmState::finish_exchange(PeerRef peer, SessionEvent& event) {
  if (auto* response = std::get_if<session::Response>(&event)) {
    actions.push_back(
        swarm::Response{response->ref, peer, response->protocol, std::move(response->body)});
  } else if (const auto* failed = std::get_if<session::InboundFailed>(&event)) {
    inbound.erase(failed->ref);
    actions.push_back(swarm::InboundFailed{failed->ref, peer, failed->protocol, failed->failure});
  } else if (std::holds_alternative<session::RequestWaiting>(event)) {
    may_serve = true;
  }
}

void SwarmState::on_gossip_ready(ConnId conn, const session::GossipReady& ready, Millis now) {
  const SwarmLink& link = links.at(conn);
  SwarmPeer& peer = peers.at(link.peer);
  if (!peer.in_router) {
    peer.in_router = true;
    router.peer_connected(link.peer, peer.id, link.direction, ready.version, now);
  } else if (ready.outbound) {
    router.set_version(link.peer, ready.version);
  }
  pump_router(now);
}

void SwarmState::on_gossip_lost(ConnId conn, Millis now) {
  const SwarmLink& link = links.at(conn);
  SwarmPeer& peer = peers.at(link.peer);
  if (!link.speaks_gossip || !peer.in_router) return;
  peer.in_router = false;
  router.peer_disconnected(link.peer, now);
  pump_router(now);
}

void SwarmState::pump_router(Millis now) {
  while (auto action = router.next_action()) {
    if (const auto* send = std::get_if<gossip::SendRpc>(&*action)) {
      const auto conn = first_conn(send->peer);
      if (!conn) continue;
      const RpcQueue::Push pushed = links.at(*conn).session->send_rpc(*send, now);
      if (pushed == RpcQueue::Push::kTooSlow) {
        close(*conn, CloseReason::kSlow, now);
      } else {
        settle(*conn, now);
      }
    } else if (auto* deliver = std::get_if<gossip::Deliver>(&*action)) {
      actions.push_back(std::move(*deliver));
    } else if (auto* faults = std::get_if<gossip::PeerFaults>(&*action)) {
      actions.push_back(std::move(*faults));
    } else if (const auto* dropped = std::get_if<gossip::DropPeer>(&*action)) {
      const auto peer = peers.find(dropped->peer);
      if (peer == peers.end()) continue;
      close_all(peer->second.conns, CloseReason::kGossipMalformed, now);
    }
  }
}

/// Gives complete requests to the application, a few at a time and in turns, so that the answers
/// of all peers together stay within bounds.
void SwarmState::serve_waiting(Millis now) {
  if (!may_serve) return;
  may_serve = false;
  std::size_t served = 0;
  for (const auto& [conn, link] : links) {
    if (link.session) served += link.session->served_count();
  }
  std::size_t idle_steps = 0;
  auto next = links.upper_bound(last_served);
  while (served < limits::kServedMax && idle_steps < links.size()) {
    if (next == links.end()) next = links.begin();
    const ConnId conn = next->first;
    SwarmLink& link = next->second;
    ++next;
    ++idle_steps;
    if (link.phase != Phase::kOpen && link.phase != Phase::kDraining) continue;
    if (!link.session->has_waiting_request()) continue;
    if (link.session->served_count() >= limits::kServedPerConnectionMax) continue;
    last_inbound = core::next(last_inbound);
    Session::Given given = link.session->give_request(last_inbound);
    inbound.emplace(last_inbound, conn);
    ++counters.requests_received;
    actions.push_back(swarm::InboundRequest{last_inbound, link.peer, given.protocol,
                                            std::move(given.body), given.deadline});
    last_served = conn;
    ++served;
    idle_steps = 0;
  }
  (void)now;
}

/// Incomplete messages of all peers together have a bound; who holds most pays for it.
void SwarmState::watch_memory(ConnId conn, Millis now) {
  SwarmLink* link = link_of(conn);
  if (link == nullptr) return;
  const std::size_t held = link->session->partial_bytes();
  partial_bytes = partial_bytes - link->partial_bytes + held;
  link->partial_bytes = held;
  if (partial_bytes <= limits::kRpcPartialBytesMax) return;
  const auto largest = std::max_element(
      links.begin(), links.end(),
      [](const auto& a, const auto& b) { return a.second.partial_bytes < b.second.partial_bytes; });
  close(largest->first, CloseReason::kMemory, now);
}

/// After anything that may have changed a connection: tells of output, lets it go when it only
/// waited for its exchanges, and notes when it wants to be looked at again.
void SwarmState::settle(ConnId conn, Millis now) {
  SwarmLink* link = link_of(conn);
  if (link == nullptr) return;
  if (link->phase == Phase::kDraining) {
    const auto may_close = link->session->may_close_at();
    if (may_close && now >= *may_close) return leave(conn, now);
  }
  set_wake(conn, *link, deadline_of(*link));
  if (!link->session || link->output_told || !link->session->has_output()) return;
  link->output_told = true;
  actions.push_back(swarm::HasOutput{conn});
}

void SwarmState::set_wake(ConnId conn, SwarmLink& link, Millis wake) {
  constexpr Millis kNever{UINT64_MAX};
  if (link.wake == wake) return;
  if (link.wake != kNever) wakes.erase({link.wake, conn});
  link.wake = wake;
  if (wake != kNever) wakes.emplace(wake, conn);
}

SharedBytes SwarmState::identify_frame(const Multiaddr& observed) const {
  Identify identify;
  identify.public_key = identity.public_key();
  identify.listen_addresses = config.listen_addresses;
  identify.observed_address = observed;
  identify.observed_address->peer = PeerId{};
  identify.protocols = protocols.served;
  identify.protocol_version = config.protocol_version;
  identify.agent_version = config.agent_version;
  return frame_of(encode(identify));
}

core::Millis SwarmState::deadline_of(const SwarmLink& link) const {
  Millis deadline = link.deadline;
  if (link.session && link.phase != Phase::kLeaving) {
    deadline = std::min(deadline, link.session->next_deadline());
  }
  if (link.phase == Phase::kDraining) {
    if (const auto may_close = link.session->may_close_at()) {
      deadline = std::min(deadline, *may_close);
    }
  }
  return deadline;
}

void SwarmState::on_link_time(ConnId conn, Millis now) {
  SwarmLink& link = links.at(conn);
  if (now >= link.deadline) {
    if (link.phase == Phase::kDraining) return leave(conn, now);
    return close(
        conn, link.phase == Phase::kLeaving ? link.leaving_for : CloseReason::kSetupTimeout, now);
  }
  Session::Events events;
  if (link.session) link.session->on_time(now, prng, events);
  handle(conn, events, now);
}

}  // namespace preconf::io::wire
