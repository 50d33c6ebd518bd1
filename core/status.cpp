#include "core/status.hpp"

#include <algorithm>

#include "core/effects/commitment_backfill.hpp"
#include "core/effects/ingress_gate.hpp"
#include "core/effects/l1_observation.hpp"
#include "core/effects/peer_reputation.hpp"
#include "core/effects/step.hpp"
#include "core/effects/unsafe_block_processing.hpp"
#include "core/state.hpp"

namespace preconf::core {
namespace {

Tip event_sync_tip(const State& state) {
  if (state.heads.head_l1_origin) return Tip{TipError::kNone, *state.heads.head_l1_origin};
  if (effects::follows_l1(state)) {
    const L1State& l1 = state.l1_chain;
    const bool has_none = l1.is_live && l1.start && l1.start->first_proposal == ProposalId{1} &&
                          effects::next_proposal_id(l1) == ProposalId{1};
    return Tip{has_none ? TipError::kNone : TipError::kEventSyncTipUnknown, BlockNumber{0}};
  }
  if (state.l1.target_proposal == ProposalId{0}) return Tip{TipError::kNone, BlockNumber{0}};
  return Tip{TipError::kEventSyncTipUnknown, BlockNumber{0}};
}

Tip preconf_tip(const State& state) {
  if (!state.heads.unsafe) return Tip{TipError::kMissingLatestBlock, BlockNumber{0}};
  return Tip{TipError::kNone, state.heads.unsafe->number};
}

std::optional<BlockNumber> promised(const State& state) {
  const auto& heights = state.book.by_height;
  for (auto it = heights.rbegin(); it != heights.rend(); ++it) {
    const Commitment* commitment = state.book.find(it->key);
    if (commitment->phase == Phase::kAdmitted || commitment->phase == Phase::kExecuted) {
      return it->number;
    }
  }
  return std::nullopt;
}

std::uint32_t count(std::size_t size) { return static_cast<std::uint32_t>(size); }

/// Collects what is waited for, in the order in which it would have to happen.
class Waits {
 public:
  explicit Waits(Status& status) : status_(status) {}
  void add(const char* what, const Hash32& hash = {}, BlockNumber number = {}) {
    if (status_.waiting_on.size() < kWaitingShownMax) {
      status_.waiting_on.push_back(Waiting{what, hash, number});
    }
  }

