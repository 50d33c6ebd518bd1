// A simulated L1 for tests: genesis 1,700,000,000, slots of 12 s, inbox activated in block 1.
#pragma once

#include "node/devnet/l1_chain.hpp"
#include "tests/node/devnet_fixture.hpp"

namespace preconf::node::devnet::testing {

inline constexpr std::uint64_t kL1Genesis = 1'700'000'000;

inline L1ChainOptions l1_options() {
  core::protocol::EpochClock clock;
  clock.genesis = core::UnixSeconds{kL1Genesis};
  L1ChainOptions options;
  options.deployment = simulated_deployment(clock);
  return options;
}

inline core::Address address_of(std::uint8_t byte) {
  core::Address address;
  address.bytes.fill(byte);
  return address;
}

inline l1_call::Propose propose_of(std::vector<core::Hash32> blobs) {
  l1_call::Propose call;
  call.proposer = address_of(0xaa);
  call.blobs = std::move(blobs);
  return call;
}

/// Activates the inbox in the next block.
inline void activate(L1Chain& chain) {
  chain.submit(l1_call::Activate{});
  chain.mine();
}

inline std::optional<core::protocol::CoreState> core_state_at(const L1Chain& chain,
                                                              const L1Block& block) {
  const auto answer =
      chain.call(block, chain.deployment().inbox, core::protocol::kGetCoreStateSelector.view());
  if (!answer) return std::nullopt;
  return core::protocol::read_core_state(*answer);
}

}  // namespace preconf::node::devnet::testing
