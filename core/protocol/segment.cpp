#include "core/protocol/segment.hpp"

#include <algorithm>
#include <optional>

#include "core/base/assert.hpp"
#include "core/protocol/gas_limits.hpp"

namespace preconf::core::protocol {
namespace {

using codec::BlockManifest;
using Blocks = std::vector<BlockManifest>;

struct Finding {
  SegmentDefect defect = SegmentDefect::kNone;
  std::size_t block = 0;
};

class Rules {
 public:
  Rules(const DerivationParent& parent, const ProposalFacts& proposal, const ChainProfile& chain)
      : parent_(parent), proposal_(proposal), chain_(chain) {}

  void inherit(Blocks& blocks) const {
    UnixSeconds before = parent_.header.timestamp;
    for (BlockManifest& block : blocks) {
      block.timestamp = lower_bound(before);
      block.coinbase = proposal_.proposer;
      block.anchor_block_number = parent_.anchor_block_number;
      block.gas_limit = parent_gas_limit();
      before = block.timestamp;
    }
  }

  [[nodiscard]] Finding check(const Blocks& blocks, bool is_forced_inclusion) const {
    if (blocks.empty()) return {SegmentDefect::kNoBlocks, 0};
    if (const Finding found = check_timestamps(blocks); found.defect != SegmentDefect::kNone) {
      return found;
    }
    if (const Finding found = check_anchors(blocks, is_forced_inclusion);
        found.defect != SegmentDefect::kNone) {
      return found;
    }
    return check_gas_limits(blocks);
  }

 private:
  [[nodiscard]] UnixSeconds lower_bound(UnixSeconds before) const {
    return timestamp_lower_bound(chain_, before, proposal_.landed.timestamp);
  }
  [[nodiscard]] std::uint64_t parent_gas_limit() const {
    return effective_gas_limit(parent_.header.number, parent_.header.gas_limit);
  }

  [[nodiscard]] Finding check_timestamps(const Blocks& blocks) const {
    UnixSeconds before = parent_.header.timestamp;
    for (std::size_t i = 0; i < blocks.size(); ++i) {
      const UnixSeconds low = lower_bound(before);
      const UnixSeconds high = proposal_.landed.timestamp;
      if (low > high) return {SegmentDefect::kNoTimeLeft, i};
      if (blocks[i].timestamp < low) return {SegmentDefect::kTimestampTooEarly, i};
      if (blocks[i].timestamp > high) return {SegmentDefect::kTimestampTooLate, i};
      before = blocks[i].timestamp;
    }
    return {};
  }

  [[nodiscard]] Finding check_anchors(const Blocks& blocks, bool is_forced_inclusion) const {
    const L1BlockNumber origin = origin_of(proposal_.landed);
    const std::uint64_t oldest = origin.value - std::min(origin.value, chain_.anchor_lag_max);
    L1BlockNumber before = parent_.anchor_block_number;
    for (std::size_t i = 0; i < blocks.size(); ++i) {
      const L1BlockNumber anchor = blocks[i].anchor_block_number;
      if (anchor < before) return {SegmentDefect::kAnchorBackwards, i};
      if (anchor > origin) return {SegmentDefect::kAnchorTooNew, i};
      if (anchor.value < oldest) return {SegmentDefect::kAnchorTooOld, i};
      before = anchor;
    }
    if (!is_forced_inclusion && before == parent_.anchor_block_number) {
      return {SegmentDefect::kAnchorStagnant, blocks.size() - 1};
    }
    return {};
  }

  [[nodiscard]] Finding check_gas_limits(const Blocks& blocks) const {
    std::uint64_t before = parent_gas_limit();
    for (std::size_t i = 0; i < blocks.size(); ++i) {
      const GasLimitBounds bounds = manifest_gas_limit_bounds(before);
      if (blocks[i].gas_limit < bounds.low || blocks[i].gas_limit > bounds.high) {
        return {SegmentDefect::kGasLimit, i};
      }
      before = blocks[i].gas_limit;
    }
    return {};
  }

  const DerivationParent& parent_;
  const ProposalFacts& proposal_;
  const ChainProfile& chain_;
};

}  // namespace

DerivationParent parent_after(const DerivationParent& parent, const HeaderFacts& produced,
                              L1BlockNumber anchor) {
  PRECONF_ASSERT(produced.number == next(parent.header.number));
  return DerivationParent{produced, distance(parent.header.timestamp, produced.timestamp), anchor};
}

Segment prepare_segment(const DerivationParent& parent, const ProposalFacts& proposal,
                        bool is_forced_inclusion, std::span<const BlockManifest> blocks,
                        const ChainProfile& chain) {
  const Rules rules(parent, proposal, chain);
  Segment segment;
  segment.blocks.assign(blocks.begin(), blocks.end());
  if (is_forced_inclusion || codec::is_default(blocks)) rules.inherit(segment.blocks);
  const Finding found = rules.check(segment.blocks, is_forced_inclusion);
  segment.defect = found.defect;
  segment.defect_block = static_cast<std::uint32_t>(found.block);
  if (found.defect == SegmentDefect::kNone) return segment;
  // The default is used whatever the rules say of it: a proposal always yields a block.
  segment.blocks = codec::default_manifest().blocks;
  rules.inherit(segment.blocks);
  segment.is_replaced = true;
  return segment;
}

const char* name_of(SegmentDefect defect) {
  // clang-format off
  switch (defect) {
    case SegmentDefect::kNone: return "none";
    case SegmentDefect::kNoBlocks: return "no_blocks";
    case SegmentDefect::kNoTimeLeft: return "no_time_left";
    case SegmentDefect::kTimestampTooEarly: return "timestamp_too_early";
    case SegmentDefect::kTimestampTooLate: return "timestamp_too_late";
    case SegmentDefect::kAnchorBackwards: return "anchor_backwards";
    case SegmentDefect::kAnchorTooNew: return "anchor_too_new";
    case SegmentDefect::kAnchorTooOld: return "anchor_too_old";
    case SegmentDefect::kAnchorStagnant: return "anchor_stagnant";
    case SegmentDefect::kGasLimit: return "gas_limit";
  }
  // clang-format on
  return "unknown";
}

}  // namespace preconf::core::protocol
