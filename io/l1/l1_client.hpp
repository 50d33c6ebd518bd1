// JSON-RPC to L1: several endpoints with failover, batches, rate limits. Reads only.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "io/l1/endpoints.hpp"
#include "io/l1/rpc_batch.hpp"
#include "io/loop/event_loop.hpp"

namespace preconf::io {
class Metrics;
}

namespace preconf::io::l1 {

/// Why a request has no answer from anybody.
enum class L1ErrorKind : std::uint8_t {
  kUnavailable,  ///< every endpoint failed, or rests
  kTooLarge,     ///< the answer is over its bound: ask for less
};
struct L1Error {
  L1ErrorKind kind = L1ErrorKind::kUnavailable;
  core::Millis retry_after;  ///< until an endpoint may be asked again
  std::string detail;        ///< of the last endpoint asked
};

struct L1ClientOptions {
  std::vector<std::string> urls;  ///< in the order of preference
  std::uint64_t chain_id = 0;     ///< what eth_chainId must answer
  std::chrono::milliseconds request_timeout = kRequestTimeout;
  std::chrono::milliseconds connect_timeout = kConnectTimeout;
  std::chrono::milliseconds attempt_timeout = kAttemptTimeout;
  Metrics* metrics = nullptr;  ///< outlives the client
};

class L1Client {
 public:
  /// All answers are of one endpoint. Errors that say something of what was asked for (too many
  /// results, reverted, unknown block, state missing) are the caller's to judge. Others are among
  /// the answers only when no endpoint did better: then they are those of the last one that
  /// answered. Runs exactly once, on the loop's thread, never inside call(); not at all when the
  /// client is destroyed first.
  using Callback = std::function<void(core::Result<RpcBatch, L1Error>)>;

  L1Client(EventLoop& loop, L1ClientOptions options);
  ~L1Client();
  L1Client(const L1Client&) = delete;
  L1Client& operator=(const L1Client&) = delete;

  // All: loop thread only, or before run().

  /// At least one call. More than an endpoint takes at once are sent one part after the other.
  /// `avoided` is asked only when no other endpoint answers.
  void call(std::vector<RpcCall> calls, Callback callback,
            std::optional<std::size_t> avoided = std::nullopt);

  /// The endpoint of an answer does not have what others have, or contradicts itself: it rests, and
  /// for longer each time it is asked only when no other one may be.
  void blame(std::size_t endpoint, EndpointFailure failure);

  [[nodiscard]] const std::vector<Endpoint>& endpoints() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace preconf::io::l1
