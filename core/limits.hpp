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

// --- peers
// ----------------------------------------------------------------------------------------

/// A peer id is a multihash: at most 2 + 40 bytes for the key types of the network.
inline constexpr std::size_t kPeerIdBytesMax = 42;
/// Connected peers; deployed peers keep at most 220 connections.
inline constexpr std::size_t kPeersMax = 256;
/// Identities remembered with their reputation; connected ones are a part of them.
inline constexpr std::size_t kPeerRecordsMax = 1'024;
/// Requests to one peer by one protocol within the interval. Deployed peers ban at the 9th in 10 s,
/// counted from the first: one less for what is under way, and a second for the time it takes.
inline constexpr std::size_t kRequestsPerIntervalMax = 7;
inline constexpr std::uint64_t kRequestIntervalMs = 11'000;
/// Requests without an answer: of all peers, and of one.
inline constexpr std::size_t kRequestsInFlightMax = 24;
inline constexpr std::size_t kRequestsInFlightPerPeerMax = 4;
/// Requests one event may cause.
inline constexpr std::size_t kRequestsPerEventMax = 8;
/// Commitments of one page. The specification allows 256; 64 is what deployed clients ask for.
inline constexpr std::uint32_t kPageCommitmentsMax = 64;
/// How long peers are not asked for their heads again, milliseconds: one L1 slot.
inline constexpr std::uint64_t kPeerPollMs = 12'000;
/// Peers asked for their heads per poll, the longest not asked first.
inline constexpr std::size_t kHeadPollsPerEventMax = 4;
/// Transaction lists asked for at a time, and how far above the head they are looked for: lists are
/// large, and only the next ones can be executed.
inline constexpr std::size_t kListFetchesMax = 8;
inline constexpr std::uint64_t kListFetchAheadMax = 32;
/// Gossip brings most lists by itself: how long it is waited for before peers are asked.
inline constexpr std::uint64_t kListGossipGraceMs = 500;
/// A peer that has not answered for a list within this time is not waited for alone, milliseconds:
/// half a block's time, several times what an exchange of 2 MiB takes. Peers may take 10 s.
inline constexpr std::uint64_t kListHedgeMs = 1'000;
/// Peers asked for one list at a time, and exchanges beside the first ones of all lists.
inline constexpr std::size_t kListRacersMax = 3;
inline constexpr std::size_t kListHedgesMax = 8;
/// After the window's end, or the first miss when that is later, a list that nobody delivers is
/// given up, milliseconds: four L1 slots.
inline constexpr std::uint64_t kListGiveUpMs = 48'000;
/// Own commitments that wait to be published, and publications in flight.
inline constexpr std::size_t kPublicationsMax = 256;
inline constexpr std::size_t kPublishesInFlightMax = 8;
/// Gossipsub refuses bytes that it has seen within this time (duplicate cache), milliseconds.
inline constexpr std::uint64_t kDuplicateCacheMs = 120'000;

// --- commands and timers ------------------------------------------------------------------------

/// Commands one event may cause: each plan advances at most one step per event, requests and
/// publications are bounded, plus timers.
inline constexpr std::size_t kCommandsPerEventMax = 32;
/// Commands without an outcome. One engine lane plus reads plus timers.
inline constexpr std::size_t kInFlightMax = 64;
/// Rivals that one newcomer is said to contest; all are marked. A height may have candidates of
/// many windows, and every buffered child of one parent is a newcomer in the same event.
inline constexpr std::size_t kRivalsToldMax = 4;
/// Decisions one event may cause: a schedule change may re-judge every buffered commitment, each
/// with its rivals, beside a reorg of L1 that undoes and judges all that is remembered.
inline constexpr std::size_t kDecisionsPerEventMax = 4 * kCommitmentsMax;

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
static_assert(kRequestsInFlightMax + kPublishesInFlightMax + kCommandsPerEventMax <= kInFlightMax);
static_assert(kListFetchesMax + kListHedgesMax < kRequestsInFlightMax,
              "lists leave room for heads and pages");
static_assert(kPeersMax < kPeerRecordsMax, "every connected peer has a record");
static_assert(kBatchEventsMax <= kInputQueueMax);

}  // namespace preconf::core::limits
