#include "node/p2p/peer_commands.hpp"

#include <chrono>
#include <utility>

#include "core/codec/p2p_ssz.hpp"
#include "io/clock.hpp"
#include "node/p2p/peer_names.hpp"

namespace preconf::node {
namespace {

namespace commands = core::commands;
using core::events::PublishResult;
using io::wire::ExchangeProtocol;

constexpr std::uint64_t kNanosPerSecond = 1'000'000'000;
/// Timers of bans that end: an order may name a time far beyond this process's
/// life.
constexpr std::uint64_t kBanSecondsMax = 30ULL * 24 * 3'600;

/// A result of gossipsub as the log's.
PublishResult result_of(io::wire::PublishError error) {
  switch (error) {
    case io::wire::PublishError::kNoPeers:
      return PublishResult::kNoPeers;
    case io::wire::PublishError::kDuplicate:
      return PublishResult::kDuplicate;
    case io::wire::PublishError::kTooLarge:
      return PublishResult::kNotSent;
  }
  return PublishResult::kNotSent;
}

}  // namespace

PeerCommands::PeerCommands(Parts parts) : parts_(std::move(parts)) {}

std::uint32_t PeerCommands::elapsed_us(core::Millis since) const {
  constexpr std::uint64_t kMax = UINT32_MAX;
  return static_cast<std::uint32_t>(
      std::min(kMax, 1'000 * core::distance(since, parts_.host.now())));
}

void PeerCommands::start(const core::Command& command) {
  if (const auto* order = std::get_if<commands::RequestHead>(&command.body)) {
    return ask(command, order->peer, ExchangeProtocol::kGetHead,
               core::codec::encode_get_head_request().view());
  }
  if (const auto* order = std::get_if<commands::RequestCommitments>(&command.body)) {
    const auto body = core::codec::encode_get_commitments_request(
        {core::U256::from_u64(order->start.value), order->count});
    return ask(command, order->peer, ExchangeProtocol::kGetCommitmentsByNumber, body.view());
  }
  if (const auto* order = std::get_if<commands::RequestTxList>(&command.body)) {
    return ask(command, order->peer, ExchangeProtocol::kGetRawTxList, order->hash.view());
  }
  if (const auto* order = std::get_if<commands::BanPeer>(&command.body)) return ban(*order);
  if (const auto* order = std::get_if<commands::DisconnectPeer>(&command.body)) {
    return parts_.host.swarm().disconnect(ref_of(order->peer), parts_.host.now());
  }
  fetch_and_publish(command);
}

void PeerCommands::ask(const core::Command& command, core::PeerNumber peer,
                       ExchangeProtocol protocol, core::BytesView body) {
  const core::Millis now = parts_.host.now();
  const auto request = parts_.host.swarm().request(ref_of(peer), protocol, body, now);
  waiting_.emplace(request, Waiting{command, now});
}

void PeerCommands::on_response(io::wire::swarm::Response response) {
  const auto found = waiting_.find(response.request);
  if (found == waiting_.end()) return;
  const Waiting asked = std::move(found->second);
  waiting_.erase(found);
  PeerAnswer answer{asked.command.id, {response.peer.value}, elapsed_us(asked.since)};
  if (!response.body) {
    (void)parts_.inputs.offer(
        failure_inputs(answer, kind_of(response.body.error()), name_of(response.body.error())));
    return;
  }
  auto body = std::make_shared<core::Bytes>(std::move(*response.body));
  const bool is_queued = parts_.workers.submit([this, answer, body, protocol = response.protocol] {
    auto inputs = response_inputs(answer, protocol, *body, parts_.network);
    for (const Input& input : inputs) {
      const auto* received = std::get_if<core::events::CommitmentReceived>(&input.body);
      if (received != nullptr) parts_.ingress.note_commitment(received->facts);
    }
    (void)parts_.inputs.offer(std::move(inputs));
  });
  if (is_queued) return;
  (void)parts_.inputs.offer(failure_inputs(answer, core::events::PeerFailureKind::kNotSent,
                                           "too much is being verified"));
}

void PeerCommands::ban(const commands::BanPeer& order) {
  const auto id = io::wire::peer_id_from_bytes(order.peer_id);
  if (!id) return;
  parts_.host.swarm().ban(*id, parts_.host.now());
  const std::uint64_t wall = io::wall_now().value / kNanosPerSecond;
  const std::uint64_t seconds = core::distance(core::UnixSeconds{wall}, order.until);
  parts_.loop.arm(std::chrono::seconds(std::min(seconds, kBanSecondsMax)), [this, peer = *id] {
    parts_.host.swarm().unban(peer);
    parts_.host.done();
  });
}

/// On a worker's thread.
std::optional<core::Bytes> PeerCommands::bytes_of(const core::Command& command) const {
  if (const auto* order = std::get_if<commands::PublishCommitment>(&command.body)) {
    const auto found = parts_.log.read(order->received)->next();
    if (!found || !*found) return std::nullopt;
    const auto* event = std::get_if<core::events::CommitmentReceived>(&(*found)->event.body);
    if (event == nullptr || event->facts.commitment_hash != order->commitment_hash) {
      return std::nullopt;
    }
    return event->raw;
  }
  const auto& order = std::get<commands::PublishTxList>(command.body);
  const auto list = parts_.log.content(order.list.hash);
  if (!list || list->size() > core::limits::kTxListBytesMax) return std::nullopt;
  return core::codec::encode_raw_tx_list({order.list.hash, *list});
}

void PeerCommands::fetch_and_publish(const core::Command& command) {
  const GossipKind kind = std::holds_alternative<commands::PublishCommitment>(command.body)
                              ? GossipKind::kCommitment
                              : GossipKind::kTxList;
  const bool is_queued = parts_.workers.submit([this, command, kind] {
    auto data = bytes_of(command);
    parts_.host.post([this, command, kind, data = std::move(data)](io::P2pHost&) {
      if (data) return publish(command, kind, *data);
      published(command, PublishResult::kContentMissing, 0);
    });
  });
  if (!is_queued) published(command, PublishResult::kNotSent, 0);
}

void PeerCommands::publish(const core::Command& command, GossipKind kind, const core::Bytes& data) {
  const auto sent =
      parts_.host.swarm().publish(topic_of(kind, parts_.chain_id), data, parts_.host.now());
  if (sent) return published(command, PublishResult::kSent, sent->peers);
  published(command, result_of(sent.error()), 0);
}

void PeerCommands::published(const core::Command& command, PublishResult result,
                             std::size_t peers) {
  Input input;
  input.body = core::events::Published{command.id, 0, result, static_cast<std::uint32_t>(peers)};
  input.lane = core::Lane::kPeer;
  (void)parts_.inputs.offer(std::move(input));
}

}  // namespace preconf::node
