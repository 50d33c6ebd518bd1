#include "io/rpc/rpc_request.hpp"

namespace preconf::io {

RpcRefusal refusal_of(JsonError error) {
  switch (error) {
    case JsonError::kTooLarge:
      return RpcRefusal::kTooLarge;
    case JsonError::kTooDeep:
      return RpcRefusal::kTooDeep;
    case JsonError::kNumber:
      return RpcRefusal::kNumber;
    case JsonError::kUtf8:
      return RpcRefusal::kUtf8;
    case JsonError::kSyntax:
      break;
  }
  return RpcRefusal::kSyntax;
}

const char* defect_of(JsonValue call) {
  if (call.kind() != JsonKind::kObject) return "request is not an object";
  if (call.get("jsonrpc").as_string() != "2.0") return "jsonrpc must be \"2.0\"";
  if (call.get("method").kind() != JsonKind::kString) return "method must be a string";
  const JsonKind id = call.get("id").kind();
  if (id != JsonKind::kMissing && id != JsonKind::kNull && id != JsonKind::kString &&
      id != JsonKind::kNumber) {
    return "id must be a string or a number";
  }
  const JsonKind params = call.get("params").kind();
  if (params != JsonKind::kMissing && params != JsonKind::kNull && params != JsonKind::kArray &&
      params != JsonKind::kObject) {
    return "params must be an array or an object";
  }
  return nullptr;
}

const char* name_of(RpcRefusal refusal) {
  switch (refusal) {
    case RpcRefusal::kSyntax:
      return "syntax";
    case RpcRefusal::kUtf8:
      return "not_utf8";
    case RpcRefusal::kNumber:
      return "number_out_of_range";
    case RpcRefusal::kTooDeep:
      return "too_deep";
    case RpcRefusal::kTooLarge:
      return "too_large";
    case RpcRefusal::kInvalidRequest:
      return "invalid_request";
    case RpcRefusal::kEmptyBatch:
      return "empty_batch";
    case RpcRefusal::kBatchTooLarge:
      return "batch_too_large";
    case RpcRefusal::kMethodNotFound:
      return "method_not_found";
    case RpcRefusal::kTooManyPending:
      return "too_many_pending";
    case RpcRefusal::kResponseTooLarge:
      return "response_too_large";
    case RpcRefusal::kSubscription:
      return "subscription";
    case RpcRefusal::kContentType:
      return "content_type";
    case RpcRefusal::kNoSuchPage:
      return "no_such_page";
    case RpcRefusal::kCount:
      break;
  }
  return "unknown";
}

}  // namespace preconf::io
