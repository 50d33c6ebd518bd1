// Parts of the phrases that summarize events.
#pragma once

#include <string>

#include "core/event.hpp"
#include "replay/leaf.hpp"

namespace preconf::replay {

/// The first four bytes.
template <std::size_t N>
[[nodiscard]] std::string brief(const core::FixedBytes<N>& bytes) {
  return core::to_hex0x(bytes.view().first(4)) + "..";
}
/// As JSON text.
[[nodiscard]] std::string quoted(const std::string& text);
/// "1 block", "2 blocks".
[[nodiscard]] std::string count(std::uint64_t n, const char* noun);

[[nodiscard]] std::string l1_phrase(const core::events::L1DeploymentRecorded& recorded);
[[nodiscard]] std::string l1_phrase(const core::events::L1BlockObserved& block);
[[nodiscard]] std::string l1_phrase(const core::events::L1TagsObserved& tags);
[[nodiscard]] std::string l1_phrase(const core::events::BlobReceived& blob);
[[nodiscard]] std::string l1_phrase(const core::events::CheckpointReached& reached);

}  // namespace preconf::replay
