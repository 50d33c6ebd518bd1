#include "core/effects/forkchoice.hpp"

#include "core/effects/l1_observation.hpp"

namespace preconf::core::effects {
namespace {

Hash32 hash_of(const std::optional<BlockRef>& label) { return label ? label->hash : Hash32{}; }

/// What L1 gives, unless it lies above the engine's head: an engine that came back with an older
/// state does not have that block, and refuses every call that names it.
Hash32 label(const Heads& heads, const std::optional<BlockRef>& of_l1,
             const std::optional<BlockRef>& of_engine) {
  const bool is_there = of_l1 && heads.unsafe && of_l1->number <= heads.unsafe->number;
  return hash_of(is_there ? of_l1 : of_engine);
}

}  // namespace

commands::ForkchoiceState forkchoice_state(const State& state, const BlockRef& head) {
  const Heads& heads = state.heads;
  if (!follows_l1(state)) {
    return commands::ForkchoiceState{head.hash, hash_of(heads.safe), hash_of(heads.finalized)};
  }
  const L1State& l1 = state.l1_chain;
  if (state.reducer_version < kL1MemoryVersion) {
    return commands::ForkchoiceState{head.hash, label(heads, l1.safe_block, heads.safe),
                                     label(heads, l1.finalized_block, heads.finalized)};
  }
  // An engine refuses the call when a label is no ancestor of its head.
  const auto below = [&head](const std::optional<BlockRef>& of_l1) {
    return of_l1 && of_l1->number <= head.number ? of_l1->hash : Hash32{};
  };
  return commands::ForkchoiceState{head.hash, below(l1.safe_block), below(l1.finalized_block)};
}

}  // namespace preconf::core::effects