 private:
  Status& status_;
};

void add_commitment_waits(const State& state, Waits& waits) {
  if (state.heads.unsafe) {
    // Only the next height: the node waits for nothing further up.
    const HeightKey first{next(state.heads.unsafe->number), CommitmentKey{}};
    for (auto it = state.book.by_height.lower_bound(first);
         it != state.book.by_height.end() && it->number == first.number; ++it) {
      const Commitment* commitment = state.book.find(it->key);
      const Hash32& list = commitment->facts.raw_tx_list_hash;
      if (commitment->phase == Phase::kAdmitted && state.txlists.facts_of(list) == nullptr) {
        waits.add("txlist", list, it->number);
      }
    }
  }
  if (!state.book.pending_parent.empty()) {
    const Commitment* lowest = state.book.find(state.book.pending_parent.begin()->key);
    waits.add("parent", lowest->facts.parent_preconf_hash, lowest->facts.block_number);
  }
  if (!state.book.pending_schedule.empty()) {
    const Commitment* lowest = state.book.find(state.book.pending_schedule.begin()->key);
    waits.add("schedule", lowest->facts.preconf_hash, lowest->facts.block_number);
  }
}

/// What the network has to do, when nothing is in flight that would do it.
void add_peer_waits(const State& state, Waits& waits) {
  const P2p& p2p = state.p2p;
  if (!p2p.is_on) return;
  if (p2p.peers.empty()) waits.add("peers");
  if (p2p.publish_backoff.waiting) waits.add("publish_retry");
  if (!p2p.publications.empty()) {
    waits.add("publish", p2p.publications.begin()->first.preconf_hash,
              p2p.publications.begin()->second.number);
  }
  if (!state.heads.unsafe) return;
  if (p2p.backfill.backoff.waiting) {
    waits.add("backfill_retry", Hash32{}, p2p.backfill.missing);
  } else if (const auto gap = effects::find_gap(state)) {
    waits.add("backfill", gap->parent, gap->first);
  }
  for (const auto& [number, peer] : p2p.peers) {
    if (peer.claim != HeadClaim::kRefused || peer.head <= effects::highest_accepted(state)) {
      continue;
    }
    waits.add("l1", Hash32{}, effects::highest_accepted(state));  // what is further comes from L1
    return;
  }
}

ProposalId before(ProposalId id) { return ProposalId{id.value == 0 ? 0 : id.value - 1}; }

/// Does the engine's pointer reach the last block of the newest proposal (confirmed-sync
/// readiness, WLP-INV-005)? Of proposals before the first one that was derived here, it is enough
/// that there is a pointer: the scan began where it pointed to.
bool engine_confirms(const State& state) {
  const auto& boundary = state.heads.head_l1_origin;
  const auto& derived = state.l1_chain.derived;
  return boundary && (derived.empty() || *boundary >= derived.back().last_block.number);
}

void add_l1(const State& state, Status& status) {
  const L1State& l1 = state.l1_chain;
  L1Status& out = status.l1.emplace();
  out.is_live = l1.is_live;
  if (!l1.links.empty()) out.tip = events::L1Ref{l1.links.back().number, l1.links.back().hash};
  out.finalized = l1.finalized;
  if (!l1.derived.empty()) out.derived = l1.derived.back().proposal.facts.id;
  if (l1.derivation) out.deriving = l1.derivation->proposal.facts.id;
  out.pending = count(l1.pending.size());
  out.reorgs = l1.reorgs;
  out.failures = l1.backoff.failures;
  if (l1.blocked) out.blocked = events::name_of(l1.blocked->kind);
  if (!l1.start) return;
  const ProposalId next_one = effects::next_proposal_id(l1);
  const ProposalId first_open = l1.derivation         ? l1.derivation->proposal.facts.id
                                : !l1.pending.empty() ? l1.pending.front().facts.id
                                                      : next_one;
  status.observed_proposal = before(next_one);
  status.canonical_proposal = before(first_open);
  status.synced_with_inbox = effects::confirmed_sync_ready(state) &&
                             status.canonical_proposal >= status.observed_proposal &&
                             (status.observed_proposal == ProposalId{0} || engine_confirms(state));
}

/// L1 is not followed: its state is given, with or without the block that ends the target.
void add_given_l1(const State& state, Status& status) {
  const bool is_ready = effects::confirmed_sync_ready(state);
  status.observed_proposal = state.l1.target_proposal;
  if (is_ready) status.canonical_proposal = state.l1.target_proposal;
  status.synced_with_inbox = is_ready && state.l1.scanner_live;
}

void add_peers(const State& state, Status& status) {
  const P2p& p2p = state.p2p;
  status.is_network_on = p2p.is_on;
  status.served_head = served_head(state);
  status.linked = p2p.backfill.linked;
  status.backfill_target = p2p.backfill.target;
  status.requests_in_flight = p2p.requests_in_flight;
  status.publications = count(p2p.publications.size());
  if (p2p.is_on && state.heads.unsafe) {
    if (const auto gap = effects::find_gap(state)) status.missing = gap->first;
  }
  status.peers.reserve(p2p.peers.size());
  for (const auto& [number, peer] : p2p.peers) {
    const PeerRecord* record = effects::record_of(state, number);
    status.peers.push_back({number, effects::score_at(*record, state.last_wall)});
  }
}

/// What derivation waits for, when nothing is in flight that would bring it.
void add_l1_waits(const State& state, Waits& waits) {
  const L1State& l1 = state.l1_chain;
  if (!l1.is_followed) return;
  if (l1.blocked) waits.add(events::name_of(l1.blocked->kind), l1.blocked->hash);
  if (l1.resolve_backoff.waiting) waits.add("resolve_retry");
  if (l1.backoff.waiting) waits.add("derive_retry");
  if (!l1.is_live) waits.add("l1_head");
}

void add_waits(const State& state, Waits& waits) {
  if (state.engine_fatal) waits.add("operator: engine reports another chain");
  if (!state.gate.open) waits.add(name_of(state.gate.reason));
  for (const auto& [id, command] : state.in_flight) waits.add(name_of(command.body));
  if (state.apply_backoff.waiting) waits.add("apply_retry");
  if (state.consistency_backoff.waiting) waits.add("engine");
  add_l1_waits(state, waits);
  add_commitment_waits(state, waits);
  add_peer_waits(state, waits);
  if (state.heads.unsafe && effects::executable_commitment(state) == nullptr) {
    waits.add("commitment", Hash32{}, next(state.heads.unsafe->number));
  }
}

void add_counters(const State& state, Status& status) {
  for (const auto& [key, value] : state.counters) {
    const auto verdict = static_cast<Verdict>(key >> 16);
    const auto reason = static_cast<Reason>(key & 0xffff);
    std::string name = name_of(verdict);
    if (reason != Reason::kNone) name.append("/").append(name_of(reason));
    status.counters.push_back(Counter{std::move(name), value});
  }
  for (const auto& [reason, value] : state.ingress_rejected) {
    status.counters.push_back(Counter{"ingress_rejected/" + reason, value});
  }
}

}  // namespace

const char* name_of(TipError error) {
  switch (error) {
    case TipError::kNone:
      return "none";
    case TipError::kEventSyncTipUnknown:
      return "EventSyncTipUnknown";
    case TipError::kMissingLatestBlock:
      return "MissingLatestBlock";
    case TipError::kMissingSafeBlock:
      return "MissingSafeBlock";
  }
  return "unknown";
}

Status make_status(const State& state) {
  Status status;
  status.last_seq = state.last_seq;
  status.last_wall = state.last_wall;
  if (state.heads.unsafe) status.unsafe = state.heads.unsafe->ref();
  status.promised = promised(state);
  status.safe = state.heads.safe;
  status.finalized = state.heads.finalized;
  status.confirmed = state.heads.head_l1_origin;
  status.event_sync_tip = event_sync_tip(state);
  status.preconf_tip = preconf_tip(state);
  status.gate_open = state.gate.open;
  status.gate_reason = state.gate.reason;
  status.engine_fatal = state.engine_fatal;
  status.schedule_version = state.schedule.version;
  status.commitments_held = count(state.book.held.size());
  status.txlists_held = count(state.txlists.lists.size());
  status.pending_parent = count(state.book.pending_parent.size());
  status.pending_schedule = count(state.book.pending_schedule.size());
  status.awaiting_txlist = state.txlists.awaited;
  status.evidence_records = count(state.evidence.size());
  status.commands_in_flight = count(state.in_flight.size());
  status.engine_failures =
      std::max(state.apply_backoff.failures, state.consistency_backoff.failures);
  if (effects::follows_l1(state)) {
    add_l1(state, status);
  } else {
    add_given_l1(state, status);
  }
  add_peers(state, status);
  Waits waits(status);
  add_waits(state, waits);
  add_counters(state, status);
  return status;
}

Tip event_sync_tip(const Status& status, EventSyncSource source) {
  if (source == EventSyncSource::kHeadL1Origin) return status.event_sync_tip;
  if (!status.safe) return Tip{TipError::kMissingSafeBlock, BlockNumber{0}};
  return Tip{TipError::kNone, status.safe->number};
}

bool is_ready(const Status& status) {
  return status.gate_open && !status.engine_fatal && status.unsafe.has_value() &&
         status.engine_failures < kEngineFailuresReadyMax;
}

}  // namespace preconf::core
