// Inputs to put into a history, as JSON Lines:
//
//   {"after": 120, "commitment": "0x<382 bytes>"}
//   {"after": 121, "txlist": "0x.."}            or base64
//   {"after": 130, "schedule": {"version": 2, "windows": [...]}}
//   {"after": 140, "l1": {"scanner_live": true, "target_proposal": 7, "target_block": 50}}
//
// `after` is the seq of the recorded event behind which the input comes, at that event's time.
// Facts (hashes, signer, anchor) are recomputed from the bytes.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "core/event.hpp"
#include "core/state.hpp"

namespace preconf::replay {

inline constexpr std::size_t kInsertsBytesMax = 64 * 1'048'576;
inline constexpr std::size_t kInsertsMax = 100'000;

/// `domain` is the signing domain under which commitments are verified. The error names the line.
[[nodiscard]] core::Result<std::multimap<core::Seq, core::EventBody>, std::string> read_inserts(
    std::string_view text, const core::Hash32& domain);

/// Fills in what an inserted event of L1 leaves open: it follows the newest L1 block that `state`
/// knows. Not empty: why the event would say nothing there.
[[nodiscard]] std::string complete_insert(core::EventBody& body, const core::State& state);

}  // namespace preconf::replay
