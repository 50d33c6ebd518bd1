#include "tests/support/script.hpp"

namespace preconf::tests {

using namespace preconf::core;  // NOLINT: test support
namespace ev = core::events;

Deliveries honest_chain(std::size_t length) {
  Preconfer preconfer;
  Deliveries chain;
  for (std::size_t i = 0; i < length; ++i) {
    chain.promises.push_back(preconfer.next_block(1 + i % 3, static_cast<std::uint8_t>(i)));
  }
  chain.tip = preconfer.tip;
  return chain;
}

void deliver(World& world, const Deliveries& chain, std::size_t index) {
  const Promise& promise = chain.promises[index / 2];
  if (index % 2 == 0) {
    world.txlist(promise.list);
  } else {
    world.commitment(promise.facts);
  }
}

void answer_badly(World& world, ModelEngine& engine, Choices& choices) {
  if (world.outstanding.empty()) return;
  switch (choices.below(8)) {
    case 0:
      world.lose_next_answer();
      return;
    case 1:
      world.answer_next_with(
          ev::EngineFailed{ev::EngineFailureKind::kConnect, ev::Certainty::kNotSent, 0, ""});
      return;
    case 2:
      world.answer_next_with(
          ev::EngineFailed{ev::EngineFailureKind::kMalformed, ev::Certainty::kAnswered, 0, ""});
      return;
    case 3:
      world.answer_next_with(ev::ForkchoiceAnswered{});
      return;
    case 4:
      engine.lose_blocks(1 + choices.below(3));
      world.answer_next();
      return;
    case 5:
      engine.jobs.clear();
      world.answer_next();
      return;
    default:
      world.answer_next();
      return;
  }
}

}  // namespace preconf::tests
