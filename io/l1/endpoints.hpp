// Which of several endpoints is asked next: the first one in the operator's order that is not
// resting, and, if there is such a one, was not blamed lately. No I/O, no clock.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/types.hpp"
#include "io/l1/limits.hpp"

namespace preconf::io::l1 {

/// Why an endpoint did not answer, or why its answer was of no use.
enum class EndpointFailure : std::uint8_t {
  kConnect,      ///< no connection
  kTimeout,      ///< no complete answer in time
  kLost,         ///< the connection broke
  kStatus,       ///< HTTP status
  kRateLimited,  ///< HTTP 429, or the same as JSON-RPC error
  kMalformed,    ///< not understandable
  kWrongChain,   ///< eth_chainId is another one
  kError,        ///< an error, or too much, where another one had an answer
  kBehind,       ///< it does not have what another one has
  kFalseHeader,  ///< a header that does not hash to its name
  kFalseLogs,    ///< logs that contradict each other, their header, or the chain of proposals
  kHidesLogs,    ///< a block of its had none, of another endpoint's it has
  kCount,
};
[[nodiscard]] const char* name_of(EndpointFailure failure);

struct Endpoint {
  std::string url;
  bool is_checked = false;     ///< it is of our chain
  std::size_t batch_max = 0;   ///< calls that it takes at once
  std::uint32_t failures = 0;  ///< in a row
  core::Millis rests_until;    ///< monotonic; it is not asked
  /// Answers that were of no use; that it answers does not clear them, kAnswersForgiving do.
  std::uint32_t blames = 0;
  std::uint32_t answers_since_blame = 0;
  core::Millis shunned_until;  ///< it is asked only when no other one may be
  std::uint64_t failures_total = 0;
};

class Endpoints {
 public:
  /// At least one URL, at most kEndpointsMax.
  explicit Endpoints(std::vector<std::string> urls, std::size_t batch_max = kBatchCallsMax);

  /// Nothing: all that were not tried rest, see rest_of().
  [[nodiscard]] std::optional<std::size_t> pick(core::Millis now,
                                                const std::vector<bool>& tried) const;
  /// How long until one may be asked again; 0: now.
  [[nodiscard]] core::Millis rest_of(core::Millis now) const;

  /// Whether the answer is of use is not known yet: its reader blames.
  void on_answered(std::size_t index);
  void on_blamed(std::size_t index, core::Millis now);
  /// `retry_after` is what the endpoint asked for; 0: nothing.
  void on_failed(std::size_t index, EndpointFailure failure, core::Millis now,
                 core::Millis retry_after);

  [[nodiscard]] Endpoint& at(std::size_t index) { return endpoints_.at(index); }
  [[nodiscard]] const std::vector<Endpoint>& all() const { return endpoints_; }

 private:
  std::vector<Endpoint> endpoints_;
};

/// Milliseconds that a Retry-After header asks for: seconds, or an HTTP date after `now`. At most
/// kRetryAfterMaxMs; 0 when it says nothing.
[[nodiscard]] core::Millis retry_after_of(const std::string& header, core::UnixSeconds now);

}  // namespace preconf::io::l1
