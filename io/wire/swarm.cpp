#include "io/wire/swarm.hpp"

#include <algorithm>

#include "core/base/assert.hpp"
#include "io/wire/swarm_state.hpp"

namespace preconf::io::wire {
namespace {

using core::Bytes;
using core::BytesView;
using core::Millis;
using Phase = SwarmLink::Phase;

}  // namespace

SwarmState::SwarmState(SwarmConfig&& config_in, const Identity& identity_in,
                       const X25519Secret& noise_secret_in, std::uint64_t seed, Millis now)
    : config(std::move(config_in)),
      identity(identity_in),
      noise_secret(noise_secret_in),
      protocols(config.network_chain_id),
      prng(seed),
      router(config.gossip, identity, Prng(prng.next()), now),
      redial(config.static_peers, now),
      gate(config.accepts) {
  protocols.rpc_bytes_max = config.gossip.max_transmit_size;
  for (const Topic& topic : config.topics) router.subscribe(topic, now);
}

Swarm::Swarm(SwarmConfig config, const Identity& identity, const X25519Secret& noise_secret,
             std::uint64_t seed, Millis now)
    : state_(std::make_unique<SwarmState>(std::move(config), identity, noise_secret, seed, now)) {}
Swarm::~Swarm() = default;

std::optional<ConnId> Swarm::on_accepted(const Multiaddr& remote, const X25519Secret& ephemeral,
                                         Millis now) {
  SwarmState& s = *state_;
  if (const auto refusal = s.refusal_of(remote, now)) {
    ++s.counters.accepts_refused[static_cast<std::size_t>(*refusal)];
    return std::nullopt;
  }
  ++s.counters.accepted;
  const ConnId conn = s.add_link(Direction::kInbound, remote);
  s.begin_upgrade(conn, ephemeral, now);
  return conn;
}

void Swarm::on_dialed(ConnId conn, const Multiaddr& remote, const X25519Secret& ephemeral,
                      Millis now) {
  SwarmLink* link = state_->link_of(conn);
  if (link == nullptr || link->phase != Phase::kDialing) return;
  link->address = remote;
  state_->begin_upgrade(conn, ephemeral, now);
}

void Swarm::on_dial_failed(ConnId conn, DialError error, Millis now) {
  const SwarmLink* link = state_->link_of(conn);
  if (link == nullptr || link->phase != Phase::kDialing) return;
  state_->fail_dial(conn, error, now);
}

void Swarm::on_bytes(ConnId conn, BytesView bytes, Millis now) {
  SwarmState& s = *state_;
  const SwarmLink* link = s.link_of(conn);
  if (link == nullptr || !link->session) return;
  s.counters.bytes_received += bytes.size();
  if (link->phase == Phase::kLeaving) return;
  Session::Events events;
  link->session->on_bytes(bytes, s.scratch, now, events);
  s.handle(conn, events, now);
  if (SwarmLink* open = s.link_of(conn)) {
    open->session->read_on(now, events);
    s.handle(conn, events, now);
  }
  s.watch_memory(conn, now);
  s.pump_router(now);
  s.serve_waiting(now);
}

void Swarm::on_closed(ConnId conn, Millis now) {
  const SwarmLink* link = state_->link_of(conn);
  if (link == nullptr) return;
  const CloseReason reason =
      link->phase == Phase::kLeaving ? link->leaving_for : CloseReason::kRemoteClosed;
  state_->close(conn, reason, now);
  state_->pump_router(now);
  state_->serve_waiting(now);
}

bool Swarm::take_output(ConnId conn, Bytes& out, Millis now) {
  SwarmState& s = *state_;
  SwarmLink* link = s.link_of(conn);
  if (link == nullptr || !link->session) return false;
  const std::size_t before = out.size();
  Session::Events events;
  link->session->take_output(out, s.scratch, now, events);
  s.counters.bytes_sent += out.size() - before;
  const bool took = out.size() > before;
  if (!took) link->output_told = false;
  if (!took && link->phase == Phase::kLeaving) {
    s.close(conn, link->leaving_for, now, false);
  } else {
    s.handle(conn, events, now);
  }
  s.pump_router(now);
  s.serve_waiting(now);
  return took;
}

void Swarm::on_time(Millis now) {
  SwarmState& s = *state_;
  s.router.on_time(now);
  s.pump_router(now);
  std::vector<ConnId> due;
  for (auto it = s.wakes.begin(); it != s.wakes.end() && it->first <= now; ++it) {
    due.push_back(it->second);
  }
  std::sort(due.begin(), due.end());
  for (const ConnId conn : due) {
    if (s.link_of(conn) != nullptr) s.on_link_time(conn, now);
  }
  if (!s.down) s.dial_static(now);
  s.pump_router(now);
  s.serve_waiting(now);
}

Millis Swarm::next_deadline() const {
  const Millis deadline = std::min(state_->router.next_deadline(), state_->redial.next_deadline());
  return state_->wakes.empty() ? deadline : std::min(deadline, state_->wakes.begin()->first);
}

std::optional<SwarmAction> Swarm::next_action() {
  if (state_->actions.empty()) return std::nullopt;
  SwarmAction action = std::move(state_->actions.front());
  state_->actions.pop_front();
  return action;
}

void Swarm::dial(const Multiaddr& address, Millis now) {
  if (!state_->down) (void)state_->dial(address, now);
}

void Swarm::set_listen_addresses(std::vector<Multiaddr> addresses, Millis now) {
  SwarmState& s = *state_;
  s.config.listen_addresses = std::move(addresses);
  for (auto& [conn, link] : s.links) {
    if (link.phase != Phase::kOpen) continue;
    link.session->push_identify(s.identify_frame(link.address), now);
    s.settle(conn, now);
  }
}

core::Result<Published, PublishError> Swarm::publish(const Topic& topic, BytesView data,
                                                     Millis now) {
  auto published = state_->router.publish(topic, data, now);
  state_->pump_router(now);
  return published;
}

void Swarm::report_validation(const MessageId& id, Verdict verdict, Millis now) {
  (void)state_->router.report_validation(id, verdict, now);
  state_->pump_router(now);
}

void Swarm::set_app_score(PeerRef peer, Score score) { state_->router.set_app_score(peer, score); }

RequestRef Swarm::request(PeerRef peer, ExchangeProtocol protocol, BytesView body, Millis now) {
  SwarmState& s = *state_;
  s.last_request = core::next(s.last_request);
  const auto conn = s.first_conn(peer);
  std::optional<ExchangeFailure> failure;
  if (body.size() > request_bytes_max(protocol)) {
    failure = ExchangeFailure::kRequestTooLarge;
  } else if (!conn) {
    failure = ExchangeFailure::kNotConnected;
  } else {
    failure = s.links.at(*conn).session->request(s.last_request, protocol, frame_of(body), now);
  }
  if (failure) {
    s.actions.push_back(
        swarm::Response{s.last_request, peer, protocol, core::Unexpected{*failure}});
  } else {
    ++s.counters.requests_sent;
    s.settle(*conn, now);
  }
  return s.last_request;
}

void Swarm::respond(InboundRef request, BytesView body, Millis now) {
  SwarmState& s = *state_;
  const auto found = s.inbound.find(request);
  if (found == s.inbound.end()) return;
  const ConnId conn = found->second;
  s.inbound.erase(found);
  (void)s.links.at(conn).session->respond(request, frame_of(body));
  s.settle(conn, now);
}

void Swarm::refuse(InboundRef request, Millis now) {
  SwarmState& s = *state_;
  const auto found = s.inbound.find(request);
  if (found == s.inbound.end()) return;
  const ConnId conn = found->second;
  s.inbound.erase(found);
  Session::Events events;
  s.links.at(conn).session->refuse(request, events);
  s.handle(conn, events, now);
  s.serve_waiting(now);
}

void Swarm::disconnect(PeerRef peer, Millis now) {
  const auto found = state_->peers.find(peer);
  if (found == state_->peers.end()) return;
  const std::vector<ConnId> conns = found->second.conns;
  for (const ConnId conn : conns) state_->drain(conn, CloseReason::kDisconnected, now);
}

void Swarm::ban(const PeerId& peer, Millis now) {
  SwarmState& s = *state_;
  s.bans.add(peer);
  const auto ref = s.refs.find(peer);
  if (ref == s.refs.end()) return;
  s.close_all(s.peers.at(ref->second).conns, CloseReason::kBanned, now);
  s.pump_router(now);
  s.serve_waiting(now);
}

void Swarm::unban(const PeerId& peer) { state_->bans.remove(peer); }

void Swarm::shutdown(Millis now) {
  SwarmState& s = *state_;
  s.down = true;
  s.redial.stop();
  std::vector<ConnId> conns;
  for (const auto& [conn, link] : s.links) conns.push_back(conn);
  for (const ConnId conn : conns) s.drain(conn, CloseReason::kShutdown, now);
  s.pump_router(now);
}

bool Swarm::is_down() const { return state_->down && state_->links.empty(); }

/// What sessions count themselves is added up; that of closed ones was, when they closed.
SwarmCounters Swarm::counters() const {
  SwarmCounters sum = state_->counters;
  for (const auto& [conn, link] : state_->links) {
    if (link.session) add_session(sum, *link.session);
  }
  return sum;
}
bool Swarm::is_trusted(ConnId conn) const {
  const auto link = state_->links.find(conn);
  if (link == state_->links.end() || !link->second.is_open()) return false;
  const SwarmPeer& peer = state_->peers.at(link->second.peer);
  return state_->router.state().scores.score(peer.id) > Score{};
}

const GossipRouter& Swarm::router() const { return state_->router; }

std::vector<PeerSummary> Swarm::peers() const {
  std::vector<PeerSummary> all;
  for (const auto& [ref, peer] : state_->peers) {
    const SwarmLink& link = state_->links.at(peer.conns.front());
    all.push_back(PeerSummary{ref, peer.id, link.address, link.direction, peer.conns.size(),
                              peer.agent_version, link.session->round_trip(),
                              link.session->rpcs().size(),
                              state_->router.state().scores.score(peer.id)});
  }
  return all;
}

}  // namespace preconf::io::wire
