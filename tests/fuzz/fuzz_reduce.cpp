// The reducer on any sequence of events that the log accepts: total, invariants hold after each,
// and a second fold of the same events gives the same state.
#include <cstdio>
#include <memory>
#include <vector>

#include "core/base/assert.hpp"
#include "core/codec/canonical.hpp"
#include "core/invariants.hpp"
#include "core/limits.hpp"
#include "core/reducer.hpp"
#include "schemas/codec/event_codec.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace preconf;  // NOLINT: one translation unit

namespace {

constexpr std::size_t kEventsMax = 256;

/// The input is canonical events one after another; reading stops at the first defect. Sequence
/// numbers are dealt and times made to grow, as the appender does. The log begins with genesis.
std::vector<core::Event> events_of(core::BytesView bytes) {
  std::vector<core::Event> events;
  core::codec::CanonicalReader reader(bytes);
  while (events.size() < kEventsMax && reader.ok() && !reader.at_end()) {
    core::Event event;
    reader.get(event);
    if (!reader.ok()) break;
    event.seq = core::Seq{events.size() + 1};
    event.wall = core::WallNanos{1'000'000'000 * event.seq.value};
    event.mono = core::MonoNanos{1'000'000'000 * event.seq.value};
    const bool is_genesis = std::holds_alternative<core::events::GenesisRecorded>(event.body);
    if (is_genesis != events.empty() || !schemas::encodable(event)) continue;
    events.push_back(std::move(event));
  }
  return events;
}

void check_invariants(const core::State& state) {
  const char* broken = core::broken_invariant(state);
  if (broken != nullptr) std::fprintf(stderr, "broken: %s\n", broken);
  PRECONF_ASSERT(broken == nullptr);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::vector<core::Event> events = events_of(core::BytesView(data, size));
  auto live = std::make_unique<core::State>();
  auto again = std::make_unique<core::State>();
  core::Outcome outcome;
  std::vector<core::Hash32> digests;
  for (const core::Event& event : events) {
    core::reduce(*live, event, outcome);
    PRECONF_ASSERT(live->last_seq == event.seq);
    PRECONF_ASSERT(outcome.commands.size() <= core::limits::kCommandsPerEventMax);
    PRECONF_ASSERT(outcome.decisions.size() <= core::limits::kDecisionsPerEventMax);
    check_invariants(*live);
    digests.push_back(core::effects_digest(outcome));
  }
  for (std::size_t i = 0; i < events.size(); ++i) {
    core::reduce(*again, events[i], outcome);
    PRECONF_ASSERT(core::effects_digest(outcome) == digests[i]);
  }
  PRECONF_ASSERT(core::state_hash(*live) == core::state_hash(*again));
  return 0;
}
