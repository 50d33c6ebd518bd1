// Arithmetic of peer scores: millionths in 64 bits, so that equal histories give equal scores on
// every machine and in every build.
#pragma once

#include <algorithm>
#include <compare>
#include <cstdint>

namespace preconf::io::wire {

/// A number of millionths. Products round towards zero. Operands of * and square() are at most
/// kFactorMax in size, which the counters of peer_scores.hpp keep, so nothing overflows.
struct Score {
  std::int64_t micro = 0;

  static constexpr std::int64_t kUnit = 1'000'000;
  static constexpr std::int64_t kFactorMax = 1'000 * kUnit;

  [[nodiscard]] static constexpr Score whole(std::int64_t n) { return Score{n * kUnit}; }
  [[nodiscard]] static constexpr Score milli(std::int64_t n) { return Score{n * (kUnit / 1000)}; }

  friend constexpr auto operator<=>(const Score&, const Score&) = default;
  friend constexpr Score operator+(Score a, Score b) { return Score{a.micro + b.micro}; }
  friend constexpr Score operator-(Score a) { return Score{-a.micro}; }
};

/// a * b; |a| may be up to 10^12 units when |b| is at most 2 units or so: |a.micro| times the whole
/// and the fractional part of b are formed apart.
[[nodiscard]] constexpr Score times(Score a, Score b) {
  const std::int64_t whole = b.micro / Score::kUnit;
  const std::int64_t rest = b.micro % Score::kUnit;
  const std::int64_t high = a.micro / Score::kUnit * rest;
  const std::int64_t low = a.micro % Score::kUnit * rest / Score::kUnit;
  return Score{a.micro * whole + high + low};
}

/// a * a. Requires |a| <= kFactorMax.
[[nodiscard]] constexpr Score square(Score a) { return Score{a.micro * a.micro / Score::kUnit}; }

[[nodiscard]] constexpr Score clamped(Score value, Score max) {
  return Score{std::clamp(value.micro, -max.micro, max.micro)};
}

}  // namespace preconf::io::wire
