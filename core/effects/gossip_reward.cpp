#include "core/effects/gossip_reward.hpp"

#include "core/effects/peer_reputation.hpp"
#include "core/gossip_verdict.hpp"

namespace preconf::core::effects {

void judge_gossip(Step& step) {
  if (step.event.source != SourceKind::kGossip) return;
  const auto* commitment = std::get_if<events::CommitmentReceived>(&step.event.body);
  const auto* list = std::get_if<events::TxListReceived>(&step.event.body);
  if (commitment == nullptr && list == nullptr) return;
  const Hash32& subject = commitment != nullptr ? commitment->facts.preconf_hash : list->facts.hash;
  const PeerNumber peer{step.event.source_id};
  switch (gossip_verdict(step.out.decisions, subject)) {
    case GossipVerdict::kAccept:
      reward(step, peer);
      return;
    case GossipVerdict::kReject:
      penalise(step, peer, Reason::kPeerGossipInvalid);
      return;
    case GossipVerdict::kIgnore:
      return;
  }
}

}  // namespace preconf::core::effects
