// The L2 chain as the engine's answers show it: which block is canonical at a height, how sure that
// is, and where the chain of this node was replaced.
#pragma once

#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "core/protocol/block_header.hpp"
#include "core/types.hpp"

namespace preconf::replay::audit {

/// A block that is canonical as far as the log knows.
struct ChainBlock {
  core::Hash32 hash;
  std::optional<core::protocol::HeaderFacts> header;  ///< none: only its hash is known
  core::Seq seq;                                      ///< event that showed it
  bool was_ours = false;                              ///< it was on the executed chain of this node
  bool attached = true;  ///< false: the head went back below it; nothing stands there now
};

/// Blocks left the executed chain of this node: others took their place, or the head went back.
struct Replacement {
  core::BlockNumber lowest;  ///< lowest height that is known to be affected
  core::BlockNumber highest;
  bool maybe_lower = false;     ///< no parent link shows where the chains part
  bool below_unknown = false;   ///< nor is the executed block below `lowest` known
  bool new_unknown = false;     ///< which block took the place at `lowest`
  core::Hash32 old_hash;        ///< at `lowest`
  core::Hash32 new_hash;        ///< zero: the head went back, nothing stood there; or new_unknown
  std::vector<core::Seq> seqs;  ///< events that showed it, ascending
};

class ChainView {
 public:
  /// A block of the executed chain of this node, from before the first event.
  void begin_with(core::BlockNumber number, const core::Hash32& hash);
  /// The engine says that `header` is canonical.
  void observe(const core::protocol::HeaderFacts& header, core::Seq seq);
  /// The head of this node is `header` now. A replacement that is under way ends with it.
  [[nodiscard]] std::optional<Replacement> move_head(const core::protocol::HeaderFacts& header,
                                                     core::Seq seq);
  /// A replacement that never ended with a head.
  [[nodiscard]] std::optional<Replacement> take_open() { return std::exchange(open_, {}); }

  /// Blocks up to `number` are confirmed by L1; the pointer may also go back.
  void set_boundary(core::BlockNumber number) { boundary_ = number; }
  [[nodiscard]] core::BlockNumber boundary() const { return boundary_; }

  /// The canonical block at `number`; null when the log does not show which one it is.
  [[nodiscard]] const ChainBlock* at(core::BlockNumber number) const;

  /// Forgets what is below `number`.
  void forget_below(core::BlockNumber number);
  [[nodiscard]] std::size_t size() const { return blocks_.size(); }

 private:
  void place(core::BlockNumber number, const core::Hash32& hash,
             const core::protocol::HeaderFacts* header, core::Seq seq);
  void leave(core::BlockNumber number, const ChainBlock& block,
             const std::optional<core::Hash32>& by, core::Seq seq);
  void replace(core::BlockNumber number, const core::Hash32& hash, core::Seq seq);
  void check_link(const core::protocol::HeaderFacts& header, core::Seq seq);

  std::map<core::BlockNumber, ChainBlock> blocks_;
  core::BlockNumber boundary_;
  /// Blocks at or below this height and above the boundary of that time may have been replaced.
  std::optional<core::BlockNumber> doubtful_;
  core::BlockNumber doubtful_above_;
  std::optional<Replacement> open_;
};

}  // namespace preconf::replay::audit
