// Status: what the node tells about itself, as a pure function of the state. Readers get a
// published copy and never wait for the reducer or the engine.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/fields.hpp"
#include "core/decision.hpp"
#include "core/events/l1.hpp"
#include "core/served_chain.hpp"
#include "core/types.hpp"

namespace preconf::core {

struct State;

/// event_sync_tip of the driver client contract: a block number, or the reason why there is none.
/// Missing data is an error, never 0 except at genesis, never another label.
enum class TipError : std::uint8_t {
  kNone = 0,
  kEventSyncTipUnknown = 1,  ///< proposals exist, the engine has no head L1 origin
  kMissingLatestBlock = 2,   ///< the engine's latest block is not known (yet)
  kMissingSafeBlock = 3,     ///< "safe" is to be told, the engine has no safe block (yet)
};
[[nodiscard]] const char* name_of(TipError error);

struct Tip {
  TipError error = TipError::kNone;
  BlockNumber number;  ///< valid when error is kNone
  PRECONF_FIELDS(Tip, error, number);
};

/// Which label is told as event_sync_tip. A reading only: what is stale and when the ingress gate
/// opens is decided by the head L1 origin in any case.
enum class EventSyncSource : std::uint8_t {
  kHeadL1Origin,
  kSafe,  ///< the first design of the driver client
};

/// One named thing the node waits for; an idle node always has at least one.
struct Waiting {
  std::string what;    ///< stable name: "parent", "txlist", "schedule", "gate", "engine", "timer",
                       ///< "commitment", "peers", "backfill", "backfill_retry", "l1", "publish"
  Hash32 hash;         ///< which parent or transaction list; zero when not applicable
  BlockNumber number;  ///< height concerned
  PRECONF_FIELDS(Waiting, what, hash, number);
};

struct Counter {
  std::string name;  ///< verdict or verdict/reason, as name_of() gives them
  std::uint64_t value = 0;
  PRECONF_FIELDS(Counter, name, value);
};

/// A connected peer's score, for gossipsub's application score.
struct PeerScore {
  PeerNumber peer;
  std::int64_t score_micro = 0;  ///< millionths of a point
  PRECONF_FIELDS(PeerScore, peer, score_micro);
};

/// How far L1 is read and derived.
struct L1Status {
  bool is_live = false;                    ///< read up to L1's head
  std::optional<events::L1Ref> tip;        ///< newest observed block
  std::optional<events::L1Ref> finalized;  ///< as L1 said last
  std::optional<ProposalId> derived;       ///< newest proposal whose blocks are in the engine
  std::optional<ProposalId> deriving;      ///< being derived
  std::uint32_t pending = 0;               ///< observed proposals that wait
  std::uint64_t reorgs = 0;                ///< followed so far
  std::uint32_t failures = 0;              ///< of derivation, in a row
  std::string blocked;                     ///< why sources are not there; empty: they are
  PRECONF_FIELDS(L1Status, is_live, tip, finalized, derived, deriving, pending, reorgs, failures,
                 blocked);
};

struct Status {
  Seq last_seq;
  WallNanos last_wall;
  std::optional<BlockRef> unsafe;       ///< executed head (L2 latest)
  std::optional<BlockNumber> promised;  ///< highest admitted linked commitment
  std::optional<BlockRef> safe;
  std::optional<BlockRef> finalized;
  std::optional<BlockNumber> confirmed;  ///< raw head L1 origin, none when the engine has none
  Tip event_sync_tip;
  Tip preconf_tip;
  bool gate_open = false;
  Reason gate_reason = Reason::kNone;  ///< why it is closed
  bool synced_with_inbox = false;  ///< L1 is read up to its head, and every proposal is processed
  /// Newest proposal that is processed: its blocks, and those of all before it, are in the engine,
  /// and the engine's tables say so. 0: none, or not known (yet).
  ProposalId canonical_proposal;
  ProposalId observed_proposal;  ///< newest one on L1, as far as it is read; 0: none
  bool engine_fatal = false;
  std::uint64_t schedule_version = 0;
  std::uint32_t commitments_held = 0;
  std::uint32_t txlists_held = 0;
  std::uint32_t pending_parent = 0;
  std::uint32_t pending_schedule = 0;
  std::uint32_t awaiting_txlist = 0;
  std::uint32_t evidence_records = 0;
  std::uint32_t commands_in_flight = 0;
  std::uint32_t engine_failures = 0;  ///< temporary failures in a row of the worse engine plan
  bool is_network_on = false;
  ServedHead served_head;                ///< what get_head answers
  BlockNumber linked;                    ///< commitments stand without a hole up to here
  std::optional<BlockNumber> missing;    ///< lowest number that peers are asked for
  BlockNumber backfill_target;           ///< 0 = none
  std::uint32_t requests_in_flight = 0;  ///< to peers
  std::uint32_t publications = 0;        ///< own commitments that the network does not have yet
  std::optional<L1Status> l1;            ///< none: L1 is not followed
  std::vector<PeerScore> peers;          ///< connected, at most limits::kPeersMax
  std::vector<Waiting> waiting_on;       ///< at most kWaitingShownMax
  std::vector<Counter> counters;  ///< every verdict and reason counted so far, sorted by name
};
inline constexpr std::size_t kWaitingShownMax = 16;

/// Requires that the first event has been reduced.
[[nodiscard]] Status make_status(const State& state);

/// event_sync_tip in this reading. Without a safe block there is no other label to fall back to.
[[nodiscard]] Tip event_sync_tip(const Status& status, EventSyncSource source);

/// An engine that failed so often in a row is not usable, although every failure is retried.
inline constexpr std::uint32_t kEngineFailuresReadyMax = 3;

/// Ready to serve: gate open, head known, engine usable (right chain, answering, accepting our
/// calls).
[[nodiscard]] bool is_ready(const Status& status);

}  // namespace preconf::core
