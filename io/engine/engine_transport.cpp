#include "io/engine/engine_transport.hpp"

#include <curl/curl.h>

#include "core/limits.hpp"
#include "io/engine/engine_answers.hpp"

namespace preconf::io {

using core::events::Certainty;
using core::events::EngineFailed;
using core::events::EngineFailureKind;

namespace {

EngineFailureKind kind_of(const HttpResult& result) {
  switch (result.failure) {
    case HttpFailure::kConnect:
      return EngineFailureKind::kConnect;
    case HttpFailure::kTimeout:
      // A connection that does not come about within its time is no connection.
      return result.certainty == Certainty::kNotSent ? EngineFailureKind::kConnect
                                                     : EngineFailureKind::kTimeout;
    case HttpFailure::kTooLarge:
      return EngineFailureKind::kTooLarge;
    case HttpFailure::kNotHttp:
      return EngineFailureKind::kMalformed;
    case HttpFailure::kConnectionLost:
    case HttpFailure::kNone:
      break;
  }
  return EngineFailureKind::kConnectionLost;
}

}  // namespace

std::string diagnose_unauthorized(std::string_view date, core::UnixSeconds now) {
  constexpr std::uint64_t kWindowSeconds = 60;
  const std::string shown(date);
  const std::time_t theirs = date.empty() ? -1 : curl_getdate(shown.c_str(), nullptr);
  if (theirs < 0) return "engine sent no date: check the JWT secret, then both clocks";
  const auto engine = static_cast<std::uint64_t>(theirs);
  const bool behind = engine < now.value;
  const std::uint64_t skew = behind ? now.value - engine : engine - now.value;
  const std::string clocks = "engine clock " + std::to_string(engine) + " (" + shown +
                             "), our clock " + std::to_string(now.value) + ": engine is " +
                             std::to_string(skew) + " s " + (behind ? "behind" : "ahead");
  return clocks + (skew > kWindowSeconds ? "; tokens are accepted within 60 s: set the clocks"
                                         : "; clocks agree: check the JWT secret");
}

std::optional<EngineFailed> transport_failure(const HttpResult& result, core::UnixSeconds now) {
  constexpr unsigned kOk = 200;
  constexpr unsigned kUnauthorized = 401;
  constexpr unsigned kForbidden = 403;
  constexpr unsigned kServerErrors = 500;
  if (result.failure != HttpFailure::kNone) {
    return EngineFailed{kind_of(result), result.certainty, 0, detail_text(result.detail)};
  }
  if (result.status == kOk) return std::nullopt;
  const auto code = static_cast<std::int32_t>(result.status);
  const std::string status = "HTTP " + std::to_string(result.status) + ": ";
  if (result.status == kUnauthorized || result.status == kForbidden) {
    return EngineFailed{EngineFailureKind::kUnauthorized, Certainty::kAnswered, code,
                        detail_text(status + diagnose_unauthorized(result.date, now))};
  }
  // A gateway's 5xx says nothing about the engine behind it.
  const Certainty certainty =
      result.status >= kServerErrors ? Certainty::kUnknown : Certainty::kAnswered;
  std::string excerpt = result.body.substr(0, core::limits::kDetailBytesMax);
  for (char& c : excerpt) {
    if (static_cast<unsigned char>(c) >= 0x7f) c = '?';  // no promise of UTF-8 here
  }
  return EngineFailed{EngineFailureKind::kHttpStatus, certainty, code,
                      detail_text(status + excerpt)};
}

}  // namespace preconf::io
