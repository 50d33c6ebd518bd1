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
/// Blobs of all sources of one proposal: one L1 block carries fewer, and so does each forced
/// inclusion.
inline constexpr std::size_t kProposalBlobsMax = 256;
/// Blocks that the sources of one proposal describe: the proposer's own source at most 768, each
/// forced inclusion one. More is undecided, not defaulted.
inline constexpr std::size_t kProposalBlocksMax = 4'096;
/// Facts of one L1 block. At most one proposal per block; the rest are proofs and rare changes.
inline constexpr std::size_t kFactsPerL1BlockMax = 256;
/// Of all facts of one L1 block together, so that its event stays below the log's largest payload
/// (1 MiB): sources, their blob hashes, lookahead slots. One proposal's are what one transaction
/// can hold; the rest is room.
inline constexpr std::size_t kL1BlockSourcesMax = 1'024;
inline constexpr std::size_t kL1BlockBlobHashesMax = kProposalSourcesMax * kSourceBlobsMax;
inline constexpr std::size_t kL1BlockSlotsMax = 2'048;
/// L1 blocks remembered by hash: a reorg down to the oldest of them is followed. Finalized ones
/// beyond kL1LinksKept are dropped.
inline constexpr std::size_t kL1LinksMax = 4'096;
inline constexpr std::size_t kL1LinksKept = 640;
/// Proposals that wait to be derived; above it L1 blocks are refused until some are done.
inline constexpr std::size_t kProposalsPendingMax = 512;
/// Derived proposals remembered for a reorg, beyond those that L1 finalized.
inline constexpr std::size_t kProposalsDerivedMax = 4'096;
/// Contradicted promises that are remembered, for what still links to them.
inline constexpr std::size_t kContradictedMax = 256;
/// Promises that were compared with L1 and may have to be again: those of two epochs that wait for
/// finality are some hundreds. Above it the lowest heights are forgotten: after a reorg of L1
/// nothing new is said of them.
inline constexpr std::size_t kJudgedPromisesMax = 4'096;
/// Promises that a proposal left out. Above it the highest are forgotten, and said again with the
/// next proposal that leaves them out.
inline constexpr std::size_t kMissedPromisesMax = 1'024;
/// Slots of one lookahead: 32 per epoch.
inline constexpr std::size_t kLookaheadSlotsMax = 32;
/// L1 facts that the schedule is computed from, after pruning: some epochs of lookaheads, each
/// operator change and blacklisting since.
inline constexpr std::size_t kLookaheadFactsMax = 1'024;
/// Operators of the whitelist (its contract counts them in a uint8).
inline constexpr std::size_t kWhitelistOperatorsMax = 255;

static_assert(kL1LinksKept >= 512 + 96, "every anchor that a proposal may name, and two epochs");

static_assert(130'044 * 1'032 < kManifestBytesMax, "one blob can not inflate to more");

}  // namespace preconf::core::limits
