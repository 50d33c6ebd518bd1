// How many blocks of logs are asked for at a time: less after a refusal, more again after answers.
#pragma once

#include <algorithm>
#include <cstdint>

#include "core/types.hpp"
#include "io/l1/limits.hpp"

namespace preconf::io::l1 {

struct BlockRange {
  core::L1BlockNumber from;
  core::L1BlockNumber to;  ///< inclusive
  friend bool operator==(const BlockRange&, const BlockRange&) = default;
};

class LogRanges {
 public:
  explicit LogRanges(std::uint64_t blocks_max = kLogRangeBlocksMax)
      : blocks_max_(blocks_max), blocks_(blocks_max) {}

  /// The range that begins at `from` and does not pass `last`. Requires from <= last.
  [[nodiscard]] BlockRange next(core::L1BlockNumber from, core::L1BlockNumber last) const {
    return {from, core::L1BlockNumber{from.value + std::min(blocks_ - 1, last.value - from.value)}};
  }

  /// The answer for `range` came. Ranges cut short by their end say nothing about the size.
  void on_answered(const BlockRange& range) {
    if (size_of(range) >= blocks_) blocks_ = std::min(blocks_max_, blocks_ * 2);
  }
  /// It was refused as too much; false: it was a single block, less can not be asked for.
  [[nodiscard]] bool on_too_much(const BlockRange& range) {
    blocks_ = std::max<std::uint64_t>(1, size_of(range) / 2);
    return size_of(range) > 1;
  }

  [[nodiscard]] std::uint64_t blocks() const { return blocks_; }

 private:
  static std::uint64_t size_of(const BlockRange& range) {
    return range.to.value - range.from.value + 1;
  }

  std::uint64_t blocks_max_;
  std::uint64_t blocks_;
};

}  // namespace preconf::io::l1
