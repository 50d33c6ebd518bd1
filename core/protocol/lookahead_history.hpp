// What L1 has said about who may preconfirm, in L1 order: a list of facts that a reorg shortens.
// Everything else about the schedule is a function of it (lookahead_table.hpp).
#pragma once

#include <variant>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/fields.hpp"
#include "core/protocol/lookahead_logs.hpp"

namespace preconf::core::protocol {

/// The whitelist operator that stands in where the lookahead names nobody. Zero: there is none.
struct FallbackOperator {
  Address proposer;
  Address sequencer;
  PRECONF_FIELDS(FallbackOperator, proposer, sequencer);
};

/// A lookahead, and whom the whitelist selected for its epoch in that block's state.
struct LookaheadFact {
  LookaheadPosted posted;
  FallbackOperator fallback;
  PRECONF_FIELDS(LookaheadFact, posted, fallback);
};
/// The whitelist changed: whom it selects now, and for the next epoch.
struct SelectionFact {
  FallbackOperator current;
  FallbackOperator next;
  PRECONF_FIELDS(SelectionFact, current, next);
};
/// A block of an epoch for which no lookahead was posted, and whom the whitelist selected in it.
struct EpochFact {
  UnixSeconds epoch;
  FallbackOperator fallback;
  PRECONF_FIELDS(EpochFact, epoch, fallback);
};
using ScheduleFactBody = std::variant<LookaheadFact, BlacklistChanged, SelectionFact, EpochFact>;

struct ScheduleFact {
  L1BlockNumber block_number;
  Hash32 block_hash;
  UnixSeconds block_time;
  ScheduleFactBody body;
  PRECONF_FIELDS(ScheduleFact, block_number, block_hash, block_time, body);
};

/// Sorted by block number. Plain data.
struct ScheduleHistory {
  std::vector<ScheduleFact> facts;
  PRECONF_FIELDS(ScheduleHistory, facts);
};

/// Appends a fact; false (and nothing done) when it lies below the last one or the history is full
/// (limits::kLookaheadFactsMax).
[[nodiscard]] bool append_fact(ScheduleHistory& history, const ScheduleFact& fact);

/// An L1 reorg: blocks above `kept` are gone, and what they said with them. Returns how many facts
/// were dropped.
std::size_t undo_above(ScheduleHistory& history, L1BlockNumber kept);

/// Drops what no answer for times from `cutoff` on depends on, among facts of blocks up to
/// `finalized`: facts above may be undone, so everything they may uncover again stays.
void prune(ScheduleHistory& history, UnixSeconds cutoff, L1BlockNumber finalized,
           const EpochClock& clock);

}  // namespace preconf::core::protocol
