#include "tests/bench/support/traffic.hpp"

#include <utility>
#include <variant>

#include "tests/replay/real_world.hpp"

namespace preconf::bench {
namespace {

/// The engine's answer without the pointer to what L1 confirmed.
void forget_boundary(core::EventBody& body) {
  auto* answered = std::get_if<core::events::EngineAnswered>(&body);
  if (answered == nullptr) return;
  if (auto* read = std::get_if<core::events::BlockRead>(&answered->result)) {
    read->head_l1_origin.reset();
  } else if (auto* heads = std::get_if<core::events::HeadsRead>(&answered->result)) {
    heads->head_l1_origin.reset();
  }
}

/// Moves the contents of `record` to the events that name them; both are in one order.
void take_contents(storage::EventBatch& batch, Traffic& out) {
  std::size_t next = 0;
  for (core::Event& event : batch.events) {
    std::vector<storage::Content> own;
    for (const core::ContentRef& ref : core::content_refs(event.body)) {
      if (next == batch.contents.size() || batch.contents[next].hash != ref.hash) continue;
      own.push_back(std::move(batch.contents[next]));
      ++next;
    }
    out.events.push_back(std::move(event));
    out.contents.push_back(std::move(own));
  }
  PRECONF_ASSERT(next == batch.contents.size());
}

}  // namespace

Traffic record_traffic(std::uint64_t blocks, L1 l1) {
  tests::RealWorld world;
  Traffic out;
  for (std::uint64_t i = 0; i < blocks; ++i) {
    world.add_traffic(i);
    auto record = world.take();
    take_contents(record.batch, out);
  }
  if (l1 == L1::kStandsStill) {
    for (core::Event& event : out.events) forget_boundary(event.body);
  }
  return out;
}

}  // namespace preconf::bench
