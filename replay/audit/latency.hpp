// Latencies in whole milliseconds: a histogram of bounded size, and its percentiles.
#pragma once

#include <cstdint>
#include <map>

#include "core/base/fields.hpp"

namespace preconf::replay::audit {

/// Nearest-rank percentiles, milliseconds; exact below 128 ms, rounded up by less than 1/64 above.
struct Percentiles {
  std::uint64_t count = 0;
  std::uint64_t early = 0;  ///< values below zero; they count as zero
  std::uint64_t p50 = 0;
  std::uint64_t p90 = 0;
  std::uint64_t p99 = 0;
  std::uint64_t max = 0;  ///< exact
  PRECONF_FIELDS(Percentiles, count, early, p50, p90, p99, max);
};

struct LatencySummary {
  Percentiles seen;      ///< first arrival minus the block's timestamp
  Percentiles admitted;  ///< admission minus first arrival
  Percentiles executed;  ///< execution minus first arrival
  PRECONF_FIELDS(LatencySummary, seen, admitted, executed);
};

/// Log-linear: at most 128 + 58 * 64 buckets.
class Histogram {
 public:
  /// `to` minus `from`, both nanoseconds since 1970.
  void add(std::uint64_t from_ns, std::uint64_t to_ns);
  void add(const Histogram& other);
  [[nodiscard]] Percentiles percentiles() const;

 private:
  [[nodiscard]] std::uint64_t at_rank(std::uint64_t rank) const;

  std::map<std::uint32_t, std::uint64_t> buckets_;
  std::uint64_t count_ = 0;
  std::uint64_t early_ = 0;
  std::uint64_t max_ = 0;
};

struct Latencies {
  Histogram seen;
  Histogram admitted;
  Histogram executed;

  void add(const Latencies& other);
  [[nodiscard]] LatencySummary summary() const;
};

}  // namespace preconf::replay::audit
