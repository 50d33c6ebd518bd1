// Inputs that were refused before they became events, summed up: a flood of garbage costs the log
// one event per reason and interval.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "core/types.hpp"
#include "node/loop/input_queue.hpp"

namespace preconf::node {

/// Distinct reasons kept apart in one interval; the rest is counted as "other".
inline constexpr std::size_t kRejectedReasonsMax = 64;

class RejectedIngress {
 public:
  /// Any thread. The first sample of an interval is kept.
  void count(std::string_view reason, const core::Hash32& sample);

  /// Offers one IngressRejected per reason, in `lane`, and starts a new interval. What the queue
  /// refuses stays for the next one.
  void flush(InputQueue& inputs, core::Lane lane = core::Lane::kMaintenance);

 private:
  struct Sum {
    std::uint64_t count = 0;
    core::Hash32 sample;
  };
  std::mutex mutex_;
  std::map<std::string, Sum, std::less<>> sums_;
};

}  // namespace preconf::node
