// Facts from L1.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/fields.hpp"
#include "core/codec/blob.hpp"
#include "core/codec/manifest.hpp"
#include "core/protocol/inbox.hpp"
#include "core/protocol/l1_deployment.hpp"
#include "core/protocol/lookahead_history.hpp"
#include "core/protocol/lookahead_table.hpp"
#include "core/types.hpp"

namespace preconf::core::events {

/// What the ingress gate needs to know about event sync, when no L1 is followed: the operator says
/// it. Ignored from L1DeploymentRecorded on.
struct L1SyncObserved {
  bool scanner_live = false;                ///< the log scanner follows the L1 head
  ProposalId target_proposal;               ///< nextProposalId - 1; 0 = no proposal yet
  std::optional<BlockNumber> target_block;  ///< last L2 block of that proposal, none = unknown
  PRECONF_FIELDS(L1SyncObserved, scanner_live, target_proposal, target_block);
};

/// The node follows L1 from now on, and this is where the chain lives there. Recorded at the first
/// boot that follows L1; a later one that differs is refused by the reducer.
struct L1DeploymentRecorded {
  protocol::L1Deployment deployment;
  protocol::FallbackSigner fallback_signer = protocol::FallbackSigner::kProposer;
  PRECONF_FIELDS(L1DeploymentRecorded, deployment, fallback_signer);
};

/// A log of one of our contracts that can not be read as what its topic says.
struct LogRefused {
  Hash32 topic;
  protocol::LogDefect defect = protocol::LogDefect::kTopics;
  PRECONF_FIELDS(LogRefused, topic, defect);
};

/// What one L1 block says to us: its logs, and what was read in its state.
using L1FactBody =
    std::variant<protocol::ProposedFacts, protocol::ProvedFacts, protocol::StateRecoveredFacts,
                 protocol::LookaheadFact, protocol::BlacklistChanged, protocol::SelectionFact,
                 protocol::EpochFact, LogRefused>;
struct L1Fact {
  std::uint32_t log_index = 0;  ///< in its block; kNoLog for what was read in the block's state
  L1FactBody body;
  PRECONF_FIELDS(L1Fact, log_index, body);
};
inline constexpr std::uint32_t kNoLog = ~std::uint32_t{0};

/// One L1 block, with everything in it that concerns us, in log order. The facts of one block are
/// one event: they appear together, and a reorg undoes them together.
struct L1BlockObserved {
  L1BlockNumber number;
  Hash32 hash;
  Hash32 parent_hash;
  Hash32 state_root;
  UnixSeconds timestamp;
  /// Hash of the block that was observed before. It is parent_hash unless blocks in between were
  /// skipped: they are L1-finalized and hold nothing of ours. Zero: nothing was observed before.
  Hash32 previous;
  std::vector<L1Fact> facts;  ///< at most limits::kFactsPerL1BlockMax
  PRECONF_FIELDS(L1BlockObserved, number, hash, parent_hash, state_root, timestamp, previous,
                 facts);
};

/// An L1 block by number and hash.
struct L1Ref {
  L1BlockNumber number;
  Hash32 hash;
  PRECONF_FIELDS(L1Ref, number, hash);
};

/// What L1 calls safe and finalized, and whether the scanner has everything up to L1's head. One
/// event whenever one of them changes.
struct L1TagsObserved {
  std::optional<L1Ref> safe;       ///< none: L1 has none, or it could not be read
  std::optional<L1Ref> finalized;  ///< likewise
  bool is_live = false;
  PRECONF_FIELDS(L1TagsObserved, safe, finalized, is_live);
};

/// The engine has this block and all below it, by its own sync. L1 proved it, and finalized the
/// proof: derivation may begin above it, although the engine's tables say nothing of it. Recorded
/// at a boot whose log has not begun to follow proposals.
struct CheckpointReached {
  ProposalId proposal;   ///< the newest proven one; `block` is its last
  BlockRef block;        ///< Inbox.getCoreState().lastFinalizedBlockHash, and its height
  L1BlockNumber anchor;  ///< that `block` names: what comes after it landed above
  L1Ref proven;          ///< the finalized L1 block in whose state this was read
  PRECONF_FIELDS(CheckpointReached, proposal, block, anchor, proven);
};

/// A blob was fetched. Its bytes are in the content store under `content`.
struct BlobReceived {
  Hash32 versioned_hash;            ///< EIP-4844; versioned_hash_of(commitment)
  codec::KzgCommitment commitment;  ///< as served; that it belongs to the bytes is not checked
  ContentRef content;               ///< exactly codec::kBlobBytes
  PRECONF_FIELDS(BlobReceived, versioned_hash, commitment, content);
};

/// What one source of a proposal says, after its blobs were read.
struct SourceFacts {
  bool is_forced_inclusion = false;
  codec::ManifestDefect defect = codec::ManifestDefect::kNone;  ///< why it is the default
  codec::BlobDefect blob_defect = codec::BlobDefect::kNone;
  Hash32 manifest_hash;           ///< keccak256 of the inflated manifest; zero: the default
  std::vector<ContentRef> blobs;  ///< in the source's order; empty: none was needed
  std::uint32_t offset = 0;       ///< of the source: where the manifest begins in the blobs
  std::vector<codec::BlockManifest> blocks;
  PRECONF_FIELDS(SourceFacts, is_forced_inclusion, defect, blob_defect, manifest_hash, blobs,
                 offset, blocks);
};

/// Answer to commands::ResolveSources. The blobs were BlobReceived events before it.
struct SourcesResolved {
  ProposalId id;
  std::uint16_t decoder_version = 0;  ///< protocol::kManifestDecoderVersion
  std::vector<SourceFacts> sources;   ///< one per source of the proposal
  PRECONF_FIELDS(SourcesResolved, id, decoder_version, sources);
};

/// Answer to commands::ReadL1Block.
struct L1BlockRead {
  L1BlockNumber number;        ///< as asked
  std::optional<Hash32> hash;  ///< none: L1 has no such block
  Hash32 state_root;
  PRECONF_FIELDS(L1BlockRead, number, hash, state_root);
};

/// Answer to commands::AssembleTxList. The list is kept by the executor under rlp_hash; it can be
/// made again from the blobs at any time, so the log does not hold it.
struct TxListAssembled {
  Hash32 rlp_hash;        ///< keccak256 of the RLP list
  Hash32 anchor_tx_hash;  ///< keccak256 of its first transaction
  std::uint32_t bytes = 0;
  PRECONF_FIELDS(TxListAssembled, rlp_hash, anchor_tx_hash, bytes);
};

/// Why L1, its beacon node or our own content gave no answer. Persistent values: never renumber.
enum class L1FailureKind : std::uint8_t {
  kUnavailable = 0,     ///< no endpoint answered
  kBlobMissing = 1,     ///< nobody serves the blob; `hash` says which: waits, never a default
  kBlobMismatch = 2,    ///< what was served does not hash to what was asked for
  kMalformed = 3,       ///< answered, but not understandable or over its bound
  kUndecided = 4,       ///< a manifest over limits::kManifestBytesMax: neither it nor the default
  kTooManyBlobs = 5,    ///< over limits::kProposalBlobsMax
  kContentMissing = 6,  ///< our content store lost the blob
  kNotExecuted = 7,     ///< a limit of ours, or the node is stopping
};
[[nodiscard]] const char* name_of(L1FailureKind kind);

struct L1Failed {
  L1FailureKind kind = L1FailureKind::kUnavailable;
  Hash32 hash;         ///< versioned hash or content hash concerned; zero when none
  std::string detail;  ///< at most limits::kDetailBytesMax bytes
  PRECONF_FIELDS(L1Failed, kind, hash, detail);
};

using L1Result = std::variant<SourcesResolved, L1BlockRead, TxListAssembled, L1Failed>;

/// Exactly one per command to L1 that reaches the executor.
struct L1Answered {
  CommandId command;
  std::uint32_t elapsed_us = 0;
  L1Result result;
  PRECONF_FIELDS(L1Answered, command, elapsed_us, result);
};

}  // namespace preconf::core::events
