// The RPC of pubsub (libp2p specifications, pubsub and gossipsub v1.0 to v1.2), as it arrives.
#pragma once

#include <optional>
#include <vector>

#include "core/base/result.hpp"
#include "io/wire/gossipsub/config.hpp"
#include "io/wire/gossipsub/types.hpp"

namespace preconf::io::wire {

/// The fields of a message, pointing into its frame. Present and empty is not absent: signatures
/// cover the difference.
struct MessageFields {
  std::optional<BytesView> from;       ///< 1: the author's peer id
  std::optional<BytesView> data;       ///< 2
  std::optional<BytesView> seqno;      ///< 3
  std::optional<BytesView> topic;      ///< 4: checked to be UTF-8
  std::optional<BytesView> signature;  ///< 5
  std::optional<BytesView> key;        ///< 6: the author's public key
  std::size_t size_bytes = 0;          ///< of the message as it arrived

  [[nodiscard]] std::string_view topic_text() const;
};

/// One decoded RPC; everything points into the frame. An object is used again and again, so that
/// decoding allocates nothing once its lists have grown.
struct Rpc {
  struct Subscription {
    bool subscribe = false;
    std::string_view topic;
  };
  struct Ihave {
    std::string_view topic;
    std::size_t ids_begin = 0;  ///< in ihave_ids
    std::size_t ids_end = 0;
  };
  struct Prune {
    std::string_view topic;
    std::optional<std::uint64_t> backoff_seconds;
  };

  std::vector<Subscription> subscriptions;
  std::vector<MessageFields> messages;
  std::vector<Ihave> ihave;
  std::vector<MessageId> ihave_ids;
  std::vector<MessageId> iwant;
  std::vector<std::string_view> graft;
  std::vector<Prune> prune;
  std::vector<MessageId> idontwant;
  FaultCounts faults{};  ///< what was left out, and why

  void clear();
};

/// What is read of an RPC.
enum class RpcScope : std::uint8_t {
  kAll,
  kSubscriptions,  ///< of peers whose messages and controls are not wanted
};

/// Decodes `frame` (an RPC without its length) into `rpc`. Elements beyond their bounds
/// (limits.hpp, config) are skipped and counted in rpc.faults. An error is kRpcMalformed or
/// kRpcElementsTooMany: nothing of the RPC counts then. Unknown fields, and known ones of another
/// wire type, are skipped; of a repeated singular field the last counts.
[[nodiscard]] core::Result<core::Ok, GossipFault> decode_rpc(BytesView frame, RpcScope scope,
                                                             const GossipConfig& config, Rpc& rpc);

}  // namespace preconf::io::wire
