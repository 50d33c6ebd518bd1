// Facts about the peers of the libp2p network, and their answers to what we asked.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/fields.hpp"
#include "core/types.hpp"

namespace preconf::core::events {

/// The libp2p host of this process runs. Until then nothing is asked of peers and nothing
/// published.
struct NetworkStarted {
  Bytes peer_id;  ///< our own, at most limits::kPeerIdBytesMax bytes
  std::string
      address;  ///< multiaddr listened on, at most limits::kDetailBytesMax bytes; empty = none
  PRECONF_FIELDS(NetworkStarted, peer_id, address);
};

/// Who opened the connection. Persistent values: never renumber.
enum class Direction : std::uint8_t { kInbound = 0, kOutbound = 1 };
[[nodiscard]] const char* name_of(Direction direction);

/// Security, muxer and identity are agreed: the peer can be asked. At most one per connected peer.
struct PeerConnected {
  PeerNumber peer;      ///< not used before in this boot
  Bytes peer_id;        ///< multihash, at most limits::kPeerIdBytesMax bytes; proven by Noise
  std::string address;  ///< multiaddr, at most limits::kDetailBytesMax bytes
  Direction direction = Direction::kInbound;
  bool is_static = false;  ///< configured by the operator
  PRECONF_FIELDS(PeerConnected, peer, peer_id, address, direction, is_static);
};

/// Why a connection ended. Persistent values: never renumber.
enum class DisconnectReason : std::uint8_t {
  kRemoteClosed = 0,
  kLocalClosed = 1,    ///< shutdown, or a limit of ours
  kBanned = 2,         ///< ordered by commands::BanPeer or DisconnectPeer
  kProtocolError = 3,  ///< Noise, yamux or multistream rules broken by the peer
  kTimeout = 4,        ///< no sign of life
  kTransport = 5,      ///< TCP error
};
[[nodiscard]] const char* name_of(DisconnectReason reason);

struct PeerDisconnected {
  PeerNumber peer;
  DisconnectReason reason = DisconnectReason::kRemoteClosed;
  PRECONF_FIELDS(PeerDisconnected, peer, reason);
};

/// Why there is no connection. Persistent values: never renumber.
enum class DialFailureKind : std::uint8_t {
  kResolve = 0,      ///< the name has no address
  kConnect = 1,      ///< refused or unreachable
  kTimeout = 2,      ///< not set up within its time
  kNegotiation = 3,  ///< no common protocol, or it broke off while negotiating
  kHandshake = 4,    ///< Noise failed
  kWrongPeerId = 5,  ///< another identity than the address names
  kRefused = 6,      ///< our own limits or a ban
};
[[nodiscard]] const char* name_of(DialFailureKind kind);

/// Dialing failed, summed up per address and interval.
struct DialFailed {
  std::string address;  ///< multiaddr, at most limits::kDetailBytesMax bytes
  DialFailureKind kind = DialFailureKind::kConnect;  ///< of the last attempt
  std::uint32_t attempts = 1;
  PRECONF_FIELDS(DialFailed, address, kind, attempts);
};

/// What io/ saw a peer do without an event of its own. Persistent values: never renumber.
enum class PeerConduct : std::uint8_t {
  kServed = 0,             ///< we answered its request in full
  kGossipUndecodable = 1,  ///< not the SSZ container of its topic, or over its bound
  kGossipInvalid = 2,      ///< a commitment that its bytes alone refuse
  kGossipMismatch = 3,     ///< a transaction list whose hash is not that of its bytes
  kGossipUnwanted = 4,     ///< dropped by a quota; no offence
  kRequestMalformed = 5,   ///< an undecodable request
  kRequestTooMany = 6,     ///< requests over our rate limit
  kRuleBroken = 7,         ///< gossipsub, identify or ping rules
};
inline constexpr std::size_t kPeerConductCount = 8;
[[nodiscard]] const char* name_of(PeerConduct conduct);

struct ConductCount {
  PeerConduct conduct = PeerConduct::kServed;
  std::uint64_t count = 0;
  PRECONF_FIELDS(ConductCount, conduct, count);
};

/// Sums of one interval, so that a flood costs the log one event per peer and interval.
struct PeerReported {
  PeerNumber peer;
  std::vector<ConductCount> counts;  ///< at most kPeerConductCount
  PRECONF_FIELDS(PeerReported, peer, counts);
};

/// Answer to commands::RequestHead. {0, 0} = the peer has none.
struct HeadReported {
  BlockNumber number;
  UnixSeconds window_end;
  PRECONF_FIELDS(HeadReported, number, window_end);
};

/// Answer to commands::RequestCommitments. Each commitment is a CommitmentReceived of its own, with
/// source kResponse and source_id = peer, before this event.
struct CommitmentsDelivered {
  std::uint32_t count = 0;
  BlockNumber first;  ///< number of the first and of the last one as delivered; 0 when none
  BlockNumber last;
  PRECONF_FIELDS(CommitmentsDelivered, count, first, last);
};

/// Answer to commands::RequestTxList. The list is a TxListReceived before this event; the
/// hash is that of its bytes, whatever was asked for.
struct TxListDelivered {
  Hash32 hash;
  PRECONF_FIELDS(TxListDelivered, hash);
};

/// Answer to commands::RequestTxList: the peer does not have it (P2P specification: empty list).
struct TxListMissing {
  PRECONF_FIELDS(TxListMissing);
};

/// Why a request has no answer. Persistent values: never renumber.
enum class PeerFailureKind : std::uint8_t {
  kTimeout = 0,         ///< no complete answer in time
  kNotConnected = 1,    ///< the peer was gone; nothing was sent
  kConnectionLost = 2,  ///< the connection ended before the answer
  kUnsupported = 3,     ///< the peer does not speak the protocol
  kStreamReset = 4,     ///< the stream ended without an answer (a rate limit looks like this, too)
  kMalformed = 5,       ///< not the promised container, or over its bound
  kInvalid = 6,         ///< decoded, but an item is refused by its bytes alone
  kNotSent = 7,         ///< a limit of ours; the peer has not seen it
};
[[nodiscard]] const char* name_of(PeerFailureKind kind);

struct PeerFailed {
  PeerFailureKind kind = PeerFailureKind::kTimeout;
  std::string detail;  ///< at most limits::kDetailBytesMax bytes
  PRECONF_FIELDS(PeerFailed, kind, detail);
};

using PeerResult =
    std::variant<HeadReported, CommitmentsDelivered, TxListDelivered, TxListMissing, PeerFailed>;

/// Exactly one per request that reaches the host, also when the peer goes away meanwhile.
struct PeerAnswered {
  CommandId command;
  std::uint32_t elapsed_us = 0;
  PeerResult result;
  PRECONF_FIELDS(PeerAnswered, command, elapsed_us, result);
};

/// Persistent values: never renumber.
enum class PublishResult : std::uint8_t {
  kSent = 0,            ///< written to at least one peer
  kNoPeers = 1,         ///< nobody is subscribed; nothing was sent, no duplicate cache was touched
  kDuplicate = 2,       ///< the network has these bytes already
  kContentMissing = 3,  ///< our store does not have the bytes
  kNotSent = 4,         ///< a limit of ours
};
[[nodiscard]] const char* name_of(PublishResult result);

/// Answer to commands::PublishCommitment and PublishTxList.
struct Published {
  CommandId command;
  std::uint32_t elapsed_us = 0;
  PublishResult result = PublishResult::kNoPeers;
  std::uint32_t peers_reached = 0;  ///< 0 unless kSent
  PRECONF_FIELDS(Published, command, elapsed_us, result, peers_reached);
};

}  // namespace preconf::core::events
