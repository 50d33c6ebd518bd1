// Where a promise and the block that L1 has at its height differ, member by member.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/fields.hpp"
#include "core/base/hex.hpp"
#include "core/state.hpp"

namespace preconf::replay {

/// One member, both sides as the tools print such values.
struct PromiseDifference {
  std::string field;  ///< "timestamp", "coinbase", "gas_limit", "proposal_id", "transactions", ...
  std::string promised;
  std::string on_l1;
  PRECONF_FIELDS(PromiseDifference, field, promised, on_l1);
};

/// What L1 made of a promise.
struct PromiseOnL1 {
  std::string verdict;  ///< "honoured", "contradicted", "not_landed"
  core::ProposalId proposal;
  core::Hash32 l1_block;  ///< in which the proposal landed; zero with "not_landed"
  core::Seq seq;          ///< event of the verdict
  std::vector<PromiseDifference> differences;  ///< with "contradicted"
  PRECONF_FIELDS(PromiseOnL1, verdict, proposal, l1_block, seq, differences);
};

/// `state` is one of the event with the verdict (core/effects/l1_verdicts): its lane holds the
/// derived block, its book the promise. Empty when they do not, or when nothing differs. Lists are
/// compared by the keccak256 of their RLP, and only when the promised one is known.
[[nodiscard]] std::vector<PromiseDifference> differences_on_l1(const core::State& state,
                                                               const core::Hash32& preconf_hash);

/// Adds `field` when the two sides differ: bytes as hex, numbers in decimal.
template <class T>
void compare_member(std::vector<PromiseDifference>& out, const char* field, const T& promised,
                    const T& on_l1) {
  if (promised == on_l1) return;
  if constexpr (requires { promised.view(); }) {
    out.push_back({field, core::to_hex0x(promised.view()), core::to_hex0x(on_l1.view())});
  } else {
    out.push_back({field, std::to_string(promised), std::to_string(on_l1)});
  }
}

/// "transactions: promised 0x.., on L1 0x..; ..."
[[nodiscard]] std::string text_of(const std::vector<PromiseDifference>& differences);

}  // namespace preconf::replay
