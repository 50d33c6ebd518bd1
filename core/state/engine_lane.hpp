// The engine lane: at most one plan talks to the engine at a time.
#pragma once

#include <variant>

#include "core/base/fields.hpp"
#include "core/protocol/block_header.hpp"
#include "core/protocol/payload_attributes.hpp"
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
  kBackoff = 6,  ///< waits for the retry timer
};
[[nodiscard]] const char* name_of(ApplyStep step);

struct ApplyPlan {
  CommitmentKey key;
  protocol::PayloadAttributes attributes;
  ApplyStep step = ApplyStep::kProbe;
  ApplyStep resume = ApplyStep::kProbe;  ///< step after kBackoff: kProbe or kInsert
  std::uint32_t attempts = 0;            ///< temporary failures so far
  CommandId command;                     ///< in flight, meaningless in kBackoff
  Seq started;                           ///< event that started the plan
  PayloadId job;                         ///< as the engine named it
  protocol::HeaderFacts built;           ///< from kInsert on
  ContentRef payload;                    ///< from kInsert on
  PRECONF_FIELDS(ApplyPlan, key, attributes, step, resume, attempts, command, started, job, built,
                 payload);
};

/// Steps of driver effect E12 (engine consistency).
enum class ConsistencyStep : std::uint8_t {
  kReadHeads = 0,
  kReadParent = 1,  ///< R: parent of an adopted head, for the base fee of its child
  kBackoff = 2,
};
[[nodiscard]] const char* name_of(ConsistencyStep step);

struct ConsistencyPlan {
  ConsistencyStep step = ConsistencyStep::kReadHeads;
  std::uint32_t attempts = 0;
  CommandId command;
  protocol::HeaderFacts adopting;  ///< in kReadParent: the head to take over
  PRECONF_FIELDS(ConsistencyPlan, step, attempts, command, adopting);
};

using EngineLane = std::variant<LaneIdle, ApplyPlan, ConsistencyPlan>;

}  // namespace preconf::core
