// Logs of L1 contracts. The first byte chooses the event, the next 32-byte words are its indexed
// topics, the rest is its data.
#include <algorithm>
#include <vector>

#include "core/base/assert.hpp"
#include "core/limits_l1.hpp"
#include "core/protocol/derived_block.hpp"
#include "core/protocol/inbox.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace preconf::core;  // NOLINT: one translation unit

namespace {

void check_proposed(const std::vector<Hash32>& topics, BytesView data) {
  const auto read = protocol::read_proposed(topics, data);
  if (!read) return;
  PRECONF_ASSERT(read->sources.size() <= limits::kProposalSourcesMax);
  for (const auto& source : read->sources) {
    PRECONF_ASSERT(source.blobs.blob_hashes.size() <= limits::kSourceBlobsMax);
  }
  const auto again = protocol::encode_proposed(*read);
  PRECONF_ASSERT(again.topics == topics);
  PRECONF_ASSERT(std::ranges::equal(again.data, data));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const unsigned choice = data[0] % 4;
  BytesView rest = BytesView(data, size).subspan(1);
  constexpr std::size_t kIndexed[] = {2, 1, 0, 0};
  std::vector<Hash32> topics{choice == 0   ? protocol::kProposedTopic
                             : choice == 1 ? protocol::kProvedTopic
                                           : protocol::kStateRecoveredTopic};
  for (std::size_t i = 0; i < kIndexed[choice] && rest.size() >= Hash32::kSize; ++i) {
    topics.push_back(Hash32::from(rest));
    rest = rest.subspan(Hash32::kSize);
  }
  if (choice == 0) check_proposed(topics, rest);
  if (choice == 1) static_cast<void>(protocol::read_proved(topics, rest).has_value());
  if (choice == 2) static_cast<void>(protocol::read_state_recovered(topics, rest).has_value());
  if (choice == 3) {
    static_cast<void>(protocol::read_core_state(rest).has_value());
    static_cast<void>(protocol::read_anchor_block_state(rest).has_value());
  }
  return 0;
}
