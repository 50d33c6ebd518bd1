// What the driver knows about its peers, and the plans that ask them. Reducer version 3 and later.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "core/base/fields.hpp"
#include "core/decision.hpp"
#include "core/events/peer.hpp"
#include "core/events/timer.hpp"
#include "core/state/backoff.hpp"
#include "core/state/commitment_book.hpp"
#include "core/state/timer_state.hpp"
#include "core/types.hpp"

namespace preconf::core {

/// The request/response protocols (P2P specification 10, 11).
enum class PeerProtocol : std::uint8_t { kHead = 0, kCommitments = 1, kTxList = 2 };
inline constexpr std::size_t kPeerProtocolCount = 3;
[[nodiscard]] const char* name_of(PeerProtocol protocol);

/// What a peer's identity is remembered by, also while it is away and after a restart.
struct PeerRecord {
  std::int64_t score_micro = 0;      ///< millionths of the specification's points, at `scored_at`
  WallNanos scored_at;               ///< decay is counted from here, in whole seconds
  std::int64_t penalised_micro = 0;  ///< taken since `penalised_since`: the cap per interval
  WallNanos penalised_since;
  std::optional<WallNanos> low_since;       ///< at or below the greylist threshold since
  std::optional<UnixSeconds> banned_until;  ///< none = not banned
  std::optional<PeerNumber> connected_as;
  WallNanos last_seen;
  /// Times of the newest requests per protocol, oldest first; at most kRequestsPerIntervalMax.
  std::array<std::vector<WallNanos>, kPeerProtocolCount> sent;
  PRECONF_FIELDS(PeerRecord, score_micro, scored_at, penalised_micro, penalised_since, low_since,
                 banned_until, connected_as, last_seen, sent);
};

/// What is known about the head that a peer advertises.
enum class HeadClaim : std::uint8_t {
  kUnknown = 0,   ///< not asked yet, or not answered
  kAsked = 1,     ///< get_head in flight
  kSettled = 2,   ///< at or below ours, or its commitment has been delivered and is held
  kTipAsked = 3,  ///< its commitment is being asked for
  kRefused = 4,   ///< too far ahead, or its commitment was not delivered
};
[[nodiscard]] const char* name_of(HeadClaim claim);

struct Peer {
  Bytes peer_id;
  events::Direction direction = events::Direction::kInbound;
  bool is_static = false;
  Seq connected;
  HeadClaim claim = HeadClaim::kUnknown;
  BlockNumber head;  ///< as last reported
  std::uint32_t heads_reported = 0;
  UnixSeconds head_window_end;
  std::array<bool, kPeerProtocolCount> is_unsupported{};
  std::uint32_t in_flight = 0;   ///< requests without an answer
  std::uint32_t latency_us = 0;  ///< of its newest answer; 0 = none yet
  PRECONF_FIELDS(Peer, peer_id, direction, is_static, connected, claim, head, heads_reported,
                 head_window_end, is_unsupported, in_flight, latency_us);
};

/// Commitment back-fill: catch-up and live gap repair are one plan.
struct Backfill {
  BlockNumber linked;  ///< highest number up to which promised commitments stand without a hole
  BlockNumber target;  ///< highest number that a peer has proven to have a commitment; 0 = none
  bool is_running = false;
  std::optional<CommandId> page;  ///< in flight
  BlockNumber missing;            ///< first number asked for; what `tried` is about
  Hash32 missing_parent;          ///< asked for as the parent of a sibling; zero = as a number
  std::set<PeerNumber> tried;     ///< asked for it without success
  Hash32 orphan;                  ///< parent that every peer was asked for in vain
  Backoff backoff;
  PRECONF_FIELDS(Backfill, linked, target, is_running, page, missing, missing_parent, tried, orphan,
                 backoff);
};

/// A transaction list that is asked for by hash (T2).
struct TxListFetch {
  BlockNumber number;                ///< lowest height that needs it
  UnixSeconds window_end;            ///< of that commitment
  WallNanos since;                   ///< missed since
  WallNanos not_before;              ///< gossip may bring it until then, or the retry delay
  std::optional<CommandId> command;  ///< in flight; of several the oldest, see ListRace
  std::set<PeerNumber> tried;        ///< asked in this round without success
  std::uint32_t attempts = 0;
  std::uint32_t rounds = 0;  ///< times that nobody was left to ask
  bool is_given_up = false;  ///< only peers that were not asked yet are
  PRECONF_FIELDS(TxListFetch, number, window_end, since, not_before, command, tried, attempts,
                 rounds, is_given_up);
};

/// A list that is being asked for: who else is, beside TxListFetch::command. A table of its own
/// (State::list_races) because older reducer versions do not have it.
struct ListRace {
  WallNanos hedge_at;             ///< one more peer is asked then
  std::vector<CommandId> others;  ///< in flight, oldest first; at most kListRacersMax - 1
  PRECONF_FIELDS(ListRace, hedge_at, others);
};

/// An own commitment on its way into the network (T6).
struct Publication {
  Seq received;  ///< event with the signed bytes
  Hash32 commitment_hash;
  BlockNumber number;
  bool is_admitted = false;          ///< until then it waits with its commitment
  bool is_list_done = false;         ///< sent, or there is none
  std::optional<CommandId> command;  ///< in flight
  std::uint32_t attempts = 0;
  PRECONF_FIELDS(Publication, received, commitment_hash, number, is_admitted, is_list_done, command,
                 attempts);
};

struct P2p {
  bool is_on = false;                   ///< the host of this boot runs
  std::map<PeerNumber, Peer> peers;     ///< connected
  std::map<Bytes, PeerRecord> records;  ///< by peer id; bounded, the least recently seen goes first
  Backfill backfill;
  std::uint32_t requests_in_flight = 0;
  std::uint32_t publishes_in_flight = 0;
  std::map<Hash32, TxListFetch> fetches;
  std::map<CommitmentKey, Publication> publications;
  std::map<Hash32, WallNanos> lists_sent;  ///< published lately; identical lists are common
  Backoff publish_backoff;
  std::uint64_t dial_failures = 0;
  std::array<TimerState, kPeerTimersEnd - kEngineTimerCount> timers{};
  PRECONF_FIELDS(P2p, is_on, peers, records, backfill, requests_in_flight, publishes_in_flight,
                 fetches, publications, lists_sent, publish_backoff, dial_failures, timers);
};

}  // namespace preconf::core
