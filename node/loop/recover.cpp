#include "node/loop/recover.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>

#include "core/base/hex.hpp"
#include "core/reducer.hpp"
#include "core/state.hpp"
#include "core/state_bytes.hpp"

namespace preconf::node {
namespace {

using Failed = core::Unexpected<RecoveryFailure>;

struct Usable {
  std::unique_ptr<core::State> state;
  const char* why_not = nullptr;
};

// Any snapshot may be stale, damaged or from another history; each test excludes one of these.
Usable state_of(const storage::EventLog& log, const std::optional<storage::Snapshot>& snapshot) {
  if (!snapshot) return {nullptr, "file missing or its checksum is wrong"};
  if (!core::has_reducer_version(snapshot->reducer_version)) {
    return {nullptr, "other reducer version"};
  }
  const auto chain = log.chain_at(snapshot->position.seq);
  if (!chain) return {nullptr, "lies beyond the end of the log"};
  if (*chain != snapshot->position.chain) return {nullptr, "belongs to another history"};
  auto state = std::make_unique<core::State>();
  if (!core::decode_state(snapshot->state, *state)) return {nullptr, "state does not decode"};
  if (state->last_seq != snapshot->position.seq) return {nullptr, "state is of another event"};
  if (core::state_hash(*state) != snapshot->state_hash) return {nullptr, "state hash differs"};
  return {std::move(state), nullptr};
}

void load_newest_snapshot(const storage::EventLog& log, const storage::SnapshotStore& snapshots,
                          Recovered& out) {
  const std::vector<core::Seq> seqs = snapshots.list();
  for (auto seq = seqs.rbegin(); seq != seqs.rend(); ++seq) {
    Usable usable = state_of(log, snapshots.load(*seq));
    if (usable.state) {
      out.state = std::move(usable.state);
      out.snapshot_seq = *seq;
      return;
    }
    out.unusable_snapshots.push_back(std::to_string(seq->value) + ": " + usable.why_not);
  }
  out.state = std::make_unique<core::State>();
}

void remember_digest(std::vector<storage::EffectsDigests>& runs, core::Seq seq,
                     const core::Hash32& digest) {
  const bool continues =
      !runs.empty() && runs.back().first.value + runs.back().digests.size() == seq.value;
  if (!continues) runs.push_back({seq, {}});
  runs.back().digests.push_back(digest);
}

std::optional<RecoveryFailure> check_rules(const core::State& state, const core::Event& event) {
  auto refusal = core::refusal_of(state, event);
  if (!refusal) return std::nullopt;
  const bool is_first = state.reducer_version == 0;
  RecoveryError code = RecoveryError::kReducerVersion;
  if (is_first && !std::holds_alternative<core::events::GenesisRecorded>(event.body)) {
    code = RecoveryError::kNoGenesis;
  }
  if (refusal->is_divergence) code = RecoveryError::kDivergence;
  return RecoveryFailure{
      .code = code, .seq = event.seq, .detail = std::move(refusal->detail), .storage = {}};
}

RecoveryFailure storage_failure(const storage::StorageFailure& failure) {
  return {.code = RecoveryError::kStorage,
          .seq = failure.seq,
          .detail = failure.detail,
          .storage = failure};
}

RecoveryFailure no_base(core::Seq base) {
  const std::string detail = "events up to " + std::to_string(base.value) +
                             " were pruned, and the state they led to can not be read";
  return storage_failure({storage::StorageError::kDamaged, base, detail});
}

std::optional<RecoveryFailure> fold_tail(const storage::EventLog& log, Recovered& out) {
  const auto reader = log.read(core::next(out.state->last_seq));
  core::Outcome outcome;
  for (;;) {
    auto next = reader->next();
    if (!next) return storage_failure(next.error());
    if (!next->has_value()) return std::nullopt;
    const storage::LoggedEvent& logged = **next;
    if (auto failure = check_rules(*out.state, logged.event)) return failure;
    core::reduce(*out.state, logged.event, outcome);
    const core::Hash32 digest = core::effects_digest(outcome);
    if (!logged.effects_digest) {
      remember_digest(out.missing_digests, logged.event.seq, digest);
    } else if (*logged.effects_digest != digest) {
      return RecoveryFailure{
          .code = RecoveryError::kDivergence,
          .seq = logged.event.seq,
          .detail = "effects digest of " +
                    std::string(core::name_of(core::kind_of(logged.event.body))) + ": recorded " +
                    core::to_hex(logged.effects_digest->view()) + ", recomputed " +
                    core::to_hex(digest.view()),
          .storage = {}};
    }
    ++out.events_replayed;
  }
}

}  // namespace

core::Result<Recovered, RecoveryFailure> recover(const storage::EventLog& log,
                                                 const storage::SnapshotStore& snapshots) {
  const auto start = std::chrono::steady_clock::now();
  Recovered out;
  load_newest_snapshot(log, snapshots, out);
  if (out.state->last_seq < log.base().seq) return Failed{no_base(log.base().seq)};
  if (auto failure = fold_tail(log, out)) return Failed{std::move(*failure)};
  out.end = log.end();
  if (out.state->last_seq != out.end.seq) {
    return Failed{{.code = RecoveryError::kStorage,
                   .seq = out.state->last_seq,
                   .detail = "the log could be read only up to here",
                   .storage = {storage::StorageError::kDamaged, out.state->last_seq, ""}}};
  }
  out.elapsed = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::steady_clock::now() - start);
  return out;
}

}  // namespace preconf::node
