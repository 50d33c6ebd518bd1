#include "node/p2p/gossip_ingress.hpp"

#include <utility>

namespace preconf::node {
namespace {

using core::events::PeerConduct;
using io::wire::Verdict;

constexpr GossipRefusal kUnwanted{Verdict::kIgnore, PeerConduct::kGossipUnwanted};

Verdict verdict_of(core::GossipVerdict verdict) {
  switch (verdict) {
    case core::GossipVerdict::kAccept:
      return Verdict::kAccept;
    case core::GossipVerdict::kIgnore:
      return Verdict::kIgnore;
    case core::GossipVerdict::kReject:
      return Verdict::kReject;
  }
  return Verdict::kIgnore;
}

Input make_input(core::EventBody body, core::PeerNumber peer, core::Lane lane) {
  Input input;
  input.body = std::move(body);
  input.lane = lane;
  input.source = core::SourceKind::kGossip;
  input.source_id = peer.value;
  return input;
}

}  // namespace

GossipIngress::GossipIngress(Parts parts) : parts_(std::move(parts)) {}

void GossipIngress::on_message(const io::wire::gossip::Deliver& delivered) {
  const bool is_commitment =
      delivered.message->topic == topic_of(GossipKind::kCommitment, parts_.chain_id);
  const GossipKind kind = is_commitment ? GossipKind::kCommitment : GossipKind::kTxList;
  const core::PeerNumber peer{delivered.source.value};
  const bool is_queued = parts_.workers.submit(
      [this, message = delivered.message, peer, kind] { check(message, peer, kind); });
  if (!is_queued) refuse({delivered.message->id, {}, peer, kind}, kUnwanted);
}

/// On a worker's thread.
void GossipIngress::check(const io::wire::GossipMessagePtr& message, core::PeerNumber peer,
                          GossipKind kind) {
  Pending pending{message->id, {}, peer, kind};
  GossipFacts facts = check_gossip(kind, message->data, parts_.network);
  if (const auto* refusal = std::get_if<GossipRefusal>(&facts)) return refuse(pending, *refusal);
  if (auto* commitment = std::get_if<io::SubmittedCommitment>(&facts)) {
    pending.subject = commitment->facts.preconf_hash;
    if (!charge(pending, commitment->facts)) return refuse(pending, kUnwanted);
    return offer(pending, make_input(
                              core::events::CommitmentReceived{
                                  std::move(commitment->raw), std::move(commitment->facts),
                                  core::protocol::kCommitmentVerifierVersion},
                              peer, core::Lane::kCommitment));
  }
  auto& list = std::get<io::SubmittedTxList>(facts);
  pending.subject = list.facts.hash;
  if (!charge(pending, list.facts)) return refuse(pending, kUnwanted);
  Input input =
      make_input(core::events::TxListReceived{list.facts, core::protocol::kTxListVerifierVersion},
                 peer, core::Lane::kTxList);
  input.contents.push_back({list.facts.hash, std::move(list.compressed)});
  offer(pending, std::move(input));
}

void GossipIngress::refuse(const Pending& pending, const GossipRefusal& refusal) {
  parts_.conducts.count(pending.peer, refusal.conduct);
  parts_.report(pending.id, refusal.verdict);
}

void GossipIngress::offer(Pending pending, Input input) {
  std::uint64_t request = 0;
  {
    const std::lock_guard lock(mutex_);
    request = ++last_request_ | kGossipRequestBit;
    pending_.emplace(request, pending);
  }
  input.request = core::RequestId{request};
  if (parts_.inputs.offer(std::move(input))) return;
  {
    const std::lock_guard lock(mutex_);
    pending_.erase(request);
  }
  refuse(pending, kUnwanted);
}

bool GossipIngress::is_scheduled(const core::Address& signer) const {
  const auto published = parts_.published();
  if (!published || !published->schedule) return false;
  for (const auto& window : published->schedule->windows) {
    if (window.committer == signer) return true;
  }
  return false;
}

bool GossipIngress::charge(Pending& pending, const core::protocol::CommitmentFacts& facts) {
  pending.is_charged = true;
  pending.is_scheduled = is_scheduled(facts.signer);
  const std::lock_guard lock(mutex_);
  if (!quota_.take_commitment(pending.peer, parts_.now(), pending.is_scheduled)) return false;
  if (pending.is_scheduled) quota_.want(facts.raw_tx_list_hash);
  return true;
}

bool GossipIngress::charge(Pending& pending, const core::protocol::TxListFacts& facts) {
  const std::lock_guard lock(mutex_);
  if (quota_.is_wanted(facts.hash)) return true;
  pending.is_charged = true;
  pending.list_bytes = facts.compressed_bytes;
  return quota_.take_list(pending.peer, facts.compressed_bytes, parts_.now());
}

void GossipIngress::note_commitment(const core::protocol::CommitmentFacts& facts) {
  if (!is_scheduled(facts.signer)) return;
  const std::lock_guard lock(mutex_);
  quota_.want(facts.raw_tx_list_hash);
}

void GossipIngress::settle(const Settled& settled) {
  Pending pending;
  Verdict verdict = Verdict::kIgnore;
  {
    const std::lock_guard lock(mutex_);
    const auto found = pending_.find(settled.request.value);
    if (found == pending_.end()) return;
    pending = found->second;
    pending_.erase(found);
    verdict = verdict_of(core::gossip_verdict(settled.decisions, pending.subject));
    if (verdict == Verdict::kAccept && pending.is_charged) {
      if (pending.kind == GossipKind::kCommitment) {
        quota_.give_back_commitment(pending.peer, pending.is_scheduled);
      }
      if (pending.kind == GossipKind::kTxList) {
        quota_.give_back_list(pending.peer, pending.list_bytes);
      }
    }
  }
  parts_.report(pending.id, verdict);
}

void GossipIngress::forget(core::PeerNumber peer) {
  const std::lock_guard lock(mutex_);
  quota_.forget(peer);
}

std::size_t GossipIngress::pending() const {
  const std::lock_guard lock(mutex_);
  return pending_.size();
}

}  // namespace preconf::node
