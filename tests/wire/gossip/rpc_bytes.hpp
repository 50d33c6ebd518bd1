// RPCs as peers write them, built field by field.
#pragma once

#include <string_view>
#include <vector>

#include "io/wire/gossipsub/types.hpp"
#include "io/wire/identity.hpp"

namespace preconf::io::wire::test {

/// Test peer `n`, 1 to 65535: an Ed25519 identity made of that number.
[[nodiscard]] Identity identity_of(std::uint32_t n);

/// What a test may do to a message before it is sent.
struct MessageParts {
  Bytes from;
  Bytes data;
  Bytes seqno;
  Topic topic;
  Bytes signature;
  Bytes key;
  bool has_from = true;
  bool has_seqno = true;
  bool has_signature = true;
  bool has_key = false;
};

/// A well signed message; the signature is computed here, over the fields as pubsub defines.
[[nodiscard]] MessageParts signed_parts(const Identity& author, std::uint64_t seqno,
                                        const Topic& topic, BytesView data);
[[nodiscard]] Bytes encode_message(const MessageParts& parts);

[[nodiscard]] Bytes rpc_message(const MessageParts& parts);
[[nodiscard]] Bytes rpc_subscription(const Topic& topic, bool subscribe = true);
[[nodiscard]] Bytes rpc_graft(const Topic& topic);
[[nodiscard]] Bytes rpc_prune(const Topic& topic, std::optional<std::uint64_t> seconds);
[[nodiscard]] Bytes rpc_ihave(const Topic& topic, const std::vector<MessageId>& ids);
[[nodiscard]] Bytes rpc_iwant(const std::vector<MessageId>& ids);
[[nodiscard]] Bytes rpc_idontwant(const std::vector<MessageId>& ids);

/// Several RPCs in one: fields of a protobuf message may follow each other in any order.
[[nodiscard]] Bytes joined(const std::vector<Bytes>& rpcs);

/// An id of the right form whose key nobody has; costs no cryptography.
[[nodiscard]] PeerId made_up_peer_id(std::uint32_t n);

/// Id number `n` of nothing.
[[nodiscard]] MessageId made_up_id(std::uint32_t n);

}  // namespace preconf::io::wire::test
