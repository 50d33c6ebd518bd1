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
/// The same for a block that comes from L1: its row names the L1 block.
[[nodiscard]] std::string start_derived_request(const core::commands::StartDerivedPayload& command,
                                                core::BytesView tx_list_rlp);
/// engine_forkchoiceUpdatedV2 with null attributes.
[[nodiscard]] std::string update_forkchoice_request(const core::commands::ForkchoiceState& state);
/// engine_getPayloadV2.
[[nodiscard]] std::string get_payload_request(const core::PayloadId& id);
/// engine_newPayloadV2; `payload_json` is one JSON object.
[[nodiscard]] std::string new_payload_request(core::BytesView payload_json);

/// eth_getTransactionCount of golden touch, only if `block_hash` is canonical.
[[nodiscard]] std::string golden_nonce_request(const core::Hash32& block_hash);
/// eth_call of getBlockState() in the state of a block.
[[nodiscard]] std::string anchor_state_request(const core::Hash32& block_hash,
                                               const core::Address& anchor_address);
/// eth_getRawTransactionByBlockHashAndIndex of transaction 0.
[[nodiscard]] std::string first_transaction_request(const core::Hash32& block_hash);
/// taikoAuth_lastBlockIDByBatchID.
[[nodiscard]] std::string lookup_batch_request(core::ProposalId id);
/// taikoAuth_updateL1Origin. The spelling of members as in start_payload_request.
[[nodiscard]] std::string write_origin_request(const core::commands::WriteOrigin& command);
/// taikoAuth_setHeadL1Origin.
[[nodiscard]] std::string set_head_origin_request(core::BlockNumber number);
/// taikoAuth_setBatchToLastBlock.
[[nodiscard]] std::string set_batch_request(core::ProposalId id, core::BlockNumber last_block);

}  // namespace preconf::io
