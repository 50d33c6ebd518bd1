// A seeded stream of numbers for choices that must be hard to guess in bulk but reproducible in a
// test: which peers to graft, which to tell of a message. Not for keys, nonces or secrets.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

namespace preconf::io::wire {

/// xoshiro256** (Blackman and Vigna, 2018), its state filled from one seed by splitmix64. The
/// machine that owns one is deterministic: equal seeds and inputs give equal outputs.
class Prng {
 public:
  explicit Prng(std::uint64_t seed);

  /// 64 uniform bits.
  [[nodiscard]] std::uint64_t next();
  /// Uniform in 0..bound-1. Requires bound > 0.
  [[nodiscard]] std::uint64_t below(std::uint64_t bound);

  /// Puts `items` into a random order.
  template <class T>
  void shuffle(std::vector<T>& items) {
    for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[below(i)]);
  }
  /// A random choice of at most `count` of `items`, in random order.
  template <class T>
  [[nodiscard]] std::vector<T> sample(std::vector<T> items, std::size_t count) {
    const std::size_t taken = std::min(count, items.size());
    for (std::size_t i = 0; i < taken; ++i) {
      std::swap(items[i], items[i + below(items.size() - i)]);
    }
    items.resize(taken);
    return items;
  }

 private:
  std::array<std::uint64_t, 4> state_{};
};

}  // namespace preconf::io::wire
