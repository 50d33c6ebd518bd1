// Random but replayable runs: rapidcheck generates a list of numbers, a script interprets them.
// Shrinking removes numbers, so a failing run becomes a short one.
#pragma once

#include <vector>

#include "tests/support/world.hpp"

namespace preconf::tests {

/// Length of the lists that properties generate, rapidcheck's own size grows to 100 only.
inline constexpr int kScriptSize = 400;

/// Takes small decisions from a list of numbers; zero when the list is used up.
class Choices {
 public:
  explicit Choices(std::vector<std::uint8_t> numbers) : numbers_(std::move(numbers)) {}
  [[nodiscard]] bool empty() const { return position_ >= numbers_.size(); }
  std::size_t below(std::size_t bound) {
    if (empty()) return 0;
    return numbers_[position_++] % bound;
  }

 private:
  std::vector<std::uint8_t> numbers_;
  std::size_t position_ = 0;
};

/// Everything that reaches a node about one honest chain, in any order, with repeats.
struct Deliveries {
  std::vector<Promise> promises;
  core::protocol::HeaderFacts tip;
};
Deliveries honest_chain(std::size_t length);

/// Delivers part `index` of the chain: even = list, odd = commitment.
void deliver(World& world, const Deliveries& chain, std::size_t index);

/// One random engine misfortune or a healthy answer for the oldest outstanding command.
void answer_badly(World& world, ModelEngine& engine, Choices& choices);

}  // namespace preconf::tests
