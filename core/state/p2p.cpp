#include "core/state/p2p.hpp"

namespace preconf::core {

const char* name_of(PeerProtocol protocol) {
  switch (protocol) {
    case PeerProtocol::kHead:
      return "get_head";
    case PeerProtocol::kCommitments:
      return "get_commitments_by_number";
    case PeerProtocol::kTxList:
      return "get_raw_txlist";
  }
  return "unknown";
}

const char* name_of(HeadClaim claim) {
  switch (claim) {
    case HeadClaim::kUnknown:
      return "unknown";
    case HeadClaim::kAsked:
      return "asked";
    case HeadClaim::kSettled:
      return "settled";
    case HeadClaim::kTipAsked:
      return "tip_asked";
    case HeadClaim::kRefused:
      return "refused";
  }
  return "unknown";
}

}  // namespace preconf::core
