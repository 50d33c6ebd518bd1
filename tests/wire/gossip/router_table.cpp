#include "tests/wire/gossip/router_table.hpp"

#include "core/base/assert.hpp"
#include "io/wire/varint.hpp"

namespace preconf::io::wire::test {
namespace {

SentRpc decoded(const gossip::SendRpc& send) {
  const auto length = read_uvarint(*send.frame, 5);
  PRECONF_ASSERT(length && length->value + length->size == send.frame->size());
  Rpc rpc;
  const BytesView content = BytesView{*send.frame}.subspan(length->size);
  PRECONF_ASSERT(decode_rpc(content, RpcScope::kAll, GossipConfig{}, rpc).has_value());
  PRECONF_ASSERT(rpc.faults == FaultCounts{});
  SentRpc out;
  out.peer = send.peer;
  out.send_class = send.send_class;
  for (const auto& s : rpc.subscriptions) out.subscriptions.emplace_back(s.topic, s.subscribe);
  for (const auto& m : rpc.messages) out.messages.emplace_back(m.data->begin(), m.data->end());
  for (const auto& topic : rpc.graft) out.grafts.emplace_back(topic);
  for (const auto& p : rpc.prune) out.prunes.emplace_back(p.topic, p.backoff_seconds);
  out.ihave = rpc.ihave_ids;
  out.iwant = rpc.iwant;
  out.idontwant = rpc.idontwant;
  return out;
}

template <class Has>
std::vector<std::uint64_t> peers_with(const std::vector<SentRpc>& sent, Has has) {
  std::vector<std::uint64_t> out;
  for (const SentRpc& rpc : sent) {
    if (has(rpc)) out.push_back(rpc.peer.value);
  }
  return out;
}

}  // namespace

std::vector<std::uint64_t> Taken::message_receivers() const {
  return peers_with(sent, [](const SentRpc& rpc) { return !rpc.messages.empty(); });
}
std::vector<std::uint64_t> Taken::grafted() const {
  return peers_with(sent, [](const SentRpc& rpc) { return !rpc.grafts.empty(); });
}
std::vector<std::uint64_t> Taken::pruned() const {
  return peers_with(sent, [](const SentRpc& rpc) { return !rpc.prunes.empty(); });
}

std::size_t Taken::fault(std::uint64_t peer, GossipFault fault) const {
  std::size_t count = 0;
  for (const gossip::PeerFaults& report : faults) {
    if (report.peer.value == peer) count += report.counts[static_cast<std::size_t>(fault)];
  }
  return count;
}

RouterTable::RouterTable(const GossipConfig& config, std::uint64_t seed)
    : router(config, self, Prng(seed), now) {
  router.subscribe(kTopic, now);
}

void RouterTable::connect(std::uint32_t n, Direction direction, GossipVersion version,
                          bool subscribed) {
  router.peer_connected(PeerRef{n}, identity_of(n).peer_id(), direction, version, now);
  if (subscribed) rpc(n, rpc_subscription(kTopic));
}

MessageId RouterTable::message(std::uint32_t n, std::uint32_t author, BytesView data,
                               const Topic& topic) {
  rpc(n, rpc_message(signed_parts(identity_of(author), seqno_++, topic, data)));
  return message_id(MessageIdFormula::kContent, topic, data);
}

void RouterTable::advance(std::uint64_t millis) {
  const Millis end{now.value + millis};
  while (router.next_deadline() <= end) {
    now = router.next_deadline();
    router.on_time(now);
  }
  now = end;
}

Taken RouterTable::take() {
  Taken out;
  while (const auto action = router.next_action()) {
    if (const auto* send = std::get_if<gossip::SendRpc>(&*action)) {
      out.sent.push_back(decoded(*send));
    } else if (const auto* deliver = std::get_if<gossip::Deliver>(&*action)) {
      out.delivered.push_back(*deliver);
    } else if (const auto* faults = std::get_if<gossip::PeerFaults>(&*action)) {
      out.faults.push_back(*faults);
    } else {
      out.dropped.push_back(std::get<gossip::DropPeer>(*action));
    }
  }
  return out;
}

std::set<std::uint64_t> RouterTable::mesh(const Topic& topic) const {
  std::set<std::uint64_t> out;
  for (const PeerRef peer : router.state().topics.at(topic).mesh) out.insert(peer.value);
  return out;
}

Bytes data_of(std::uint32_t n, std::size_t size) {
  Bytes data(size, 0xff);
  for (std::size_t i = 0; i < 4; ++i) data[size - 4 + i] = static_cast<std::uint8_t>(n >> (8 * i));
  return data;
}

MessageId id_of(BytesView data) { return message_id(MessageIdFormula::kContent, kTopic, data); }

}  // namespace preconf::io::wire::test
