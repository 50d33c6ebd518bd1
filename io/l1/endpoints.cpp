#include "io/l1/endpoints.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <charconv>

#include "core/base/assert.hpp"

namespace preconf::io::l1 {

Endpoints::Endpoints(std::vector<std::string> urls, std::size_t batch_max) {
  PRECONF_ASSERT(!urls.empty() && urls.size() <= kEndpointsMax);
  for (std::string& url : urls) {
    Endpoint endpoint;
    endpoint.url = std::move(url);
    endpoint.batch_max = batch_max;
    endpoints_.push_back(std::move(endpoint));
  }
}

std::optional<std::size_t> Endpoints::pick(core::Millis now, const std::vector<bool>& tried) const {
  std::optional<std::size_t> shunned;
  for (std::size_t i = 0; i < endpoints_.size(); ++i) {
    const Endpoint& endpoint = endpoints_[i];
    if (tried[i] || endpoint.rests_until > now) continue;
    if (endpoint.shunned_until <= now) return i;
    const bool is_sooner = !shunned || endpoint.shunned_until < endpoints_[*shunned].shunned_until;
    if (is_sooner) shunned = i;
  }
  return shunned;
}

core::Millis Endpoints::rest_of(core::Millis now) const {
  const auto first = std::min_element(
      endpoints_.begin(), endpoints_.end(),
      [](const Endpoint& a, const Endpoint& b) { return a.rests_until < b.rests_until; });
  return core::Millis{core::distance(now, first->rests_until)};
}

void Endpoints::on_answered(std::size_t index) {
  Endpoint& endpoint = endpoints_[index];
  endpoint.failures = 0;
  if (++endpoint.answers_since_blame >= kAnswersForgiving) endpoint.blames = 0;
}

void Endpoints::on_blamed(std::size_t index, core::Millis now) {
  Endpoint& endpoint = endpoints_[index];
  ++endpoint.failures_total;
  constexpr std::uint32_t kDoublings = 9;
  const std::uint64_t shunned =
      std::min(kEndpointRestFirstMs << std::min(endpoint.blames, kDoublings), kEndpointShunMaxMs);
  ++endpoint.blames;
  endpoint.answers_since_blame = 0;
  // A rest that is longer already is kept, a Retry-After for example.
  const core::Millis rested{now.value + kEndpointRestFirstMs};
  endpoint.rests_until = std::max(endpoint.rests_until, rested);
  endpoint.shunned_until = core::Millis{now.value + shunned};
}

void Endpoints::on_failed(std::size_t index, EndpointFailure failure, core::Millis now,
                          core::Millis retry_after) {
  Endpoint& endpoint = endpoints_[index];
  ++endpoint.failures_total;
  std::uint64_t rest = kWrongChainRestMs;
  if (failure == EndpointFailure::kWrongChain) {
    endpoint.is_checked = false;
  } else {
    constexpr std::uint32_t kDoublings = 5;
    rest = std::min(kEndpointRestFirstMs << std::min(endpoint.failures, kDoublings),
                    kEndpointRestMaxMs);
  }
  // Another machine may answer at this address next time.
  if (failure == EndpointFailure::kConnect || failure == EndpointFailure::kLost) {
    endpoint.is_checked = false;
  }
  ++endpoint.failures;
  endpoint.rests_until =
      core::Millis{now.value + std::max(rest, std::min(retry_after.value, kRetryAfterMaxMs))};
}

core::Millis retry_after_of(const std::string& header, core::UnixSeconds now) {
  if (header.empty()) return {};
  std::uint64_t seconds = 0;
  const char* const end = header.data() + header.size();
  const auto [last, failure] = std::from_chars(header.data(), end, seconds);
  if (failure != std::errc{} || last != end) {
    const std::time_t date = curl_getdate(header.c_str(), nullptr);
    if (date < 0) return {};
    seconds = core::distance(now, core::UnixSeconds{static_cast<std::uint64_t>(date)});
  }
  return core::Millis{std::min(seconds, kRetryAfterMaxMs / 1'000) * 1'000};
}

const char* name_of(EndpointFailure failure) {
  // clang-format off
  switch (failure) {
    case EndpointFailure::kConnect: return "connect";
    case EndpointFailure::kTimeout: return "timeout";
    case EndpointFailure::kLost: return "lost";
    case EndpointFailure::kStatus: return "status";
    case EndpointFailure::kRateLimited: return "rate_limited";
    case EndpointFailure::kMalformed: return "malformed";
    case EndpointFailure::kWrongChain: return "wrong_chain";
    case EndpointFailure::kError: return "error";
    case EndpointFailure::kBehind: return "behind";
    case EndpointFailure::kFalseHeader: return "false_header";
    case EndpointFailure::kFalseLogs: return "false_logs";
    case EndpointFailure::kHidesLogs: return "hides_logs";
    case EndpointFailure::kCount: break;
  }
  // clang-format on
  return "unknown";
}

}  // namespace preconf::io::l1
