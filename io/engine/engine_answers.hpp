// From the text of the engine's answers to results; pure, total, bounded.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/commands/commands.hpp"
#include "core/events/engine.hpp"
#include "core/protocol/chain_profile.hpp"
#include "io/json/json_reader.hpp"

namespace preconf::io {

/// JSON-RPC 2.0, section 5.1; reth's answer to whatever has no code of its own.
inline constexpr std::int32_t kInternalErrorCode = -32603;

/// A result with the content it refers to, if any.
struct EngineAnswer {
  core::events::EngineResult result;
  std::shared_ptr<const core::Bytes> content;
};

[[nodiscard]] core::events::EngineResult heads_from(std::string_view body);
[[nodiscard]] core::events::EngineResult block_from(std::string_view body, core::BlockNumber asked);
[[nodiscard]] core::events::EngineResult forkchoice_from(std::string_view body);
[[nodiscard]] core::events::EngineResult judgement_from(std::string_view body);
/// PayloadTaken only when the rebuilt header hashes to the payload's blockHash.
[[nodiscard]] EngineAnswer payload_from(std::string_view body,
                                        const core::commands::GetPayload& command,
                                        const core::protocol::ChainProfile& chain);

[[nodiscard]] core::events::EngineResult canonical_from(std::string_view body,
                                                        core::BlockNumber asked);
[[nodiscard]] core::events::EngineResult nonce_from(std::string_view body);
[[nodiscard]] core::events::EngineResult anchor_state_from(std::string_view body);
/// The same from a block's raw first transaction; no transaction: no anchor.
[[nodiscard]] core::events::EngineResult anchor_in_transaction_from(
    std::string_view body, const core::Address& anchor_address);
[[nodiscard]] core::events::EngineResult batch_found_from(std::string_view body);
/// TableWritten only when the engine repeats the number that was written.
[[nodiscard]] core::events::EngineResult number_written_from(std::string_view body,
                                                             std::uint64_t written);
[[nodiscard]] core::events::EngineResult origin_written_from(std::string_view body,
                                                             core::BlockNumber written);

/// kMalformed: the engine may have acted, what it said can not be read.
[[nodiscard]] core::events::EngineFailed malformed(std::string_view detail);
/// At most limits::kDetailBytesMax bytes of printable text; cut at a character.
[[nodiscard]] std::string detail_text(std::string_view text);

/// The "result" of one JSON-RPC answer object, or the failure that it stands for. The detail of an
/// internal error is its message and, where there is one, "data.err".
[[nodiscard]] core::Result<JsonValue, core::events::EngineFailed> result_of(JsonValue answer);
/// Parses a body under the bounds of engine answers.
[[nodiscard]] core::Result<JsonDocument, core::events::EngineFailed> parse_answer(
    std::string_view body);

}  // namespace preconf::io
