// Own messages, and the fanout of topics that we publish to without being in them.
#pragma once

#include "io/wire/gossipsub/router_state.hpp"

namespace preconf::io::wire {

struct Published {
  MessageId id;
  std::size_t peers = 0;  ///< that are sent it, or said that they have it; at least one
};

enum class PublishError : std::uint8_t {
  kNoPeers,    ///< nobody to send it to; nothing is remembered, so a retry is not a duplicate
  kDuplicate,  ///< the same content passed within duplicate_cache_time, from us or another
  kTooLarge,   ///< above max_transmit_size
};

/// Signs and sends `data` to the mesh, filled up to D with other subscribed peers, or to the fanout
/// when we are not in the topic; to floodsub peers always. Peers below the publish threshold get
/// nothing.
[[nodiscard]] core::Result<Published, PublishError> publish(RouterState& state, const Topic& topic,
                                                            BytesView data, Millis now);

/// The heartbeat's work on one topic that we are not in: ends after fanout_ttl without publishing,
/// loses peers that left or fell below the publish threshold, and is filled up to D.
void maintain_fanout(RouterState& state, const Topic& topic);

}  // namespace preconf::io::wire
