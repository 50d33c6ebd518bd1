// Inputs from L1 that a history is to have: blocks with what their logs say, and tags.
#pragma once

#include <simdjson.h>

#include <string>

#include "core/base/result.hpp"
#include "core/event.hpp"

namespace preconf::replay {

using InsertedBody = core::Result<core::EventBody, std::string>;

/// {"number": N, "hash": "0x..", "parent_hash": "0x..", "state_root": "0x..", "timestamp": N,
/// "previous": "0x..", "facts": [..]}; what is left out is filled in by complete_insert(). Facts:
/// {"proposed": ..}, {"lookahead": ..}, {"blacklist": ..}, {"selection": ..}, {"epoch": ..}.
[[nodiscard]] InsertedBody l1_block_of(simdjson::dom::element object);
/// {"is_live": BOOL, "safe": {"number": N, "hash": "0x.."}, "finalized": {..}}; tags may be absent.
[[nodiscard]] InsertedBody l1_tags_of(simdjson::dom::element object);

}  // namespace preconf::replay
