#include "replay/why/counterfactual.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/hex.hpp"
#include "core/effects/commitment_rules.hpp"
#include "core/protocol/payload_attributes.hpp"

namespace preconf::replay {
namespace {

using core::Reason;
using core::effects::Judgement;
using core::protocol::CommitmentFacts;
using core::protocol::Window;

const Window* window_of(const CommitmentFacts& facts, const core::State& state) {
  const auto index = core::protocol::find_window(state.schedule, facts.timestamp);
  return index ? &state.schedule.windows[*index] : nullptr;
}

/// One repair: the phrase, or nothing when the commitment alone can not be repaired.
std::string repair(CommitmentFacts& facts, const core::State& state, const Judgement& judgement) {
  const Window* window = window_of(facts, state);
  switch (judgement.reason) {
    case Reason::kSlasherMismatch:
      facts.slasher = state.network.slasher_address;
      return "it named the slasher " + core::to_hex0x(facts.slasher.view());
    case Reason::kSignerMismatch:
      if (window == nullptr || window->committer.is_zero()) return {};
      facts.signer = window->committer;
      return "it were signed by " + core::to_hex0x(facts.signer.view());
    case Reason::kWindowEndMismatch:
      if (window == nullptr) return {};
      facts.window_end = window->end;
      return fmt::format("its submissionWindowEnd were {}", window->end.value);
    case Reason::kBeforeFork:
      facts.timestamp = state.chain.shasta_time;
      return fmt::format("its timestamp were at least {}", facts.timestamp.value);
    case Reason::kNumberNotParentPlusOne: {
      const auto* parent = state.book.find_linkable(facts.parent_preconf_hash);
      const bool same = parent != nullptr && parent->facts.eop_only();
      facts.block_number = core::BlockNumber{judgement.b + (same ? 0 : 1)};
      return fmt::format("its block number were {}", facts.block_number.value);
    }
    case Reason::kTimestampNotAfterParent:
      facts.timestamp = core::UnixSeconds{judgement.b + 1};
      return fmt::format("its timestamp were at least {}", facts.timestamp.value);
    case Reason::kGasLimitOutOfBounds: {
      const core::BlockNumber parent{facts.block_number.value - 1};
      const auto bounds = core::protocol::gas_limit_bounds(parent, judgement.b);
      facts.gas_limit = std::clamp(facts.gas_limit, bounds.low, bounds.high);
      return fmt::format("its gas limit were within {}..{}", bounds.low, bounds.high);
    }
    case Reason::kAnchorBelowParent:
      facts.anchor_block_number = core::L1BlockNumber{judgement.b};
      return fmt::format("its anchor block number were at least {}", judgement.b);
    default:
      return {};
  }
}

std::string needed_instead(const Judgement& judgement) {
  switch (judgement.reason) {
    case Reason::kParentUnknown:
      return "its parent commitment " + core::to_hex0x(judgement.hash.view()) + " were known";
    case Reason::kParentInvalid:
      return "its parent commitment " + core::to_hex0x(judgement.hash.view()) + " were valid";
    case Reason::kNoWindow:
      return fmt::format("a schedule had a window for timestamp {}", judgement.a);
    case Reason::kStaleCommitment:
      return fmt::format("the confirmed boundary ({}) were below its block number", judgement.b);
    case Reason::kTooFarAhead:
      return fmt::format("the highest accepted block number ({}) were not below it", judgement.b);
    case Reason::kAfterEop:
      return "its signer had not ended the window before";
    default:
      return {};
  }
}

}  // namespace

std::vector<std::string> changes_to_admit(CommitmentFacts facts, const core::State& state) {
  constexpr int kStepsMax = 10;  // there are fewer rules
  std::vector<std::string> changes;
  for (int step = 0; step < kStepsMax; ++step) {
    const Judgement judgement = core::effects::judge(state, facts);
    if (judgement.kind == Judgement::Kind::kAdmit) return changes;
    std::string change = repair(facts, state, judgement);
    const bool is_end = change.empty();
    if (is_end) change = needed_instead(judgement);
    if (!change.empty()) changes.push_back(std::move(change));
    if (is_end) return changes;
  }
  return {};
}

}  // namespace preconf::replay
