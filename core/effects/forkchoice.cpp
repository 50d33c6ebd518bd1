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

commands::ForkchoiceState forkchoice_state(const State& state, const Hash32& head) {
  const Heads& heads = state.heads;
  if (!follows_l1(state)) {
    return commands::ForkchoiceState{head, hash_of(heads.safe), hash_of(heads.finalized)};
  }
  const L1State& l1 = state.l1_chain;
  return commands::ForkchoiceState{head, label(heads, l1.safe_block, heads.safe),
                                   label(heads, l1.finalized_block, heads.finalized)};
}

}  // namespace preconf::core::effects
