// The one place where heads move, always on a confirming read of the engine.
#pragma once

#include "core/effects/step.hpp"

namespace preconf::core::effects {

/// The executed head is now `header`, a child of the previous head, made from commitment `key`.
/// Requires header.parent_hash == state.heads.unsafe->hash and that `key` is held.
void advance_head(Step& step, const protocol::HeaderFacts& header, const CommitmentKey& key);

/// The engine's head is another one than ours: take it over. Heights above it are open again; what
/// was executed and is not below it any more is only promised. `reason`: why, when it is not that
/// the engine's head was read.
void adopt_head(Step& step, const protocol::HeaderFacts& header, UnixSeconds parent_time,
                Reason reason = Reason::kNone);

/// The head, whose commitment was not known, is the block of this one.
/// Requires an admitted commitment for the head's height with that preconfirmation hash.
void link_head(Step& step, const Hash32& preconf_hash);

/// The engine's head L1 origin pointer, as read. Commitments at or below it become stale.
void move_boundary(Step& step, const std::optional<BlockNumber>& head_l1_origin);

}  // namespace preconf::core::effects
