// Which commitments peers are served, kept beside the state: the reducer is not asked, and a
// request never waits for it.
#pragma once

#include <map>
#include <set>
#include <vector>

#include "core/decision.hpp"
#include "core/types.hpp"

namespace preconf::core {

struct State;

/// What get_head answers; {0, 0} = nothing to serve.
struct ServedHead {
  BlockNumber number;
  UnixSeconds window_end;
  PRECONF_FIELDS(ServedHead, number, window_end);
};

/// The highest promised commitment above the confirmed boundary that links to the head without a
/// hole. Goes down when a commitment turns out invalid or the chain is contradicted.
[[nodiscard]] ServedHead served_head(const State& state);

/// One commitment that may be asked for by number.
struct ServedCommitment {
  BlockNumber number;
  bool is_block = true;  ///< false: EOP-only, which comes before the block of its number
  Seq received;          ///< event with the 382 signed bytes
  Hash32 preconf_hash;
  friend auto operator<=>(const ServedCommitment&, const ServedCommitment&) = default;
};

/// Admitted commitments by number; a projection of decisions. Confirmed ones stay for
/// limits::kHeightsAheadMax blocks, for peers whose L1 is behind. Not thread safe.
class ServedChain {
 public:
  ServedChain() = default;
  /// What `state` holds; a boot begins with it.
  explicit ServedChain(const State& state);

  /// Takes in one decision, in the order of the log, when it is durable.
  void note(const Decision& decision);

  /// get_commitments_by_number: at most `count` from the first number at or above `start` on,
  /// ascending, up to the first hole. Both sides of an equivocation are served.
  [[nodiscard]] std::vector<ServedCommitment> range(BlockNumber start, std::size_t count) const;

  [[nodiscard]] std::size_t size() const { return by_number_.size(); }

 private:
  void add(const ServedCommitment& commitment);
  void remove(const Hash32& preconf_hash);
  void prune(BlockNumber boundary);

  std::set<ServedCommitment> by_number_;
  std::map<Hash32, ServedCommitment> by_hash_;
};

}  // namespace preconf::core
