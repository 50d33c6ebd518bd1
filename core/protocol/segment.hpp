// One source of a proposal on top of the blocks before it: its manifest is valid as a whole, or the
// default block takes its place. Source: Taiko Shasta derivation rules, metadata validation.
#pragma once

#include <span>
#include <vector>

#include "core/codec/manifest.hpp"
#include "core/protocol/block_header.hpp"
#include "core/protocol/derivation_rules.hpp"

namespace preconf::core::protocol {

/// The block that the next one builds on. Carried from block to block and from source to source of
/// one proposal.
struct DerivationParent {
  HeaderFacts header;
  std::uint64_t block_time_seconds = 0;  ///< header.timestamp - timestamp of its own parent
  L1BlockNumber anchor_block_number;
  PRECONF_FIELDS(DerivationParent, header, block_time_seconds, anchor_block_number);
};

/// The parent for the block after `produced`. Requires produced.number = parent + 1.
[[nodiscard]] DerivationParent parent_after(const DerivationParent& parent,
                                            const HeaderFacts& produced, L1BlockNumber anchor);

/// Which rule a manifest breaks. Persistent values: never renumber.
enum class SegmentDefect : std::uint8_t {
  kNone = 0,
  kNoBlocks = 1,
  kNoTimeLeft = 2,         ///< no timestamp is both late enough and not after the proposal
  kTimestampTooEarly = 3,  ///< at or before its parent, too far behind the proposal, or pre-fork
  kTimestampTooLate = 4,   ///< after the proposal
  kAnchorBackwards = 5,    ///< below the anchor before it
  kAnchorTooNew = 6,       ///< above the origin block
  kAnchorTooOld = 7,       ///< further behind the origin block than the chain allows
  kAnchorStagnant = 8,     ///< a source of the proposer in which no anchor moves
  kGasLimit = 9,           ///< outside the bounds around the block before it
};
[[nodiscard]] const char* name_of(SegmentDefect defect);

/// What is to be produced.
struct Segment {
  std::vector<codec::BlockManifest> blocks;  ///< complete: inherited fields are filled in
  SegmentDefect defect = SegmentDefect::kNone;
  std::uint32_t defect_block = 0;  ///< index in the manifest
  bool is_replaced = false;        ///< the manifest's transactions are dropped
  PRECONF_FIELDS(Segment, blocks, defect, defect_block, is_replaced);
};

/// `blocks` of the source's manifest, which may be the default already. A forced inclusion and the
/// default inherit timestamp, anchor and gas limit, and pay the proposer; everything else must be
/// valid as it stands.
[[nodiscard]] Segment prepare_segment(const DerivationParent& parent, const ProposalFacts& proposal,
                                      bool is_forced_inclusion,
                                      std::span<const codec::BlockManifest> blocks,
                                      const ChainProfile& chain);

}  // namespace preconf::core::protocol
