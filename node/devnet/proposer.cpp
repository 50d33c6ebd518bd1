#include "node/devnet/proposer.hpp"

#include <algorithm>

#include "core/base/assert.hpp"
#include "core/codec/txlist.hpp"

namespace preconf::node::devnet {
namespace {

/// The block as L1 will derive it from its description.
MakeInputs inputs_of(const SimBlock& block, const core::codec::BlockToPropose& described,
                     core::ProposalId proposal) {
  MakeInputs inputs;
  inputs.timestamp = described.block.timestamp;
  inputs.coinbase = described.block.coinbase;
  inputs.anchor = anchor_of(block);
  inputs.proposal = proposal;
  if (described.transactions.empty()) return inputs;
  for (std::size_t i = 1; i < block.transactions.size(); ++i) {
    inputs.user_transactions.push_back(block.transactions[i].raw);
  }
  return inputs;
}

}  // namespace

Proposer::Proposer(L1Chain& l1, const EngineChain& l2, ProposerOptions options)
    : l1_(l1), l2_(l2), options_(options) {
  PRECONF_ASSERT(options_.blocks_per_proposal > 0);
  PRECONF_ASSERT(l1_.head().contracts.inbox.next == open_);
}

core::protocol::AnchorCall Proposer::anchor_at(core::UnixSeconds time) {
  // A block of L1 that is as old as this one is not there yet when this one is made.
  const std::uint64_t slot = l1_.deployment().clock.slot_seconds;
  while (l1_.head().timestamp().value + slot < time.value) mine();
  const std::uint64_t head = l1_.head().header.number;
  const L1Block& anchor =
      *l1_.canonical(core::L1BlockNumber{head - std::min(options_.anchor_lag, head)});
  return {anchor.number(), anchor.hash, anchor.header.state_root};
}

bool Proposer::is_due() const {
  return l2_.head().number() + 1 - first_.value >= options_.blocks_per_proposal && may_be_closed();
}

bool Proposer::may_be_closed() const {
  const SimBlock& head = l2_.head();
  if (head.number() < first_.value) return false;
  const SimBlock* parent = l2_.canonical(first_.value - 1);
  PRECONF_ASSERT(parent != nullptr);
  return head.anchor_number > parent->anchor_number;
}

std::optional<MakeInputs> Proposer::add_block() {
  if (!is_due()) return std::nullopt;
  return close();
}

std::optional<MakeInputs> Proposer::close() {
  const SimBlock& head = l2_.head();
  if (head.number() < first_.value) return std::nullopt;
  std::vector<core::codec::BlockToPropose> blocks;
  for (std::uint64_t number = first_.value; number <= head.number(); ++number) {
    blocks.push_back(describe_block(*l2_.canonical(number)));
  }
  SentProposal sent{open_, first_, core::BlockNumber{head.number()}, contradiction_.has_value()};
  std::optional<MakeInputs> instead;
  if (contradiction_) {
    contradict(blocks.back(), *contradiction_);
    instead = inputs_of(head, blocks.back(), open_);
    contradiction_.reset();
  }
  l1_call::Propose call;
  call.proposer = options_.proposer;
  for (core::Bytes& blob : blobs_of_payload(core::codec::encode_manifest(blocks))) {
    call.blobs.push_back(l1_.add_blob(std::move(blob)));
  }
  call.only_as = open_;
  calls_.push_back(std::move(call));
  sent_.push_back(sent);
  open_ = core::next(open_);
  first_ = core::BlockNumber{head.number() + 1};
  if (on_sent_) on_sent_(sent_.back());
  return instead;
}

void Proposer::mine() {
  send_due();
  prove_due();
  l1_.mine();
}

void Proposer::send_due() {
  const std::uint64_t next = l1_.head().contracts.inbox.next.value;
  if (next == 0 || next > calls_.size() || l1_.has_waiting_proposal()) return;
  l1_.submit(calls_[next - 1]);
}

void Proposer::prove_due() {
  const std::uint64_t head = l1_.head().header.number;
  if (head < options_.proof_lag) return;
  const L1Block& old = *l1_.canonical(core::L1BlockNumber{head - options_.proof_lag});
  if (old.contracts.inbox.next.value == 0) return;
  const core::ProposalId landed{old.contracts.inbox.next.value - 1};
  const core::ProposalId proven = l1_.head().contracts.inbox.last_finalized;
  if (landed <= proven) return;
  const auto sent = std::find_if(sent_.begin(), sent_.end(),
                                 [landed](const SentProposal& one) { return one.id == landed; });
  if (sent == sent_.end()) return;
  const SimBlock* last = l2_.canonical(sent->last.value);
  if (last == nullptr) return;
  l1_.submit(l1_call::Prove{landed, options_.proposer, last->hash});
}

void Proposer::settle(std::uint64_t finalized_lag) {
  // A proposal per block; then its proof, and a block for each step that finality lies behind.
  while (l1_.head().contracts.inbox.next.value <= calls_.size()) mine();
  for (std::uint64_t i = 0; i <= options_.proof_lag; ++i) mine();
  for (std::uint64_t i = 0; i <= finalized_lag; ++i) mine();
}

}  // namespace preconf::node::devnet
