// Other rules for the same history: named values of the chain and network profile, and a schedule.
//
//   chain.min_base_fee_wei = 25000000
//   network.slasher_address = "0x.."
//   [schedule]
//   version = 7
//   windows = [ { start = 1000, end = 1384, committer = "0x.." } ]
//   override_l1 = true     # needed where the log's table comes from L1: L1 says nothing then
//
// or the same as JSON. Numbers, and byte strings as "0x" text; names as in `preconf state`.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/event.hpp"
#include "core/state.hpp"

namespace preconf::replay {

inline constexpr std::size_t kRulesFileBytesMax = 1'048'576;

class RuleChanges {
 public:
  /// Reads TOML, or JSON when the text begins with "{". The error names the value.
  [[nodiscard]] static core::Result<RuleChanges, std::string> parse(std::string_view text);

  [[nodiscard]] bool is_empty() const { return values_.empty() && !schedule_; }
  /// Changes what the event says about rules; commitments get the facts that follow from their
  /// bytes under a changed signing domain.
  void apply(core::EventBody& body) const;
  /// The same for a state from which a fold goes on.
  void apply(core::State& state) const;

  /// Why a schedule can not be put in the place of what L1 says from here on; empty: it can.
  [[nodiscard]] std::string refusal(const core::protocol::L1Deployment& deployment) const;
  /// The table to be configured when the log begins to follow L1; none: L1 decides.
  [[nodiscard]] const core::protocol::Schedule* in_place_of_l1() const {
    return schedule_ && overrides_l1_ ? &*schedule_ : nullptr;
  }

 private:
  struct Value {
    std::string path;  ///< "chain.chain_id"
    std::string text;  ///< decimal number, or "0x" bytes
  };
  std::vector<Value> values_;
  std::optional<core::protocol::Schedule> schedule_;
  bool overrides_l1_ = false;
  std::optional<core::Hash32> domain_;

  std::string set(core::protocol::ChainProfile& chain,
                  core::protocol::NetworkProfile& network) const;
};

}  // namespace preconf::replay
