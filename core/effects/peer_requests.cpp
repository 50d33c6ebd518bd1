#include "core/effects/peer_requests.hpp"

#include <algorithm>
#include <tuple>
#include <vector>

#include "core/base/assert.hpp"
#include "core/effects/commitment_backfill.hpp"
#include "core/effects/peer_reputation.hpp"
#include "core/effects/txlist_fetch.hpp"
#include "core/limits.hpp"

namespace preconf::core::effects {
namespace {

constexpr std::uint64_t kNanosPerMilli = 1'000'000;
/// Commands that one event keeps room for beside requests: the engine's, timers, bans, publishing.
constexpr std::size_t kCommandsReserved = 20;
static_assert(kCommandsReserved + limits::kRequestsPerEventMax <= limits::kCommandsPerEventMax);

std::size_t index_of(PeerProtocol protocol) { return static_cast<std::size_t>(protocol); }

/// Drops times outside the interval; a time of the future is of a clock that went back.
void tidy(std::vector<WallNanos>& sent, WallNanos now) {
  for (WallNanos& time : sent) time = std::min(time, now);
  const WallNanos begin{now.value -
                        std::min(now.value, limits::kRequestIntervalMs * kNanosPerMilli)};
  std::erase_if(sent, [begin](WallNanos time) { return time <= begin; });
}

/// When the peer may be asked again; 0 = now.
WallNanos paced_until(PeerRecord& record, PeerProtocol protocol, WallNanos now) {
  std::vector<WallNanos>& sent = record.sent[index_of(protocol)];
  tidy(sent, now);
  if (sent.size() < limits::kRequestsPerIntervalMax) return WallNanos{0};
  return WallNanos{sent.front().value + limits::kRequestIntervalMs * kNanosPerMilli};
}

/// Smaller is better.
using Rank = std::tuple<bool, bool, bool, std::uint32_t, std::uint32_t, PeerNumber>;

Rank rank_of(PeerNumber number, const Peer& peer, const PeerRecord& record, BlockNumber height,
             WallNanos now) {
  const std::int64_t score = score_at(record, now);
  constexpr std::uint32_t kLatencyStepUs = 100'000;  // finer differences are noise
  return {score <= protocol::kGreylistScore, score < 0, peer.head < height, peer.in_flight,
          peer.latency_us / kLatencyStepUs,  number};
}

Reason reason_of(events::PeerFailureKind kind) {
  switch (kind) {
    case events::PeerFailureKind::kTimeout:
      return Reason::kPeerTimeout;
    case events::PeerFailureKind::kNotConnected:
      return Reason::kPeerNotConnected;
    case events::PeerFailureKind::kConnectionLost:
      return Reason::kPeerConnectionLost;
    case events::PeerFailureKind::kUnsupported:
      return Reason::kPeerUnsupported;
    case events::PeerFailureKind::kStreamReset:
      return Reason::kPeerStreamReset;
    case events::PeerFailureKind::kMalformed:
      return Reason::kPeerMalformed;
    case events::PeerFailureKind::kInvalid:
      return Reason::kPeerInvalid;
    case events::PeerFailureKind::kNotSent:
      return Reason::kPeerNotSent;
  }
  return Reason::kPeerNotSent;
}

/// Being away is no offence, being silent or wrong is.
bool is_offence(events::PeerFailureKind kind) {
  return kind == events::PeerFailureKind::kTimeout ||
         kind == events::PeerFailureKind::kStreamReset ||
         kind == events::PeerFailureKind::kMalformed || kind == events::PeerFailureKind::kInvalid;
}

PeerProtocol protocol_of(const CommandBody& body) {
  if (std::holds_alternative<commands::RequestHead>(body)) return PeerProtocol::kHead;
  if (std::holds_alternative<commands::RequestCommitments>(body)) return PeerProtocol::kCommitments;
  return PeerProtocol::kTxList;
}

/// What the answer says about the peer, whatever was asked. Returns the reason of a failure.
Reason note_answer(Step& step, PeerNumber number, PeerProtocol protocol,
                   const events::PeerResult& result) {
  P2p& p2p = step.state.p2p;
  const auto peer = p2p.peers.find(number);
  const auto* failed = std::get_if<events::PeerFailed>(&result);
  if (failed == nullptr) {
    if (const auto* answer = std::get_if<events::PeerAnswered>(&step.event.body)) {
      if (peer != p2p.peers.end()) peer->second.latency_us = answer->elapsed_us;
    }
    return Reason::kNone;
  }
  const Reason reason = reason_of(failed->kind);
  if (failed->kind == events::PeerFailureKind::kUnsupported && peer != p2p.peers.end()) {
    peer->second.is_unsupported[index_of(protocol)] = true;
  }
  if (is_offence(failed->kind)) penalise(step, number, reason);
  return reason;
}

}  // namespace

std::optional<PeerNumber> peer_of(const CommandBody& body) {
  if (const auto* head = std::get_if<commands::RequestHead>(&body)) return head->peer;
  if (const auto* page = std::get_if<commands::RequestCommitments>(&body)) return page->peer;
  if (const auto* list = std::get_if<commands::RequestTxList>(&body)) return list->peer;
  return std::nullopt;
}

bool may_request(const Step& step) {
  return !step.state.stopping && step.state.p2p.requests_in_flight < limits::kRequestsInFlightMax &&
         step.out.commands.size() + kCommandsReserved < limits::kCommandsPerEventMax;
}

bool is_ready(Step& step, PeerNumber number, PeerProtocol protocol) {
  const auto peer = step.state.p2p.peers.find(number);
  if (peer == step.state.p2p.peers.end()) return false;
  PeerRecord& record = step.state.p2p.records.at(peer->second.peer_id);
  return !peer->second.is_unsupported[index_of(protocol)] && !is_banned(record, step.event.wall) &&
         peer->second.in_flight < limits::kRequestsInFlightPerPeerMax &&
         paced_until(record, protocol, step.event.wall) == WallNanos{0};
}

PeerChoice choose_peer(Step& step, PeerProtocol protocol, const std::set<PeerNumber>& tried,
                       BlockNumber height) {
  PeerChoice choice;
  std::optional<Rank> best;
  for (auto& [number, peer] : step.state.p2p.peers) {
    PeerRecord& record = step.state.p2p.records.at(peer.peer_id);
    const WallNanos now = step.event.wall;
    if (peer.is_unsupported[index_of(protocol)] || is_banned(record, now)) continue;
    if (tried.contains(number)) {
      ++choice.asked;
      continue;
    }
    choice.is_someone_left = true;
    if (peer.in_flight >= limits::kRequestsInFlightPerPeerMax) continue;
    const WallNanos until = paced_until(record, protocol, now);
    if (until != WallNanos{0}) {
      const bool is_first = choice.ready_at == WallNanos{0} || until < choice.ready_at;
      if (is_first) choice.ready_at = until;
      continue;
    }
    const Rank rank = rank_of(number, peer, record, height, now);
    if (!best || rank < *best) {
      best = rank;
      choice.peer = number;
    }
  }
  return choice;
}

CommandId request(Step& step, PeerNumber number, PeerProtocol protocol, CommandBody body) {
  PRECONF_ASSERT(may_request(step));
  Peer& peer = step.state.p2p.peers.at(number);
  PeerRecord& record = step.state.p2p.records.at(peer.peer_id);
  std::vector<WallNanos>& sent = record.sent[index_of(protocol)];
  tidy(sent, step.event.wall);
  PRECONF_ASSERT(sent.size() < limits::kRequestsPerIntervalMax);
  sent.push_back(step.event.wall);
  ++peer.in_flight;
  ++step.state.p2p.requests_in_flight;
  return step.issue(std::move(body));
}

void on_peer_answer(Step& step, const Command& asked, const events::PeerResult& result) {
  P2p& p2p = step.state.p2p;
  const auto number = peer_of(asked.body);
  PRECONF_ASSERT(number && p2p.requests_in_flight > 0);
  --p2p.requests_in_flight;
  const auto peer = p2p.peers.find(*number);
  if (peer != p2p.peers.end()) {
    PRECONF_ASSERT(peer->second.in_flight > 0);
    --peer->second.in_flight;
  }
  const Reason failure = note_answer(step, *number, protocol_of(asked.body), result);
  if (std::holds_alternative<commands::RequestHead>(asked.body)) {
    on_head_answer(step, *number, result);
  } else if (const auto* page = std::get_if<commands::RequestCommitments>(&asked.body)) {
    on_commitments_answer(step, asked.id, *page, result);
  } else if (const auto* list = std::get_if<commands::RequestTxList>(&asked.body)) {
    on_txlist_answer(step, asked.id, *list, result, failure);
  }
}

void end_exchanges(Step& step, PeerNumber peer) {
  std::vector<Command> open;
  for (const auto& [id, command] : step.state.in_flight) {
    if (peer_of(command.body) == peer) open.push_back(command);
  }
  for (const Command& command : open) {
    step.state.in_flight.erase(command.id);
    on_peer_answer(step, command, events::PeerFailed{events::PeerFailureKind::kConnectionLost, ""});
  }
}

}  // namespace preconf::core::effects
