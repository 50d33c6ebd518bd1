// `preconf queue`: what every held commitment that is not executed waits for.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/fields.hpp"
#include "core/reducer.hpp"
#include "core/state.hpp"
#include "replay/stamp.hpp"

namespace preconf::replay {

/// The first thing that must happen before a commitment can go on.
enum class WaitsFor : std::uint8_t {
  kSchedule,      ///< a table whose windows cover its timestamp
  kParent,        ///< the commitment it links to; hash: the parent's preconfirmation hash
  kTxList,        ///< hash: of the list
  kTurn,          ///< the head must reach the height below; number: that height
  kOtherBlock,    ///< another block stands at its height; hash: that block
  kParentOnHead,  ///< the head is not the block of its parent; hash: the parent's preconf. hash
  kNothing,       ///< never executes: its signer ended the window below it (handoff)
  kGate,          ///< the ingress gate is closed; `detail` is the reason
  kEngine,        ///< a command is in flight; `detail` is "id name"
  kTimer,         ///< a retry; `detail` is the timer
};
[[nodiscard]] const char* name_of(WaitsFor what);

struct QueueItem {
  core::BlockNumber number;
  core::Hash32 preconf_hash;
  core::Address signer;
  core::Phase phase = core::Phase::kAdmitted;
  Stamp received;
  WaitsFor waits_for = WaitsFor::kTurn;
  std::optional<core::Hash32> hash;
  std::optional<core::BlockNumber> at;  ///< with kTurn
  std::string detail;
  Stamp since;  ///< the event from which on it waits for this
  std::uint64_t waiting_us = 0;
  PRECONF_FIELDS(QueueItem, number, preconf_hash, signer, phase, received, waits_for, hash, at,
                 detail, since, waiting_us);
};

/// The items by height, without `since` and the times.
[[nodiscard]] std::vector<QueueItem> queue_of(const core::State& state);

/// Learns, from events in order, since when what the queue waits for holds.
class WaitHistory {
 public:
  /// `items` as queue_of(state) gave them; only what concerns them is remembered.
  WaitHistory(const std::vector<QueueItem>& items, const core::State& state);
  void observe(const core::Event& event, const core::Outcome& outcome, const core::State& state);
  /// Fills `since` and the times; requires that every event from the oldest item's on was
  /// observed.
  void complete(std::vector<QueueItem>& items, const core::State& state) const;

 private:
  [[nodiscard]] Stamp since(const QueueItem& item) const;

  std::map<core::Seq, core::WallNanos> received_;  ///< events that brought the items
  std::map<core::Hash32, Stamp> judged_;           ///< preconfirmation hash -> last verdict
  std::map<core::Hash32, Stamp> lists_;            ///< first arrivals
  Stamp gate_;                                     ///< last opening or closing
  Stamp head_;                                     ///< last change of the executed head
  Stamp plan_;                                     ///< last start or end of a plan
  std::optional<core::BlockRef> unsafe_;
  core::Gate last_gate_;
};

/// One line for a person.
[[nodiscard]] std::string line_of(const QueueItem& item);

}  // namespace preconf::replay
