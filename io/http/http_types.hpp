// Values of the HTTP server: requests, responses, limits, refusals.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace preconf::io {

/// Names one accepted connection; never reused within a server.
struct ConnectionId {
  std::uint64_t value = 0;
  friend auto operator<=>(const ConnectionId&, const ConnectionId&) = default;
};

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
  ConnectionId connection;
  std::string method;  ///< as received: "GET", "POST"
  std::string target;  ///< path and query, as received
  HttpHeaders headers;
  std::string body;

  /// First header of that name (case-insensitive), or empty.
  [[nodiscard]] std::string_view header(std::string_view name) const;
};

/// Content-Length, Date and Connection are added by the server; a Date given here is kept.
struct HttpResponse {
  unsigned status = 200;  ///< 0 closes the connection without an answer
  std::string body;
  std::string content_type = "application/json";
  HttpHeaders headers;
};

/// What a server grants one client. The defaults follow the limits other nodes learned to set
/// (users.md 2.F: a 2 MiB transaction list is 4 MiB as hex, so a smaller body would refuse a legal
/// publish).
struct HttpLimits {
  std::size_t body_bytes_max = 5 * 1024 * 1024;
  std::size_t header_bytes_max = 16 * 1024;
  std::size_t connections_max = 128;  ///< above: 503 and close
  std::chrono::milliseconds header_timeout{
      5'000};  ///< first byte of a request to end of its header
  std::chrono::milliseconds request_timeout{
      30'000};                                     ///< first byte of a request to end of its answer
  std::chrono::milliseconds idle_timeout{60'000};  ///< keep-alive without a request
  std::size_t ws_message_bytes_max = 5 * 1024 * 1024;
  std::size_t ws_queue_messages_max = 1'024;          ///< waiting for a reader; above: closed
  std::size_t ws_queue_bytes_max = 32 * 1024 * 1024;  ///< likewise
  std::chrono::milliseconds ws_idle_timeout{60'000};  ///< silence, pings unanswered; pinged at half
};

/// Why the server turned something away. Each has a counter.
enum class HttpRefusal : std::uint8_t {
  kTooManyConnections,  ///< 503
  kBadRequest,          ///< 400: not HTTP
  kHeaderTooLarge,      ///< 431
  kBodyTooLarge,        ///< 413
  kHeaderTimeout,       ///< 408: slow client
  kBodyTimeout,         ///< 408: slow client
  kHandlerTimeout,      ///< 503: no answer in time
  kSlowReader,          ///< closed: the client does not take its response
  kIdle,                ///< closed: keep-alive ran out
  kWsMessageTooLarge,   ///< close frame 1009
  kWsNotText,           ///< close frame 1003
  kWsProtocol,          ///< not WebSocket
  kWsSlowReader,        ///< closed: outgoing queue over its bound
  kWsIdle,              ///< closed: no pong
  kCount,
};
[[nodiscard]] const char* name_of(HttpRefusal refusal);

/// Why a WebSocket session ended.
enum class WsEnd : std::uint8_t { kByClient, kByServer, kSlowReader, kIdle, kRefused };
[[nodiscard]] const char* name_of(WsEnd end);

}  // namespace preconf::io
