// The schedule as a function of the facts of L1: who preconfirms at a time, and until when.
// Source: LookaheadStore.sol (windows are left-open and right-closed) and the lookup that deployed
// peers do by a commitment's timestamp (docs/derivation.md).
#pragma once

#include <map>
#include <vector>

#include "core/base/result.hpp"
#include "core/protocol/lookahead_history.hpp"
#include "core/protocol/schedule.hpp"

namespace preconf::core::protocol {

/// Which of the fallback operator's two addresses signs commitments. Persistent values.
enum class FallbackSigner : std::uint8_t { kProposer = 0, kSequencer = 1 };
[[nodiscard]] const char* name_of(FallbackSigner signer);

struct LookaheadTable {
  EpochClock clock;
  /// Slots of every known epoch; none: the fallback has it.
  std::map<UnixSeconds, std::vector<LookaheadSlot>> epochs;
  std::map<UnixSeconds, FallbackOperator> fallback;         ///< from that time on
  std::map<Hash32, std::map<UnixSeconds, bool>> blacklist;  ///< by registration root
};
/// Requires a usable clock.
[[nodiscard]] LookaheadTable table_of(const ScheduleHistory& history, const EpochClock& clock);

/// Why there is no answer. Persistent values: never renumber.
enum class SlotDefect : std::uint8_t {
  kNone = 0,
  kBeforeGenesis = 1,
  kTooOld = 2,            ///< before the last epoch
  kTooNew = 3,            ///< after the current epoch
  kMissingLookahead = 4,  ///< nothing is known about the epoch
};
[[nodiscard]] const char* name_of(SlotDefect defect);

/// Why this signer. Persistent values: never renumber.
enum class SlotKind : std::uint8_t {
  kLookahead = 0,    ///< the committer of a slot in this epoch
  kCrossEpoch = 1,   ///< after the last slot of this epoch: the first committer of the next
  kFallback = 2,     ///< nobody is named
  kBlacklisted = 3,  ///< the committer is blacklisted, the fallback has its slot
};

struct SlotInfo {
  Address signer;  ///< zero: nobody
  UnixSeconds window_end;
  SlotKind kind = SlotKind::kFallback;
  PRECONF_FIELDS(SlotInfo, signer, window_end, kind);
};

/// The answer for any time of a known epoch.
[[nodiscard]] Result<SlotInfo, SlotDefect> slot_info(const LookaheadTable& table, UnixSeconds time,
                                                     FallbackSigner signer);
/// The same within what callers may ask at `now`: the last epoch and the current one.
[[nodiscard]] Result<SlotInfo, SlotDefect> slot_info_at(const LookaheadTable& table,
                                                        UnixSeconds time, UnixSeconds now,
                                                        FallbackSigner signer);

/// Times (after, last] with one answer. `last` is beyond window_end in the seconds between the last
/// slot of an epoch without a successor and the next epoch, and before it where the answer changes
/// inside a window (a blacklisting, another fallback operator).
struct SlotSpan {
  UnixSeconds after;
  UnixSeconds last;
  SlotInfo info;
  PRECONF_FIELDS(SlotSpan, after, last, info);
};
/// All answers for the epochs from `first` up to and without `end`; unknown epochs leave a gap.
[[nodiscard]] std::vector<SlotSpan> spans_of(const LookaheadTable& table, UnixSeconds first,
                                             UnixSeconds end, FallbackSigner signer);

/// The windows of these answers, as far as a window can state them: a span that ends before its
/// window does, because somebody else has the rest of it, is left out, and so are times after a
/// window's end.
[[nodiscard]] Schedule schedule_of(const std::vector<SlotSpan>& spans, std::uint64_t version);

}  // namespace preconf::core::protocol
