#include "replay/snapshot_fold.hpp"

#include <utility>

#include "core/reducer.hpp"
#include "core/state_bytes.hpp"
#include "replay/state_difference.hpp"

namespace preconf::replay {
namespace {
constexpr std::size_t kTasksAhead = 16;
}

SnapshotFold::SnapshotFold() : queue_(kTasksAhead) {}

SnapshotFold::~SnapshotFold() {
  queue_.cancel();
  if (thread_.joinable()) thread_.join();
}

void SnapshotFold::start(std::unique_ptr<core::State> state) {
  if (!is_started_) thread_ = std::thread([this] { work(); });
  is_started_ = true;
  queue_.push(Task{std::move(state), nullptr, 0, 0, nullptr});
}

void SnapshotFold::fold(const EventRunPtr& run, std::size_t begin, std::size_t end) {
  if (is_started_ && begin < end) queue_.push(Task{nullptr, run, begin, end, nullptr});
}

void SnapshotFold::expect(std::shared_ptr<const core::Bytes> bytes) {
  if (is_started_) queue_.push(Task{nullptr, nullptr, 0, 0, std::move(bytes)});
}

std::optional<FoldMismatch> SnapshotFold::finish() {
  queue_.close();
  if (thread_.joinable()) thread_.join();
  return std::move(mismatch_);
}

void SnapshotFold::work() {
  core::Outcome outcome;
  while (auto task = queue_.pop()) {
    if (mismatch_) continue;
    if (task->state != nullptr) {
      state_ = std::move(task->state);
      from_ = state_->last_seq;
    }
    for (std::size_t i = task->begin; i < task->end; ++i) {
      core::reduce(*state_, (*task->run)[i].event, outcome);
    }
    if (task->expected != nullptr) compare(*task->expected);
  }
}

void SnapshotFold::compare(const core::Bytes& expected) {
  if (core::encode_state(*state_) == expected) return;
  core::State main;
  (void)core::decode_state(expected, main);
  mismatch_ = FoldMismatch{from_, state_->last_seq, state_difference(*state_, main)};
}

}  // namespace preconf::replay
