#include "replay/audit/latency.hpp"

#include <algorithm>
#include <bit>

namespace preconf::replay::audit {
namespace {

constexpr std::uint64_t kLinear = 128;  ///< values below have a bucket of their own
constexpr unsigned kSubBits = 6;        ///< 64 buckets for each further power of two
constexpr std::uint64_t kNanosPerMilli = 1'000'000;

std::uint32_t bucket_of(std::uint64_t value) {
  if (value < kLinear) return static_cast<std::uint32_t>(value);
  const auto exponent = static_cast<unsigned>(std::bit_width(value)) - 1;  // at least 7
  const std::uint64_t sub = (value >> (exponent - kSubBits)) & ((1u << kSubBits) - 1);
  return static_cast<std::uint32_t>(kLinear + ((exponent - 7) << kSubBits) + sub);
}

/// Largest value of a bucket.
std::uint64_t top_of(std::uint32_t bucket) {
  if (bucket < kLinear) return bucket;
  const std::uint64_t above = bucket - kLinear;
  const auto exponent = static_cast<unsigned>(above >> kSubBits) + 7;
  const std::uint64_t sub = above & ((1u << kSubBits) - 1);
  const std::uint64_t step = std::uint64_t{1} << (exponent - kSubBits);
  return (std::uint64_t{1} << exponent) + (sub + 1) * step - 1;
}

}  // namespace

void Histogram::add(std::uint64_t from_ns, std::uint64_t to_ns) {
  ++count_;
  if (to_ns < from_ns) ++early_;
  const std::uint64_t value = to_ns < from_ns ? 0 : (to_ns - from_ns) / kNanosPerMilli;
  ++buckets_[bucket_of(value)];
  max_ = std::max(max_, value);
}

void Histogram::add(const Histogram& other) {
  for (const auto& [bucket, count] : other.buckets_) buckets_[bucket] += count;
  count_ += other.count_;
  early_ += other.early_;
  max_ = std::max(max_, other.max_);
}

std::uint64_t Histogram::at_rank(std::uint64_t rank) const {
  std::uint64_t passed = 0;
  for (const auto& [bucket, count] : buckets_) {
    passed += count;
    if (passed >= rank) return std::min(top_of(bucket), max_);
  }
  return max_;
}

Percentiles Histogram::percentiles() const {
  if (count_ == 0) return {};
  const auto rank = [this](std::uint64_t percent) { return (count_ * percent + 99) / 100; };
  return {count_, early_, at_rank(rank(50)), at_rank(rank(90)), at_rank(rank(99)), max_};
}

void Latencies::add(const Latencies& other) {
  seen.add(other.seen);
  admitted.add(other.admitted);
  executed.add(other.executed);
}

LatencySummary Latencies::summary() const {
  return {seen.percentiles(), admitted.percentiles(), executed.percentiles()};
}

}  // namespace preconf::replay::audit
