// A state as bytes: what snapshots hold. The one place where the encoding of a whole state is
// compiled.
#pragma once

#include "core/base/bytes.hpp"
#include "core/state.hpp"

namespace preconf::core {

/// The canonical encoding (core/codec/canonical.hpp).
[[nodiscard]] Bytes encode_state(const State& state);

/// Reads exactly what encode_state() makes. False: it is something else, and `out` is of no use.
/// `out` must be a State{}.
[[nodiscard]] bool decode_state(BytesView bytes, State& out);

}  // namespace preconf::core
