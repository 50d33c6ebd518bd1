// Measured durations and their order statistics.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <vector>

namespace preconf::bench {

using Clock = std::chrono::steady_clock;

inline double micros_since(Clock::time_point start) {
  return std::chrono::duration<double, std::micro>(Clock::now() - start).count();
}

/// Durations of one kind of operation, microseconds.
class Samples {
 public:
  void add(double micros) { values_.push_back(micros); }
  /// Adds how long `work` takes.
  template <class Work>
  double time(Work&& work) {
    const auto start = Clock::now();
    work();
    add(micros_since(start));
    return values_.back();
  }
  /// The value below which `share` (0 to 1) of the samples lie; 0 without samples.
  [[nodiscard]] double at(double share) {
    if (values_.empty()) return 0;
    const auto index = std::min(
        values_.size() - 1, static_cast<std::size_t>(static_cast<double>(values_.size()) * share));
    std::nth_element(values_.begin(), values_.begin() + static_cast<std::ptrdiff_t>(index),
                     values_.end());
    return values_[index];
  }
  [[nodiscard]] double p50() { return at(0.5); }
  [[nodiscard]] double p99() { return at(0.99); }
  [[nodiscard]] std::size_t count() const { return values_.size(); }

 private:
  std::vector<double> values_;
};

}  // namespace preconf::bench
