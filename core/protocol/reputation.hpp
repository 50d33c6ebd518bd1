// Points of a peer's score and how they fade: integer arithmetic only.
//
// P2P specification, section 7: +0.05 for what helped, -1 per failure with at most -4 per 10 s,
// decay with a half-life of 600 s, greylist at -5, ban at -10 or when -5 lasts for more than 30 s.
#pragma once

#include <cstdint>

namespace preconf::core::protocol {

/// Scores are counted in millionths of a point.
inline constexpr std::int64_t kPoint = 1'000'000;
inline constexpr std::int64_t kScoreMax = 10 * kPoint;
inline constexpr std::int64_t kScoreMin = -100 * kPoint;
inline constexpr std::int64_t kRewardPoints = kPoint / 20;
inline constexpr std::int64_t kPenaltyPoints = kPoint;
/// Requests over our rate limit: a client that is only eager must not be lost.
inline constexpr std::int64_t kEagerPenaltyPoints = kPoint / 10;
inline constexpr std::int64_t kPenaltyCapPoints = 4 * kPoint;
inline constexpr std::uint64_t kPenaltyCapSeconds = 10;
inline constexpr std::int64_t kGreylistScore = -5 * kPoint;
inline constexpr std::int64_t kBanScore = -10 * kPoint;
inline constexpr std::uint64_t kGreylistBanSeconds = 30;
/// Deployed peers ban for the life of their process; identities are cheap, errors are honest.
inline constexpr std::uint64_t kBanSeconds = 3'600;
inline constexpr std::uint64_t kHalfLifeSeconds = 600;

/// score * 2^(-seconds / 600), rounded towards zero; the same on every machine.
/// Requires kScoreMin <= score <= kScoreMax.
[[nodiscard]] std::int64_t decayed(std::int64_t score, std::uint64_t seconds);

}  // namespace preconf::core::protocol
