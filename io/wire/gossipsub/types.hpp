// The words of gossipsub: peers, topics, messages, and what can be wrong with what a peer sends.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/types.hpp"
#include "io/wire/peer_ref.hpp"

namespace preconf::io::wire {

using core::Bytes;
using core::BytesView;
using core::Millis;

/// SHA-256 of a message's content, cut to 20 bytes (message_id.hpp).
using MessageId = core::FixedBytes<20>;

/// A topic on the wire is its name, UTF-8.
using Topic = std::string;

/// What a peer's stream negotiated, in ascending order.
enum class GossipVersion : std::uint8_t {
  kFloodsub,  ///< /floodsub/1.0.0: never in the mesh, gets every message
  kV10,       ///< /meshsub/1.0.0
  kV11,       ///< /meshsub/1.1.0: backoff in PRUNE, scoring
  kV12,       ///< /meshsub/1.2.0: IDONTWANT
};

/// What the application found out about a message it was given.
enum class Verdict : std::uint8_t {
  kAccept,  ///< forwarded, offered by IHAVE, served to IWANT
  kIgnore,  ///< dropped without blame
  kReject,  ///< dropped; its senders are charged (P4)
};

/// What a peer did wrong or too much of. Counted per peer; reported in sums (PeerFaults).
enum class GossipFault : std::uint8_t {
  kRpcMalformed,          ///< not the protobuf of an RPC; its sender is dropped
  kRpcElementsTooMany,    ///< more elements in one RPC than anybody sends; its sender is dropped
  kSubscriptionsTooMany,  ///< beyond the topics that are remembered per peer, or per RPC
  kTopicTooLong,          ///< a subscription to a name nobody would choose
  kMessagesTooMany,       ///< beyond the messages taken from one RPC
  kControlTooMany,        ///< beyond the control messages of one kind taken from one RPC
  kGraylisted,            ///< an RPC of a peer whose score is below the graylist threshold
  kTopicNotSubscribed,    ///< a message of a topic we are not in
  kMessageTooLarge,       ///< larger than max_transmit_size
  kFromMissing,           ///< StrictSign: no author
  kFromInvalid,           ///< the author is no peer id
  kSeqnoMissing,          ///< StrictSign: no sequence number
  kSeqnoInvalid,          ///< neither 8 bytes nor empty
  kSignatureMissing,      ///< StrictSign: no signature
  kKeyMissing,            ///< the author's id does not contain its key and none is attached
  kKeyMismatch,           ///< the attached key is not the author's
  kSignatureInvalid,      ///< the signature is not the author's
  kSelfOrigin,            ///< our own message comes back, longer than 120 s after it left
  kValidationQueueFull,   ///< more unjudged messages than are kept
  kRejected,              ///< the application refused the message
  kRejectedAgain,         ///< a copy of a refused message
  kGraftInBackoff,        ///< GRAFT before the time that PRUNE named
  kIhaveTooMany,          ///< more IHAVE, or ids in them, than answered per heartbeat
  kIwantTooMany,          ///< more IWANT ids, repeats or bytes than served
  kIdontwantTooMany,      ///< more IDONTWANT ids than remembered
  kMessageIdLength,       ///< an id that can not be one: not 20 bytes
  kPromiseBroken,         ///< offered by IHAVE, asked for, not sent within 3 s
};
inline constexpr std::size_t kGossipFaultCount = 27;

/// The fault's name as in a log or a metric: "signature_invalid".
[[nodiscard]] std::string_view name_of(GossipFault fault);

/// How often each fault occurred, indexed by GossipFault.
using FaultCounts = std::array<std::uint32_t, kGossipFaultCount>;

}  // namespace preconf::io::wire
