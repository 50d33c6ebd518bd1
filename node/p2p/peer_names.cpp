#include "node/p2p/peer_names.hpp"

#include "core/limits.hpp"

namespace preconf::node {

using core::events::DialFailureKind;
using core::events::DisconnectReason;
using core::events::PeerFailureKind;
using io::wire::CloseReason;
using io::wire::DialError;
using io::wire::ExchangeFailure;

DisconnectReason reason_of(CloseReason reason) {
  switch (reason) {
    case CloseReason::kRemoteClosed:
    case CloseReason::kRemoteGoAway:
      return DisconnectReason::kRemoteClosed;
    case CloseReason::kBanned:
    case CloseReason::kDisconnected:
      return DisconnectReason::kBanned;
    case CloseReason::kSetupTimeout:
    case CloseReason::kCrowdedOut:
    case CloseReason::kUnresponsive:
    case CloseReason::kSlow:
    case CloseReason::kIdle:
      return DisconnectReason::kTimeout;
    case CloseReason::kUpgrade:
    case CloseReason::kWrongPeer:
    case CloseReason::kChannelBroken:
    case CloseReason::kMuxer:
    case CloseReason::kGossipMalformed:
      return DisconnectReason::kProtocolError;
    case CloseReason::kSelf:
    case CloseReason::kLimit:
    case CloseReason::kMemory:
    case CloseReason::kShutdown:
      return DisconnectReason::kLocalClosed;
  }
  return DisconnectReason::kTransport;
}

DialFailureKind kind_of(DialError error) {
  switch (error) {
    case DialError::kResolve:
      return DialFailureKind::kResolve;
    case DialError::kRefused:
    case DialError::kUnreachable:
    case DialError::kBadAddress:
      return DialFailureKind::kConnect;
    case DialError::kTimeout:
      return DialFailureKind::kTimeout;
    case DialError::kUpgrade:
      return DialFailureKind::kHandshake;
    case DialError::kClosed:
      return DialFailureKind::kNegotiation;
    case DialError::kWrongPeer:
      return DialFailureKind::kWrongPeerId;
    case DialError::kTooMany:
    case DialError::kBanned:
    case DialError::kLimit:
      return DialFailureKind::kRefused;
  }
  return DialFailureKind::kConnect;
}

PeerFailureKind kind_of(ExchangeFailure failure) {
  switch (failure) {
    case ExchangeFailure::kNotConnected:
      return PeerFailureKind::kNotConnected;
    case ExchangeFailure::kTooMany:
    case ExchangeFailure::kRequestTooLarge:
      return PeerFailureKind::kNotSent;
    case ExchangeFailure::kUnsupportedProtocol:
      return PeerFailureKind::kUnsupported;
    case ExchangeFailure::kTimeout:
      return PeerFailureKind::kTimeout;
    case ExchangeFailure::kNegotiation:
    case ExchangeFailure::kFrameTooLarge:
    case ExchangeFailure::kFrameLength:
      return PeerFailureKind::kMalformed;
    case ExchangeFailure::kCut:
    case ExchangeFailure::kReset:
      return PeerFailureKind::kStreamReset;
    case ExchangeFailure::kConnectionClosed:
      return PeerFailureKind::kConnectionLost;
  }
  return PeerFailureKind::kConnectionLost;
}

std::string detail_of(const io::wire::Multiaddr& address) {
  std::string text = to_text(address);
  if (text.size() > core::limits::kDetailBytesMax) text.resize(core::limits::kDetailBytesMax);
  return text;
}

}  // namespace preconf::node
