// The engine lane: at most one plan talks to the engine at a time.
#pragma once

#include <variant>

#include "core/base/fields.hpp"
#include "core/protocol/anchor_tx.hpp"
#include "core/protocol/block_header.hpp"
#include "core/protocol/known_canonical.hpp"
#include "core/protocol/payload_attributes.hpp"
#include "core/state/backoff.hpp"
#include "core/state/commitment_book.hpp"
#include "core/types.hpp"

namespace preconf::core {

struct LaneIdle {
  PRECONF_FIELDS(LaneIdle);
};

/// Steps of driver effect E4 (unsafe block processing) for a preconfirmed block.
enum class ApplyStep : std::uint8_t {
  kProbe = 0,    ///< R: is exactly this block there already? also the step after an unknown outcome
  kPrepare = 1,  ///< O: forkchoiceUpdated with attributes on the parent
  kTake = 2,     ///< X: getPayload
  kInsert = 3,   ///< C: newPayload
  kAdopt = 4,    ///< O: forkchoiceUpdated to the new block
  kConfirm = 5,  ///< R: read back; only now the head moves
};
[[nodiscard]] const char* name_of(ApplyStep step);

/// A temporary failure ends the plan; after a delay the heads are read again and the plan starts
/// anew with a probe. So every retry begins with what the engine has, not with what it had.
struct ApplyPlan {
  CommitmentKey key;
  protocol::PayloadAttributes attributes;
  ApplyStep step = ApplyStep::kProbe;
  CommandId command;            ///< in flight
  Seq started;                  ///< event that started the plan
  std::uint32_t rebuilds = 0;   ///< jobs that the engine lost
  PayloadId job;                ///< as the engine named it; from kTake on
  protocol::HeaderFacts built;  ///< from kInsert on
  ContentRef payload;           ///< from kInsert on
  PRECONF_FIELDS(ApplyPlan, key, attributes, step, command, started, rebuilds, job, built, payload);
};

/// Steps of driver effect E12 (engine consistency).
enum class ConsistencyStep : std::uint8_t {
  kReadHeads = 0,
  kReadParent = 1,  ///< R: parent of an adopted head, for the base fee of its child
  kIdentify = 2,    ///< R: is the head the block of a commitment that we hold?
};
[[nodiscard]] const char* name_of(ConsistencyStep step);

struct ConsistencyPlan {
  ConsistencyStep step = ConsistencyStep::kReadHeads;
  CommandId command;               ///< in flight
  protocol::HeaderFacts adopting;  ///< in kReadParent: the head to take over
  CommitmentKey suspect;           ///< in kIdentify: the commitment in question
  PRECONF_FIELDS(ConsistencyPlan, step, command, adopting, suspect);
};

/// Steps of driver effects E9 (safety progression) and E6 (attributes processing) for one block of
/// the proposal that is derived.
enum class DeriveStep : std::uint8_t {
  kAnchor = 0,    ///< R: hash and state root of the anchor's L1 block, when it was not observed
  kNonce = 1,     ///< R: golden touch's nonce on the parent
  kAssemble = 2,  ///< R: the transaction list
  kCompare = 3,   ///< R: does the chain have this very block?
  kPrepare = 4,   ///< O: forkchoiceUpdated with attributes on the parent; E6 from here
  kTake = 5,      ///< X: getPayload
  kInsert = 6,    ///< C: newPayload
  kAdopt = 7,     ///< O: forkchoiceUpdated to the new block
  kConfirm = 8,   ///< R: read back
  kRow = 9,       ///< O: origin row: now the block comes from L1
};
[[nodiscard]] const char* name_of(DeriveStep step);

/// One derived block on its way into the engine. A temporary failure ends it; the next attempt
/// begins anew, and finds by comparing what was done already.
struct DerivePlan {
  DeriveStep step = DeriveStep::kNonce;
  CommandId command;  ///< in flight
  Seq started;        ///< event that started the plan
  Seq proposal_seen;  ///< ObservedProposal::seen: another one there now, and the plan is obsolete
  std::uint32_t rebuilds = 0;
  protocol::PayloadAttributes attributes;
  protocol::AnchorCall anchor;
  Hash32 anchor_tx_hash;  ///< from kCompare on
  /// How the chain's block differs from the derived one; kNone: it is that very block.
  protocol::CanonicalMismatch mismatch = protocol::CanonicalMismatch::kNone;
  protocol::HeaderFacts block;  ///< what was found or built; from kRow or kInsert on
  Signature65 signature;        ///< of the row that was found; zero: none
  PayloadId job;                ///< from kTake on
  ContentRef payload;           ///< from kInsert on
  PRECONF_FIELDS(DerivePlan, step, command, started, proposal_seen, rebuilds, attributes, anchor,
                 anchor_tx_hash, mismatch, block, signature, job, payload);
};

/// Steps that end a proposal (E9), and those of the head L1 origin's rewind (T4).
enum class SettleStep : std::uint8_t {
  kPointer = 0,      ///< O: set the head L1 origin
  kMapping = 1,      ///< O: proposal -> its last block; not in a rewind
  kReadBack = 2,     ///< R: does the pointer say so now?
  kReadMapping = 3,  ///< R: does the mapping say so now? not in a rewind
  kLabels = 4,       ///< O: forkchoiceUpdated: safe and finalized move
};
[[nodiscard]] const char* name_of(SettleStep step);

struct SettlePlan {
  SettleStep step = SettleStep::kPointer;
  CommandId command;       ///< in flight
  bool is_rewind = false;  ///< T4: back to what L1 still says
  BlockRef target;         ///< last block of the proposal, or of the last one that is left
  Seq proposal_seen;       ///< as in DerivePlan; 0 in a rewind
  PRECONF_FIELDS(SettlePlan, step, command, is_rewind, target, proposal_seen);
};

/// Steps that find the block on which the first proposal is derived (resume point).
enum class ResumeStep : std::uint8_t {
  kOrigin = 0,  ///< R: the block that the head L1 origin names, with its row
  kBatch = 1,   ///< R: last block of a proposal
  kParent = 2,  ///< R: that block
  kBefore = 3,  ///< R: the block before it, for the base fee
  kAnchor = 4,  ///< R: its anchor number
};
[[nodiscard]] const char* name_of(ResumeStep step);

struct ResumePlan {
  ResumeStep step = ResumeStep::kOrigin;
  CommandId command;  ///< in flight
  Seq proposal_seen;  ///< as in DerivePlan: whose parent is sought; 0: only the scan's start is
  protocol::HeaderFacts parent;
  UnixSeconds before;  ///< timestamp of the parent's parent
  PRECONF_FIELDS(ResumePlan, step, command, proposal_seen, parent, before);
};

using EngineLane =
    std::variant<LaneIdle, ApplyPlan, ConsistencyPlan, DerivePlan, SettlePlan, ResumePlan>;

}  // namespace preconf::core
