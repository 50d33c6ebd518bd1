#include "core/protocol/reputation.hpp"

#include <array>
#include <cstddef>

namespace preconf::core::protocol {
namespace {

/// 2^32 * 2^(-2^i / 600), rounded: one factor per bit of the seconds within a half-life.
constexpr std::array<std::int64_t, 10> kFactors{
    4'290'008'420, 4'285'055'270, 4'275'166'119, 4'255'456'231, 4'216'308'643,
    4'139'090'556, 3'988'871'033, 3'704'589'819, 3'195'364'430, 2'377'283'257};
constexpr std::int64_t kOne = std::int64_t{1} << 32;
static_assert(kHalfLifeSeconds < (1U << kFactors.size()));
static_assert(kScoreMin > INT64_MIN / kOne && kScoreMax < INT64_MAX / kOne, "products fit");

}  // namespace

std::int64_t decayed(std::int64_t score, std::uint64_t seconds) {
  const std::uint64_t halvings = seconds / kHalfLifeSeconds;
  constexpr std::uint64_t kNothingLeft = 32;  // 2^32 is more than any score
  if (halvings >= kNothingLeft) return 0;
  score /= std::int64_t{1} << halvings;
  const std::uint64_t rest = seconds % kHalfLifeSeconds;
  for (std::size_t bit = 0; bit < kFactors.size(); ++bit) {
    if ((rest >> bit & 1) != 0) score = score * kFactors[bit] / kOne;
  }
  return score;
}

}  // namespace preconf::core::protocol
