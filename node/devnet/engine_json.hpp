// JSON of the Engine API and of Taiko's methods <-> values of the simulated engine. Strict where
// alethia-reth is: a wrong member is named in the error (-32602).
#pragma once

#include <string>

#include "core/base/result.hpp"
#include "io/json/json_reader.hpp"
#include "io/json/json_writer.hpp"
#include "node/devnet/engine_chain.hpp"

namespace preconf::node::devnet {

/// Either the value or what is wrong with the parameter.
template <class T>
using Parsed = core::Result<T, std::string>;

[[nodiscard]] Parsed<core::commands::ForkchoiceState> forkchoice_state_from(io::JsonValue value);
/// engine_forkchoiceUpdatedV2's second parameter (not null).
[[nodiscard]] Parsed<BuildRequest> build_request_from(io::JsonValue value);
/// engine_newPayloadV2's parameter.
[[nodiscard]] Parsed<PayloadClaim> payload_claim_from(io::JsonValue value,
                                                      const core::protocol::ChainProfile& chain);
/// An l1Origin object; accepts blockId and blockID, buildPayloadArgsId and buildPayloadArgsID.
[[nodiscard]] Parsed<StoredOrigin> origin_from(io::JsonValue value);

/// PayloadStatusV1.
void write_status(io::JsonWriter& out, const StatusAnswer& status);
/// {payloadStatus, payloadId}.
[[nodiscard]] std::string forkchoice_json(const ForkchoiceAnswer& answer);
/// {executionPayload, blockValue}: ExecutionPayloadV2 shape; under Unzen blockValue carries the
/// header's difficulty.
[[nodiscard]] std::string payload_json(const SimBlock& block,
                                       const core::protocol::ChainProfile& chain);
/// The row as alethia reads it back: L1 height and hash are never null.
[[nodiscard]] std::string origin_json(const StoredOrigin& origin);
/// eth_getBlockBy*: transactions as hashes or, with `full`, as objects.
[[nodiscard]] std::string block_json(const SimBlock& block, bool full);

}  // namespace preconf::node::devnet
