// HttpClient: HTTP calls driven by an EventLoop, with keep-alive. libcurl's multi interface is
// inside.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "core/events/engine.hpp"
#include "io/http/http_types.hpp"
#include "io/loop/event_loop.hpp"

namespace preconf::io {

struct HttpCall {
  std::string url;
  bool post = true;  ///< else GET
  HttpHeaders headers;
  std::string body;  ///< of a POST
  std::chrono::milliseconds connect_timeout{2'000};
  std::chrono::milliseconds total_timeout{12'000};
  std::size_t response_bytes_max = 10 * 1024 * 1024;
};

enum class HttpFailure : std::uint8_t {
  kNone,
  kConnect,         ///< no connection (refused, unreachable, name, TLS)
  kTimeout,         ///< no complete answer within the deadline
  kConnectionLost,  ///< broke after the request may have left
  kTooLarge,        ///< answer over response_bytes_max
  kNotHttp,         ///< answer is not HTTP
};
[[nodiscard]] const char* name_of(HttpFailure failure);

struct HttpResult {
  HttpFailure failure = HttpFailure::kNone;
  /// kAnswered iff failure is kNone. kNotSent: no byte of the request left.
  core::events::Certainty certainty = core::events::Certainty::kUnknown;
  unsigned status = 0;
  std::string body;
  std::string date;         ///< Date header of the answer, or empty
  std::string retry_after;  ///< Retry-After header, or empty: seconds or a date
  std::string detail;       ///< of a failure
  std::uint32_t elapsed_us = 0;
  bool reused_connection = false;
};

class HttpClient {
 public:
  using Callback = std::function<void(HttpResult)>;

  explicit HttpClient(EventLoop& loop);
  /// Calls in progress are dropped without calling back.
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  /// Starts a call. `callback` runs exactly once, on the loop's thread, never inside send(). Loop
  /// thread only, or before run().
  void send(HttpCall call, Callback callback);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace preconf::io
