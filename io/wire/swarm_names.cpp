// Names for logs and metrics.
#include "io/wire/swarm_actions.hpp"

namespace preconf::io::wire {

const char* name_of(DialError error) {
  switch (error) {
    case DialError::kResolve:
      return "resolve";
    case DialError::kRefused:
      return "refused";
    case DialError::kUnreachable:
      return "unreachable";
    case DialError::kTimeout:
      return "timeout";
    case DialError::kTooMany:
      return "too_many";
    case DialError::kBadAddress:
      return "bad_address";
    case DialError::kUpgrade:
      return "upgrade";
    case DialError::kWrongPeer:
      return "wrong_peer";
    case DialError::kBanned:
      return "banned";
    case DialError::kLimit:
      return "limit";
    case DialError::kClosed:
      return "closed";
  }
  return "unknown";
}

const char* name_of(CloseReason reason) {
  switch (reason) {
    case CloseReason::kRemoteClosed:
      return "remote_closed";
    case CloseReason::kRemoteGoAway:
      return "remote_go_away";
    case CloseReason::kSetupTimeout:
      return "setup_timeout";
    case CloseReason::kCrowdedOut:
      return "crowded_out";
    case CloseReason::kUpgrade:
      return "upgrade";
    case CloseReason::kWrongPeer:
      return "wrong_peer";
    case CloseReason::kSelf:
      return "self";
    case CloseReason::kBanned:
      return "banned";
    case CloseReason::kLimit:
      return "limit";
    case CloseReason::kChannelBroken:
      return "channel_broken";
    case CloseReason::kMuxer:
      return "muxer";
    case CloseReason::kUnresponsive:
      return "unresponsive";
    case CloseReason::kSlow:
      return "slow";
    case CloseReason::kMemory:
      return "memory";
    case CloseReason::kGossipMalformed:
      return "gossip_malformed";
    case CloseReason::kIdle:
      return "idle";
    case CloseReason::kDisconnected:
      return "disconnected";
    case CloseReason::kShutdown:
      return "shutdown";
  }
  return "unknown";
}

}  // namespace preconf::io::wire
