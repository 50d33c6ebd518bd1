// State: everything the driver knows, as plain public data. It is a fold of the log and nothing
// else.
#pragma once

#include <array>
#include <map>
#include <string>
#include <vector>

#include "core/base/fields.hpp"
#include "core/commands/commands.hpp"
#include "core/decision.hpp"
#include "core/events/l1.hpp"
#include "core/protocol/chain_profile.hpp"
#include "core/protocol/schedule.hpp"
#include "core/state/commitment_book.hpp"
#include "core/state/engine_lane.hpp"
#include "core/state/heads.hpp"
#include "core/state/l1_state.hpp"
#include "core/state/p2p.hpp"
#include "core/state/timer_state.hpp"
#include "core/state/txlist_book.hpp"
#include "core/types.hpp"

namespace preconf::core {

/// Ingress gate (driver effect T10): preconfirmed blocks are executed only while it is open.
struct Gate {
  bool open = false;
  Reason reason = Reason::kGateRecovering;  ///< why it is closed
  PRECONF_FIELDS(Gate, open, reason);
};

/// Signed material that may matter in a dispute; the log holds the bytes.
enum class EvidenceKind : std::uint8_t {
  kEquivocation = 0,       ///< two contents, one signer, one window and height
  kAfterEop = 1,           ///< a block after the signer's own EOP
  kTxListUndecodable = 2,  ///< committed to content that can never be executed
  kAnchorInvalid = 3,      ///< committed list does not begin with the promised anchor
  kEngineInvalid = 4,      ///< the engine refused the promised block
  kL1Contradicted = 5,     ///< L1 has another block at the promised height
};
[[nodiscard]] const char* name_of(EvidenceKind kind);

struct Evidence {
  EvidenceKind kind = EvidenceKind::kEquivocation;
  Address signer;
  UnixSeconds window_end;
  BlockNumber number;
  Seq first;   ///< event with the (earlier) commitment
  Seq second;  ///< event with the contradicting fact
  PRECONF_FIELDS(Evidence, kind, signer, window_end, number, first, second);
};

/// First reducer version that knows peers.
inline constexpr std::uint32_t kP2pVersion = 3;
/// First reducer version that follows L1.
inline constexpr std::uint32_t kL1Version = 4;
/// First reducer version that asks several peers for one transaction list.
inline constexpr std::uint32_t kListRaceVersion = 5;
/// First reducer version that remembers judged promises, so that a reorg of L1 judges them again;
/// that takes no proposal that names another one before it; that tells the engine its labels again;
/// that begins above a checkpoint.
inline constexpr std::uint32_t kL1MemoryVersion = 6;

struct State {
  std::uint32_t reducer_version = 0;
  Seq last_seq;
  WallNanos last_wall;
  std::uint64_t boots = 0;
  std::uint32_t engine_epoch = 0;  ///< bumped at each boot; fences late answers
  bool stopping = false;           ///< ShutdownRequested seen in this boot
  bool engine_fatal = false;       ///< wrong chain: no engine command any more

  protocol::ChainProfile chain;
  protocol::NetworkProfile network;
  protocol::Schedule schedule;
  events::L1SyncObserved l1;
  Gate gate;

  Heads heads;
  CommitmentBook book;
  TxListBook txlists;
  EngineLane lane;
  bool consistency_due = false;    ///< E12 runs before the next plan
  bool adopt_engine_head = false;  ///< the engine's chain differs above our head: take it over
  Backoff apply_backoff;
  Backoff consistency_backoff;

  std::map<CommandId, Command> in_flight;  ///< issued, no outcome yet; timers are in `timers`
  std::array<TimerState, kEngineTimerCount> timers{};     ///< of the engine lane; see timer_of()
  std::vector<Evidence> evidence;                         ///< newest limits::kEvidenceMax
  std::map<std::uint32_t, std::uint64_t> counters;        ///< verdict << 16 | reason -> count
  std::map<std::string, std::uint64_t> ingress_rejected;  ///< reason -> count, bounded
  P2p p2p;                                                ///< from reducer version 3 on
  L1State l1_chain;                                       ///< from reducer version 4 on
  std::map<Hash32, ListRace> list_races;                  ///< by list; from version 5 on
  std::map<HeightKey, JudgedPromise> judged_promises;     ///< from version 6 on, as all below
  std::map<HeightKey, MissedBy> missed_promises;
  std::optional<events::CheckpointReached> checkpoint;
  std::optional<ProposalId> resume_from;  ///< the scan begins at it, not at the pointer's
  bool engine_is_ahead = false;           ///< of heads.unsafe, by a block that is to be applied

  /// As PRECONF_FIELDS, but for the members that a version does not have: hashes and snapshots of
  /// older states stay what they were. Version 0 (nothing reduced yet) shows all of them.
  template <class Self, class Visit>
  static constexpr void each_field(Self& self, Visit&& visit) {
    PRECONF_FOR_EACH(PRECONF_VISIT_ONE, reducer_version, last_seq, last_wall, boots, engine_epoch,
                     stopping, engine_fatal, chain, network, schedule, l1, gate, heads, book,
                     txlists, lane, consistency_due, adopt_engine_head, apply_backoff,
                     consistency_backoff, in_flight, timers, evidence, counters, ingress_rejected)
    if (self.reducer_version == 0 || self.reducer_version >= kP2pVersion) visit("p2p", self.p2p);
    if (self.reducer_version == 0 || self.reducer_version >= kL1Version) {
      visit("l1_chain", self.l1_chain);
    }
    if (self.reducer_version == 0 || self.reducer_version >= kListRaceVersion) {
      visit("list_races", self.list_races);
    }
    if (self.reducer_version == 0 || self.reducer_version >= kL1MemoryVersion) {
      visit("judged_promises", self.judged_promises);
      PRECONF_FOR_EACH(PRECONF_VISIT_ONE, missed_promises, checkpoint, resume_from, engine_is_ahead)
    }
  }
  friend bool operator==(const State&, const State&) = default;
};

/// The command that the lane's plan waits for; null when it is idle.
[[nodiscard]] const CommandId* lane_command(const EngineLane& lane);

[[nodiscard]] TimerState& timer_of(State& state, TimerId timer);
[[nodiscard]] const TimerState& timer_of(const State& state, TimerId timer);

/// Key of State::counters.
[[nodiscard]] constexpr std::uint32_t counter_key(Verdict verdict, Reason reason) {
  return (static_cast<std::uint32_t>(verdict) << 16) | static_cast<std::uint32_t>(reason);
}

}  // namespace preconf::core
