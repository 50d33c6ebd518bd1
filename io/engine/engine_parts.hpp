// Parts of answers that several reads share: batches, blocks, L1 origin rows.
#pragma once

#include <array>
#include <optional>
#include <span>

#include "core/protocol/block_header.hpp"
#include "io/engine/engine_answers.hpp"
#include "io/json/eth_json.hpp"

namespace preconf::io {

template <class T>
using EngineRead = core::Result<T, core::events::EngineFailed>;

/// The result, or nothing when the engine said that there is none.
[[nodiscard]] EngineRead<std::optional<JsonValue>> optional_result_of(JsonValue answer);

[[nodiscard]] EngineRead<core::protocol::HeaderFacts> header_from(JsonValue block);
[[nodiscard]] EngineRead<std::optional<core::protocol::HeaderFacts>> optional_header_from(
    JsonValue answer);

/// A row of the engine's l1_origin table. Members of a preconfirmed row may be null or absent.
[[nodiscard]] EngineRead<core::protocol::OriginRow> origin_from(JsonValue origin);
[[nodiscard]] EngineRead<std::optional<core::protocol::OriginRow>> optional_origin_from(
    JsonValue answer);

/// The answers of a batch with ids 1 .. `count`, into `answers`; false when they are not that.
[[nodiscard]] core::Result<core::Ok, core::events::EngineFailed> read_batch(
    JsonValue root, std::span<JsonValue> answers);

/// The answers of a batch in order of their ids 1 .. N.
template <std::size_t N>
[[nodiscard]] EngineRead<std::array<JsonValue, N>> batch_of(JsonValue root) {
  std::array<JsonValue, N> answers;
  auto read = read_batch(root, answers);
  if (!read) return core::Unexpected{read.error()};
  return answers;
}

}  // namespace preconf::io
