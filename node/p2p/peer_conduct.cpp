#include "node/p2p/peer_conduct.hpp"

#include <utility>

namespace preconf::node {
namespace {

using core::events::PeerConduct;
using io::wire::GossipFault;

/// Faults that say nothing about the peer, or that are counted elsewhere.
bool is_passed_over(GossipFault fault) {
  switch (fault) {
    case GossipFault::kRejected:       // counted by its reason
    case GossipFault::kRejectedAgain:  // the same content
    case GossipFault::kGraylisted:     // a consequence of earlier faults
    case GossipFault::kPromiseBroken:  // happens to honest peers under load
    case GossipFault::kIhaveTooMany:   // the deployed peers' limits differ in
                                       // detail
    case GossipFault::kIwantTooMany:
    case GossipFault::kIdontwantTooMany:
    case GossipFault::kGraftInBackoff:
    case GossipFault::kTopicNotSubscribed:
    case GossipFault::kValidationQueueFull:  // ours
    case GossipFault::kSelfOrigin:
      return true;
    default:
      return false;
  }
}

Input report_of(core::PeerNumber peer, const PeerConducts::Counts& counts) {
  core::events::PeerReported report;
  report.peer = peer;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] > 0) report.counts.push_back({static_cast<PeerConduct>(i), counts[i]});
  }
  Input input;
  input.body = std::move(report);
  input.lane = core::Lane::kPeer;
  input.source = core::SourceKind::kGossip;
  input.source_id = peer.value;
  return input;
}

}  // namespace

void PeerConducts::count(core::PeerNumber peer, PeerConduct conduct, std::uint64_t times) {
  const std::lock_guard lock(mutex_);
  counts_[peer][static_cast<std::size_t>(conduct)] += times;
}

void PeerConducts::count(core::PeerNumber peer, const io::wire::FaultCounts& faults) {
  std::uint64_t broken = 0;
  for (std::size_t i = 0; i < faults.size(); ++i) {
    if (!is_passed_over(static_cast<GossipFault>(i))) broken += faults[i];
  }
  if (broken > 0) count(peer, PeerConduct::kRuleBroken, broken);
}

void PeerConducts::flush(InputQueue& inputs) {
  const std::lock_guard lock(mutex_);
  std::erase_if(counts_, [&inputs](const auto& entry) {
    return inputs.offer(report_of(entry.first, entry.second));
  });
}

void PeerConducts::flush(InputQueue& inputs, core::PeerNumber peer) {
  const std::lock_guard lock(mutex_);
  const auto found = counts_.find(peer);
  if (found == counts_.end()) return;
  (void)inputs.offer(report_of(peer, found->second));
  counts_.erase(found);
}

void PeerConducts::forget(core::PeerNumber peer) {
  const std::lock_guard lock(mutex_);
  counts_.erase(peer);
}

}  // namespace preconf::node
