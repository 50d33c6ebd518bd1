// Commands: the primitive I/O orders that plans issue, imperative. The executor performs one and
// reports exactly one outcome event; only plans know what comes next.
#pragma once

#include <variant>

#include "core/base/fields.hpp"
#include "core/decision.hpp"
#include "core/events/timer.hpp"
#include "core/protocol/payload_attributes.hpp"
#include "core/types.hpp"

namespace preconf::core {

namespace commands {

/// Class R. Reads chain id, latest, safe and finalized header and the head L1 origin pointer, as
/// one JSON-RPC batch on the public endpoint. Answer: HeadsRead.
struct ReadHeads {
  PRECONF_FIELDS(ReadHeads);
};

/// Class R. Reads the canonical block at a number, its origin row and the head L1 origin pointer,
/// as one JSON-RPC batch on the public endpoint. Answer: BlockRead.
struct ReadBlock {
  BlockNumber number;
  PRECONF_FIELDS(ReadBlock, number);
};

/// forkchoiceState of the Engine API; a zero hash means unknown.
struct ForkchoiceState {
  Hash32 head;
  Hash32 safe;
  Hash32 finalized;
  PRECONF_FIELDS(ForkchoiceState, head, safe, finalized);
};

/// Class O. engine_forkchoiceUpdatedV2 with attributes: writes the block's origin row, too, so even
/// starting a build is a write. Answer: ForkchoiceAnswered.
struct StartPayload {
  ForkchoiceState state;
  protocol::PayloadAttributes attributes;
  PRECONF_FIELDS(StartPayload, state, attributes);
};

/// Class X. engine_getPayloadV2. Answer: PayloadTaken.
struct GetPayload {
  PayloadId payload_id;
  UnixSeconds timestamp;  ///< of the block: decides the header's shape (Unzen)
  PRECONF_FIELDS(GetPayload, payload_id, timestamp);
};

/// Class C. engine_newPayloadV2 with the stored payload. Answer: PayloadJudged.
struct NewPayload {
  ContentRef payload;
  Hash32 block_hash;
  PRECONF_FIELDS(NewPayload, payload, block_hash);
};

/// Class O. engine_forkchoiceUpdatedV2 without attributes. Answer: ForkchoiceAnswered.
struct UpdateForkchoice {
  ForkchoiceState state;
  PRECONF_FIELDS(UpdateForkchoice, state);
};

/// Arms a timer; an armed one with the same id is replaced. Answer: TimerFired, after the delay.
struct SetTimer {
  TimerId timer = TimerId::kEnginePoll;
  std::uint32_t generation = 0;
  Millis delay;
  PRECONF_FIELDS(SetTimer, timer, generation, delay);
};

/// Class R. get_head of one peer. Answer: PeerAnswered with HeadReported.
struct RequestHead {
  PeerNumber peer;
  PRECONF_FIELDS(RequestHead, peer);
};

/// Class R. get_commitments_by_number of one peer. Answer: PeerAnswered with CommitmentsDelivered.
struct RequestCommitments {
  PeerNumber peer;
  BlockNumber start;
  std::uint32_t count = 0;  ///< at most; 1..limits::kPageCommitmentsMax
  PRECONF_FIELDS(RequestCommitments, peer, start, count);
};

/// Class R. get_raw_txlist of one peer. Answer: PeerAnswered with TxListDelivered or TxListMissing.
struct RequestTxList {
  PeerNumber peer;
  Hash32 hash;
  PRECONF_FIELDS(RequestTxList, peer, hash);
};

/// Class I. Gossips the 382 signed bytes that are inline in event `received`; they hash to
/// `commitment_hash`. Always the same bytes, so a repeat after a crash harms nobody. Answer:
/// Published.
struct PublishCommitment {
  Seq received;
  Hash32 commitment_hash;
  PRECONF_FIELDS(PublishCommitment, received, commitment_hash);
};

/// Class C. Gossips the stored transaction list. Answer: Published.
struct PublishTxList {
  ContentRef list;
  PRECONF_FIELDS(PublishTxList, list);
};

/// Class L. Closes the connection and refuses this identity until `until`.
struct BanPeer {
  PeerNumber peer;
  Bytes peer_id;
  UnixSeconds until;
  Reason reason = Reason::kNone;
  PRECONF_FIELDS(BanPeer, peer, peer_id, until, reason);
};

/// Class L. Closes the connection, after exchanges in progress have ended.
struct DisconnectPeer {
  PeerNumber peer;
  Reason reason = Reason::kNone;
  PRECONF_FIELDS(DisconnectPeer, peer, reason);
};

}  // namespace commands

using CommandBody =
    std::variant<commands::ReadHeads, commands::ReadBlock, commands::StartPayload,
                 commands::GetPayload, commands::NewPayload, commands::UpdateForkchoice,
                 commands::SetTimer, commands::RequestHead, commands::RequestCommitments,
                 commands::RequestTxList, commands::PublishCommitment, commands::PublishTxList,
                 commands::BanPeer, commands::DisconnectPeer>;

/// When a command may start and how it is repeated after a crash (architecture: durability
/// classes).
enum class CommandClass : std::uint8_t {
  kRead,         ///< may start before its cause is durable; repeated freely
  kContent,      ///< same bytes again
  kOverwrite,    ///< only after its cause is durable; probed by read-back before a repeat
  kJob,          ///< ask; unknown means rebuild
  kTimer,        ///< local; armed again
  kIrrevocable,  ///< the same bytes again; what was signed is never replaced
  kLocal,        ///< concerns connections of this process; no outcome, ordered again when needed
};
[[nodiscard]] CommandClass class_of(const CommandBody& body);
/// Whether exactly one outcome event answers it. (A timer fires, which is no answer; what is local
/// has none.)
[[nodiscard]] bool has_outcome(const CommandBody& body);
/// A command to the host of the libp2p network, not to the engine.
[[nodiscard]] bool is_for_peers(const CommandBody& body);
[[nodiscard]] const char* name_of(const CommandBody& body);

struct Command {
  CommandId id;
  std::uint32_t engine_epoch = 0;  ///< fences answers of an earlier life of the engine
  CommandBody body;
  PRECONF_FIELDS(Command, id, engine_epoch, body);
};

}  // namespace preconf::core
