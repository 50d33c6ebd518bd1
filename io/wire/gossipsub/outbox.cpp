#include "io/wire/gossipsub/outbox.hpp"

#include "io/wire/protobuf.hpp"
#include "io/wire/varint.hpp"

namespace preconf::io::wire {
namespace {

constexpr std::uint32_t kSubscriptionsField = 1;  // of the RPC
constexpr std::uint32_t kControlField = 3;

SharedBytes framed(const Bytes& rpc) {
  Bytes frame;
  frame.reserve(uvarint_size(rpc.size()) + rpc.size());
  put_uvarint(frame, rpc.size());
  frame.insert(frame.end(), rpc.begin(), rpc.end());
  return share(std::move(frame));
}

Bytes ids_message(const std::vector<MessageId>& ids, std::uint32_t number) {
  Bytes out;
  out.reserve(ids.size() * ProtoWriter::bytes_size(number, MessageId::kSize));
  ProtoWriter writer(out);
  for (const MessageId& id : ids) writer.bytes(number, id.view());
  return out;
}

}  // namespace

void Outbox::subscription(PeerRef peer, const Topic& topic, bool subscribe) {
  waiting_[peer].subscriptions.push_back({topic, subscribe});
}

void Outbox::graft(PeerRef peer, const Topic& topic) { waiting_[peer].grafts.push_back(topic); }

void Outbox::prune(PeerRef peer, const Topic& topic, std::optional<Millis> backoff) {
  Waiting& waiting = waiting_[peer];
  std::erase(waiting.grafts, topic);
  for (const Prune& other : waiting.prunes) {
    if (other.topic == topic) return;
  }
  waiting.prunes.push_back({topic, backoff});
}

void Outbox::ihave(PeerRef peer, const Topic& topic, std::vector<MessageId> ids) {
  waiting_[peer].ihaves.push_back({topic, std::move(ids)});
}

void Outbox::iwant(PeerRef peer, std::vector<MessageId> ids) {
  std::vector<MessageId>& all = waiting_[peer].iwant;
  all.insert(all.end(), ids.begin(), ids.end());
}

void Outbox::idontwant(PeerRef peer, const MessageId& id) {
  waiting_[peer].idontwant.push_back(id);
}

Bytes Outbox::encode_control(const Waiting& waiting) {
  Bytes rpc;
  ProtoWriter writer(rpc);
  for (const Subscription& subscription : waiting.subscriptions) {
    Bytes options;
    ProtoWriter(options).varint(1, subscription.subscribe ? 1 : 0);
    ProtoWriter(options).text(2, subscription.topic);
    writer.bytes(kSubscriptionsField, options);
  }
  Bytes control;
  for (const Topic& topic : waiting.grafts) {
    Bytes graft;
    ProtoWriter(graft).text(1, topic);
    ProtoWriter(control).bytes(3, graft);
  }
  for (const Prune& entry : waiting.prunes) {
    Bytes prune;
    ProtoWriter(prune).text(1, entry.topic);
    if (entry.backoff) ProtoWriter(prune).varint(3, entry.backoff->value / 1000);
    ProtoWriter(control).bytes(4, prune);
  }
  if (!control.empty()) writer.bytes(kControlField, control);
  return rpc;
}

Bytes Outbox::encode_gossip(const Waiting& waiting) {
  Bytes control;
  ProtoWriter writer(control);
  for (const Ihave& entry : waiting.ihaves) {
    Bytes ihave;
    ProtoWriter(ihave).text(1, entry.topic);
    const Bytes ids = ids_message(entry.ids, 2);
    ihave.insert(ihave.end(), ids.begin(), ids.end());
    writer.bytes(1, ihave);
  }
  if (!waiting.iwant.empty()) writer.bytes(2, ids_message(waiting.iwant, 1));
  if (!waiting.idontwant.empty()) writer.bytes(5, ids_message(waiting.idontwant, 1));
  Bytes rpc;
  if (!control.empty()) ProtoWriter(rpc).bytes(kControlField, control);
  return rpc;
}

void Outbox::flush(std::deque<GossipAction>& actions, Millis gossip_lifetime) {
  for (const auto& [peer, waiting] : waiting_) {
    if (const Bytes rpc = encode_control(waiting); !rpc.empty()) {
      actions.push_back(gossip::SendRpc{peer, framed(rpc), SendClass::kControl, Millis{0}});
    }
    if (const Bytes rpc = encode_gossip(waiting); !rpc.empty()) {
      actions.push_back(gossip::SendRpc{peer, framed(rpc), SendClass::kGossip, gossip_lifetime});
    }
  }
  waiting_.clear();
}

}  // namespace preconf::io::wire
