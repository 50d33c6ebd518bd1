// What the Taiko inbox on L1 says: its logs and the answers of its view functions.
// Source: IInbox.sol of Taiko Shasta; topics and selectors are keccak256 of the signatures given.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/fields.hpp"
#include "core/base/hex_literal.hpp"
#include "core/base/result.hpp"
#include "core/types.hpp"

namespace preconf::core::protocol {

/// Proposed(uint48,address,bytes32,uint48,uint8,(bool,(bytes32[],uint24,uint48))[])
inline constexpr Hash32 kProposedTopic =
    fixed_hex("7c4c4523e17533e451df15762a093e0693a2cd8b279fe54c6cd3777ed5771213");
/// Proved(uint48,uint48,uint48,address)
inline constexpr Hash32 kProvedTopic =
    fixed_hex("a274dcaff3629ec7d69d144038e97732516ff306fcbf8a2bc9423d106779a2f0");
/// StateRecovered(uint48,uint48,bytes32)
inline constexpr Hash32 kStateRecoveredTopic =
    fixed_hex("4c3db930215a6ed0bab3aa335e88316267503d6581fd0b9c52fc72bcfc3a8e00");
inline constexpr FixedBytes<4> kGetCoreStateSelector = fixed_hex("6aa6a01a");
inline constexpr FixedBytes<4> kActivationTimestampSelector = fixed_hex("0423c7de");

/// Part of the blobs of one L1 transaction.
struct BlobSlice {
  std::vector<Hash32> blob_hashes;  ///< versioned hashes (EIP-4844)
  std::uint32_t offset = 0;         ///< uint24: byte in the joined payloads of these blobs
  UnixSeconds timestamp;            ///< of the L1 block that carried the blobs
  PRECONF_FIELDS(BlobSlice, blob_hashes, offset, timestamp);
};

struct DerivationSource {
  bool is_forced_inclusion = false;
  BlobSlice blobs;
  PRECONF_FIELDS(DerivationSource, is_forced_inclusion, blobs);
};

/// The Proposed log. Forced inclusions come first, the proposer's own source last; only the flag
/// counts. Proposal 0 marks an activation of the inbox: no sources, no blocks.
struct ProposedFacts {
  ProposalId id;
  Address proposer;
  Hash32 parent_proposal_hash;
  UnixSeconds submission_window_end;
  std::uint8_t base_fee_sharing_pctg = 0;
  std::vector<DerivationSource> sources;
  PRECONF_FIELDS(ProposedFacts, id, proposer, parent_proposal_hash, submission_window_end,
                 base_fee_sharing_pctg, sources);
};

/// Why a log is none of ours. Persistent values: never renumber.
enum class LogDefect : std::uint8_t {
  kNone = 0,
  kTopics = 1,         ///< another event, or another number of topics
  kTruncated = 2,      ///< data ends early, or an offset points outside
  kDirtyPadding = 3,   ///< a value is wider than its type
  kTooMany = 4,        ///< more sources, blobs or slots than limits allow
  kNotCanonical = 5,   ///< decodes, but no Solidity compiler encodes like this
  kEmptySources = 6,   ///< a proposal other than 0 without sources
  kSlotOrder = 7,      ///< lookahead slots are not strictly increasing within their epoch
  kEpochMisplaced = 8  ///< an epoch timestamp that is not the start of an epoch
};
[[nodiscard]] const char* name_of(LogDefect defect);

[[nodiscard]] Result<ProposedFacts, LogDefect> read_proposed(std::span<const Hash32> topics,
                                                             BytesView data);

/// What the contract emits; for the simulated L1.
struct EncodedLog {
  std::vector<Hash32> topics;
  Bytes data;
};
[[nodiscard]] EncodedLog encode_proposed(const ProposedFacts& proposed);

/// Where a proposal landed: known from the L1 block of its log, not from the log.
struct LandedAt {
  UnixSeconds timestamp;       ///< of the log's block
  L1BlockNumber block_number;  ///< of the log's block
  Hash32 block_hash;           ///< of the log's block
  Hash32 parent_hash;          ///< of the block before it, the origin block
  PRECONF_FIELDS(LandedAt, timestamp, block_number, block_hash, parent_hash);
};
/// Number of the origin block: the one before the log's block.
[[nodiscard]] L1BlockNumber origin_of(const LandedAt& landed);

/// keccak256(abi.encode(Proposal)), as the inbox keeps it; nothing derives from it, an audit may.
[[nodiscard]] Hash32 proposal_hash(const ProposedFacts& proposed, const LandedAt& landed);

/// Proposals first_new..last are proven by this log.
struct ProvedFacts {
  ProposalId first;      ///< first of the proof, may be proven before
  ProposalId first_new;  ///< first that this log adds
  ProposalId last;
  Address prover;
  PRECONF_FIELDS(ProvedFacts, first, first_new, last, prover);
};
[[nodiscard]] Result<ProvedFacts, LogDefect> read_proved(std::span<const Hash32> topics,
                                                         BytesView data);

/// The inbox was reset: its finalized proposal may go back.
struct StateRecoveredFacts {
  ProposalId next;
  ProposalId last_finalized;
  Hash32 last_finalized_block_hash;
  PRECONF_FIELDS(StateRecoveredFacts, next, last_finalized, last_finalized_block_hash);
};
[[nodiscard]] Result<StateRecoveredFacts, LogDefect> read_state_recovered(
    std::span<const Hash32> topics, BytesView data);

/// Answer of getCoreState().
struct CoreState {
  ProposalId next;
  L1BlockNumber last_proposal_block;
  ProposalId last_finalized;
  UnixSeconds last_finalized_time;
  UnixSeconds last_checkpoint_time;
  Hash32 last_finalized_block_hash;  ///< L2 block that ends the last finalized proposal
  PRECONF_FIELDS(CoreState, next, last_proposal_block, last_finalized, last_finalized_time,
                 last_checkpoint_time, last_finalized_block_hash);
};
[[nodiscard]] std::optional<CoreState> read_core_state(BytesView data);

/// What derivation may take as finalized when it applies proposal `id`: nothing when the answer is
/// not older than the proposal.
[[nodiscard]] std::optional<ProposalId> finalized_before(const CoreState& state, ProposalId id);

}  // namespace preconf::core::protocol
