// What an answer of the engine means for the plan that asked: a table of method x outcome, so that
// every cell can be read and tested.
#pragma once

#include <array>

#include "core/commands/commands.hpp"
#include "core/decision.hpp"
#include "core/events/engine.hpp"

namespace preconf::core::effects {

/// Methods, in the order of the table's rows.
enum class EngineMethod : std::uint8_t {
  kReadHeads = 0,
  kReadBlock = 1,
  kStartPayload = 2,
  kGetPayload = 3,
  kNewPayload = 4,
  kUpdateForkchoice = 5,
  kReadTable = 6,   ///< ReadCanonical, ReadGoldenNonce, ReadAnchorState, LookupBatch
  kWriteTable = 7,  ///< WriteOrigin, SetHeadL1Origin, SetBatchLastBlock
};
inline constexpr std::size_t kEngineMethodCount = 8;

/// Outcomes, in the order of the table's columns.
enum class EngineOutcomeClass : std::uint8_t {
  kResult = 0,  ///< a result without a payload status
  kValid = 1,
  kInvalid = 2,
  kSyncing = 3,
  kAccepted = 4,
  kNotSent = 5,  ///< certainly not seen by the engine
  kUnknown = 6,  ///< timeout or broken connection after sending
  kUnauthorized = 7,
  kHttpStatus = 8,
  kMalformed = 9,  ///< answered, but not understandable or over its bound
  kContentMissing = 10,
  kUnknownPayload = 11,     ///< Engine API -38001
  kInvalidForkchoice = 12,  ///< Engine API -38002
  kInvalidAttributes = 13,  ///< Engine API -38003
  kMethodNotFound = 14,     ///< JSON-RPC -32601
  kRpcError = 15,           ///< any other JSON-RPC error
};
inline constexpr std::size_t kEngineOutcomeClassCount = 16;

/// What the plan does next.
enum class EngineAction : std::uint8_t {
  kDone,     ///< go on
  kRetry,    ///< the same step again after a delay
  kProbe,    ///< read back first (after a delay): the call may have acted
  kRebuild,  ///< the job is gone: prepare again
  kReset,    ///< our view of the heads is wrong: engine consistency first
  kReject,   ///< permanent: the block is invalid
  kWedged,   ///< needs an operator; retried at the longest delay
};
[[nodiscard]] const char* name_of(EngineMethod method);
[[nodiscard]] const char* name_of(EngineOutcomeClass outcome);
[[nodiscard]] const char* name_of(EngineAction action);

/// Requires a body that is an engine call (not SetTimer).
[[nodiscard]] EngineMethod method_of(const CommandBody& body);
[[nodiscard]] EngineOutcomeClass outcome_class_of(const events::EngineResult& result);
[[nodiscard]] EngineAction action_for(EngineMethod method, EngineOutcomeClass outcome);

/// Why an answer that is no success makes a plan wait. INVALID is an answer out of place here: the
/// permanent verdict of newPayload is told apart by kReject before anybody asks for this.
[[nodiscard]] Reason reason_of(EngineOutcomeClass outcome);

}  // namespace preconf::core::effects
