// What users are shown of the libp2p host: plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace preconf::io {

struct NetworkPeer {
  std::uint64_t number = 0;  ///< its name in the log, within this boot
  std::string peer_id;       ///< base58
  std::string address;       ///< multiaddr; of an inbound one the port leads nowhere
  std::string agent;         ///< what it calls itself; printable, empty until known
  bool is_outbound = false;
  std::optional<std::uint64_t> round_trip_ms;  ///< of the last ping
  /// In millionths: the log's, which decides about bans, and gossipsub's, which has it in it.
  std::int64_t score_micro = 0;
  std::int64_t gossip_score_micro = 0;
};

struct NetworkInfo {
  std::string peer_id;         ///< our own
  std::string listen_address;  ///< multiaddr as bound; empty: dials only
  std::vector<NetworkPeer> peers;
};

}  // namespace preconf::io
