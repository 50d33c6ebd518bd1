// A peer's answer as inputs of the log: what it delivered, then that it
// answered. Pure functions, for worker threads.
#pragma once

#include <string>
#include <vector>

#include "core/events/peer.hpp"
#include "core/protocol/chain_profile.hpp"
#include "io/wire/req_resp.hpp"
#include "node/loop/ports.hpp"

namespace preconf::node {

struct PeerAnswer {
  core::CommandId command;
  core::PeerNumber peer;
  std::uint32_t elapsed_us = 0;
};

/// `body` is the SSZ of the response. One PeerAnswered at the end, always;
/// before it the commitments or the list that it speaks of. All in one lane, to
/// be offered together.
[[nodiscard]] std::vector<Input> response_inputs(const PeerAnswer& answer,
                                                 io::wire::ExchangeProtocol protocol,
                                                 core::BytesView body,
                                                 const core::protocol::NetworkProfile& network);

[[nodiscard]] std::vector<Input> failure_inputs(const PeerAnswer& answer,
                                                core::events::PeerFailureKind kind,
                                                std::string detail);

}  // namespace preconf::node
