// Driver effect E1: attributes generation.
//
// Condition   an observed proposal is not derived yet
// Effect      take up the next one, have its sources fetched and decoded, and make the attributes
//             of its next block from manifest, parent and L1
// Writes      the derivation; nothing of the engine
// Failure     a blob that nobody serves is waited for, by name, never defaulted; what can not be
//             decided (a manifest over our bound) likewise
// Source      driver spec "attributes generation"; Taiko Shasta derivation rules
#pragma once

#include "core/effects/step.hpp"

namespace preconf::core::effects {

/// Takes up the next proposal and asks for its sources.
void generate_attributes(Step& step);

/// The answer to ResolveSources.
void on_sources_answer(Step& step, const events::L1Answered& answer);
/// The delay is over.
void on_resolve_retry(Step& step);

/// Metadata of the next block of the derivation, whose segment is prepared when it is not. Nothing,
/// and the derivation deferred, when none can be made. Requires a derivation with sources and
/// parent that is not complete.
[[nodiscard]] std::optional<protocol::PayloadAttributes> next_attributes(Step& step);
/// The described block that next_attributes() is about. Requires a prepared segment.
[[nodiscard]] const codec::BlockManifest& next_block(const Derivation& derivation);

/// The next block is done: it is `header`, and the one after it builds on it.
void advance_derivation(Derivation& derivation, const protocol::HeaderFacts& header);

}  // namespace preconf::core::effects
