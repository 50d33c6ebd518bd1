#include "io/metrics/metrics.hpp"

#include <gtest/gtest.h>

namespace preconf::io {
namespace {

bool has(const std::string& text, const std::string& line) {
  return text.find(line + "\n") != std::string::npos;
}

TEST(Metrics, TextFormat) {
  Metrics metrics;
  metrics.counter("c_total", "help c", {{"reason", "a"}}).add(3);
  metrics.gauge("g", "help g").set(1.5);
  const auto seconds = metrics.histogram("h", "help h", {}, {0.1, 1});
  seconds.observe(0.05);
  seconds.observe(0.5);
  seconds.observe(50);
  const std::string text = metrics.text();
  EXPECT_TRUE(has(text, "# TYPE c_total counter"));
  EXPECT_TRUE(has(text, "c_total{reason=\"a\"} 3"));
  EXPECT_TRUE(has(text, "g 1.5"));
  EXPECT_TRUE(has(text, "h_bucket{le=\"0.1\"} 1"));
  EXPECT_TRUE(has(text, "h_bucket{le=\"+Inf\"} 3"));
  EXPECT_TRUE(has(text, "h_count 3"));
}

TEST(Metrics, SameNameAndLabelsAreOneMetric) {
  Metrics metrics;
  const auto first = metrics.counter("c_total", "help", {{"k", "v"}});
  const auto again = metrics.counter("c_total", "help", {{"k", "v"}});
  const auto other = metrics.counter("c_total", "help", {{"k", "w"}});
  first.add();
  EXPECT_EQ(again.value(), 1U);
  EXPECT_EQ(other.value(), 0U);
}

TEST(Metrics, EmptyHandlesCountNothing) {
  CounterHandle().add();
  GaugeHandle().set(1);
  HistogramHandle().observe(1);
  EXPECT_EQ(CounterHandle().value(), 0U);
}

}  // namespace
}  // namespace preconf::io
