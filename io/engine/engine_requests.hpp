// JSON-RPC request bodies of the engine's methods; pure functions of the commands.
#pragma once

#include <string>

#include "core/commands/commands.hpp"

namespace preconf::io {

/// Ids in a batch answer: element i of the request has id i + 1.
[[nodiscard]] std::string read_heads_request();
[[nodiscard]] std::string read_block_request(core::BlockNumber number);

/// engine_forkchoiceUpdatedV2 with Taiko's attributes. taiko-geth's spelling (blockID,
/// buildPayloadArgsID) is read by both engines; extraData is Base64, gasLimit a plain number.
[[nodiscard]] std::string start_payload_request(const core::commands::ForkchoiceState& state,
                                                const core::protocol::PayloadAttributes& attributes,
                                                core::BytesView tx_list_rlp);
/// engine_forkchoiceUpdatedV2 with null attributes.
[[nodiscard]] std::string update_forkchoice_request(const core::commands::ForkchoiceState& state);
/// engine_getPayloadV2.
[[nodiscard]] std::string get_payload_request(const core::PayloadId& id);
/// engine_newPayloadV2; `payload_json` is one JSON object.
[[nodiscard]] std::string new_payload_request(core::BytesView payload_json);

}  // namespace preconf::io
