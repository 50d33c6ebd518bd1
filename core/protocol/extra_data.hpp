// extraData of a Shasta block, read back: one byte of base fee sharing, then the proposal's id as
// uint48, big-endian (derivation rules, "extraData"). extra_data_of() writes it.
#pragma once

#include <cstddef>
#include <optional>

#include "core/base/bytes.hpp"
#include "core/types.hpp"

namespace preconf::core::protocol {

/// The proposal that a block says it is of; nothing when its extraData is too short for one.
[[nodiscard]] inline std::optional<ProposalId> proposal_in(BytesView extra_data) {
  constexpr std::size_t kIdBegin = 1;
  constexpr std::size_t kIdEnd = 7;
  if (extra_data.size() < kIdEnd) return std::nullopt;
  std::uint64_t id = 0;
  for (std::size_t i = kIdBegin; i < kIdEnd; ++i) id = id << 8 | extra_data[i];
  return ProposalId{id};
}

}  // namespace preconf::core::protocol
