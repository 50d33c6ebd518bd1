#include "node/devnet/network_peer.hpp"

#include <fmt/format.h>

#include "core/codec/p2p_ssz.hpp"
#include "io/p2p/random.hpp"

namespace preconf::node::devnet {
namespace {

namespace swarm = io::wire::swarm;
using core::Bytes;
using io::wire::ExchangeProtocol;

const std::string kCommitments =
    fmt::format("/taiko/{}/0/preconfirmationCommitments", NetworkPeer::kChainId);
const std::string kLists = fmt::format("/taiko/{}/0/rawTxLists", NetworkPeer::kChainId);

Bytes bytes_of(core::BytesView view) { return {view.begin(), view.end()}; }

}  // namespace

NetworkPeer::NetworkPeer(io::EventLoop& loop)
    : loop_(loop),
      identity_(
          *io::wire::Identity::from_secret(io::wire::KeyType::kEd25519, io::random_secret())) {
  io::P2pHostOptions options;
  options.listen_address = "127.0.0.1";
  options.swarm.network_chain_id = kChainId;
  options.swarm.topics = {kCommitments, kLists};
  options.swarm.agent_version = "preconf-devnet";
  options.swarm.accepts.exempts_loopback = true;  // followers are processes of this machine
  host_ = std::make_unique<io::P2pHost>(
      loop_, options, identity_,
      [this](io::wire::SwarmAction event) { on_event(std::move(event)); });
}

core::Result<core::Ok, std::string> NetworkPeer::start() {
  const auto listening = host_->start();
  if (!listening) return core::Unexpected<std::string>{listening.error()};
  io::wire::Multiaddr address = **listening;
  address.peer = identity_.peer_id();
  address_ = to_text(address);
  return core::Ok{};
}

void NetworkPeer::publish(std::shared_ptr<const PublishedBlock> block) {
  PRECONF_ASSERT(blocks_.empty() || block->number == core::next(blocks_.back()->number));
  lists_[block->tx_list_hash] = block->tx_list;
  outbox_.emplace_back(kLists,
                       core::codec::encode_raw_tx_list({block->tx_list_hash, *block->tx_list}));
  outbox_.emplace_back(kCommitments, block->commitment);
  blocks_.push_back(std::move(block));
  send_waiting();
}

/// In order; what nobody takes stays. Equal lists are equal messages: once is enough.
void NetworkPeer::send_waiting() {
  loop_.cancel(timer_);
  while (!outbox_.empty()) {
    const auto& [topic, data] = outbox_.front();
    const auto sent = host_->swarm().publish(topic, data, host_->now());
    if (!sent && sent.error() == io::wire::PublishError::kNoPeers) break;
    outbox_.pop_front();
  }
  host_->done();
  if (!outbox_.empty()) timer_ = loop_.arm(kRetry, [this] { send_waiting(); });
}

void NetworkPeer::on_event(io::wire::SwarmAction event) {
  if (const auto* request = std::get_if<swarm::InboundRequest>(&event)) {
    serve(*request);
  } else if (const auto* delivered = std::get_if<io::wire::gossip::Deliver>(&event)) {
    host_->swarm().report_validation(delivered->message->id, io::wire::Verdict::kIgnore,
                                     host_->now());
  } else if (std::holds_alternative<swarm::PeerConnected>(event)) {
    ++peers_;
  } else if (std::holds_alternative<swarm::PeerDisconnected>(event)) {
    --peers_;
  }
}

void NetworkPeer::serve(const swarm::InboundRequest& request) {
  const auto body = answer(request);
  if (body) {
    host_->swarm().respond(request.request, *body, host_->now());
  } else {
    host_->swarm().refuse(request.request, host_->now());
  }
}

Bytes NetworkPeer::commitments_from(std::uint64_t first, std::size_t count) const {
  Bytes packed;
  for (const auto& block : blocks_) {
    if (block->number.value < first || packed.size() >= count * block->commitment.size()) continue;
    packed.insert(packed.end(), block->commitment.begin(), block->commitment.end());
  }
  return packed;
}

std::optional<Bytes> NetworkPeer::answer(const swarm::InboundRequest& request) const {
  switch (request.protocol) {
    case ExchangeProtocol::kGetHead: {
      if (!core::codec::decode_get_head_request(request.body)) return std::nullopt;
      core::protocol::PreconfHead head;
      if (!blocks_.empty()) {
        head = {core::U256::from_u64(blocks_.back()->number.value),
                core::U256::from_u64(blocks_.back()->window_end.value)};
      }
      return bytes_of(core::codec::encode_preconf_head(head).view());
    }
    case ExchangeProtocol::kGetCommitmentsByNumber: {
      const auto asked = core::codec::decode_get_commitments_request(request.body);
      if (!asked) return std::nullopt;
      const std::size_t count =
          std::min<std::size_t>(asked->max_count, core::protocol::kCommitmentsPerResponseMax);
      const bool is_number = asked->start_block_number.fits_u64();
      return core::codec::encode_commitment_list(
          is_number ? commitments_from(asked->start_block_number.low_u64(), count) : Bytes{});
    }
    case ExchangeProtocol::kGetRawTxList: {
      const auto hash = core::codec::decode_get_raw_tx_list_request(request.body);
      if (!hash) return std::nullopt;
      const auto found = lists_.find(*hash);
      return core::codec::encode_raw_tx_list(
          {*hash, found == lists_.end() ? core::BytesView{} : core::BytesView{*found->second}});
    }
  }
  return std::nullopt;
}

}  // namespace preconf::node::devnet
