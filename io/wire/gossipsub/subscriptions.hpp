// Who is in which topic (gossipsub v1.0, "Topic Membership").
#pragma once

#include "io/wire/gossipsub/router_state.hpp"

namespace preconf::io::wire {

/// We join: everybody is told, the mesh is filled. Nothing when we are in.
void subscribe(RouterState& state, const Topic& topic, Millis now);
/// We leave: the mesh is pruned with the short backoff, everybody is told. Nothing when we are out.
void unsubscribe(RouterState& state, const Topic& topic, Millis now);

/// Tells a new peer our topics.
void send_subscriptions(RouterState& state, PeerRef peer);

/// A peer joins or leaves. Joining a topic whose mesh is below D_lo, it is grafted at once.
void on_subscription(RouterState& state, PeerRef peer, const Rpc::Subscription& subscription,
                     Millis now);

}  // namespace preconf::io::wire
