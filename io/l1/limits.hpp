// Bounds of what L1, its beacon node and blob servers may send us, with unit and reason.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace preconf::io::l1 {

/// A request with all its attempts, and one attempt. What deployed drivers use.
inline constexpr std::chrono::milliseconds kRequestTimeout{12'000};
inline constexpr std::chrono::milliseconds kConnectTimeout{2'000};
/// One attempt while another endpoint may still be asked: an endpoint that hangs leaves most of the
/// request's time to the next one. The last one has all that is left.
inline constexpr std::chrono::milliseconds kAttemptTimeout{4'000};
/// One answer: 1,000 blocks of logs with the largest proposals stay far below.
inline constexpr std::size_t kAnswerBytesMax = 32UL * 1024 * 1024;
/// Sidecars of one slot, as JSON: 72 blobs of 262 KB each, and proofs.
inline constexpr std::size_t kSidecarsBytesMax = 64UL * 1024 * 1024;
/// Calls of one HTTP request; providers refuse batches of more than 100 to 1,000.
inline constexpr std::size_t kBatchCallsMax = 32;
/// Logs of one answer; providers stop at 10,000.
inline constexpr std::size_t kLogsMax = 20'000;
/// Data of one log: a proposal of limits::kProposalSourcesMax sources with as many blobs as L1
/// could ever carry.
inline constexpr std::size_t kLogDataBytesMax = 1UL * 1024 * 1024;
/// Extra data of a header: 32 on mainnet, some hundred where signatures stand in it (clique).
inline constexpr std::size_t kExtraDataBytesMax = 4'096;
/// Answers of view functions that we call: a few words.
inline constexpr std::size_t kCallDataBytesMax = 4'096;
/// Code of one contract: 24,576 today (EIP-170); EIP-7907 asks for ten times as much.
inline constexpr std::size_t kCodeBytesMax = 256UL * 1024;
/// Blobs of one L1 block; the network allows 6 to 72 by fork.
inline constexpr std::size_t kBlobsPerSlotMax = 256;
/// Blocks of one eth_getLogs range at most, as deployed scanners ask.
inline constexpr std::uint64_t kLogRangeBlocksMax = 1'000;
/// How long an endpoint that failed is not asked: first, longest, and when it is of another chain.
inline constexpr std::uint64_t kEndpointRestFirstMs = 1'000;
inline constexpr std::uint64_t kEndpointRestMaxMs = 30'000;
inline constexpr std::uint64_t kWrongChainRestMs = 60'000;
/// For how long an endpoint whose answers were of no use is asked only when no other one may be.
/// First kEndpointRestFirstMs, doubling with each blame up to this.
inline constexpr std::uint64_t kEndpointShunMaxMs = 300'000;
/// So many answers without blame, and the next blame counts as the first: a poll a second makes it
/// half a minute.
inline constexpr std::uint32_t kAnswersForgiving = 32;
/// A Retry-After of more is not believed.
inline constexpr std::uint64_t kRetryAfterMaxMs = 300'000;
/// For how long a beacon node or blob server that let a request run out of time is asked only after
/// all others: at first as long as that request took, doubling with each time in a row up to five
/// minutes. One that hangs for good then costs a request's time in twenty-five.
inline constexpr std::uint64_t kSilentShunFirstMs = 12'000;
inline constexpr std::uint64_t kSilentShunMaxMs = 300'000;
/// Endpoints of one kind.
inline constexpr std::size_t kEndpointsMax = 16;

}  // namespace preconf::io::l1
