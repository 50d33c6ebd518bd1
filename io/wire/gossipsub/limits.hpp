// Bounds of the gossipsub router that are not parameters of the network: what one peer can make
// this process keep or do. Each with its unit and its reason.
#pragma once

#include <cstddef>

namespace preconf::io::wire::gossip_limits {

/// Elements (subscriptions, messages, controls, ids) that one RPC may have before its sender is
/// dropped. The largest honest RPC has 10,000 ids; decoding this many takes about a millisecond.
inline constexpr std::size_t kRpcElementsMax = 100'000;
/// Subscriptions taken from one RPC. The deployed peers send one, js-libp2p all of its topics.
inline constexpr std::size_t kRpcSubscriptionsMax = 256;
/// Messages taken from one RPC. rust-libp2p sends one, go-libp2p batches by size.
inline constexpr std::size_t kRpcMessagesMax = 1'000;
/// IHAVE, GRAFT or PRUNE taken from one RPC; each names a topic, and we are in two.
inline constexpr std::size_t kRpcControlMax = 64;
/// IWANT ids taken from one RPC: what one heartbeat of IHAVE can offer.
inline constexpr std::size_t kRpcIwantIdsMax = 5'000;

/// Topics remembered per peer. A peer of this network has two, of both networks six.
inline constexpr std::size_t kPeerTopicsMax = 64;
/// Bytes of a topic name. The longest of Taiko has 51.
inline constexpr std::size_t kTopicBytesMax = 256;

/// IWANT ids answered per peer and heartbeat, as many as IHAVE may offer.
inline constexpr std::size_t kIwantIdsPerHeartbeat = 5'000;
/// Bytes of messages sent for IWANT per peer and heartbeat: four of the largest lists.
inline constexpr std::size_t kIwantBytesPerHeartbeat = 8 * 1024 * 1024;
/// PRUNE sent in answer to refused GRAFT per peer and heartbeat; more is a flood.
inline constexpr std::size_t kPruneAnswersPerHeartbeat = 16;
/// IDONTWANT ids over all peers; ten thousand per peer are allowed, but not of everybody at once.
inline constexpr std::size_t kIdontwantIdsMax = 200'000;
/// Outstanding promises (ids asked for by IWANT), of one peer and of all.
inline constexpr std::size_t kPromisesPerPeerMax = 5'000;
inline constexpr std::size_t kPromisesMax = 100'000;
/// What every peer may owe, and the room that is kept for it: for all connections that there can
/// be (limits::kConnectionsMax).
inline constexpr std::size_t kPromisesPerPeerMin = 64;
inline constexpr std::size_t kPromisesReserved = 220 * kPromisesPerPeerMin;
/// Peers that may be asked for one id at a time; those that broke a promise do not count.
inline constexpr std::size_t kPromisesPerIdMax = 2;
/// Peers remembered beyond these, to be asked one per heartbeat when the message does not come.
/// Eight liars delay a message by as many heartbeats, then whoever offers it next is asked.
inline constexpr std::size_t kOffersPerIdMax = 8;

/// Ids in the duplicate cache, each about 80 bytes. Full, the oldest is forgotten early: 120
/// seconds at a thousand messages per second.
inline constexpr std::size_t kSeenMax = 131'072;
/// Bytes and messages that the message cache holds for IWANT: 6 seconds of heavy traffic.
inline constexpr std::size_t kCacheBytesMax = 64 * 1024 * 1024;
inline constexpr std::size_t kCacheMessagesMax = 8'192;
/// Unjudged messages, in number and bytes, of everybody and of one source.
inline constexpr std::size_t kPendingMax = 4'096;
inline constexpr std::size_t kPendingBytesMax = 64 * 1024 * 1024;
inline constexpr std::size_t kPendingPerPeerMax = 1'024;
inline constexpr std::size_t kPendingBytesPerPeerMax = 16 * 1024 * 1024;

/// Backoffs remembered, by topic and peer id.
inline constexpr std::size_t kBackoffsMax = 16'384;
/// Scores kept of peers that left.
inline constexpr std::size_t kRetainedScoresMax = 4'096;

/// Bytes that a message may decompress to for its id. The deployed peers have no bound; larger is
/// only met in messages made for the purpose.
inline constexpr std::size_t kSnappyBytesMax = 10'485'760;

}  // namespace preconf::io::wire::gossip_limits
