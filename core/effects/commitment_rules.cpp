#include "core/effects/commitment_rules.hpp"

#include <algorithm>

#include "core/limits.hpp"
#include "core/protocol/anchor_tx.hpp"
#include "core/protocol/payload_attributes.hpp"

namespace preconf::core::effects {
namespace {

using protocol::CommitmentFacts;
using Kind = Judgement::Kind;

/// What a child must respect about the block below it.
struct ParentBlock {
  UnixSeconds timestamp;
  std::uint64_t gas_limit = 0;
  BlockNumber number;
  std::optional<L1BlockNumber> anchor;  ///< none = the block's commitment is not known
};

/// A parent link that resolved.
struct Link {
  const Commitment* commitment = nullptr;  ///< none = a block whose commitment is not known
  std::optional<ParentBlock> block;        ///< none = not known either
};

/// From this reducer version on; before it such a promise waited for its parent.
constexpr std::uint32_t kForgottenParentVersion = 5;

/// The executed block at `number` under a link to a commitment that is not held: nobody's that is
/// known, or that commitment's own, which is forgotten once it is confirmed.
std::optional<ParentBlock> executed_without_commitment(const State& state, BlockNumber number,
                                                       const Hash32& link) {
  const auto position = state.heads.executed.find(number);
  if (position == state.heads.executed.end()) return std::nullopt;
  const ExecutedBlock& block = position->second;
  const bool is_linked =
      state.reducer_version >= kForgottenParentVersion && block.preconf_hash == link;
  if (!block.preconf_hash.is_zero() && !is_linked) return std::nullopt;
  return ParentBlock{block.timestamp, block.gas_limit, number, std::nullopt};
}

ParentBlock block_of(const CommitmentFacts& facts) {
  return ParentBlock{facts.timestamp, facts.gas_limit, facts.block_number,
                     facts.anchor_block_number};
}

/// The block under a commitment's parent; steps over EOP-only ones, which occupy no height.
std::optional<ParentBlock> block_under(const State& state, const Commitment& parent) {
  const auto end = state.book.follow_eop_only(parent.facts.preconf_hash);
  if (end.block != nullptr) return block_of(end.block->facts);
  if (parent.facts.block_number.value == 0) return std::nullopt;
  return executed_without_commitment(state, BlockNumber{parent.facts.block_number.value - 1},
                                     end.preconf_hash);
}

/// Nothing when the parent is not known yet.
std::optional<Link> resolve_parent(const State& state, const CommitmentFacts& facts) {
  if (const Commitment* parent = state.book.find_linkable(facts.parent_preconf_hash)) {
    return Link{parent, block_under(state, *parent)};
  }
  if (facts.block_number.value == 0) return std::nullopt;
  const BlockNumber below{facts.block_number.value - 1};
  if (auto block = executed_without_commitment(state, below, facts.parent_preconf_hash)) {
    return Link{nullptr, block};
  }
  return std::nullopt;
}

Judgement reject(Reason reason, std::uint64_t a = 0, std::uint64_t b = 0, const Hash32& hash = {}) {
  return Judgement{Kind::kReject, reason, a, b, hash};
}

std::optional<Judgement> judge_distance(const State& state, const CommitmentFacts& facts) {
  const BlockNumber boundary = confirmed_boundary(state);
  const std::uint64_t number = facts.block_number.value;
  if (facts.block_number <= boundary) {
    return Judgement{Kind::kStale, Reason::kStaleCommitment, number, boundary.value, {}};
  }
  if (!state.heads.unsafe) return std::nullopt;
  const std::uint64_t head = std::max(state.heads.unsafe->number, boundary).value;
  if (number > head && number - head > limits::kHeightsAheadMax) {
    return Judgement{
        Kind::kEvict, Reason::kTooFarAhead, number, head + limits::kHeightsAheadMax, {}};
  }
  if (number < head && head - number >= limits::kExecutedBlocksMax) {
    return Judgement{
        Kind::kStale, Reason::kTooFarBehind, number, head - limits::kExecutedBlocksMax + 1, {}};
  }
  return std::nullopt;
}

/// The window of the timestamp has ended early and the next owner goes on inside it.
bool continues_after_handoff(const State& state, const CommitmentFacts& facts,
                             const protocol::Window& window, const Link& link) {
  if (link.commitment == nullptr) return state.book.handoffs.contains(window.end);
  const CommitmentFacts& parent = link.commitment->facts;
  if (parent.eop && parent.window_end == window.end) return true;
  return parent.window_end == facts.window_end && link.commitment->facts.signer == facts.signer;
}

struct ScheduleAnswer {
  std::optional<Judgement> judgement;               ///< final, unless it needs the parent
  const protocol::Window* needs_handoff = nullptr;  ///< valid only when this window has ended
};

ScheduleAnswer judge_schedule(const State& state, const CommitmentFacts& facts) {
  const auto& schedule = state.schedule;
  if (facts.timestamp < state.chain.shasta_time) {
    return {reject(Reason::kBeforeFork, facts.timestamp.value, state.chain.shasta_time.value)};
  }
  const auto index = protocol::find_window(schedule, facts.timestamp);
  if (!index) {
    const bool beyond = schedule.windows.empty() || facts.timestamp > schedule.windows.back().end;
    return {Judgement{beyond ? Kind::kPendingSchedule : Kind::kReject,
                      Reason::kNoWindow,
                      facts.timestamp.value,
                      schedule.version,
                      {}}};
  }
  const protocol::Window& window = schedule.windows[*index];
  if (facts.signer == window.committer && facts.window_end == window.end) return {};
  if (*index + 1 < schedule.windows.size()) {
    const protocol::Window& following = schedule.windows[*index + 1];
    if (facts.signer == following.committer && facts.window_end == following.end) {
      return {std::nullopt, &window};
    }
  }
  if (facts.signer == window.committer) {
    return {reject(Reason::kWindowEndMismatch, facts.window_end.value, window.end.value)};
  }
  Hash32 expected;
  std::copy(window.committer.bytes.begin(), window.committer.bytes.end(),
            expected.bytes.begin() + 12);
  return {reject(Reason::kSignerMismatch, facts.window_end.value, schedule.version, expected)};
}

Judgement judge_parameters(const CommitmentFacts& facts, const ParentBlock& parent) {
  const std::uint64_t number = facts.block_number.value;
  if (number != parent.number.value + 1) {
    return reject(Reason::kNumberNotParentPlusOne, number, parent.number.value);
  }
  if (facts.timestamp <= parent.timestamp) {
    return reject(Reason::kTimestampNotAfterParent, facts.timestamp.value, parent.timestamp.value);
  }
  if (parent.anchor && facts.anchor_block_number < *parent.anchor) {
    return reject(Reason::kAnchorBelowParent, facts.anchor_block_number.value,
                  parent.anchor->value);
  }
  if (!facts.eop_only()) {
    const auto bounds = protocol::gas_limit_bounds(parent.number, parent.gas_limit);
    if (facts.gas_limit < bounds.low || facts.gas_limit > bounds.high) {
      return reject(Reason::kGasLimitOutOfBounds, facts.gas_limit, parent.gas_limit);
    }
  }
  return Judgement{Kind::kAdmit, Reason::kNone, 0, 0, {}};
}

Judgement judge_link(const State& state, const CommitmentFacts& facts, const Link& link) {
  if (link.commitment != nullptr) {
    const Commitment& parent = *link.commitment;
    if (parent.phase == Phase::kInvalid) {
      return reject(Reason::kParentInvalid, 0, 0, facts.parent_preconf_hash);
    }
    const std::uint64_t parent_number = parent.facts.block_number.value;
    const std::uint64_t expected = parent.facts.eop_only() ? parent_number : parent_number + 1;
    if (facts.block_number.value != expected) {
      return reject(Reason::kNumberNotParentPlusOne, facts.block_number.value, parent_number);
    }
    const bool same_window =
        parent.facts.window_end == facts.window_end && parent.facts.signer == facts.signer;
    if (parent.facts.eop && same_window) {
      return reject(Reason::kAfterEop, facts.block_number.value, facts.window_end.value);
    }
  }
  if (closed_by_handoff(state, facts)) {
    return reject(Reason::kAfterEop, facts.block_number.value, facts.window_end.value);
  }
  if (!link.block) {
    return Judgement{Kind::kPendingParent, Reason::kParentUnknown, 0, 0, facts.parent_preconf_hash};
  }
  return judge_parameters(facts, *link.block);
}

bool anchor_call_is_right(const protocol::AnchorFacts& anchor) {
  return anchor.gas_limit == protocol::kAnchorGasLimit && anchor.value_is_zero &&
         anchor.max_priority_fee_per_gas == U256{};
}

}  // namespace

bool closed_by_handoff(const State& state, const protocol::CommitmentFacts& facts) {
  const auto position = state.book.handoffs.find(facts.window_end);
  if (position == state.book.handoffs.end()) return false;
  const Handoff& handoff = position->second;
  if (handoff.signer != facts.signer || handoff.preconf_hash == facts.preconf_hash) return false;
  return handoff.eop_only ? facts.block_number >= handoff.number
                          : facts.block_number > handoff.number;
}

Judgement judge(const State& state, const protocol::CommitmentFacts& facts) {
  // Ingress refuses such ids from their bytes; a log can say anything, and what follows relies on
  // it.
  if (facts.proposal_id.value > kUint48Max) return reject(Reason::kProposalIdRange);
  if (facts.slasher != state.network.slasher_address) return reject(Reason::kSlasherMismatch);
  if (auto judgement = judge_distance(state, facts)) return *judgement;
  const ScheduleAnswer schedule = judge_schedule(state, facts);
  if (schedule.judgement) return *schedule.judgement;
  const auto link = resolve_parent(state, facts);
  if (!link) {
    return Judgement{Kind::kPendingParent, Reason::kParentUnknown, 0, 0, facts.parent_preconf_hash};
  }
  if (schedule.needs_handoff != nullptr &&
      !continues_after_handoff(state, facts, *schedule.needs_handoff, *link)) {
    return reject(Reason::kSignerMismatch, facts.window_end.value, state.schedule.version);
  }
  return judge_link(state, facts, *link);
}

TxListJudgement judge_txlist(const protocol::ChainProfile& chain,
                             const protocol::CommitmentFacts& facts,
                             const protocol::TxListFacts& list) {
  if (list.defect != protocol::TxListDefect::kNone) {
    return {Reason::kTxListUndecodable, static_cast<std::uint64_t>(list.defect), 0};
  }
  const protocol::AnchorFacts& anchor = list.anchor;
  if (anchor.defect != protocol::AnchorDefect::kNone) {
    return {Reason::kAnchorMissing, static_cast<std::uint64_t>(anchor.defect), 0};
  }
  if (anchor.sender != protocol::kGoldenTouchAddress) return {Reason::kAnchorWrongSender, 0, 0};
  if (anchor.to != chain.anchor_address) return {Reason::kAnchorWrongContract, 0, 0};
  if (anchor.chain_id != chain.chain_id) return {Reason::kAnchorWrongChain, anchor.chain_id, 0};
  if (!anchor_call_is_right(anchor)) {
    return {Reason::kAnchorWrongGasOrValue, anchor.gas_limit, protocol::kAnchorGasLimit};
  }
  if (anchor.anchor_block_number != facts.anchor_block_number.value) {
    return {Reason::kAnchorNumberMismatch, anchor.anchor_block_number,
            facts.anchor_block_number.value};
  }
  return {};
}

}  // namespace preconf::core::effects
