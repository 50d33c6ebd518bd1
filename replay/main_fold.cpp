#include "replay/main_fold.hpp"

#include <utility>
#include <vector>

#include "core/invariants.hpp"
#include "core/state_bytes.hpp"
#include "replay/json_printer.hpp"
#include "replay/snapshots.hpp"

namespace preconf::replay {

using core::Seq;

namespace {
/// Checking invariants is linear in the state: rarely enough not to be felt.
constexpr std::uint64_t kInvariantsEvery = 65'536;

}  // namespace

Divergence divergence_at(Seq seq, std::string event, Check check) {
  Divergence divergence;
  divergence.seq = seq;
  divergence.event = std::move(event);
  divergence.check = check;
  return divergence;
}

void set_difference(Divergence& divergence, Difference difference) {
  divergence.field = std::move(difference.path);
  divergence.recorded = std::move(difference.recorded);
  divergence.recomputed = std::move(difference.recomputed);
}

MainFold::MainFold(const storage::SnapshotSource& store, std::unique_ptr<core::State> state,
                   bool expect_effects, ReplayReport& report)
    : store_(store), report_(report), state_(std::move(state)), expect_effects_(expect_effects) {
  for (const Seq seq : store_.list()) {
    report_.snapshots.push_back({seq, SnapshotHealth::kNotReached});
    if (seq <= state_->last_seq) ++next_snapshot_;
  }
}

bool MainFold::fold(const EventRunPtr& run) {
  std::size_t handed_over = 0;
  for (std::size_t i = 0; i < run->size(); ++i) {
    const storage::LoggedEvent& logged = (*run)[i];
    if (!accepts(logged.event)) return false;
    core::reduce(*state_, logged.event, outcome_);
    report_.last_seq = logged.event.seq;
    report_.chain = logged.chain;
    ++report_.events;
    if (!digest_agrees(logged) || !invariants_hold(logged.event)) return false;
    if (is_at_snapshot(logged.event.seq)) {
      second_.fold(run, handed_over, i + 1);
      handed_over = i + 1;
      if (!snapshot_agrees(logged)) return false;
    }
  }
  second_.fold(run, handed_over, run->size());
  last_kind_ = run->empty() ? last_kind_ : core::kind_of(run->back().event.body);
  return true;
}

void MainFold::finish() {
  const bool has_diverged = !report_.divergences.empty();
  if (!has_diverged) static_cast<void>(check_invariants(core::name_of(last_kind_)));
  if (!has_diverged && second_.is_started()) second_.expect(encoded());
  if (auto mismatch = second_.finish()) {
    Divergence divergence = divergence_at(mismatch->at, "", Check::kSnapshotFold);
    divergence.event = "fold from the snapshot at " + std::to_string(mismatch->from.value);
    set_difference(divergence, std::move(mismatch->difference));
    report_.divergences.push_back(std::move(divergence));
  }
  report_.state_hash = core::state_hash(*state_);
}

bool MainFold::accepts(const core::Event& event) {
  auto refusal = core::refusal_of(*state_, event);
  if (!refusal) return true;
  if (!refusal->is_divergence) {
    const char* what = event.seq.value == 1 ? "genesis" : "reducer_version";
    report_.trouble = LogTrouble{what, event.seq, std::move(refusal->detail)};
    return false;
  }
  const auto& barrier = std::get<core::events::ReducerActivated>(event.body);
  Divergence divergence =
      divergence_at(event.seq, core::name_of(core::kind_of(event.body)), Check::kSnapshot);
  set_difference(divergence,
                 *first_difference(barrier.state_hash, core::state_hash(*state_), "state_hash"));
  report_.divergences.push_back(std::move(divergence));
  return false;
}

bool MainFold::digest_agrees(const storage::LoggedEvent& logged) {
  if (!logged.effects_digest && !expect_effects_) return true;
  const core::Hash32 digest = core::effects_digest(outcome_);
  if (logged.effects_digest) {
    ++report_.digests_compared;
    report_.digests_until = logged.event.seq;
    if (digest == *logged.effects_digest) return true;
  }
  Divergence divergence = divergence_at(
      logged.event.seq, core::name_of(core::kind_of(logged.event.body)), Check::kEffectsDigest);
  divergence.field = "effects_digest";
  divergence.recorded =
      logged.effects_digest ? core::to_hex0x(logged.effects_digest->view()) : "nothing";
  divergence.recomputed = core::to_hex0x(digest.view());
  divergence.outcome = to_json(outcome_);
  report_.divergences.push_back(std::move(divergence));
  return false;
}

bool MainFold::invariants_hold(const core::Event& event) {
  if (event.seq.value % kInvariantsEvery != 0) return true;
  return check_invariants(core::name_of(core::kind_of(event.body)));
}

bool MainFold::check_invariants(const char* event) {
  const char* broken = core::broken_invariant(*state_);
  if (broken == nullptr) return true;
  Divergence divergence = divergence_at(state_->last_seq, event, Check::kInvariant);
  divergence.field = broken;
  divergence.recorded = "holds";
  divergence.recomputed = "broken";
  report_.divergences.push_back(std::move(divergence));
  return false;
}

bool MainFold::is_at_snapshot(Seq seq) const {
  return next_snapshot_ < report_.snapshots.size() && report_.snapshots[next_snapshot_].seq == seq;
}

std::shared_ptr<const core::Bytes> MainFold::encoded() const {
  return std::make_shared<const core::Bytes>(core::encode_state(*state_));
}

bool MainFold::snapshot_agrees(const storage::LoggedEvent& logged) {
  SnapshotCheck& check = report_.snapshots[next_snapshot_++];
  const auto bytes = encoded();
  second_.expect(bytes);
  SnapshotJudgement judgement =
      judge_snapshot(store_.load(check.seq), FoldedState{logged.chain, *state_, *bytes});
  check.health = judgement.health;
  if (judgement.state != nullptr) second_.start(std::move(judgement.state));
  if (!judgement.difference) return true;
  Divergence divergence =
      divergence_at(check.seq, core::name_of(core::kind_of(logged.event.body)), Check::kSnapshot);
  set_difference(divergence, std::move(*judgement.difference));
  report_.divergences.push_back(std::move(divergence));
  return false;
}

}  // namespace preconf::replay
