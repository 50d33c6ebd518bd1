// Answers of the L2 execution engine: raw facts. What they mean for a plan is decided in the
// reducer (effects/engine_verdict.hpp), so that a changed rule can be tried on an old log.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "core/base/bytes.hpp"
#include "core/base/fields.hpp"
#include "core/protocol/block_header.hpp"
#include "core/protocol/known_canonical.hpp"
#include "core/types.hpp"

namespace preconf::core::events {

/// PayloadStatusV1.status. Persistent values: never renumber.
enum class PayloadStatus : std::uint8_t { kValid = 0, kInvalid = 1, kSyncing = 2, kAccepted = 3 };
[[nodiscard]] const char* name_of(PayloadStatus status);

/// What went wrong with a call. Persistent values: never renumber.
enum class EngineFailureKind : std::uint8_t {
  kTimeout = 0,         ///< no complete answer within the deadline
  kConnect = 1,         ///< no connection; the request did not leave
  kConnectionLost = 2,  ///< the connection broke after the request may have left
  kUnauthorized = 3,    ///< HTTP 401 or 403 (JWT secret or clock)
  kHttpStatus = 4,      ///< any other HTTP status than 200
  kTooLarge = 5,        ///< answer over its bound
  kMalformed = 6,       ///< not JSON, too deep, or not the promised shape
  kRpcError = 7,        ///< JSON-RPC error object; `code` is its code
  kContentMissing = 8,  ///< our content store does not have the bytes to send
  kNotExecuted = 9,     ///< the executor's final gate refused: the command is stale
};
[[nodiscard]] const char* name_of(EngineFailureKind kind);

/// Did the engine act on the call? Persistent values: never renumber.
enum class Certainty : std::uint8_t {
  kAnswered = 0,  ///< the engine answered (perhaps with an error)
  kNotSent = 1,   ///< the engine can not have seen the request
  kUnknown = 2,   ///< it may or may not have acted
};
[[nodiscard]] const char* name_of(Certainty certainty);

/// Answer to commands::ReadHeads. "None" means that the engine said so, never that we do not know.
struct HeadsRead {
  std::uint64_t chain_id = 0;
  std::optional<protocol::HeaderFacts> latest;
  std::optional<BlockRef> safe;
  std::optional<BlockRef> finalized;
  std::optional<BlockNumber> head_l1_origin;
  PRECONF_FIELDS(HeadsRead, chain_id, latest, safe, finalized, head_l1_origin);
};

/// Answer to commands::ReadBlock.
struct BlockRead {
  BlockNumber number;  ///< as asked
  std::optional<protocol::HeaderFacts> block;
  std::optional<protocol::OriginRow> origin;
  std::optional<BlockNumber> head_l1_origin;
  PRECONF_FIELDS(BlockRead, number, block, origin, head_l1_origin);
};

/// Answer to commands::StartPayload and commands::UpdateForkchoice.
struct ForkchoiceAnswered {
  PayloadStatus status = PayloadStatus::kSyncing;
  std::optional<Hash32> latest_valid_hash;
  std::optional<PayloadId> payload_id;
  std::string validation_error;  ///< at most limits::kDetailBytesMax bytes
  PRECONF_FIELDS(ForkchoiceAnswered, status, latest_valid_hash, payload_id, validation_error);
};

/// Answer to commands::GetPayload. The payload's JSON is in the content store. io/ has rebuilt the
/// header from the payload and found that it hashes to header.hash; otherwise it reports
/// kMalformed.
struct PayloadTaken {
  protocol::HeaderFacts header;
  ContentRef payload;  ///< canonical newPayloadV2 parameter (JSON text)
  std::uint32_t transactions = 0;
  PRECONF_FIELDS(PayloadTaken, header, payload, transactions);
};

/// Answer to commands::NewPayload.
struct PayloadJudged {
  PayloadStatus status = PayloadStatus::kSyncing;
  std::optional<Hash32> latest_valid_hash;
  std::string validation_error;  ///< at most limits::kDetailBytesMax bytes
  PRECONF_FIELDS(PayloadJudged, status, latest_valid_hash, validation_error);
};

/// Answer to commands::ReadCanonical: the block at a height with everything that a derived block is
/// compared with.
struct CanonicalRead {
  BlockNumber number;  ///< as asked
  std::optional<protocol::CanonicalBlockFacts> block;
  std::optional<Signature65> signature;  ///< of the origin row, when it has one that is not zero
  std::optional<BlockNumber> head_l1_origin;
  PRECONF_FIELDS(CanonicalRead, number, block, signature, head_l1_origin);
};

/// Answer to commands::ReadGoldenNonce.
struct NonceRead {
  std::uint64_t nonce = 0;
  PRECONF_FIELDS(NonceRead, nonce);
};

/// Answer to commands::ReadAnchorState.
struct AnchorStateRead {
  std::optional<L1BlockNumber> anchor;  ///< none: not what the anchor contract answers
  PRECONF_FIELDS(AnchorStateRead, anchor);
};

/// Answer to commands::LookupBatch.
struct BatchFound {
  std::optional<BlockNumber> last_block;  ///< none: not found, or not certain
  PRECONF_FIELDS(BatchFound, last_block);
};

/// Answer to commands::WriteOrigin, SetHeadL1Origin and SetBatchLastBlock: done, as echoed.
struct TableWritten {
  PRECONF_FIELDS(TableWritten);
};

/// The call did not end with a result.
struct EngineFailed {
  EngineFailureKind kind = EngineFailureKind::kTimeout;
  Certainty certainty = Certainty::kUnknown;
  std::int32_t code = 0;  ///< JSON-RPC error code, HTTP status or 0
  std::string detail;     ///< at most limits::kDetailBytesMax bytes
  PRECONF_FIELDS(EngineFailed, kind, certainty, code, detail);
};

using EngineResult =
    std::variant<HeadsRead, BlockRead, ForkchoiceAnswered, PayloadTaken, PayloadJudged,
                 EngineFailed, CanonicalRead, NonceRead, AnchorStateRead, BatchFound, TableWritten>;

/// Exactly one per command that reaches the executor.
struct EngineAnswered {
  CommandId command;
  std::uint32_t elapsed_us = 0;
  EngineResult result;
  PRECONF_FIELDS(EngineAnswered, command, elapsed_us, result);
};

}  // namespace preconf::core::events
