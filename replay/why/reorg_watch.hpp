// When blocks left the executed chain, whatever blocks they were.
#pragma once

#include <map>
#include <optional>

#include "core/state/heads.hpp"
#include "core/types.hpp"

namespace preconf::replay {

/// Blocks that left the executed chain at one event.
struct Reorg {
  core::Seq seq;
  core::BlockNumber lowest;  ///< that is certain: more below it may have gone unseen
  core::BlockNumber highest;
  core::Hash32 lowest_hash;
};

/// Follows the executed head. Only two things are certain: the head went below a height, or another
/// hash stands there. Memory: 40 bytes and a little per block, up to kBlocksMax.
class ReorgWatch {
 public:
  static constexpr std::size_t kBlocksMax = 8'192;

  /// The heads after event `seq`; those before the first event come first.
  void observe(const core::Heads& heads, core::Seq seq);
  [[nodiscard]] const std::optional<Reorg>& newest() const { return newest_; }
  [[nodiscard]] std::uint64_t count() const { return count_; }

 private:
  /// Drops what is not on the chain of `heads`; false when that leaves nothing to link to.
  bool drop_gone(const core::Heads& heads, core::Seq seq);

  std::map<core::BlockNumber, core::Hash32> chain_;  ///< the newest blocks of it
  std::optional<Reorg> newest_;
  std::uint64_t count_ = 0;
};

}  // namespace preconf::replay
