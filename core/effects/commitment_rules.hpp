// The rules of the P2P specification for one commitment, as questions about the state.
#pragma once

#include <optional>

#include "core/effects/step.hpp"

namespace preconf::core::effects {

/// Where a commitment stands: a phase to hold it in, or a reason to refuse it.
struct Judgement {
  enum class Kind : std::uint8_t {
    kAdmit,
    kPendingSchedule,
    kPendingParent,
    kStale,
    kReject,
    kEvict
  };
  Kind kind = Kind::kReject;
  Reason reason = Reason::kNone;
  std::uint64_t a = 0;  ///< operands of the reason
  std::uint64_t b = 0;
  Hash32 hash;
};

/// Applies, in this order: slasher, staleness, distance, schedule (window of the timestamp; signer;
/// window end, or the next window after an EOP handoff), parent link, parameters against the
/// parent, end of preconfirmation. A function of the commitment and the state; changes nothing.
/// Stateless defects are not its business.
[[nodiscard]] Judgement judge(const State& state, const protocol::CommitmentFacts& facts);

/// Why the list can not be executed under this commitment; kNone when it can. Ruling: the first
/// element is the anchor transaction and anchors to the committed L1 block.
struct TxListJudgement {
  Reason reason = Reason::kNone;
  std::uint64_t a = 0;
  std::uint64_t b = 0;
};
[[nodiscard]] TxListJudgement judge_txlist(const protocol::ChainProfile& chain,
                                           const protocol::CommitmentFacts& facts,
                                           const protocol::TxListFacts& list);

/// The signer ended its window at or below this height: a further block of it must not execute.
[[nodiscard]] bool closed_by_handoff(const State& state, const protocol::CommitmentFacts& facts);

}  // namespace preconf::core::effects
