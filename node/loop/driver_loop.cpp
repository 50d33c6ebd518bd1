#include "node/loop/driver_loop.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include "core/base/assert.hpp"
#include "core/invariants.hpp"
#include "core/state.hpp"

namespace preconf::node {

DriverLoop::DriverLoop(std::unique_ptr<core::State> state, storage::LogPosition durable,
                       InputQueue& inputs, LoopPorts ports, LoopConfig config)
    : state_(std::move(state)),
      durable_(durable.seq),
      inputs_(inputs),
      ports_(ports),
      config_(config) {
  PRECONF_ASSERT(state_ && state_->last_seq == durable.seq);
}

DriverLoop::~DriverLoop() = default;

core::Seq DriverLoop::last_seq() const { return state_->last_seq; }

// The fixed order. Each line stands where it does for a reason:
//  1. take and stamp: position and time are facts of the log, given by one appender;
//  2. submit before reduce: an event that makes the reducer fail is in the log, so the failure can
//     be reproduced from it; and the writer's fsync runs while we reduce;
//  3. digests after reduce: what the events caused, for every later fold to compare;
//  4. reads start at once, they can not harm; every other command waits in on_durable() for its
//     cause: the engine must never have seen an order whose reason a crash could erase;
//  5. publish last: readers see states that were reached, never one in the making.
StepResult DriverLoop::step() {
  if (is_halted_) return StepResult::kHalted;
  if (is_stopped_) return StepResult::kStopped;
  if (ports_.log.backlog() >= config_.backlog_max) return StepResult::kBackpressure;

  const std::shared_ptr<const storage::EventBatch> batch = next_batch();
  if (batch->events.empty()) return StepResult::kIdle;
  ports_.log.submit(batch);
  reduce_batch(*batch);
  ports_.log.submit_digests({batch->events.front().seq, std::move(digests_)});
  start_ready();
  publish();
  return is_halted_ ? StepResult::kHalted : StepResult::kWorked;
}

std::shared_ptr<const storage::EventBatch> DriverLoop::next_batch() {
  taken_.clear();
  inputs_.take(config_.batch_events_max, config_.batch_bytes_max, taken_);
  auto batch = std::make_shared<storage::EventBatch>();
  if (taken_.empty()) return batch;

  const core::WallNanos wall = ports_.clock.wall();
  last_mono_ = std::max(last_mono_, ports_.clock.mono());
  core::Seq seq = state_->last_seq;
  batch->events.reserve(taken_.size());
  for (Input& input : taken_) {
    seq = core::next(seq);
    const bool is_last = std::holds_alternative<core::events::ShutdownRequested>(input.body);
    batch->events.push_back(core::Event{.seq = seq,
                                        .wall = wall,
                                        .mono = last_mono_,
                                        .lane = input.lane,
                                        .source = input.source,
                                        .source_id = input.source_id,
                                        .request = input.request,
                                        .body = std::move(input.body)});
    for (storage::Content& content : input.contents) batch->contents.push_back(std::move(content));
    // The last event of a life. Inputs behind it were never in the log: they did not happen.
    if (is_last) break;
  }
  return batch;
}

void DriverLoop::reduce_batch(const storage::EventBatch& batch) {
  digests_.clear();
  digests_.reserve(batch.events.size());
  for (const core::Event& event : batch.events) {
    core::reduce(*state_, event, outcome_);
    digests_.push_back(core::effects_digest(outcome_));
    ports_.observer.on_reduced(event, outcome_);
    settle(event);
    check(event);
    if (is_halted_) break;
  }
  ports_.executor.publish_engine_epoch(state_->engine_epoch);
}

void DriverLoop::settle(const core::Event& event) {
  if (std::holds_alternative<core::events::ShutdownRequested>(event.body)) is_stopped_ = true;
  if (std::holds_alternative<core::events::ScheduleConfigured>(event.body)) schedule_.reset();
  for (const core::Command& command : outcome_.commands) {
    const bool is_read = core::class_of(command.body) == core::CommandClass::kRead;
    if (is_read) {
      ready_.push_back(command);
    } else {
      held_.push_back(command);
    }
  }
  if (event.request.value == 0 && outcome_.decisions.empty()) return;
  settled_.push_back({event.seq, event.request, std::move(outcome_.decisions)});
}

void DriverLoop::check(const core::Event& event) {
  if (event.seq.value % config_.invariants_every != 0) return;
  if (const char* broken = core::broken_invariant(*state_)) {
    halt({.kind = HaltKind::kInvariant, .seq = event.seq, .detail = broken});
  }
}

void DriverLoop::start_ready() {
  // Commands without an answer stay in the state; the next boot plans them again.
  if (is_stopped_ || is_halted_) held_.clear();
  if (!is_stopped_ && !is_halted_) {
    for (const core::Command& command : ready_) ports_.executor.start(command);
  }
  ready_.clear();
}

void DriverLoop::publish() {
  // At most one status waits for the disk, so that its cost is paid once per fsync, not per event.
  is_published_outdated_ = true;
  if (next_published_) return;
  // Configured, or derived from L1.
  if (!schedule_ || schedule_->version != state_->schedule.version) {
    schedule_ = std::make_shared<const core::protocol::Schedule>(state_->schedule);
  }
  l1_ = io::l1_view_of(*state_, l1_.get());
  next_published_ = std::make_shared<const io::Published>(io::Published{
      core::make_status(*state_), schedule_->version == 0 ? nullptr : schedule_, l1_});
  is_published_outdated_ = false;
}

void DriverLoop::on_durable(const storage::LogPosition& position) {
  PRECONF_ASSERT(position.seq >= durable_ && position.seq <= state_->last_seq);
  durable_ = position.seq;
  if (is_halted_) return;
  while (!held_.empty() && held_.front().id.cause <= durable_) {
    const core::Command command = held_.front();
    held_.pop_front();
    ports_.executor.start(command);
  }
  while (!settled_.empty() && settled_.front().seq <= durable_) {
    Settled settled = std::move(settled_.front());
    settled_.pop_front();
    ports_.observer.on_settled(std::move(settled));
  }
  while (next_published_ && next_published_->status.last_seq <= durable_) {
    ports_.observer.on_published(std::exchange(next_published_, nullptr));
    if (is_published_outdated_) publish();
  }
}

void DriverLoop::halt(const Halt& reason) {
  if (is_halted_) return;
  is_halted_ = true;
  held_.clear();
  ready_.clear();
  ports_.observer.on_halt(reason);
}

}  // namespace preconf::node
