#include "node/loop/input_queue.hpp"

#include <utility>

#include "core/base/assert.hpp"

namespace preconf::node {
namespace {

bool is_own_lane(core::Lane lane) {
  return lane == core::Lane::kControl || lane == core::Lane::kEngine ||
         lane == core::Lane::kTimer || lane == core::Lane::kPeer || lane == core::Lane::kL1;
}

std::size_t content_bytes(const Input& input) {
  std::size_t sum = 0;
  for (const auto& content : input.contents) sum += content.bytes->size();
  return sum;
}

}  // namespace

InputQueue::InputQueue(std::function<void()> wake) : wake_(std::move(wake)) {}

bool InputQueue::offer(Input input) {
  std::vector<Input> one;
  one.push_back(std::move(input));
  return offer(std::move(one));
}

bool InputQueue::offer(std::vector<Input> inputs) {
  if (inputs.empty()) return true;
  const core::Lane lane = inputs.front().lane;
  std::size_t bytes = 0;
  for (const Input& input : inputs) {
    PRECONF_ASSERT(input.lane == lane);
    bytes += content_bytes(input);
  }
  bool was_empty = false;
  {
    const std::lock_guard lock(mutex_);
    if (!is_own_lane(lane)) {
      if (is_closed_ || size_ + inputs.size() > core::limits::kInputQueueMax) return false;
      // A submission larger than the room for all still enters an empty queue.
      if (size_ > 0 && bytes_ + bytes > kInputQueueBytesMax) return false;
    }
    was_empty = size_ == 0;
    for (Input& input : inputs) lanes_[static_cast<std::size_t>(lane)].push_back(std::move(input));
    size_ += inputs.size();
    bytes_ += bytes;
  }
  if (was_empty && wake_) wake_();
  return true;
}

std::size_t InputQueue::pick_lane() {
  for (int turn = 0; turn < 2; ++turn) {
    for (std::size_t lane = 0; lane < lanes_.size(); ++lane) {
      if (!lanes_[lane].empty() && credits_[lane] > 0) return lane;
    }
    // Every lane that has something used up its turn: a new turn begins.
    credits_ = kWeights;
  }
  PRECONF_ASSERT(!"pick_lane on an empty queue");
  return 0;
}

void InputQueue::take(std::size_t events_max, std::size_t bytes_max, std::vector<Input>& out) {
  const std::lock_guard lock(mutex_);
  std::size_t bytes_taken = 0;
  while (size_ > 0 && out.size() < events_max && bytes_taken < bytes_max) {
    const std::size_t lane = pick_lane();
    --credits_[lane];
    out.push_back(std::move(lanes_[lane].front()));
    lanes_[lane].pop_front();
    --size_;
    const std::size_t bytes = content_bytes(out.back());
    bytes_ -= bytes;
    bytes_taken += bytes;
  }
}

void InputQueue::close() {
  const std::lock_guard lock(mutex_);
  is_closed_ = true;
}

std::size_t InputQueue::size() const {
  const std::lock_guard lock(mutex_);
  return size_;
}

}  // namespace preconf::node
