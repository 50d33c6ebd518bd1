// A queue between threads with a bound: who is too fast waits.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

namespace preconf::replay {

template <class T>
class BoundedQueue {
 public:
  explicit BoundedQueue(std::size_t capacity) : capacity_(capacity) {}

  /// Waits for room. False: closed, the value is dropped.
  bool push(T value) {
    {
      std::unique_lock lock(mutex_);
      has_room_.wait(lock, [this] { return is_closed_ || values_.size() < capacity_; });
      if (is_closed_) return false;
      values_.push_back(std::move(value));
    }
    has_values_.notify_one();
    return true;
  }

  /// Waits for a value. Nothing: closed and empty.
  [[nodiscard]] std::optional<T> pop() {
    std::optional<T> value;
    {
      std::unique_lock lock(mutex_);
      has_values_.wait(lock, [this] { return is_closed_ || !values_.empty(); });
      if (values_.empty()) return std::nullopt;
      value = std::move(values_.front());
      values_.pop_front();
    }
    has_room_.notify_one();
    return value;
  }

  /// No value is accepted any more; those inside are still popped.
  void close() {
    {
      const std::lock_guard lock(mutex_);
      is_closed_ = true;
    }
    has_room_.notify_all();
    has_values_.notify_all();
  }

  /// Drops what is inside, and closes.
  void cancel() {
    {
      const std::lock_guard lock(mutex_);
      values_.clear();
      is_closed_ = true;
    }
    has_room_.notify_all();
    has_values_.notify_all();
  }

 private:
  const std::size_t capacity_;
  std::mutex mutex_;
  std::condition_variable has_room_;
  std::condition_variable has_values_;
  std::deque<T> values_;
  bool is_closed_ = false;
};

}  // namespace preconf::replay
