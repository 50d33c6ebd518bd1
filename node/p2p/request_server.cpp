#include "node/p2p/request_server.hpp"

#include <utility>

#include "core/codec/p2p_ssz.hpp"
#include "core/limits.hpp"
#include "core/state.hpp"

namespace preconf::node {
namespace {

using core::Bytes;
using core::events::PeerConduct;
using io::wire::ExchangeProtocol;
using io::wire::InboundRef;
using io::wire::swarm::InboundRequest;

/// The signed bytes of a logged commitment; nothing when the event was pruned.
std::optional<Bytes> raw_of(const storage::EventLog& log, core::Seq seq) {
  const auto found = log.read(seq)->next();
  if (!found || !*found || (*found)->event.seq != seq) return std::nullopt;
  const auto* received = std::get_if<core::events::CommitmentReceived>(&(*found)->event.body);
  if (received == nullptr) return std::nullopt;
  return received->raw;
}

/// Commitments one after another, up to the first that can not be read: no
/// holes.
Bytes pack(const storage::EventLog& log, const std::vector<core::ServedCommitment>& commitments) {
  Bytes packed;
  for (const core::ServedCommitment& commitment : commitments) {
    const auto raw = raw_of(log, commitment.received);
    if (!raw) break;
    packed.insert(packed.end(), raw->begin(), raw->end());
  }
  return packed;
}

Bytes list_answer(const core::Hash32& hash, core::BytesView list) {
  return core::codec::encode_raw_tx_list({hash, list});
}

}  // namespace

RequestServer::RequestServer(Parts parts, const core::State& state)
    : parts_(std::move(parts)), chain_(state) {}

void RequestServer::note(const Settled& settled) {
  const std::lock_guard lock(chain_mutex_);
  for (const core::Decision& decision : settled.decisions) chain_.note(decision);
}

void RequestServer::forget(core::PeerNumber peer) {
  std::erase_if(rates_, [peer](const auto& entry) { return entry.first.first == peer; });
}

bool RequestServer::is_over_limit(const RateKey& key, core::Millis now) {
  Rate& rate = rates_.try_emplace(key, Rate{now}).first->second;
  if (core::distance(rate.since, now) >= kServedInterval.value) rate = Rate{now};
  return ++rate.requests > kServedPerIntervalMax;
}

void RequestServer::on_request(const InboundRequest& request, core::Millis now) {
  const core::PeerNumber peer{request.peer.value};
  const bool is_empty = is_over_limit({peer, request.protocol}, now);
  if (is_empty) parts_.conducts.count(peer, PeerConduct::kRequestTooMany);
  switch (request.protocol) {
    case ExchangeProtocol::kGetHead:
      return serve_head(request);
    case ExchangeProtocol::kGetCommitmentsByNumber:
      return serve_commitments(request, is_empty);
    case ExchangeProtocol::kGetRawTxList:
      return serve_list(request, is_empty);
  }
}

void RequestServer::malformed(const InboundRequest& request) {
  parts_.conducts.count({request.peer.value}, PeerConduct::kRequestMalformed);
  parts_.refuse(request.request);
}

void RequestServer::answer(const InboundRequest& request, Bytes body, bool is_full) {
  if (is_full) parts_.conducts.count({request.peer.value}, PeerConduct::kServed);
  parts_.respond(request.request, std::move(body));
}

void RequestServer::serve_head(const InboundRequest& request) {
  if (!core::codec::decode_get_head_request(request.body)) return malformed(request);
  core::protocol::PreconfHead head;
  if (const auto published = parts_.published()) {
    const core::ServedHead& served = published->status.served_head;
    head = {core::U256::from_u64(served.number.value),
            core::U256::from_u64(served.window_end.value)};
  }
  const auto body = core::codec::encode_preconf_head(head);
  answer(request, Bytes(body.bytes.begin(), body.bytes.end()), true);
}

void RequestServer::serve_commitments(const InboundRequest& request, bool is_empty) {
  const auto decoded = core::codec::decode_get_commitments_request(request.body);
  if (!decoded) return malformed(request);
  std::vector<core::ServedCommitment> found;
  if (!is_empty && decoded->start_block_number.fits_u64()) {
    const std::size_t count =
        std::min<std::size_t>(decoded->max_count, core::protocol::kCommitmentsPerResponseMax);
    const std::lock_guard lock(chain_mutex_);
    found = chain_.range({decoded->start_block_number.low_u64()}, count);
  }
  InboundRequest reply = request;
  const bool is_queued =
      !found.empty() && parts_.workers.submit([this, reply, found = std::move(found)] {
        const Bytes packed = pack(parts_.log, found);
        answer(reply, core::codec::encode_commitment_list(packed), !packed.empty());
      });
  if (!is_queued) answer(request, core::codec::encode_commitment_list({}), false);
}

void RequestServer::serve_list(const InboundRequest& request, bool is_empty) {
  const auto hash = core::codec::decode_get_raw_tx_list_request(request.body);
  if (!hash) return malformed(request);
  const bool is_queued = !is_empty && parts_.workers.submit([this, request, hash = *hash] {
    const auto list = parts_.log.content(hash);
    const bool is_there = list && list->size() <= core::limits::kTxListBytesMax;
    answer(request, list_answer(hash, is_there ? core::BytesView{*list} : core::BytesView{}),
           is_there);
  });
  if (!is_queued) answer(request, list_answer(*hash, {}), false);
}

}  // namespace preconf::node
