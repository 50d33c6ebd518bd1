// Bounds that input from L1 can press against, with unit and reason; a page of its own beside
// core/limits.hpp, because few files need it.
#pragma once

#include <cstddef>

namespace preconf::core::limits {

/// Sources of one proposal. The inbox puts at most ten forced inclusions before the proposer's own;
/// the rest is room for a later contract.
inline constexpr std::size_t kProposalSourcesMax = 64;
/// Blobs of one source: several times what one L1 transaction may carry.
inline constexpr std::size_t kSourceBlobsMax = 128;
/// Inflated manifest. A forced inclusion, which anybody may send, is one blob: at the most that
/// zlib can do (1,032 to 1) it stays below. More than that is work for a proposer's own blobs only.
inline constexpr std::size_t kManifestBytesMax = 160UL * 1024 * 1024;
/// Slots of one lookahead: 32 per epoch.
inline constexpr std::size_t kLookaheadSlotsMax = 32;
/// L1 facts that the schedule is computed from, after pruning: some epochs of lookaheads, each
/// operator change and blacklisting since.
inline constexpr std::size_t kLookaheadFactsMax = 1'024;
/// Operators of the whitelist (its contract counts them in a uint8).
inline constexpr std::size_t kWhitelistOperatorsMax = 255;

static_assert(130'044 * 1'032 < kManifestBytesMax, "one blob can not inflate to more");

}  // namespace preconf::core::limits
