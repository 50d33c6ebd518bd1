#include "tests/wire/gossip/rpc_bytes.hpp"

#include "io/wire/protobuf.hpp"

namespace preconf::io::wire::test {
namespace {

Bytes control(std::uint32_t field, const Bytes& content) {
  Bytes inner;
  ProtoWriter(inner).bytes(field, content);
  Bytes rpc;
  ProtoWriter(rpc).bytes(3, inner);
  return rpc;
}

Bytes ids_of(const std::vector<MessageId>& ids, std::uint32_t field) {
  Bytes out;
  for (const MessageId& id : ids) ProtoWriter(out).bytes(field, id.view());
  return out;
}

}  // namespace

Identity identity_of(std::uint32_t n) {
  Identity::Secret secret;
  secret.bytes.fill(0x5a);
  secret.bytes[0] = static_cast<std::uint8_t>(n >> 8);
  secret.bytes[1] = static_cast<std::uint8_t>(n);
  return Identity::from_secret(KeyType::kEd25519, secret).value();
}

MessageParts signed_parts(const Identity& author, std::uint64_t seqno, const Topic& topic,
                          BytesView data) {
  MessageParts parts;
  const BytesView from = author.peer_id().view();
  parts.from.assign(from.begin(), from.end());
  parts.data.assign(data.begin(), data.end());
  for (int shift = 56; shift >= 0; shift -= 8) {
    parts.seqno.push_back(static_cast<std::uint8_t>(seqno >> shift));
  }
  parts.topic = topic;
  parts.has_signature = false;
  const BytesView prefix = as_bytes("libp2p-pubsub:");
  Bytes preimage(prefix.begin(), prefix.end());
  const Bytes fields = encode_message(parts);
  preimage.insert(preimage.end(), fields.begin(), fields.end());
  parts.signature = author.sign(preimage);
  parts.has_signature = true;
  return parts;
}

Bytes encode_message(const MessageParts& parts) {
  Bytes out;
  ProtoWriter writer(out);
  if (parts.has_from) writer.bytes(1, parts.from);
  writer.bytes(2, parts.data);
  if (parts.has_seqno) writer.bytes(3, parts.seqno);
  writer.text(4, parts.topic);
  if (parts.has_signature) writer.bytes(5, parts.signature);
  if (parts.has_key) writer.bytes(6, parts.key);
  return out;
}

Bytes rpc_message(const MessageParts& parts) {
  Bytes rpc;
  ProtoWriter(rpc).bytes(2, encode_message(parts));
  return rpc;
}

Bytes rpc_subscription(const Topic& topic, bool subscribe) {
  Bytes options;
  ProtoWriter(options).varint(1, subscribe ? 1 : 0);
  ProtoWriter(options).text(2, topic);
  Bytes rpc;
  ProtoWriter(rpc).bytes(1, options);
  return rpc;
}

Bytes rpc_graft(const Topic& topic) {
  Bytes graft;
  ProtoWriter(graft).text(1, topic);
  return control(3, graft);
}

Bytes rpc_prune(const Topic& topic, std::optional<std::uint64_t> seconds) {
  Bytes prune;
  ProtoWriter(prune).text(1, topic);
  if (seconds) ProtoWriter(prune).varint(3, *seconds);
  return control(4, prune);
}

Bytes rpc_ihave(const Topic& topic, const std::vector<MessageId>& ids) {
  Bytes ihave;
  ProtoWriter(ihave).text(1, topic);
  const Bytes encoded = ids_of(ids, 2);
  ihave.insert(ihave.end(), encoded.begin(), encoded.end());
  return control(1, ihave);
}

Bytes rpc_iwant(const std::vector<MessageId>& ids) { return control(2, ids_of(ids, 1)); }

Bytes rpc_idontwant(const std::vector<MessageId>& ids) { return control(5, ids_of(ids, 1)); }

Bytes joined(const std::vector<Bytes>& rpcs) {
  Bytes out;
  for (const Bytes& rpc : rpcs) out.insert(out.end(), rpc.begin(), rpc.end());
  return out;
}

PeerId made_up_peer_id(std::uint32_t n) {
  Bytes bytes = {0x00, 0x24, 0x08, 0x01, 0x12, 0x20};
  bytes.resize(38);
  for (std::size_t i = 0; i < 4; ++i) bytes[6 + i] = static_cast<std::uint8_t>(n >> (8 * i));
  return peer_id_from_bytes(bytes).value();
}

MessageId made_up_id(std::uint32_t n) {
  MessageId id;
  id.bytes.fill(0xee);
  for (std::size_t i = 0; i < 4; ++i) id.bytes[i] = static_cast<std::uint8_t>(n >> (8 * i));
  return id;
}

}  // namespace preconf::io::wire::test
