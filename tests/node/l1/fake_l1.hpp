// A chain that stands in for L1: grows, reorgs, finalizes, and answers the follower's questions as
// endpoints do that lag, fail and refuse.
#pragma once

#include <map>
#include <optional>
#include <random>
#include <vector>

#include "core/events/l1.hpp"
#include "node/l1/asks.hpp"

namespace preconf::tests {

struct FakeBlock {
  io::l1::L1Header header;
  std::vector<io::l1::L1Log> logs;
  std::uint64_t last_proposal = 0;          ///< newest one at or below it
  core::Hash32 proposal_hash;               ///< its hash
  std::vector<core::events::L1Fact> facts;  ///< what is to be read out of it, operators included
};

class FakeL1 {
 public:
  FakeL1(std::uint64_t seed, core::protocol::L1Deployment deployment);

  /// A block on the head; with logs of some kind, now and then.
  void mine();
  /// The last `depth` blocks are gone, `length` others stand in their place.
  void reorg(std::size_t depth, std::size_t length);
  /// Everything up to so many blocks below the head.
  void finalize(std::size_t below_head);
  /// What a live L1 never does: nothing is final any more.
  void unfinalize() { finalized_ = 0; }

  /// As an endpoint says that is `lag` blocks behind.
  [[nodiscard]] node::l1::Answer answer(const node::l1::Ask& ask, std::size_t lag);

  [[nodiscard]] const std::vector<FakeBlock>& chain() const { return chain_; }
  [[nodiscard]] const FakeBlock& head() const { return chain_.back(); }
  [[nodiscard]] std::uint64_t finalized() const { return finalized_; }

  /// Whom the whitelist selects in a block's state; zero now and then.
  [[nodiscard]] static core::protocol::FallbackOperator selected(const core::Hash32& block,
                                                                 bool is_next);

  bool hides_logs = false;      ///< single blocks come without any log
  bool forges_logs = false;     ///< and with one that their bloom does not have
  bool forges_parents = false;  ///< proposals name another parent than they do
  bool forges_sources = false;  ///< proposals have other blobs than they have
  /// From this id on proposals have other blobs than they have, and name each other's hashes.
  std::optional<std::uint64_t> forges_from;
  bool omits_proposals = false;        ///< logs of single blocks come without them
  bool repeats_blacklistings = false;  ///< more often than an event holds
  bool garbles_proposals = false;      ///< their data is cut short, in ranges, too
  bool has_unreadable_logs = false;    ///< now and then, and every endpoint tells the same
  std::size_t garbage_logs = 0;        ///< of the next blocks: of the inbox, and say nothing
  bool is_activating = false;          ///< the next block is the inbox's activation: proposal 0
  std::size_t logs_max = 50;           ///< a range with more is refused
  std::uint64_t activated = 0;         ///< seconds

 private:
  [[nodiscard]] core::Hash32 random_hash();
  void add_log(FakeBlock& block, const core::Address& address, core::protocol::EncodedLog encoded,
               core::events::L1FactBody fact);
  void add_random_logs(FakeBlock& block, const FakeBlock& parent);
  void garble(io::l1::L1Log& log) const;
  [[nodiscard]] core::protocol::ProposedFacts forged_in(const core::Hash32& block) const;
  [[nodiscard]] const FakeBlock* by_hash(const core::Hash32& hash, std::size_t lag) const;
  [[nodiscard]] node::l1::Answer range(const node::l1::AskRange& ask, std::size_t height) const;
  [[nodiscard]] node::l1::Answer logs(const node::l1::AskLogs& ask, std::size_t lag) const;
  [[nodiscard]] node::l1::Answer calls(const node::l1::AskCalls& ask, std::size_t lag) const;

  std::mt19937_64 random_;
  core::protocol::L1Deployment deployment_;
  std::vector<FakeBlock> chain_;
  std::map<core::Hash32, FakeBlock> orphans_;
  std::uint64_t finalized_ = 0;
};

}  // namespace preconf::tests
