// From the logs of one L1 block, and from what was read in its state, to the facts of its event.
// Pure.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "core/events/l1.hpp"
#include "core/events/l1_bounds.hpp"
#include "io/l1/l1_json.hpp"
#include "io/l1/l1_types.hpp"

namespace preconf::node::l1 {

/// Logs that say what L2's blocks are; and those that say who may preconfirm as well.
[[nodiscard]] io::l1::LogFilter history_filter(const core::protocol::L1Deployment& deployment);
[[nodiscard]] io::l1::LogFilter full_filter(const core::protocol::L1Deployment& deployment);

/// PreconfWhitelist.sol: getOperatorForCurrentEpoch(), getOperatorForNextEpoch(),
/// operators(address).
[[nodiscard]] core::Bytes current_operator_call();
[[nodiscard]] core::Bytes next_operator_call();
[[nodiscard]] core::Bytes operator_call(const core::Address& proposer);
/// Answer of the first two. Nothing: not an address.
[[nodiscard]] std::optional<core::Address> operator_from(core::BytesView data);
/// Sequencer in the answer of operators().
[[nodiscard]] std::optional<core::Address> sequencer_from(core::BytesView data);

/// A block on its way to an event.
struct BlockDraft {
  io::l1::L1Header header;
  std::vector<core::events::L1Fact> facts;  ///< in log order
  core::events::L1FactCounts counts;        ///< of them
  io::l1::LogsBloom bloom;                  ///< of the logs that it was made of
  bool needs_current = false;  ///< whom the whitelist selects in its state for its epoch
  bool needs_next = false;     ///< and for the next
  core::protocol::FallbackOperator current;
  core::protocol::FallbackOperator next;
};

/// Adds the facts that the logs are, which must be the block's. Operators and lookaheads that L1's
/// head has left behind by epochs are passed over: their block's state is not to be had.
void add_facts(BlockDraft& draft, std::span<const io::l1::L1Log> logs,
               const core::protocol::L1Deployment& deployment, bool is_state_readable);
/// The block begins an epoch: adds whom the whitelist selects in it.
void add_epoch(BlockDraft& draft, const core::protocol::L1Deployment& deployment);
/// Fills in the operators that were read, and puts the facts into their order.
void set_operators(BlockDraft& draft, const core::protocol::L1Deployment& deployment);

}  // namespace preconf::node::l1
