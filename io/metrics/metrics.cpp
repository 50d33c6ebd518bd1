#include "io/metrics/metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

namespace preconf::io {

struct Metrics::Impl {
  // Merge: asking again for a name gives the family that exists.
  std::shared_ptr<prometheus::Registry> registry =
      std::make_shared<prometheus::Registry>(prometheus::Registry::InsertBehavior::Merge);

  /// A pointer to one metric that keeps the registry.
  template <class Metric>
  std::shared_ptr<void> share(Metric& metric) const {
    return std::shared_ptr<void>(registry, &metric);
  }
};

void CounterHandle::add(std::uint64_t count) const {
  if (counter_ != nullptr) {
    static_cast<prometheus::Counter*>(counter_.get())->Increment(static_cast<double>(count));
  }
}

std::uint64_t CounterHandle::value() const {
  if (counter_ == nullptr) return 0;
  return static_cast<std::uint64_t>(static_cast<prometheus::Counter*>(counter_.get())->Value());
}

void GaugeHandle::set(double value) const {
  if (gauge_ != nullptr) static_cast<prometheus::Gauge*>(gauge_.get())->Set(value);
}

double GaugeHandle::value() const {
  return gauge_ == nullptr ? 0 : static_cast<prometheus::Gauge*>(gauge_.get())->Value();
}

void HistogramHandle::observe(double value) const {
  if (histogram_ != nullptr) static_cast<prometheus::Histogram*>(histogram_.get())->Observe(value);
}

Metrics::Metrics() : impl_(std::make_unique<Impl>()) {}
Metrics::~Metrics() = default;

CounterHandle Metrics::counter(const std::string& name, const std::string& help,
                               const MetricLabels& labels) {
  CounterHandle handle;
  handle.counter_ = impl_->share(
      prometheus::BuildCounter().Name(name).Help(help).Register(*impl_->registry).Add(labels));
  return handle;
}

GaugeHandle Metrics::gauge(const std::string& name, const std::string& help,
                           const MetricLabels& labels) {
  GaugeHandle handle;
  handle.gauge_ = impl_->share(
      prometheus::BuildGauge().Name(name).Help(help).Register(*impl_->registry).Add(labels));
  return handle;
}

HistogramHandle Metrics::histogram(const std::string& name, const std::string& help,
                                   const MetricLabels& labels, const std::vector<double>& bounds) {
  HistogramHandle handle;
  handle.histogram_ = impl_->share(prometheus::BuildHistogram()
                                       .Name(name)
                                       .Help(help)
                                       .Register(*impl_->registry)
                                       .Add(labels, bounds));
  return handle;
}

std::string Metrics::text() const {
  return prometheus::TextSerializer().Serialize(impl_->registry->Collect());
}

const std::vector<double>& Metrics::duration_bounds() {
  static const std::vector<double> kBounds = {0.01, 0.05, 0.1, 0.25, 0.5, 1,
                                              2.5,  5,    10,  30,   60,  120};
  return kBounds;
}

}  // namespace preconf::io
