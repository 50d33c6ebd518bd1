// Facts of one L1 block <-> their FlatBuffers tables. Private to schemas/codec.
#pragma once

#include <flatbuffers/flatbuffers.h>

#include "core/events/l1.hpp"
#include "core/limits_l1.hpp"
#include "schemas/generated/l1_generated.h"

namespace preconf::schemas {

using FbsFacts = flatbuffers::Vector<flatbuffers::Offset<fbs::L1Fact>>;

/// Tables of the largest block: itself, each fact with its body, the sources.
inline constexpr std::uint32_t kL1BlockTablesMax =
    1 + 2 * core::limits::kFactsPerL1BlockMax + core::limits::kL1BlockSourcesMax;

[[nodiscard]] flatbuffers::Offset<FbsFacts> encode_facts(
    flatbuffers::FlatBufferBuilder& builder, const std::vector<core::events::L1Fact>& in);

/// False when the facts are more than one event holds; nothing larger is built before that is seen.
/// `in` is null for none.
[[nodiscard]] bool decode_facts(const FbsFacts* in, std::vector<core::events::L1Fact>& out);

}  // namespace preconf::schemas
