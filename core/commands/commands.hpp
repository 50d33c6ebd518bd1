// Commands: the primitive I/O orders that plans issue, imperative. The executor performs one and
// reports exactly one outcome event; only plans know what comes next.
#pragma once

#include <variant>
#include <vector>

#include "core/base/fields.hpp"
#include "core/decision.hpp"
#include "core/events/l1.hpp"
#include "core/events/timer.hpp"
#include "core/protocol/anchor_tx.hpp"
#include "core/protocol/block_header.hpp"
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

/// Class R. The canonical block at a number with its origin row and first transaction, and the head
/// L1 origin pointer. Answer: CanonicalRead.
struct ReadCanonical {
  BlockNumber number;
  PRECONF_FIELDS(ReadCanonical, number);
};

/// Class R. Nonce of golden touch in the state of a block. Answer: NonceRead.
struct ReadGoldenNonce {
  Hash32 block_hash;
  PRECONF_FIELDS(ReadGoldenNonce, block_hash);
};

/// Class R. The newest L1 block that L2 knows in the state of a block; or, for blocks of an older
/// anchor contract, the one its first transaction states. Answer: AnchorStateRead.
struct ReadAnchorState {
  Hash32 block_hash;
  bool from_first_transaction = false;
  PRECONF_FIELDS(ReadAnchorState, block_hash, from_first_transaction);
};

/// Class R. taikoAuth_lastBlockIDByBatchID. Answer: BatchFound.
struct LookupBatch {
  ProposalId id;
  PRECONF_FIELDS(LookupBatch, id);
};

/// Class O. taikoAuth_updateL1Origin. Answer: TableWritten.
struct WriteOrigin {
  protocol::OriginRow row;
  Signature65 signature;  ///< the preconfer's, kept from the row before; zero when there was none
  PRECONF_FIELDS(WriteOrigin, row, signature);
};

/// Class O. taikoAuth_setHeadL1Origin. Answer: TableWritten.
struct SetHeadL1Origin {
  BlockNumber number;
  PRECONF_FIELDS(SetHeadL1Origin, number);
};

/// Class O. taikoAuth_setBatchToLastBlock. Answer: TableWritten.
struct SetBatchLastBlock {
  ProposalId id;
  BlockNumber last_block;
  PRECONF_FIELDS(SetBatchLastBlock, id, last_block);
};

/// Class R. Fetches the blobs of a proposal's sources and decodes their manifests. Answer:
/// L1Answered with SourcesResolved.
struct ResolveSources {
  ProposalId id;
  std::vector<protocol::DerivationSource> sources;
  std::uint32_t blocks_per_source_max = 0;
  PRECONF_FIELDS(ResolveSources, id, sources, blocks_per_source_max);
};

/// Class R. Hash and state root of an L1 block that is finalized and was not observed. Answer:
/// L1Answered with L1BlockRead.
struct ReadL1Block {
  L1BlockNumber number;
  PRECONF_FIELDS(ReadL1Block, number);
};

/// Class R. Anchor transaction, then the transactions of one described block. Pure work on stored
/// bytes. Answer: L1Answered with TxListAssembled.
struct AssembleTxList {
  events::SourceFacts source;  ///< without its blocks
  std::uint32_t blocks_per_source_max = 0;
  std::uint32_t transactions_offset = 0;  ///< in the inflated manifest
  std::uint32_t transactions_bytes = 0;   ///< 0: the anchor transaction alone
  std::uint64_t anchor_nonce = 0;
  std::uint64_t base_fee_wei = 0;
  L1BlockNumber anchor_number;
  Hash32 anchor_hash;
  Hash32 anchor_state_root;
  PRECONF_FIELDS(AssembleTxList, source, blocks_per_source_max, transactions_offset,
                 transactions_bytes, anchor_nonce, base_fee_wei, anchor_number, anchor_hash,
                 anchor_state_root);
};

/// Class O. As StartPayload, for a block that comes from L1: its origin row says so at once, and
/// the engine moves the head L1 origin and the proposal's mapping with it. Answer:
/// ForkchoiceAnswered.
struct StartDerivedPayload {
  ForkchoiceState state;
  protocol::PayloadAttributes attributes;  ///< tx_list_hash is tx_list_rlp_hash
  L1BlockNumber l1_height;
  Hash32 l1_hash;
  bool is_forced_inclusion = false;
  PRECONF_FIELDS(StartDerivedPayload, state, attributes, l1_height, l1_hash, is_forced_inclusion);
};

}  // namespace commands

using CommandBody =
    std::variant<commands::ReadHeads, commands::ReadBlock, commands::StartPayload,
                 commands::GetPayload, commands::NewPayload, commands::UpdateForkchoice,
                 commands::SetTimer, commands::RequestHead, commands::RequestCommitments,
                 commands::RequestTxList, commands::PublishCommitment, commands::PublishTxList,
                 commands::BanPeer, commands::DisconnectPeer, commands::ReadCanonical,
                 commands::ReadGoldenNonce, commands::ReadAnchorState, commands::LookupBatch,
                 commands::WriteOrigin, commands::SetHeadL1Origin, commands::SetBatchLastBlock,
                 commands::ResolveSources, commands::ReadL1Block, commands::AssembleTxList,
                 commands::StartDerivedPayload>;

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
/// A command to L1, its beacon node or the derivation's workers, answered by L1Answered.
[[nodiscard]] bool is_for_l1(const CommandBody& body);
[[nodiscard]] const char* name_of(const CommandBody& body);

struct Command {
  CommandId id;
  std::uint32_t engine_epoch = 0;  ///< fences answers of an earlier life of the engine
  CommandBody body;
  PRECONF_FIELDS(Command, id, engine_epoch, body);
};

}  // namespace preconf::core
