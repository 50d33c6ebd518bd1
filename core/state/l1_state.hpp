// What the node knows of L1, and how far the proposals on it are derived.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "core/base/fields.hpp"
#include "core/events/l1.hpp"
#include "core/events/timer.hpp"
#include "core/protocol/commitment.hpp"
#include "core/protocol/segment.hpp"
#include "core/state/backoff.hpp"
#include "core/state/timer_state.hpp"
#include "core/types.hpp"

namespace preconf::core {

/// An observed L1 block. Links stand in L1 order; each block's `previous` is the one before it.
struct L1Link {
  L1BlockNumber number;
  Hash32 hash;
  Hash32 state_root;
  UnixSeconds timestamp;
  PRECONF_FIELDS(L1Link, number, hash, state_root, timestamp);
};

/// A proposal as L1 has it.
struct ObservedProposal {
  protocol::ProposedFacts facts;
  protocol::LandedAt landed;
  Seq seen;  ///< event that brought it
  PRECONF_FIELDS(ObservedProposal, facts, landed, seen);
};

/// A proposal whose blocks are all in the engine. Kept until L1 finalized it, and a while longer,
/// so that a reorg of L1 or a loss of the engine can go back to it.
struct DerivedProposal {
  ObservedProposal proposal;
  BlockRef parent;  ///< the block below its first
  BlockRef last_block;
  PRECONF_FIELDS(DerivedProposal, proposal, parent, last_block);
};

/// The proposal that is derived at present (driver effect E1): which block is next, on what.
struct Derivation {
  ObservedProposal proposal;
  std::vector<events::SourceFacts> sources;          ///< empty until resolved
  std::optional<protocol::DerivationParent> parent;  ///< none: the resume plan is to find it
  BlockRef first_parent;                             ///< block below the proposal's first
  BlockNumber judged;         ///< commitments up to this height were compared with what L1 says
  std::uint32_t source = 0;   ///< being derived
  std::uint32_t block = 0;    ///< next one of its segment
  protocol::Segment segment;  ///< of `source`; without blocks until it is prepared
  std::uint32_t kept = 0;     ///< blocks that the chain had already
  std::uint32_t built = 0;    ///< blocks that the engine had to build
  bool is_complete = false;   ///< every block is in; the pointer and the mapping are next
  PRECONF_FIELDS(Derivation, proposal, sources, parent, first_parent, judged, source, block,
                 segment, kept, built, is_complete);
};

/// A promise that L1 did not keep: nothing that builds on it is executed.
struct ContradictedPromise {
  Hash32 preconf_hash;
  L1BlockNumber landed;  ///< of the proposal that has another block there
  PRECONF_FIELDS(ContradictedPromise, preconf_hash, landed);
};

/// The first proposal that can not have a promise any more, and where it landed.
struct MissedBy {
  ProposalId proposal;
  L1BlockNumber block;
  PRECONF_FIELDS(MissedBy, proposal, block);
};

/// A promise that was compared with what L1 says at its height. Remembered until L1 can not take
/// that back, because its commitment is dropped when the confirmed boundary passes it.
struct JudgedPromise {
  protocol::CommitmentFacts facts;
  Seq received;                         ///< event that holds the signed bytes
  std::optional<Hash32> list_rlp_hash;  ///< of the promised list; none: nobody delivered it yet
  std::optional<L1BlockNumber> landed;  ///< of the proposal that decided; none: L1 took it back
  PRECONF_FIELDS(JudgedPromise, facts, received, list_rlp_hash, landed);
};

/// Where a scan of L1 has to begin, when nothing is observed yet.
struct ScanStart {
  L1BlockNumber block;        ///< the first block to be observed; 0: where the inbox was activated
  ProposalId first_proposal;  ///< the first one to be derived; earlier ones are done
  PRECONF_FIELDS(ScanStart, block, first_proposal);
};

/// Timers of L1's effects; see timer_of().
inline constexpr std::size_t kL1TimerCount = kTimerCount - kPeerTimersEnd;

struct L1State {
  bool is_followed = false;  ///< L1DeploymentRecorded seen
  protocol::L1Deployment deployment;
  protocol::FallbackSigner fallback_signer = protocol::FallbackSigner::kProposer;

  std::optional<ScanStart> start;  ///< none: the resume plan is to find it
  std::vector<L1Link> links;       ///< oldest first; at most limits::kL1LinksMax
  std::optional<events::L1Ref> safe;
  std::optional<events::L1Ref> finalized;
  bool is_live = false;

  std::vector<ObservedProposal> pending;          ///< by id; not derived yet
  std::optional<Derivation> derivation;           ///< of the first one, taken out of `pending`
  std::vector<DerivedProposal> derived;           ///< by id, newest last
  std::optional<protocol::DerivationParent> tip;  ///< end of the newest derived, when known
  std::optional<CommandId> resolving;             ///< ResolveSources in flight
  Seq resolving_for;                              ///< ObservedProposal::seen of whom it is for
  std::optional<protocol::ProvedFacts> proved;    ///< the newest proof
  std::optional<BlockRef> rewind_to;              ///< T4 is due: the pointer must go back to here
  bool labels_due = false;                        ///< safe or finalized moved: tell the engine
  std::optional<BlockRef> safe_block;             ///< end of the newest derived proposal
  std::optional<BlockRef> finalized_block;        ///< end of the newest that L1 finalized

  /// Newest limits::kContradictedMax, in the order of L1.
  std::vector<ContradictedPromise> contradicted;

  protocol::ScheduleHistory schedule;
  UnixSeconds schedule_epoch;  ///< the window table was made in this epoch

  Backoff backoff;                          ///< of derivation
  Backoff resolve_backoff;                  ///< of fetching sources
  std::optional<events::L1Failed> blocked;  ///< why sources are not resolved: named in the status
  std::array<TimerState, kL1TimerCount> timers{};
  std::uint64_t reorgs = 0;

  PRECONF_FIELDS(L1State, is_followed, deployment, fallback_signer, start, links, safe, finalized,
                 is_live, pending, derivation, derived, tip, resolving, resolving_for, proved,
                 rewind_to, labels_due, safe_block, finalized_block, contradicted, schedule,
                 schedule_epoch, backoff, resolve_backoff, blocked, timers, reorgs);
};

}  // namespace preconf::core
