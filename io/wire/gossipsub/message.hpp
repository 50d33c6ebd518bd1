// A gossip message that passed its envelope checks, kept once for everybody who gets it.
#pragma once

#include <memory>

#include "core/base/result.hpp"
#include "io/wire/gossipsub/rpc.hpp"
#include "io/wire/identity.hpp"
#include "io/wire/shared_bytes.hpp"

namespace preconf::io::wire {

/// Immutable once made. Its bytes are the RPC frame that carries it, length included: forwarding
/// shares them, and `data` is a view into them.
struct GossipMessage {
  MessageId id;
  Topic topic;
  PeerId author;
  SharedBytes frame;           ///< uvarint(length) | RPC with exactly this message
  std::size_t size_bytes = 0;  ///< of the message protobuf
  BytesView data;              ///< points into frame
};
using GossipMessagePtr = std::shared_ptr<const GossipMessage>;

/// StrictSign without cryptography: is everything there, and may the author be who signs? Names
/// the first rule that is broken. `author` is set on success.
struct Envelope {
  PeerId author;
  PublicKey key;
};
[[nodiscard]] core::Result<Envelope, GossipFault> check_envelope(const MessageFields& fields);

/// Copies the message into a frame of its own, in the canonical encoding, and verifies the
/// signature there: "libp2p-pubsub:" and the fields 1 to 4 in ascending order. Unknown fields are
/// gone. kSignatureInvalid otherwise.
[[nodiscard]] core::Result<GossipMessagePtr, GossipFault> verify_message(
    const MessageFields& fields, const Envelope& envelope, const MessageId& id);

/// A message of our own. `key` is left out: peer ids of both key types contain it.
[[nodiscard]] GossipMessagePtr sign_message(const Identity& identity, std::uint64_t seqno,
                                            const Topic& topic, BytesView data,
                                            const MessageId& id);

}  // namespace preconf::io::wire
