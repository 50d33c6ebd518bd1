// Inputs that wait for the loop: one bounded queue, filled by any thread, emptied by the loop.
//
// Which input is appended next is decided here and nowhere else: lanes take turns by weight, so
// that an engine answer does not wait behind a thousand commitments and no lane ever starves. The
// order does not depend on how many inputs are taken at once: batch boundaries carry no meaning.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <vector>

#include "core/limits.hpp"
#include "core/types.hpp"
#include "node/loop/ports.hpp"

namespace preconf::node {

/// Content bytes that wait in the queue; the count alone would allow 4096 lists of 2 MiB.
inline constexpr std::size_t kInputQueueBytesMax = 32U << 20;

class InputQueue {
 public:
  /// `wake` is called, on the offering thread, when the queue stops being empty.
  explicit InputQueue(std::function<void()> wake = {});

  /// False: refused, the queue is full or closed; the producer must tell its caller. The lanes of
  /// our own answers (control, engine, timer, peer, L1) are never refused for lack of room: their
  /// number is bounded by the commands in flight, and by how far the L1 follower goes ahead; losing
  /// one would lose an outcome.
  [[nodiscard]] bool offer(Input input);
  /// All of them or none, next to each other; requires that they share one lane.
  [[nodiscard]] bool offer(std::vector<Input> inputs);

  /// Moves inputs into `out` until it has `events_max` of them or their contents reach `bytes_max`.
  void take(std::size_t events_max, std::size_t bytes_max, std::vector<Input>& out);

  /// From now on only own lanes are accepted.
  void close();

  [[nodiscard]] std::size_t size() const;

  /// How many inputs of each lane go first in one turn while others wait.
  static constexpr std::array<std::uint32_t, core::kLaneCount> kWeights{32, 16, 16, 16,
                                                                        8,  8,  2,  16};

 private:
  [[nodiscard]] std::size_t pick_lane();

  std::function<void()> wake_;
  mutable std::mutex mutex_;
  std::array<std::deque<Input>, core::kLaneCount> lanes_;
  std::array<std::uint32_t, core::kLaneCount> credits_ = kWeights;
  std::size_t size_ = 0;
  std::size_t bytes_ = 0;
  bool is_closed_ = false;
};

}  // namespace preconf::node
