// A short real history: a preconfer's blocks, applied by a model engine, with the effects digests.
#pragma once

#include "core/state.hpp"
#include "storage/event_log.hpp"
#include "tests/support/world.hpp"

namespace preconf::tests {

struct History {
  std::vector<core::Event> events;
  std::vector<core::Hash32> digests;
  core::State state;
};

inline History make_history(int blocks) {
  ModelEngine engine(core::protocol::chain_profile("devnet").value().chain_id);
  World world(engine);
  world.start();
  world.settle();
  Preconfer preconfer;
  for (int i = 0; i < blocks; ++i) {
    world.promise(preconfer.next_block());
    world.settle();
  }
  return {world.log, world.digests, world.state};
}

/// Appends events [first, last] (seqs) and, up to `digested`, their digests.
inline void append(storage::EventLog& log, const History& history, std::uint64_t first,
                   std::uint64_t last, std::uint64_t digested) {
  storage::EventBatch batch;
  storage::EffectsDigests digests{core::Seq{first}, {}};
  for (std::uint64_t seq = first; seq <= last; ++seq) {
    batch.events.push_back(history.events[seq - 1]);
    if (seq <= digested) digests.digests.push_back(history.digests[seq - 1]);
  }
  const storage::EventBatch* const batches[] = {&batch};
  std::vector<storage::EffectsDigests> groups;
  if (!digests.digests.empty()) groups.push_back(digests);
  const auto position = log.append(batches, groups, true);
  ASSERT_TRUE(position) << position.error().detail;
}

}  // namespace preconf::tests
