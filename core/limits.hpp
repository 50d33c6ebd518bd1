// Every bound of the program that input can press against, with its unit and its reason.
#pragma once

#include <cstddef>
#include <cstdint>

namespace preconf::core::limits {

// --- wire ---------------------------------------------------------------------------------------

/// Compressed transaction list (P2P specification: MAX_TXLIST_BYTES).
inline constexpr std::size_t kTxListBytesMax = 2'097'152;
/// Inflated transaction list; the permissionless network uses the same bound as for compressed.
inline constexpr std::size_t kTxListInflatedBytesMax = 2'097'152;
/// An RLP element takes at least one byte; this keeps the element index small.
inline constexpr std::size_t kTxListTransactionsMax = 65'536;
/// Header extraData (Ethereum yellow paper: 32 bytes).
inline constexpr std::size_t kExtraDataBytesMax = 32;
/// Text from outside that enters the log (engine error messages).
inline constexpr std::size_t kDetailBytesMax = 256;

// --- reducer state ------------------------------------------------------------------------------

/// How far above the executed head a commitment may point. Bounds memory against a scheduled signer
/// that promises block 2^63; ten epochs of 384 blocks are the reference's retention.
inline constexpr std::uint64_t kHeightsAheadMax = 3'840;
/// Competing commitments of one signer and window kept per height; more are counted and dropped,
/// evidence exists already.
inline constexpr std::size_t kCandidatesPerHeightMax = 4;
/// Commitments whose parent is not known yet.
inline constexpr std::size_t kPendingParentMax = 1'024;
/// Commitments whose timestamp no known window covers.
inline constexpr std::size_t kPendingScheduleMax = 256;
/// All commitments held in any phase. Above it the ones farthest from the head are dropped.
inline constexpr std::size_t kCommitmentsMax = 8'192;
/// Facts of transaction lists that no held commitment refers to yet.
inline constexpr std::size_t kUnreferencedTxListsMax = 256;
/// Executed blocks remembered above the confirmed boundary, for parent links and re-opened heights.
inline constexpr std::size_t kExecutedBlocksMax = 4'096;
/// EOP-only commitments and windows that are closed by an EOP.
inline constexpr std::size_t kHandoffsMax = 256;
/// Evidence records kept in state; the log keeps all.
inline constexpr std::size_t kEvidenceMax = 1'024;
/// Windows of one schedule table: 18 days of one window per epoch.
inline constexpr std::size_t kScheduleWindowsMax = 4'096;
/// Distinct reasons of refused inputs that are counted in the state.
inline constexpr std::size_t kIngressReasonsMax = 256;

// --- commands and timers ------------------------------------------------------------------------

/// Commands one event may cause: each plan advances at most one step per event, plus timers.
inline constexpr std::size_t kCommandsPerEventMax = 8;
/// Commands without an outcome. One engine lane plus reads plus timers.
inline constexpr std::size_t kInFlightMax = 64;
/// Decisions one event may cause: a schedule change may re-judge every buffered commitment.
inline constexpr std::size_t kDecisionsPerEventMax = 2 * kCommitmentsMax;

/// First and largest delay of a retry, milliseconds. Doubles in between.
inline constexpr std::uint64_t kRetryDelayFirstMs = 250;
inline constexpr std::uint64_t kRetryDelayMaxMs = 12'000;
/// Engine heads are read at least this often, milliseconds (driver effect E12).
inline constexpr std::uint64_t kEnginePollMs = 6'000;

// --- log ----------------------------------------------------------------------------------------

/// One group commit: at most so many events or so many bytes.
inline constexpr std::size_t kBatchEventsMax = 256;
inline constexpr std::size_t kBatchBytesMax = 1'048'576;
/// Inputs that wait for the loop, per process. Producers are refused above it (RPC: -32000).
inline constexpr std::size_t kInputQueueMax = 4'096;

static_assert(kPendingParentMax + kPendingScheduleMax < kCommitmentsMax,
              "buffers are a part of all held commitments");
static_assert(kHeightsAheadMax < kCommitmentsMax, "one commitment per reachable height fits");
static_assert(kHeightsAheadMax <= kExecutedBlocksMax, "every reachable height stays linkable");
static_assert(kCommandsPerEventMax <= kInFlightMax);
static_assert(kBatchEventsMax <= kInputQueueMax);

}  // namespace preconf::core::limits
