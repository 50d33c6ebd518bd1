// The protocols of a session: what is served, and what is asked for.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "io/wire/gossipsub/types.hpp"
#include "io/wire/req_resp.hpp"

namespace preconf::io::wire {

/// What a peer may open streams for: indexes of SessionProtocols::served.
enum class Served : std::uint8_t {
  kIdentify,
  kIdentifyPush,
  kPing,
  kMeshsub12,
  kMeshsub11,
  kMeshsub10,
  kFloodsub,
  kGetHead,
  kGetCommitmentsByNumber,
  kGetRawTxList,
};

/// Made once for all sessions.
struct SessionProtocols {
  explicit SessionProtocols(std::uint64_t network_chain_id);

  std::vector<std::string> served;
  std::vector<std::string> identify;
  std::vector<std::string> identify_push;
  std::vector<std::string> ping;
  std::vector<std::string> gossip;  ///< best first: kMeshsub12 .. kFloodsub
  std::array<std::vector<std::string>, kExchangeProtocolCount> exchanges;
  std::size_t rpc_bytes_max = 10'485'760;  ///< longest gossip RPC that is read
};

/// Of the `index`-th of SessionProtocols::gossip.
[[nodiscard]] GossipVersion gossip_version(std::size_t index);

}  // namespace preconf::io::wire
