#include "io/l1/rpc_batch.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "io/engine/engine_answers.hpp"
#include "io/json/json_writer.hpp"
#include "io/l1/limits.hpp"

namespace preconf::io::l1 {

using core::Unexpected;

namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

bool has_any(std::string_view text, std::initializer_list<std::string_view> parts) {
  return std::any_of(parts.begin(), parts.end(), [text](std::string_view part) {
    return text.find(part) != std::string_view::npos;
  });
}

RpcError not_json_rpc(std::string_view what) {
  return {RpcErrorKind::kOther, 0, detail_text(what)};
}

RpcError error_of(JsonValue error) {
  const auto message = error.get("message").as_string();
  const std::string code_text = error.get("code").to_text();
  std::int64_t code = 0;
  const char* const end = code_text.data() + code_text.size();
  const auto [last, failure] = std::from_chars(code_text.data(), end, code);
  if (failure != std::errc{} || last != end || !message) {
    return not_json_rpc("JSON-RPC error without code and message");
  }
  return {classify(code, *message), code, detail_text(*message)};
}

RpcAnswer answer_of(JsonValue object) {
  const JsonValue error = object.get("error");
  if (!error.missing() && !error.is_null()) return Unexpected{error_of(error)};
  const JsonValue result = object.get("result");
  if (result.missing()) return Unexpected{not_json_rpc("answer without result and error")};
  return result;
}

void put_call(JsonWriter& json, const RpcCall& call, std::uint64_t id) {
  json.begin_object().key("jsonrpc").text("2.0").key("id").number(id);
  json.key("method").text(call.method).key("params").raw(call.params).end_object();
}

}  // namespace

RpcErrorKind classify(std::int64_t code, std::string_view message) {
  constexpr std::int64_t kReverted = 3;      // geth, reth: execution reverted
  constexpr std::int64_t kTooMany = 429;     // some providers put HTTP's status here
  constexpr std::int64_t kUnknown = -39001;  // reth: Unknown block
  constexpr std::int64_t kLimit = -32005;    // EIP-1474: limit exceeded; results or requests
  const std::string text = lower(message);
  if (code == kReverted || has_any(text, {"revert", "invalid opcode"})) {
    return RpcErrorKind::kReverted;
  }
  if (has_any(text, {"more than", "too many results", "too many logs", "query timeout",
                     "response size", "block range", "range is too", "range too", "max results",
                     "result set", "max range", "eth_getlogs is limited"})) {
    return RpcErrorKind::kTooManyResults;
  }
  if (code == kTooMany || has_any(text, {"rate limit", "too many requests", "throttl", "quota",
                                         "capacity", "request limit", "credits"})) {
    return RpcErrorKind::kRateLimited;
  }
  if (has_any(text, {"batch"})) return RpcErrorKind::kBatchRefused;
  if (has_any(text, {"missing trie node", "state is not available", "state not available",
                     "historical state", "pruned", "state unavailable", "no state"})) {
    return RpcErrorKind::kStateMissing;
  }
  if (code == kUnknown || has_any(text, {"unknown block", "block not found", "header not found",
                                         "header for hash not found", "beyond current head",
                                         "beyond head", "greater than latest"})) {
    return RpcErrorKind::kUnknownBlock;
  }
  return code == kLimit ? RpcErrorKind::kRateLimited : RpcErrorKind::kOther;
}

std::string rpc_request(const std::vector<RpcCall>& calls, std::size_t first, std::size_t count) {
  JsonWriter json;
  if (count == 1) {
    put_call(json, calls.at(first), 1);
    return json.take();
  }
  json.begin_array();
  for (std::size_t i = 0; i < count; ++i) put_call(json, calls.at(first + i), i + 1);
  json.end_array();
  return json.take();
}

core::Result<core::Ok, RpcError> RpcBatch::append(std::string_view body, std::size_t count) {
  auto document = JsonDocument::parse(body, {.bytes_max = kAnswerBytesMax, .depth_max = 32});
  if (!document) {
    return Unexpected{
        not_json_rpc(std::string("answer is not JSON: ") + name_of(document.error()))};
  }
  const JsonValue root = document->root();
  std::vector<std::optional<RpcAnswer>> found(count);
  if (root.kind() == JsonKind::kObject) {
    RpcAnswer answer = answer_of(root);
    // A request of several calls that gets one answer was refused as a whole.
    if (count != 1) {
      return Unexpected{answer ? not_json_rpc("one answer to a batch") : answer.error()};
    }
    if (!answer && root.get("id").is_null()) return Unexpected{answer.error()};
    if (root.get("id").as_u64() != 1) return Unexpected{not_json_rpc("answer with another id")};
    found[0] = std::move(answer);
  } else {
    bool is_sound = root.kind() == JsonKind::kArray;
    root.each_element([&](JsonValue element) {
      const auto id = element.get("id").as_u64();
      is_sound = id && *id >= 1 && *id <= count && !found[*id - 1];
      if (is_sound) found[*id - 1] = answer_of(element);
      return is_sound;
    });
    if (!is_sound) return Unexpected{not_json_rpc("batch answer with wrong ids")};
  }
  if (!std::all_of(found.begin(), found.end(), [](const auto& one) { return one.has_value(); })) {
    return Unexpected{not_json_rpc("batch answer without some of its ids")};
  }
  for (std::optional<RpcAnswer>& one : found) answers_.push_back(std::move(*one));
  documents_.push_back(std::move(document).value());
  return core::Ok{};
}

}  // namespace preconf::io::l1
