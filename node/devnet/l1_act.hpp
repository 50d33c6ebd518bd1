// The part of the story that L1 plays: proposals land, blocks become safe and final, and one
// promise is broken.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "node/devnet/devnet.hpp"
#include "node/devnet/heads_subscriber.hpp"

namespace preconf::node::devnet {

class L1Act {
 public:
  /// `devnet` has an L1 and outlives the act.
  explicit L1Act(Devnet& devnet);

  /// What follower `index` (from 1) says of itself.
  void on_heads(std::size_t index, const NodeHeads& heads);
  void on_decision(std::size_t index, const NodeDecision& decision);

  /// The preconfer's last block goes to L1 without its transactions; L1 goes on until that is
  /// final. The error says why not.
  [[nodiscard]] core::Result<core::Ok, std::string> begin();
  [[nodiscard]] bool has_begun() const { return broken_.has_value(); }
  /// Every follower has what L1 has, says that it is final, and which promise was broken.
  [[nodiscard]] bool is_done() const;
  /// What is still missing for that, for a message; empty before begin().
  [[nodiscard]] std::string missing() const;
  [[nodiscard]] bool is_broken_promise(const core::BlockRef& block) const {
    return broken_ == block;
  }

 private:
  struct Seen {
    core::BlockNumber safe;
    core::BlockNumber finalized;
    std::set<core::BlockNumber> honoured;
    std::set<core::BlockNumber> contradicted;
  };

  void show_progress();

  Devnet& devnet_;
  std::map<std::size_t, Seen> seen_;  ///< by follower
  core::BlockNumber shown_safe_;
  core::BlockNumber shown_finalized_;
  std::optional<core::BlockRef> broken_;  ///< the block that was promised
};

}  // namespace preconf::node::devnet
