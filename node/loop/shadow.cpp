#include "node/loop/shadow.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "core/reducer.hpp"
#include "core/state.hpp"
#include "core/state_bytes.hpp"

namespace preconf::node {

Shadow::Shadow(std::unique_ptr<core::State> state, const storage::EventLog& log,
               storage::SnapshotStore& snapshots, ShadowConfig config, ShadowCallbacks callbacks)
    : log_(log),
      snapshots_(snapshots),
      config_(config),
      callbacks_(std::move(callbacks)),
      state_(std::move(state)),
      compared_(state_->last_seq),
      last_snapshot_(state_->last_seq),
      thread_([this] { run(); }) {}

Shadow::~Shadow() {
  {
    const std::lock_guard lock(mutex_);
    is_ending_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void Shadow::submit(std::shared_ptr<const storage::EventBatch> batch) {
  {
    const std::lock_guard lock(mutex_);
    if (has_diverged_) return;
    backlog_ += batch->events.size();
    batches_.push_back(std::move(batch));
  }
  wake_.notify_one();
}

void Shadow::submit_digests(const storage::EffectsDigests& digests) {
  const std::lock_guard lock(mutex_);
  if (has_diverged_) return;
  // The batch before them has woken the thread already; it looks again before it sleeps.
  live_digests_.insert(live_digests_.end(), digests.digests.begin(), digests.digests.end());
  wake_.notify_one();
}

void Shadow::on_durable(const storage::LogPosition& position) {
  {
    const std::lock_guard lock(mutex_);
    durable_ = position.seq;
    if (!pending_.is_wanted) return;
  }
  wake_.notify_one();
}

std::size_t Shadow::backlog() const {
  const std::lock_guard lock(mutex_);
  return backlog_;
}

void Shadow::finish() {
  {
    const std::lock_guard lock(mutex_);
    is_ending_ = true;
    is_final_snapshot_wanted_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void Shadow::run() {
  for (;;) {
    std::shared_ptr<const storage::EventBatch> batch;
    bool is_last_round = false;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] {
        const bool can_compare = !live_digests_.empty() && !own_digests_.empty();
        const bool can_save =
            pending_.is_wanted && pending_.snapshot.position.seq <= std::min(durable_, compared_);
        return is_ending_ || !batches_.empty() || can_compare || can_save;
      });
      if (!batches_.empty()) {
        batch = std::move(batches_.front());
        batches_.pop_front();
      }
      is_last_round = is_ending_ && !batch;
    }
    if (batch) fold(*batch);
    if (!compare()) return;
    save_if_durable();
    if (!is_last_round) continue;
    if (is_final_snapshot_wanted_ && state_->last_seq > last_snapshot_) {
      capture();
      save_if_durable();
    }
    return;
  }
}

void Shadow::fold(const storage::EventBatch& batch) {
  core::Outcome outcome;
  for (const core::Event& event : batch.events) {
    core::reduce(*state_, event, outcome);
    own_digests_.push_back(core::effects_digest(outcome));
    if (event.seq.value % config_.snapshot_every == 0) capture();
  }
  {
    const std::lock_guard lock(mutex_);
    backlog_ -= batch.events.size();
  }
  callbacks_.on_progress();
}

bool Shadow::compare() {
  Divergence found;
  {
    const std::lock_guard lock(mutex_);
    while (!live_digests_.empty() && !own_digests_.empty()) {
      compared_ = core::next(compared_);
      if (live_digests_.front() != own_digests_.front()) {
        found = {compared_, live_digests_.front(), own_digests_.front()};
        has_diverged_ = true;
        batches_.clear();
        live_digests_.clear();
        backlog_ = 0;
        break;
      }
      live_digests_.pop_front();
      own_digests_.pop_front();
    }
    if (!has_diverged_) return true;
  }
  callbacks_.on_divergence(found);
  return false;
}

void Shadow::capture() {
  storage::Snapshot snapshot;
  snapshot.position.seq = state_->last_seq;
  snapshot.reducer_version = state_->reducer_version;
  snapshot.state = core::encode_state(*state_);
  snapshot.state_hash = core::state_hash(*state_);
  const std::lock_guard lock(mutex_);
  // A newer one replaces one that still waits for the disk.
  pending_ = {std::move(snapshot), true};
}

void Shadow::save_if_durable() {
  storage::Snapshot snapshot;
  {
    const std::lock_guard lock(mutex_);
    if (!pending_.is_wanted || pending_.snapshot.position.seq > durable_) return;
    // Nothing is saved of a fold that was not compared with the live one.
    if (pending_.snapshot.position.seq > compared_) return;
    snapshot = std::move(pending_.snapshot);
    pending_.is_wanted = false;
  }
  last_snapshot_ = snapshot.position.seq;
  const auto chain = log_.chain_at(snapshot.position.seq);
  if (!chain) {
    callbacks_.on_snapshot_failure("no chain hash at " +
                                   std::to_string(snapshot.position.seq.value));
    return;
  }
  snapshot.position.chain = *chain;
  if (const auto saved = snapshots_.save(snapshot); !saved) {
    callbacks_.on_snapshot_failure(saved.error().detail);
    return;
  }
  snapshots_.thin(config_.snapshots_kept);
  callbacks_.on_snapshot(snapshot.position.seq);
}

}  // namespace preconf::node
