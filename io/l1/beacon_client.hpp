// Blobs from beacon nodes, and from blob servers when those do not have them (any more). What is
// checked: the commitment hashes to what was asked for, and the size. That the bytes belong to the
// commitment is believed, as deployed drivers do.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "io/l1/beacon_json.hpp"
#include "io/l1/limits.hpp"
#include "io/loop/event_loop.hpp"

namespace preconf::io {
class Metrics;
}

namespace preconf::io::l1 {

enum class BlobErrorKind : std::uint8_t {
  kUnavailable,  ///< nobody answered
  kMissing,      ///< who answered does not have it
  kMismatch,     ///< served under its name was another one
  kMalformed,    ///< answered, but not understandable
};
struct BlobError {
  BlobErrorKind kind = BlobErrorKind::kUnavailable;
  core::Hash32 hash;  ///< the first one that is still missing
  std::string detail;
  std::vector<FetchedBlob> found;  ///< those of the others that did come
};

[[nodiscard]] core::Millis monotonic_millis();

struct BeaconClientOptions {
  std::vector<std::string> beacon_urls;  ///< in the order of preference
  std::vector<std::string> server_urls;  ///< blob servers, asked after all beacon nodes
  core::protocol::EpochClock clock;      ///< usable
  std::chrono::milliseconds request_timeout = kRequestTimeout;
  std::chrono::milliseconds connect_timeout = kConnectTimeout;
  Metrics* metrics = nullptr;  ///< outlives the client
  std::function<core::Millis()> now = monotonic_millis;
};

class BeaconClient {
 public:
  /// Callbacks run exactly once, on the loop's thread, never inside the call; not at all when the
  /// client is destroyed first.
  using BlobsCallback =
      std::function<void(core::Result<std::vector<FetchedBlob>, BlobError> blobs)>;
  using ClockCallback =
      std::function<void(core::Result<core::protocol::EpochClock, std::string> clock)>;

  BeaconClient(EventLoop& loop, BeaconClientOptions options);
  ~BeaconClient();
  BeaconClient(const BeaconClient&) = delete;
  BeaconClient& operator=(const BeaconClient&) = delete;

  // All: loop thread only, or before run().

  /// All blobs of `hashes` (each once), carried by the L1 block with this timestamp. Requires at
  /// most kBlobsPerSlotMax hashes, without repetition. A server that answered 429, or named a time
  /// in Retry-After, is not asked before that is over (at most kRetryAfterMaxMs). One that let a
  /// request run out of time is asked after all others for a while (kSilentShunMaxMs at most).
  void fetch(core::UnixSeconds timestamp, std::vector<core::Hash32> hashes, BlobsCallback callback);
  /// The same of all but `avoided`, and of nobody who was silent lately: a second opinion is not
  /// waited for long. With nobody to ask it fails like any other.
  void fetch_elsewhere(core::UnixSeconds timestamp, std::vector<core::Hash32> hashes,
                       const std::vector<std::string>& avoided, BlobsCallback callback);

  /// Genesis time and slots of the first beacon node that answers.
  void read_clock(ClockCallback callback);

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace preconf::io::l1
