// The proposer of the simulated network: it keeps L1 in step with L2's time, tells the preconfer
// which proposal and which L1 block its next block belongs to, and puts the preconfirmed blocks on
// L1, so that derivation finds exactly them. On order it breaks a promise. No I/O.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "node/devnet/block_maker.hpp"
#include "node/devnet/l1_chain.hpp"
#include "node/devnet/proposal_manifest.hpp"

namespace preconf::node::devnet {

struct ProposerOptions {
  core::Address proposer;
  /// A proposal is closed after so many blocks, and not before an anchor moved in it.
  std::size_t blocks_per_proposal = 3;
  /// L1 blocks by which anchors lie behind L1's head.
  std::uint64_t anchor_lag = 1;
  /// L1 blocks between a proposal and its proof.
  std::uint64_t proof_lag = 4;
};

/// A proposal that was sent to L1.
struct SentProposal {
  core::ProposalId id;
  core::BlockNumber first;
  core::BlockNumber last;
  bool is_contradicting = false;
};

class Proposer {
 public:
  /// `l1` and the preconfer's own engine outlive it. L1's inbox is activated.
  Proposer(L1Chain& l1, const EngineChain& l2, ProposerOptions options);

  /// Mines L1 up to the second before `time` and says what a block at `time` anchors to.
  [[nodiscard]] core::protocol::AnchorCall anchor_at(core::UnixSeconds time);
  /// The open proposal has blocks, and an anchor moved in it: else derivation would replace it by
  /// the default.
  [[nodiscard]] bool may_be_closed() const;
  /// The proposal that the next block will be in.
  [[nodiscard]] core::ProposalId open_proposal() const { return open_; }

  /// The preconfer's head is a new block. Closes the proposal when it is due; then, if it breaks a
  /// promise, returns what L1 will make of its last block.
  std::optional<MakeInputs> add_block();
  /// Closes the proposal with the blocks there are, if any.
  std::optional<MakeInputs> close();
  /// The next proposal that is closed describes another last block.
  void contradict_next(Contradiction kind) { contradiction_ = kind; }
  /// Mines until everything sent has landed, is proven, and `finalized_lag` blocks are above.
  void settle(std::uint64_t finalized_lag);

  [[nodiscard]] const std::vector<SentProposal>& sent() const { return sent_; }
  /// Called when a proposal was made; it lands in one of L1's next blocks.
  void on_sent(std::function<void(const SentProposal&)> callback) {
    on_sent_ = std::move(callback);
  }

 private:
  [[nodiscard]] bool is_due() const;
  /// One L1 block, with the proposal and the proof that it may carry.
  void mine();
  /// Sends the proposal that L1 has next: one per block, and again when a reorg took it away.
  void send_due();
  void prove_due();

  L1Chain& l1_;
  const EngineChain& l2_;
  ProposerOptions options_;
  core::ProposalId open_{1};
  core::BlockNumber first_{1};  ///< of the open proposal
  std::optional<Contradiction> contradiction_;
  std::vector<SentProposal> sent_;       ///< by id, from 1
  std::vector<l1_call::Propose> calls_;  ///< of sent_
  std::function<void(const SentProposal&)> on_sent_;
};

}  // namespace preconf::node::devnet
