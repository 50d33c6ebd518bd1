#include "node/p2p/gossip_check.hpp"

#include "core/codec/p2p_ssz.hpp"
#include "core/limits.hpp"

namespace preconf::node {
namespace {

using core::events::PeerConduct;
using core::protocol::CommitmentDefect;
using io::wire::Verdict;

GossipRefusal refusal_of(CommitmentDefect defect) {
  switch (defect) {
    case CommitmentDefect::kWrongSize:
    case CommitmentDefect::kNonCanonicalBool:
      return {Verdict::kReject, PeerConduct::kGossipUndecodable};
    case CommitmentDefect::kSignatureFormat:
    case CommitmentDefect::kSignatureUnrecoverable:
    case CommitmentDefect::kEopTxListMismatch:
      return {Verdict::kReject, PeerConduct::kGossipInvalid};
    case CommitmentDefect::kNone:
    case CommitmentDefect::kBlockNumberRange:
    case CommitmentDefect::kTimestampRange:
    case CommitmentDefect::kGasLimitRange:
    case CommitmentDefect::kAnchorBlockNumberRange:
    case CommitmentDefect::kWindowEndRange:
    case CommitmentDefect::kProposalIdRange:
      break;
  }
  return {Verdict::kIgnore, PeerConduct::kGossipUnwanted};
}

GossipFacts check_commitment(core::BytesView data, const core::protocol::NetworkProfile& network) {
  io::SubmittedCommitment out;
  out.facts = core::protocol::verify_commitment(data, network.preconf_domain);
  if (out.facts.defect != CommitmentDefect::kNone) return refusal_of(out.facts.defect);
  if (out.facts.slasher != network.slasher_address) {
    return GossipRefusal{Verdict::kIgnore, PeerConduct::kGossipUnwanted};
  }
  out.raw.assign(data.begin(), data.end());
  return out;
}

GossipFacts check_tx_list(core::BytesView data) {
  const auto list = core::codec::decode_raw_tx_list(data);
  if (!list) return GossipRefusal{Verdict::kReject, PeerConduct::kGossipUndecodable};
  io::SubmittedTxList out;
  out.facts = core::protocol::verify_txlist(list->txlist);
  if (out.facts.hash != list->raw_tx_list_hash) {
    return GossipRefusal{Verdict::kReject, PeerConduct::kGossipMismatch};
  }
  out.compressed = std::make_shared<const core::Bytes>(list->txlist.begin(), list->txlist.end());
  return out;
}

}  // namespace

io::wire::Topic topic_of(GossipKind kind, std::uint64_t chain_id) {
  return "/taiko/" + std::to_string(chain_id) +
         (kind == GossipKind::kCommitment ? "/0/preconfirmationCommitments" : "/0/rawTxLists");
}

GossipFacts check_gossip(GossipKind kind, core::BytesView data,
                         const core::protocol::NetworkProfile& network) {
  return kind == GossipKind::kCommitment ? check_commitment(data, network) : check_tx_list(data);
}

}  // namespace preconf::node
