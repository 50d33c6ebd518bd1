#include "replay/snapshots.hpp"

#include <algorithm>
#include <vector>

#include "core/invariants.hpp"
#include "core/reducer.hpp"
#include "core/state_bytes.hpp"
#include "replay/state_difference.hpp"

namespace preconf::replay {

using core::Unexpected;

const char* name_of(SnapshotHealth health) {
  // clang-format off
  switch (health) {
    case SnapshotHealth::kEqual: return "equal";
    case SnapshotHealth::kDiffers: return "differs";
    case SnapshotHealth::kUnreadable: return "unreadable";
    case SnapshotHealth::kForeign: return "foreign";
    case SnapshotHealth::kOtherVersion: return "other_version";
    case SnapshotHealth::kNotReached: return "not_reached";
  }
  // clang-format on
  return "unknown";
}

namespace {

std::unique_ptr<core::State> decode_state(core::BytesView bytes) {
  auto state = std::make_unique<core::State>();
  return core::decode_state(bytes, *state) ? std::move(state) : nullptr;
}

SnapshotJudgement differs(Difference difference) {
  return {SnapshotHealth::kDiffers, std::move(difference), nullptr};
}

}  // namespace

SnapshotJudgement judge_snapshot(const std::optional<storage::Snapshot>& snapshot,
                                 const FoldedState& folded) {
  if (!snapshot) return {SnapshotHealth::kUnreadable, std::nullopt, nullptr};
  if (!core::has_reducer_version(snapshot->reducer_version)) {
    return {SnapshotHealth::kOtherVersion, std::nullopt, nullptr};
  }
  if (snapshot->position.chain != folded.chain) {
    return {SnapshotHealth::kForeign, std::nullopt, nullptr};
  }
  auto state = decode_state(snapshot->state);
  if (state == nullptr) return differs({"state", "does not decode", "decodes"});
  // Equality of all members, listed in PRECONF_FIELDS or not, and of the bytes.
  if (!(*state == folded.state) || snapshot->state != folded.bytes) {
    return differs(state_difference(*state, folded.state));
  }
  const core::Hash32 hash = core::state_hash(folded.state);
  if (auto found = first_difference(snapshot->state_hash, hash, "state_hash")) {
    return differs(std::move(*found));
  }
  return {SnapshotHealth::kEqual, std::nullopt, std::move(state)};
}

core::Result<std::unique_ptr<core::State>, std::string> load_state(
    const storage::EventSource& log, const storage::SnapshotSource& store, core::Seq seq) {
  const auto fail = [](const char* reason) { return Unexpected{std::string(reason)}; };
  const auto snapshot = store.load(seq);
  if (!snapshot) return fail("is missing or damaged");
  if (!core::has_reducer_version(snapshot->reducer_version)) {
    return fail("is of another reducer version");
  }
  const auto chain = log.chain_at(seq);
  if (!chain) return fail("lies beyond the end of the log");
  if (*chain != snapshot->position.chain) return fail("is of another history");
  auto state = decode_state(snapshot->state);
  if (state == nullptr) return fail("does not decode");
  if (core::state_hash(*state) != snapshot->state_hash) return fail("does not have its state hash");
  const bool is_consistent = state->last_seq == seq &&
                             state->reducer_version == snapshot->reducer_version &&
                             core::broken_invariant(*state) == nullptr;
  if (!is_consistent) return fail("contradicts itself");
  return state;
}

std::optional<storage::StorageFailure> refuse(const core::State& state, const core::Event& event) {
  auto refusal = core::refusal_of(state, event);
  if (!refusal) return std::nullopt;
  return storage::StorageFailure{refusal->is_divergence ? storage::StorageError::kDamaged
                                                        : storage::StorageError::kUndecodable,
                                 event.seq, std::move(refusal->detail)};
}

core::Result<std::unique_ptr<core::State>, storage::StorageFailure> state_after(
    const storage::EventSource& log, const storage::SnapshotSource& store, core::Seq seq) {
  const core::Seq base = log.base().seq;
  if (seq < base) {
    return Unexpected{storage::StorageFailure{
        storage::StorageError::kPruned, seq,
        "events up to " + std::to_string(base.value) + " are not here, only the state after them"}};
  }
  auto state = std::make_unique<core::State>();
  const std::vector<core::Seq> seqs = store.list();
  for (auto at = std::upper_bound(seqs.begin(), seqs.end(), seq); at != seqs.begin();) {
    --at;
    auto loaded = load_state(log, store, *at);
    if (!loaded) continue;
    state = std::move(loaded).value();
    break;
  }
  if (state->last_seq < base) {
    return Unexpected{storage::StorageFailure{
        storage::StorageError::kDamaged, base,
        "the state after event " + std::to_string(base.value) +
            " is missing or damaged, and the events before it are not here"}};
  }
  const auto reader = log.read(core::next(state->last_seq));
  core::Outcome outcome;
  while (state->last_seq < seq) {
    auto next = reader->next();
    if (!next) return Unexpected{next.error()};
    if (!next->has_value()) {
      return Unexpected{storage::StorageFailure{storage::StorageError::kDamaged, state->last_seq,
                                                "the log ends early"}};
    }
    const core::Event& event = (**next).event;
    if (event.seq > seq) break;  // `seq` is in a gap
    if (auto failure = refuse(*state, event)) return Unexpected{std::move(*failure)};
    core::reduce(*state, event, outcome);
  }
  return state;
}

}  // namespace preconf::replay
