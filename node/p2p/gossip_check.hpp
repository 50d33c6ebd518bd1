// What the bytes of a gossip message alone say: facts for the log, or a
// refusal. Pure functions, for worker threads.
#pragma once

#include <memory>
#include <optional>
#include <variant>

#include "core/events/peer.hpp"
#include "core/protocol/chain_profile.hpp"
#include "io/rpc/backend.hpp"
#include "io/wire/gossipsub/types.hpp"

namespace preconf::node {

enum class GossipKind : std::uint8_t { kCommitment, kTxList };

/// Names of the two topics: /taiko/<chain id>/0/preconfirmationCommitments and
/// .../rawTxLists.
[[nodiscard]] io::wire::Topic topic_of(GossipKind kind, std::uint64_t chain_id);

/// The message never reaches the log.
struct GossipRefusal {
  io::wire::Verdict verdict = io::wire::Verdict::kReject;
  core::events::PeerConduct conduct = core::events::PeerConduct::kGossipUndecodable;
};
using GossipFacts = std::variant<io::SubmittedCommitment, io::SubmittedTxList, GossipRefusal>;

/// Rejected is what the deployed peers reject, too: not the container of the
/// topic, a signature that nobody can have made, a block without a list, a list
/// with another hash. What they forward and we can not use (numbers beyond our
/// ranges, another slasher) is ignored: the peer that sent it is not to blame.
[[nodiscard]] GossipFacts check_gossip(GossipKind kind, core::BytesView data,
                                       const core::protocol::NetworkProfile& network);

}  // namespace preconf::node
