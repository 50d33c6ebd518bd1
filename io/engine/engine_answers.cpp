#include "io/engine/engine_answers.hpp"

#include <charconv>
#include <optional>
#include <utility>

#include "core/limits.hpp"
#include "io/json/eth_json.hpp"

namespace preconf::io {

using core::Unexpected;
using core::events::Certainty;
using core::events::EngineFailed;
using core::events::EngineFailureKind;
using core::events::EngineResult;

template <class T>
using Read = core::Result<T, EngineFailed>;

std::string detail_text(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, core::limits::kDetailBytesMax)) {
    const auto code = static_cast<unsigned char>(c);
    out += code < 0x20 || code == 0x7f ? ' ' : c;
  }
  // Cutting may have split a UTF-8 sequence: drop its beginning.
  if (text.size() > out.size()) {
    std::size_t end = out.size();
    while (end > 0 && (static_cast<unsigned char>(out[end - 1]) & 0xC0) == 0x80) --end;
    if (end > 0 && static_cast<unsigned char>(out[end - 1]) >= 0xC0) --end;
    out.resize(end);
  }
  return out;
}

EngineFailed malformed(std::string_view detail) {
  return {EngineFailureKind::kMalformed, Certainty::kUnknown, 0, detail_text(detail)};
}

namespace {

/// Single calls have id 1. An error may have none: the engine could not read what it was asked
/// (JSON-RPC 2.0, section 5). The ids of a batch are for who reads its parts.
bool is_answer_to_us(JsonValue root) {
  if (root.kind() != JsonKind::kObject) return true;
  const JsonValue id = root.get("id");
  if (id.as_u64() == 1) return true;
  const JsonValue error = root.get("error");
  return (id.missing() || id.is_null()) && !error.missing() && !error.is_null();
}

}  // namespace

Read<JsonDocument> parse_answer(std::string_view body) {
  auto document = JsonDocument::parse(body, {.bytes_max = 64 * 1024 * 1024, .depth_max = 32});
  if (!document) {
    return Unexpected{malformed(std::string("answer is not JSON: ") + name_of(document.error()))};
  }
  if (!is_answer_to_us(document->root())) return Unexpected{malformed("answer with another id")};
  return std::move(document).value();
}

namespace {

/// Code and message of an "error" member.
Read<EngineFailed> error_of(JsonValue error) {
  const auto message = error.get("message").as_string();
  const std::string code_text = error.get("code").to_text();
  std::int32_t code = 0;
  const auto [end, failure] =
      std::from_chars(code_text.data(), code_text.data() + code_text.size(), code);
  if (failure != std::errc{} || end != code_text.data() + code_text.size() || !message) {
    return Unexpected{malformed("JSON-RPC error without code and message")};
  }
  std::string detail(*message);
  if (code == kInternalErrorCode) {
    // reth's message is "Server error" whatever happened; what did is in data.err.
    if (const auto what = error.get("data").get("err").as_string()) {
      detail += ": ";
      detail += *what;
    }
  }
  return EngineFailed{EngineFailureKind::kRpcError, Certainty::kAnswered, code,
                      detail_text(detail)};
}

struct StatusRead {
  core::events::PayloadStatus status = core::events::PayloadStatus::kSyncing;
  std::optional<core::Hash32> latest_valid_hash;
  std::string validation_error;
};

std::optional<core::events::PayloadStatus> status_from(std::string_view text) {
  using core::events::PayloadStatus;
  if (text == "VALID") return PayloadStatus::kValid;
  if (text == "INVALID") return PayloadStatus::kInvalid;
  if (text == "SYNCING") return PayloadStatus::kSyncing;
  if (text == "ACCEPTED") return PayloadStatus::kAccepted;
  return std::nullopt;
}

/// PayloadStatusV1.
Read<StatusRead> payload_status_from(JsonValue value) {
  StatusRead read;
  const auto text = value.get("status").as_string();
  if (!text) return Unexpected{malformed("payload status: no status")};
  const auto status = status_from(*text);
  if (!status) {
    return Unexpected{malformed("payload status: unknown status " + std::string(*text))};
  }
  read.status = *status;
  const JsonValue latest = value.get("latestValidHash");
  if (!latest.missing() && !latest.is_null()) {
    read.latest_valid_hash = as_fixed<32>(latest);
    if (!read.latest_valid_hash) return Unexpected{malformed("payload status: latestValidHash")};
  }
  const JsonValue error = value.get("validationError");
  if (!error.missing() && !error.is_null()) {
    const auto message = error.as_string();
    if (!message) return Unexpected{malformed("payload status: validationError")};
    read.validation_error = detail_text(*message);
  }
  return read;
}

}  // namespace

Read<JsonValue> result_of(JsonValue answer) {
  if (answer.kind() != JsonKind::kObject) return Unexpected{malformed("answer is no object")};
  const JsonValue error = answer.get("error");
  if (!error.missing() && !error.is_null()) {
    auto failure = error_of(error);
    return Unexpected{failure ? std::move(failure).value() : failure.error()};
  }
  const JsonValue result = answer.get("result");
  if (result.missing()) return Unexpected{malformed("answer without result and error")};
  return result;
}

EngineResult forkchoice_from(std::string_view body) {
  const auto document = parse_answer(body);
  if (!document) return document.error();
  const auto result = result_of(document->root());
  if (!result) return result.error();
  auto read = payload_status_from(result->get("payloadStatus"));
  if (!read) return read.error();
  core::events::ForkchoiceAnswered answered;
  answered.status = read->status;
  answered.latest_valid_hash = read->latest_valid_hash;
  answered.validation_error = read->validation_error;
  const JsonValue id = result->get("payloadId");
  if (!id.missing() && !id.is_null()) {
    answered.payload_id = as_fixed<8>(id);
    if (!answered.payload_id) return malformed("bad payloadId");
  }
  return answered;
}

EngineResult judgement_from(std::string_view body) {
  const auto document = parse_answer(body);
  if (!document) return document.error();
  const auto result = result_of(document->root());
  if (!result) return result.error();
  const auto read = payload_status_from(*result);
  if (!read) return read.error();
  return core::events::PayloadJudged{read->status, read->latest_valid_hash, read->validation_error};
}

}  // namespace preconf::io
