#include "core/events/peer.hpp"

namespace preconf::core::events {

const char* name_of(Direction direction) {
  switch (direction) {
    case Direction::kInbound:
      return "inbound";
    case Direction::kOutbound:
      return "outbound";
  }
  return "unknown";
}

const char* name_of(DisconnectReason reason) {
  // clang-format off
  switch (reason) {
    case DisconnectReason::kRemoteClosed: return "remote_closed";
    case DisconnectReason::kLocalClosed: return "local_closed";
    case DisconnectReason::kBanned: return "banned";
    case DisconnectReason::kProtocolError: return "protocol_error";
    case DisconnectReason::kTimeout: return "timeout";
    case DisconnectReason::kTransport: return "transport";
  }
  // clang-format on
  return "unknown";
}

const char* name_of(DialFailureKind kind) {
  // clang-format off
  switch (kind) {
    case DialFailureKind::kResolve: return "resolve";
    case DialFailureKind::kConnect: return "connect";
    case DialFailureKind::kTimeout: return "timeout";
    case DialFailureKind::kNegotiation: return "negotiation";
    case DialFailureKind::kHandshake: return "handshake";
    case DialFailureKind::kWrongPeerId: return "wrong_peer_id";
    case DialFailureKind::kRefused: return "refused";
  }
  // clang-format on
  return "unknown";
}

const char* name_of(PeerConduct conduct) {
  // clang-format off
  switch (conduct) {
    case PeerConduct::kServed: return "served";
    case PeerConduct::kGossipUndecodable: return "gossip_undecodable";
    case PeerConduct::kGossipInvalid: return "gossip_invalid";
    case PeerConduct::kGossipMismatch: return "gossip_mismatch";
    case PeerConduct::kGossipUnwanted: return "gossip_unwanted";
    case PeerConduct::kRequestMalformed: return "request_malformed";
    case PeerConduct::kRequestTooMany: return "request_too_many";
    case PeerConduct::kRuleBroken: return "rule_broken";
  }
  // clang-format on
  return "unknown";
}

const char* name_of(PeerFailureKind kind) {
  // clang-format off
  switch (kind) {
    case PeerFailureKind::kTimeout: return "timeout";
    case PeerFailureKind::kNotConnected: return "not_connected";
    case PeerFailureKind::kConnectionLost: return "connection_lost";
    case PeerFailureKind::kUnsupported: return "unsupported";
    case PeerFailureKind::kStreamReset: return "stream_reset";
    case PeerFailureKind::kMalformed: return "malformed";
    case PeerFailureKind::kInvalid: return "invalid";
    case PeerFailureKind::kNotSent: return "not_sent";
  }
  // clang-format on
  return "unknown";
}

const char* name_of(PublishResult result) {
  // clang-format off
  switch (result) {
    case PublishResult::kSent: return "sent";
    case PublishResult::kNoPeers: return "no_peers";
    case PublishResult::kDuplicate: return "duplicate";
    case PublishResult::kContentMissing: return "content_missing";
    case PublishResult::kNotSent: return "not_sent";
  }
  // clang-format on
  return "unknown";
}

}  // namespace preconf::core::events
