#include "io/http/http_types.hpp"

#include <algorithm>

namespace preconf::io {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace

std::string_view HttpRequest::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (equal_ignoring_case(key, name)) return value;
  }
  return {};
}

const char* name_of(HttpRefusal refusal) {
  switch (refusal) {
    case HttpRefusal::kTooManyConnections:
      return "too_many_connections";
    case HttpRefusal::kBadRequest:
      return "bad_request";
    case HttpRefusal::kHeaderTooLarge:
      return "header_too_large";
    case HttpRefusal::kBodyTooLarge:
      return "body_too_large";
    case HttpRefusal::kHeaderTimeout:
      return "header_timeout";
    case HttpRefusal::kBodyTimeout:
      return "body_timeout";
    case HttpRefusal::kHandlerTimeout:
      return "handler_timeout";
    case HttpRefusal::kSlowReader:
      return "slow_reader";
    case HttpRefusal::kIdle:
      return "idle";
    case HttpRefusal::kWsMessageTooLarge:
      return "ws_message_too_large";
    case HttpRefusal::kWsNotText:
      return "ws_not_text";
    case HttpRefusal::kWsProtocol:
      return "ws_protocol";
    case HttpRefusal::kWsSlowReader:
      return "ws_slow_reader";
    case HttpRefusal::kWsIdle:
      return "ws_idle";
    case HttpRefusal::kCount:
      break;
  }
  return "unknown";
}

const char* name_of(WsEnd end) {
  switch (end) {
    case WsEnd::kByClient:
      return "by_client";
    case WsEnd::kByServer:
      return "by_server";
    case WsEnd::kSlowReader:
      return "slow_reader";
    case WsEnd::kIdle:
      return "idle";
    case WsEnd::kRefused:
      return "refused";
  }
  return "unknown";
}

}  // namespace preconf::io
