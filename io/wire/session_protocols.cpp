#include "io/wire/session_protocols.hpp"

#include "core/base/assert.hpp"
#include "io/wire/identify.hpp"
#include "io/wire/ping.hpp"

namespace preconf::io::wire {

SessionProtocols::SessionProtocols(std::uint64_t network_chain_id)
    : identify{std::string(kIdentifyProtocol)},
      identify_push{std::string(kIdentifyPushProtocol)},
      ping{std::string(kPingProtocol)},
      gossip{"/meshsub/1.2.0", "/meshsub/1.1.0", "/meshsub/1.0.0", "/floodsub/1.0.0"} {
  served = {identify[0], identify_push[0], ping[0]};
  served.insert(served.end(), gossip.begin(), gossip.end());
  for (std::size_t i = 0; i < exchanges.size(); ++i) {
    exchanges[i] = {protocol_id(static_cast<ExchangeProtocol>(i), network_chain_id)};
    served.push_back(exchanges[i][0]);
  }
}

GossipVersion gossip_version(std::size_t index) {
  PRECONF_ASSERT(index < 4);
  constexpr std::array kVersions = {GossipVersion::kV12, GossipVersion::kV11, GossipVersion::kV10,
                                    GossipVersion::kFloodsub};
  return kVersions[index];
}

}  // namespace preconf::io::wire
