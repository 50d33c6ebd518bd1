// The engine lane: at most one plan talks to the engine at a time.
#pragma once

#include <variant>

#include "core/base/fields.hpp"
#include "core/protocol/block_header.hpp"
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

using EngineLane = std::variant<LaneIdle, ApplyPlan, ConsistencyPlan>;

}  // namespace preconf::core
