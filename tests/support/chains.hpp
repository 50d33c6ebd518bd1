// Honest chains of any length, and a node among peers that serve them.
#pragma once

#include "tests/support/network.hpp"

namespace preconf::tests {

/// One window of `seconds` from time 1000 on, of signer 1.
[[nodiscard]] inline core::protocol::Schedule long_schedule(std::uint64_t seconds = 100'000) {
  core::protocol::Schedule schedule;
  schedule.version = 1;
  schedule.windows.push_back(core::protocol::Window{
      core::UnixSeconds{1000}, core::UnixSeconds{1000 + seconds}, address_number(1)});
  return schedule;
}

/// A chain of `length` blocks, one per second, as peers have it.
struct LongChain {
  explicit LongChain(std::size_t length, core::protocol::Schedule schedule = long_schedule())
      : preconfer(std::move(schedule)) {
    for (std::size_t i = 0; i < length; ++i) grow();
  }
  const Promise& grow() {
    promises.push_back(preconfer.next_block(1, static_cast<std::uint8_t>(promises.size())));
    headers.push_back(preconfer.tip);
    archive.add(promises.back());
    return promises.back();
  }

  Preconfer preconfer;
  std::vector<Promise> promises;
  std::vector<core::protocol::HeaderFacts> headers;  ///< of block i + 1
  Archive archive;
};

/// A node that has booted under `schedule` and runs its network.
struct Node {
  explicit Node(const core::protocol::Schedule& schedule = long_schedule())
      : world(engine), network((world.now_ns = 1'000'000'000'000, world)) {
    world.start(schedule);
    network.restart();
    world.settle();
  }

  ModelEngine engine{167001};
  World world;
  Network network;
};

}  // namespace preconf::tests
