// Answers of the simulated L1's contracts to eth_call.
#pragma once

#include <functional>
#include <optional>

#include "node/devnet/l1_contracts.hpp"

namespace preconf::node::devnet {

/// Where a view is evaluated.
struct L1ViewContext {
  const core::protocol::L1Deployment& deployment;
  const L1Contracts& contracts;
  core::UnixSeconds block_time;
  /// What EIP-4788's contract answers for a timestamp; zero when no block has it.
  std::function<core::Hash32(core::UnixSeconds)> beacon_root;
};

/// Return data of a call to `to`; nothing when it reverts. A call to an address without a contract
/// returns no bytes.
[[nodiscard]] std::optional<core::Bytes> answer_l1_view(const L1ViewContext& context,
                                                        const core::Address& to,
                                                        core::BytesView data);

}  // namespace preconf::node::devnet
