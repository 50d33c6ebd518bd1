// The fold of `preconf replay`, with every comparison but that of facts.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "core/reducer.hpp"
#include "core/state.hpp"
#include "replay/difference.hpp"
#include "replay/event_stream.hpp"
#include "replay/report.hpp"
#include "replay/snapshot_fold.hpp"
#include "storage/event_source.hpp"

namespace preconf::replay {

/// Folds events and fills `report`: effects digests, invariants, snapshots, and beside it the fold
/// that begins at each snapshot. Memory: two states, and one more where a snapshot is.
class MainFold {
 public:
  /// `store` and `report` outlive it; `state` is that before the first event.
  MainFold(const storage::SnapshotSource& store, std::unique_ptr<core::State> state,
           bool expect_effects, ReplayReport& report);

  /// False: stop here, the report says why.
  [[nodiscard]] bool fold(const EventRunPtr& run);
  /// After the last event: the final state and what the second fold found.
  void finish();

 private:
  [[nodiscard]] bool accepts(const core::Event& event);
  [[nodiscard]] bool digest_agrees(const storage::LoggedEvent& logged);
  [[nodiscard]] bool invariants_hold(const core::Event& event);
  [[nodiscard]] bool check_invariants(const char* event);
  [[nodiscard]] bool is_at_snapshot(core::Seq seq) const;
  [[nodiscard]] std::shared_ptr<const core::Bytes> encoded() const;
  [[nodiscard]] bool snapshot_agrees(const storage::LoggedEvent& logged);

  const storage::SnapshotSource& store_;
  ReplayReport& report_;
  std::unique_ptr<core::State> state_;
  const bool expect_effects_;
  core::Outcome outcome_;
  std::size_t next_snapshot_ = 0;  ///< into report_.snapshots
  core::EventKind last_kind_ = core::EventKind::kGenesisRecorded;
  SnapshotFold second_;
};

/// What differs at `seq`, without the difference itself.
[[nodiscard]] Divergence divergence_at(core::Seq seq, std::string event, Check check);
void set_difference(Divergence& divergence, Difference difference);

}  // namespace preconf::replay
