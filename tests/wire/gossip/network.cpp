#include "tests/wire/gossip/network.hpp"

#include <gtest/gtest.h>

#include "core/base/assert.hpp"
#include "io/wire/varint.hpp"
#include "tests/wire/gossip/invariants.hpp"

namespace preconf::io::wire::test {
namespace {

MessageId id_of_fields(const MessageFields& fields) {
  return message_id(MessageIdFormula::kContent, kTopic, fields.data.value_or(BytesView{}));
}

Bytes content_of(const Bytes& frame) {
  const auto length = read_uvarint(frame, 5);
  PRECONF_ASSERT(length && length->size + length->value == frame.size());
  return {frame.begin() + static_cast<std::ptrdiff_t>(length->size), frame.end()};
}

}  // namespace

GossipNetwork::GossipNetwork(const NetworkConfig& config) : config_(config), random_(config.seed) {
  for (std::uint32_t n = 0; n < config.nodes; ++n) {
    nodes_.push_back(std::make_unique<Member>(n + 1, config.gossip, random_.next(), now_));
    nodes_.back()->router.subscribe(kTopic, now_);
  }
}

void GossipNetwork::connect(Node dialer, Node listener) {
  if (dialer == listener || nodes_[dialer]->refs.contains(listener)) return;
  const std::uint64_t latency =
      config_.latency_min + random_.below(config_.latency_max - config_.latency_min + 1);
  latency_[{dialer, listener}] = latency_[{listener, dialer}] = latency;
  for (const auto& [self, other, direction] : {std::tuple{dialer, listener, Direction::kOutbound},
                                               std::tuple{listener, dialer, Direction::kInbound}}) {
    const PeerRef ref{next_ref_++};
    nodes_[self]->peers[ref] = other;
    nodes_[self]->refs[other] = ref;
    nodes_[self]->router.peer_connected(ref, nodes_[other]->identity.peer_id(), direction,
                                        GossipVersion::kV12, now_);
  }
  drain(dialer);
  drain(listener);
}

void GossipNetwork::disconnect(Node a, Node b) {
  for (const auto& [self, other] : {std::pair{a, b}, std::pair{b, a}}) {
    const auto it = nodes_[self]->refs.find(other);
    if (it == nodes_[self]->refs.end()) return;
    nodes_[self]->router.peer_disconnected(it->second, now_);
    nodes_[self]->peers.erase(it->second);
    nodes_[self]->refs.erase(it);
    drain(self);
  }
}

void GossipNetwork::connect_randomly(std::uint64_t percent) {
  for (Node n = 1; n < size(); ++n) connect(n, random_.below(n));
  for (Node a = 0; a < size(); ++a) {
    for (Node b = 0; b < a; ++b) {
      if (random_.below(100) >= percent) continue;
      random_.below(2) == 0 ? connect(a, b) : connect(b, a);
    }
  }
}

void GossipNetwork::later(std::uint64_t millis, std::function<void()> run) {
  events_.push({Millis{now_.value + millis}, order_++, std::move(run)});
}

void GossipNetwork::run_for(std::uint64_t millis) {
  const Millis end{now_.value + millis};
  for (;;) {
    Node next = 0;
    for (Node n = 1; n < size(); ++n) {
      if (nodes_[n]->router.next_deadline() < nodes_[next]->router.next_deadline()) next = n;
    }
    const Millis deadline = nodes_[next]->router.next_deadline();
    const bool is_event = !events_.empty() && events_.top().at <= deadline;
    const Millis at = is_event ? events_.top().at : deadline;
    if (at > end) break;
    now_ = std::max(now_, at);
    if (is_event) {
      const std::function<void()> run = events_.top().run;
      events_.pop();
      run();
    } else {
      nodes_[next]->router.on_time(now_);
      drain(next);
      check_invariants(nodes_[next]->router.state());
    }
  }
  now_ = end;
}

void GossipNetwork::drain(Node node) {
  Member& member = *nodes_[node];
  while (const auto action = member.router.next_action()) {
    if (const auto* rpc = std::get_if<gossip::SendRpc>(&*action)) send(node, *rpc);
    if (const auto* deliver = std::get_if<gossip::Deliver>(&*action)) {
      const MessageId id = deliver->message->id;
      EXPECT_TRUE(member.got.try_emplace(id, now_).second) << "delivered twice";
      later(config_.verdict_delay, [this, node, id] {
        (void)nodes_[node]->router.report_validation(id, nodes_[node]->verdict, now_);
        drain(node);
      });
    }
    EXPECT_FALSE(std::holds_alternative<gossip::DropPeer>(*action));
  }
}

/// Of every frame: nobody gets what it wrote, or what it sent here before; nobody gets a message
/// twice without asking.
void GossipNetwork::check_sent(Node from, Node to, const Rpc& rpc) {
  Member& member = *nodes_[from];
  for (const MessageFields& message : rpc.messages) {
    const MessageId id = id_of_fields(message);
    EXPECT_FALSE(std::ranges::equal(*message.from, nodes_[to]->identity.peer_id().view()))
        << "a message went to its author";
    EXPECT_FALSE(member.heard_from[id].contains(to)) << "a message went back";
    const int times = ++member.sent_to[{id, to}];
    const int asked = member.asked_by[{id, to}];
    EXPECT_LE(times, 1 + asked) << "a message was sent again";
  }
}

void GossipNetwork::note_received(Node at, Node from, const Rpc& rpc) {
  for (const MessageFields& message : rpc.messages) {
    nodes_[at]->heard_from[id_of_fields(message)].insert(from);
    ++copies_;
  }
  for (const MessageId& id : rpc.iwant) ++nodes_[at]->asked_by[{id, from}];
}

void GossipNetwork::send(Node from, const gossip::SendRpc& send) {
  const auto peer = nodes_[from]->peers.find(send.peer);
  if (peer == nodes_[from]->peers.end()) return;
  const Node to = peer->second;
  const PeerRef at_receiver = nodes_[to]->refs.at(from);
  const auto content = std::make_shared<const Bytes>(content_of(*send.frame));
  Rpc rpc;
  ASSERT_TRUE(decode_rpc(*content, RpcScope::kAll, config_.gossip, rpc));
  check_sent(from, to, rpc);
  const bool may_be_lost = send.send_class != SendClass::kControl;
  if (may_be_lost && random_.below(100) < config_.loss_percent) return;
  Millis& arrival = last_arrival_[{from, to}];
  arrival = std::max(arrival, Millis{now_.value + latency_.at({from, to})});
  later(arrival.value - now_.value, [this, from, to, at_receiver, content] {
    Member& receiver = *nodes_[to];
    if (!receiver.peers.contains(at_receiver)) return;
    Rpc received;
    (void)decode_rpc(*content, RpcScope::kAll, config_.gossip, received);
    note_received(to, from, received);
    receiver.router.on_rpc(at_receiver, *content, now_);
    drain(to);
  });
}

std::size_t GossipNetwork::count_having(const MessageId& id) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(nodes_, [&id](const auto& node) { return node->got.contains(id); }));
}

std::uint64_t GossipNetwork::latency_of(const MessageId& id) const {
  Millis first{UINT64_MAX};
  Millis last{0};
  for (const auto& node : nodes_) {
    const auto it = node->got.find(id);
    if (it == node->got.end()) continue;
    first = std::min(first, it->second);
    last = std::max(last, it->second);
  }
  return last.value - first.value;
}

std::set<GossipNetwork::Node> GossipNetwork::mesh(Node node) const {
  std::set<Node> out;
  for (const PeerRef ref : nodes_[node]->router.state().topics.at(kTopic).mesh) {
    out.insert(nodes_[node]->peers.at(ref));
  }
  return out;
}

std::set<GossipNetwork::Node> GossipNetwork::neighbours(Node node) const {
  std::set<Node> out;
  for (const auto& [other, ref] : nodes_[node]->refs) out.insert(other);
  return out;
}

Score GossipNetwork::score(Node node, Node of) const {
  return nodes_[node]->router.state().scores.score(nodes_[of]->identity.peer_id());
}

}  // namespace preconf::io::wire::test
