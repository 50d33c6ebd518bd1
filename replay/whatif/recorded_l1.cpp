#include "replay/whatif/recorded_l1.hpp"

#include <algorithm>
#include <iterator>

#include "core/codec/canonical.hpp"
#include "core/crypto/hash.hpp"

namespace preconf::replay {
namespace {

core::Hash32 key_of(const core::CommandBody& asked) {
  return core::crypto::sha256(core::codec::canonical_bytes(asked));
}

std::size_t parts_of(const core::events::L1Result& result) {
  std::size_t parts = 1;
  const auto* resolved = std::get_if<core::events::SourcesResolved>(&result);
  if (resolved == nullptr) return parts;
  for (const core::events::SourceFacts& source : resolved->sources) {
    parts += 1 + source.blocks.size() + source.blobs.size();
  }
  return parts;
}

}  // namespace

void RecordedL1::remember(const core::CommandBody& asked, const core::events::L1Result& result,
                          core::WallNanos time) {
  const std::size_t parts = parts_of(result);
  if (parts_ + parts > kPartsMax) return;
  std::vector<Answer>& answers = answers_[key_of(asked)];
  if (!answers.empty() && answers.back().result == result) return;  // a retry that changed nothing
  parts_ += parts;
  answers.push_back({time, result});
}

const core::events::L1Result* RecordedL1::answer(const core::CommandBody& asked,
                                                 core::WallNanos now) const {
  const auto found = answers_.find(key_of(asked));
  if (found == answers_.end()) return nullptr;
  const auto after = std::ranges::upper_bound(found->second, now, {}, &Answer::time);
  return &(after == found->second.begin() ? *after : *std::prev(after)).result;
}

}  // namespace preconf::replay
