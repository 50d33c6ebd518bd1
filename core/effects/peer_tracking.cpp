#include "core/effects/peer_tracking.hpp"

#include <algorithm>

#include "core/base/assert.hpp"
#include "core/effects/commitment_backfill.hpp"
#include "core/effects/peer_reputation.hpp"
#include "core/effects/peer_requests.hpp"
#include "core/effects/txlist_fetch.hpp"
#include "core/limits.hpp"

namespace preconf::core::effects {
namespace {

using Records = std::map<Bytes, PeerRecord>;

/// The record to give up for a new identity: not connected; rather one without a ban; the least
/// recently seen.
Records::iterator least_needed(Records& records, WallNanos now) {
  auto found = records.end();
  for (auto it = records.begin(); it != records.end(); ++it) {
    if (it->second.connected_as) continue;
    if (found == records.end()) {
      found = it;
      continue;
    }
    const bool has_ban = is_banned(it->second, now);
    const bool other_has_ban = is_banned(found->second, now);
    const bool is_less_needed =
        has_ban != other_has_ban ? other_has_ban : it->second.last_seen < found->second.last_seen;
    if (is_less_needed) found = it;
  }
  return found;
}

PeerRecord& record_for(Step& step, const Bytes& peer_id) {
  Records& records = step.state.p2p.records;
  const auto known = records.find(peer_id);
  if (known != records.end()) return known->second;
  if (records.size() >= limits::kPeerRecordsMax) {
    const auto victim = least_needed(records, step.event.wall);
    PRECONF_ASSERT(victim != records.end());
    records.erase(victim);
  }
  PeerRecord& record = records[peer_id];
  record.scored_at = step.event.wall;
  return record;
}

void refuse(Step& step, PeerNumber peer, Reason reason, std::uint64_t bound) {
  step.decide(Decision{Verdict::kPeerRefused, reason, Hash32{}, BlockNumber{0}, peer.value, bound,
                       Hash32{}});
}

std::int64_t penalty_of(events::PeerConduct conduct) {
  switch (conduct) {
    case events::PeerConduct::kServed:
    case events::PeerConduct::kGossipUnwanted:
      return 0;
    case events::PeerConduct::kRequestTooMany:
      return protocol::kEagerPenaltyPoints;
    case events::PeerConduct::kGossipUndecodable:
    case events::PeerConduct::kGossipInvalid:
    case events::PeerConduct::kGossipMismatch:
    case events::PeerConduct::kRequestMalformed:
    case events::PeerConduct::kRuleBroken:
      return protocol::kPenaltyPoints;
  }
  return 0;
}

}  // namespace

void on_network_started(Step& step) { step.state.p2p.is_on = true; }

void on_peer_connected(Step& step, const events::PeerConnected& connected) {
  P2p& p2p = step.state.p2p;
  const bool is_sound = p2p.is_on && !connected.peer_id.empty() &&
                        connected.peer_id.size() <= limits::kPeerIdBytesMax &&
                        !p2p.peers.contains(connected.peer);
  if (!is_sound) {
    step.decide(Decision{Verdict::kIgnored, Reason::kNone, Hash32{}, BlockNumber{0},
                         connected.peer.value, 0, Hash32{}});
    return;
  }
  if (p2p.peers.size() >= limits::kPeersMax) {
    refuse(step, connected.peer, Reason::kPeerLimit, limits::kPeersMax);
    step.order(commands::DisconnectPeer{connected.peer, Reason::kPeerLimit});
    return;
  }
  PeerRecord& record = record_for(step, connected.peer_id);
  record.last_seen = step.event.wall;
  if (is_banned(record, step.event.wall) && !connected.is_static) {
    refuse(step, connected.peer, Reason::kPeerBannedBefore, record.banned_until->value);
    step.order(commands::BanPeer{connected.peer, connected.peer_id, *record.banned_until,
                                 Reason::kPeerBannedBefore});
    return;
  }
  if (record.connected_as) {
    refuse(step, connected.peer, Reason::kPeerLimit, 1);
    step.order(commands::DisconnectPeer{connected.peer, Reason::kPeerLimit});
    return;
  }
  record.banned_until.reset();  // over, or the operator wants it nevertheless
  record.connected_as = connected.peer;
  Peer peer;
  peer.peer_id = connected.peer_id;
  peer.direction = connected.direction;
  peer.is_static = connected.is_static;
  peer.connected = step.event.seq;
  p2p.peers.emplace(connected.peer, std::move(peer));
  ask_head(step, connected.peer);
  backfill_from_new_peer(step);
  fetch_from_new_peer(step);
}

void on_peer_disconnected(Step& step, const events::PeerDisconnected& disconnected) {
  P2p& p2p = step.state.p2p;
  const auto found = p2p.peers.find(disconnected.peer);
  if (found == p2p.peers.end()) {
    step.decide(Decision{Verdict::kIgnored, Reason::kNone, Hash32{}, BlockNumber{0},
                         disconnected.peer.value, 0, Hash32{}});
    return;
  }
  end_exchanges(step, disconnected.peer);
  PeerRecord& record = p2p.records.at(found->second.peer_id);
  record.connected_as.reset();
  record.last_seen = step.event.wall;
  p2p.peers.erase(found);
  p2p.backfill.tried.erase(disconnected.peer);
  for (auto& [hash, fetch] : p2p.fetches) fetch.tried.erase(disconnected.peer);
}

void on_peer_reported(Step& step, const events::PeerReported& reported) {
  for (const events::ConductCount& one : reported.counts) {
    if (one.conduct == events::PeerConduct::kServed) {
      reward(step, reported.peer, one.count);
      continue;
    }
    const std::int64_t points = penalty_of(one.conduct);
    if (points > 0) penalise(step, reported.peer, Reason::kPeerConduct, points, one.count);
  }
}

void forget_connections(State& state) {
  P2p& p2p = state.p2p;
  p2p.is_on = false;
  p2p.peers.clear();
  p2p.requests_in_flight = 0;
  p2p.publishes_in_flight = 0;
  for (auto& [id, record] : p2p.records) record.connected_as.reset();
  p2p.backfill = Backfill{};
  p2p.fetches.clear();
  state.list_races.clear();
  p2p.publish_backoff = Backoff{};
  for (auto& [key, publication] : p2p.publications) publication.command.reset();
}

}  // namespace preconf::core::effects
