// Metrics: counters, gauges and histograms with labels, and their Prometheus text. prometheus-cpp
// is inside. All functions may be called from any thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace preconf::io {

using MetricLabels = std::map<std::string, std::string>;

/// Handles are values that may be copied and may outlive their Metrics: an answer that comes late
/// on another thread still counts somewhere.
class CounterHandle {
 public:
  CounterHandle() = default;  ///< counts nothing
  void add(std::uint64_t count = 1) const;
  [[nodiscard]] std::uint64_t value() const;

 private:
  friend class Metrics;
  std::shared_ptr<void> counter_;
};

class GaugeHandle {
 public:
  GaugeHandle() = default;
  void set(double value) const;
  [[nodiscard]] double value() const;

 private:
  friend class Metrics;
  std::shared_ptr<void> gauge_;
};

class HistogramHandle {
 public:
  HistogramHandle() = default;
  void observe(double value) const;

 private:
  friend class Metrics;
  std::shared_ptr<void> histogram_;
};

class Metrics {
 public:
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  /// The same name and labels give the same metric. Names follow Prometheus rules:
  /// [a-z_][a-z0-9_]*, counters end in _total. Label values come from our own tables, never from a
  /// peer's input.
  CounterHandle counter(const std::string& name, const std::string& help,
                        const MetricLabels& labels = {});
  GaugeHandle gauge(const std::string& name, const std::string& help,
                    const MetricLabels& labels = {});
  /// `bounds` ascending, without infinity.
  HistogramHandle histogram(const std::string& name, const std::string& help,
                            const MetricLabels& labels, const std::vector<double>& bounds);

  /// Text exposition format 0.0.4.
  [[nodiscard]] std::string text() const;

  /// Seconds, 10 ms to 120 s, as the reference driver uses them.
  [[nodiscard]] static const std::vector<double>& duration_bounds();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace preconf::io
