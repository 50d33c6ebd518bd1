#include "node/p2p/peer_responses.hpp"

#include <memory>
#include <utility>

#include "core/codec/p2p_ssz.hpp"
#include "core/limits.hpp"

namespace preconf::node {
namespace {

namespace events = core::events;
using core::events::PeerFailureKind;
using core::protocol::CommitmentDefect;

Input make_input(const PeerAnswer& answer, core::EventBody body) {
  Input input;
  input.body = std::move(body);
  input.lane = core::Lane::kPeer;
  input.source = core::SourceKind::kResponse;
  input.source_id = answer.peer.value;
  return input;
}

Input answered(const PeerAnswer& answer, events::PeerResult result) {
  return make_input(answer,
                    events::PeerAnswered{answer.command, answer.elapsed_us, std::move(result)});
}

std::vector<Input> head_inputs(const PeerAnswer& answer, core::BytesView body) {
  const auto head = core::codec::decode_preconf_head(body);
  if (!head) return failure_inputs(answer, PeerFailureKind::kMalformed, "not a PreconfHead");
  if (!head->block_number.fits_u64() || !head->submission_window_end.fits_u64()) {
    return failure_inputs(answer, PeerFailureKind::kInvalid, "a head beyond 64 bits");
  }
  return {answered(answer, events::HeadReported{{head->block_number.low_u64()},
                                                {head->submission_window_end.low_u64()}})};
}

/// Would the deployed peers refuse it, too? Ranges of ours are not the sender's
/// fault.
bool is_out_of_range(CommitmentDefect defect) {
  return defect >= CommitmentDefect::kBlockNumberRange;
}

std::vector<Input> commitment_inputs(const PeerAnswer& answer, core::BytesView body,
                                     const core::protocol::NetworkProfile& network) {
  const auto list = core::codec::decode_commitment_list(body);
  if (!list)
    return failure_inputs(answer, PeerFailureKind::kMalformed, "not a list of commitments");
  std::vector<Input> out;
  events::CommitmentsDelivered delivered;
  for (std::size_t i = 0; i < list->size(); ++i) {
    const core::BytesView raw = (*list)[i];
    auto facts = core::protocol::verify_commitment(raw, network.preconf_domain);
    if (is_out_of_range(facts.defect)) continue;
    if (facts.defect != CommitmentDefect::kNone) {
      return failure_inputs(answer, PeerFailureKind::kInvalid,
                            std::string("commitment_") + name_of(facts.defect));
    }
    if (facts.slasher != network.slasher_address) continue;
    if (delivered.count == 0) delivered.first = facts.block_number;
    delivered.last = facts.block_number;
    ++delivered.count;
    out.push_back(make_input(
        answer, events::CommitmentReceived{core::Bytes(raw.begin(), raw.end()), std::move(facts),
                                           core::protocol::kCommitmentVerifierVersion}));
  }
  out.push_back(answered(answer, delivered));
  return out;
}

std::vector<Input> list_inputs(const PeerAnswer& answer, core::BytesView body) {
  const auto list = core::codec::decode_raw_tx_list(body);
  if (!list) return failure_inputs(answer, PeerFailureKind::kMalformed, "not a RawTxList");
  if (list->txlist.empty()) return {answered(answer, events::TxListMissing{})};
  auto facts = core::protocol::verify_txlist(list->txlist);
  if (facts.hash != list->raw_tx_list_hash) {
    return failure_inputs(answer, PeerFailureKind::kInvalid, "txlist_hash_mismatch");
  }
  const core::Hash32 hash = facts.hash;
  std::vector<Input> out;
  out.push_back(make_input(
      answer, events::TxListReceived{std::move(facts), core::protocol::kTxListVerifierVersion}));
  out.back().contents.push_back(
      {hash, std::make_shared<const core::Bytes>(list->txlist.begin(), list->txlist.end())});
  out.push_back(answered(answer, events::TxListDelivered{hash}));
  return out;
}

}  // namespace

std::vector<Input> response_inputs(const PeerAnswer& answer, io::wire::ExchangeProtocol protocol,
                                   core::BytesView body,
                                   const core::protocol::NetworkProfile& network) {
  switch (protocol) {
    case io::wire::ExchangeProtocol::kGetHead:
      return head_inputs(answer, body);
    case io::wire::ExchangeProtocol::kGetCommitmentsByNumber:
      return commitment_inputs(answer, body, network);
    case io::wire::ExchangeProtocol::kGetRawTxList:
      return list_inputs(answer, body);
  }
  return failure_inputs(answer, PeerFailureKind::kMalformed, "no such protocol");
}

std::vector<Input> failure_inputs(const PeerAnswer& answer, PeerFailureKind kind,
                                  std::string detail) {
  if (detail.size() > core::limits::kDetailBytesMax) detail.resize(core::limits::kDetailBytesMax);
  return {answered(answer, events::PeerFailed{kind, std::move(detail)})};
}

}  // namespace preconf::node
