#include "node/devnet/l1_contracts.hpp"

#include <algorithm>

#include "core/codec/abi.hpp"
#include "core/limits_l1.hpp"

namespace preconf::node::devnet {
namespace {

using core::Hash32;
using core::UnixSeconds;
namespace protocol = core::protocol;

constexpr std::size_t kForcedPerProposalMax = 10;
constexpr std::uint64_t kOperatorDelayEpochs = 2;
/// The store remembers 503 epochs; nobody asks for the oldest here.
constexpr std::size_t kLookaheadsKept = 64;

Hash32 word_of(const core::Address& address) {
  Hash32 word;
  std::copy(address.bytes.begin(), address.bytes.end(), word.bytes.begin() + 12);
  return word;
}

/// One call on its way: what it reads and where it writes.
struct Execution {
  const protocol::L1Deployment& deployment;
  const L1BlockContext& block;
  L1Contracts& contracts;
  std::vector<L1Log>& logs;

  void emit(const core::Address& address, protocol::EncodedLog log) const {
    logs.push_back(L1Log{address, std::move(log)});
  }
  /// A log whose values all have one word.
  void emit(const core::Address& address, std::vector<Hash32> topics,
            std::initializer_list<Hash32> words) const {
    core::Bytes data;
    for (const Hash32& word : words) core::codec::append_abi_word(data, word);
    emit(address, protocol::EncodedLog{std::move(topics), std::move(data)});
  }

  std::string operator()(const l1_call::Activate& call) const;
  std::string operator()(const l1_call::Propose& call) const;
  std::string operator()(const l1_call::ForceInclusion& call) const;
  std::string operator()(const l1_call::Prove& call) const;
  std::string operator()(const l1_call::RecoverState& call) const;
  std::string operator()(const l1_call::PostLookahead& call) const;
  std::string operator()(const l1_call::ChangeBlacklist& call) const;
  std::string operator()(const l1_call::AddOperator& call) const;
  std::string operator()(const l1_call::RemoveOperator& call) const;
  std::string operator()(const l1_call::EmitLog& call) const {
    logs.push_back(call.log);
    return {};
  }
};

Hash32 word_of(std::uint64_t value) { return core::U256::from_u64(value).be; }

std::string Execution::operator()(const l1_call::Activate& call) const {
  contracts.inbox = {};
  contracts.inbox.next = core::ProposalId{1};
  contracts.inbox.last_proposal_block = core::L1BlockNumber{1};
  contracts.inbox.last_finalized_block_hash = call.last_block_hash;
  if (contracts.activated.value == 0) contracts.activated = block.timestamp;
  contracts.last_proposal_hash = protocol::proposal_hash({}, {});
  emit(deployment.inbox, protocol::encode_proposed({}));
  return {};
}

std::string Execution::operator()(const l1_call::Propose& call) const {
  protocol::CoreState& inbox = contracts.inbox;
  if (inbox.next.value == 0) return "ActivationRequired";
  if (block.number <= inbox.last_proposal_block) return "CannotProposeInCurrentBlock";
  if (call.only_as && *call.only_as != inbox.next) return "OtherProposal";
  if (call.blobs.empty()) return "NoBlobs";
  protocol::ProposedFacts facts;
  facts.id = inbox.next;
  facts.proposer = call.proposer;
  facts.parent_proposal_hash = contracts.last_proposal_hash;
  facts.submission_window_end = call.window_end;
  facts.base_fee_sharing_pctg = contracts.base_fee_sharing_pctg;
  const std::size_t consumed =
      std::min({call.forced_inclusions, contracts.forced.size(), kForcedPerProposalMax});
  for (std::size_t i = 0; i < consumed; ++i) {
    facts.sources.push_back(protocol::DerivationSource{true, contracts.forced[i]});
  }
  contracts.forced.erase(contracts.forced.begin(),
                         contracts.forced.begin() + static_cast<std::ptrdiff_t>(consumed));
  facts.sources.push_back(protocol::DerivationSource{
      false, protocol::BlobSlice{call.blobs, call.offset, block.timestamp}});

  protocol::LandedAt landed;
  landed.timestamp = block.timestamp;
  landed.block_number = block.number;
  landed.parent_hash = block.parent_hash;
  contracts.last_proposal_hash = protocol::proposal_hash(facts, landed);
  inbox.next = core::next(inbox.next);
  inbox.last_proposal_block = block.number;
  emit(deployment.inbox, protocol::encode_proposed(facts));
  return {};
}

std::string Execution::operator()(const l1_call::ForceInclusion& call) const {
  // ForcedInclusionSaved((uint64,(bytes32[],uint24,uint48)))
  constexpr Hash32 kTopic =
      core::fixed_hex("18c4fc1e6ac628dbb537b0375bf0efabf1ff2528af1ec22faa74d2da95c29471");
  constexpr std::uint64_t kFeeGwei = 1'000'000;
  if (contracts.inbox.next.value < 2) return "IncorrectProposalCount";
  contracts.forced.push_back(protocol::BlobSlice{{call.blob}, call.offset, block.timestamp});
  emit(deployment.inbox, {kTopic},
       {word_of(0x20), word_of(kFeeGwei), word_of(0x40), word_of(0x60), word_of(call.offset),
        word_of(block.timestamp.value), word_of(1), call.blob});
  return {};
}

std::string Execution::operator()(const l1_call::Prove& call) const {
  protocol::CoreState& inbox = contracts.inbox;
  if (call.last >= inbox.next) return "LastProposalIdTooLarge";
  if (call.last <= inbox.last_finalized) return "LastProposalAlreadyFinalized";
  const core::ProposalId first = core::next(inbox.last_finalized);
  inbox.last_finalized = call.last;
  inbox.last_finalized_time = block.timestamp;
  inbox.last_checkpoint_time = block.timestamp;
  inbox.last_finalized_block_hash = call.last_block_hash;
  emit(deployment.inbox, {protocol::kProvedTopic, word_of(call.prover)},
       {word_of(first.value), word_of(first.value), word_of(call.last.value)});
  return {};
}

std::string Execution::operator()(const l1_call::RecoverState& call) const {
  protocol::CoreState& inbox = contracts.inbox;
  if (call.last_finalized >= inbox.next) return "InvalidRecoveryState";
  inbox.last_finalized = call.last_finalized;
  inbox.last_finalized_time = block.timestamp;
  inbox.last_finalized_block_hash = call.last_finalized_block_hash;
  emit(deployment.inbox, {protocol::kStateRecoveredTopic},
       {word_of(inbox.next.value), word_of(call.last_finalized.value),
        call.last_finalized_block_hash});
  return {};
}

std::string Execution::operator()(const l1_call::PostLookahead& call) const {
  if (deployment.lookahead_store.is_zero()) return "LookaheadNotRequired";
  if (!protocol::is_epoch(deployment.clock, call.epoch)) return "InvalidLookaheadTimestamp";
  protocol::LookaheadPosted posted;
  posted.epoch = call.epoch;
  posted.slots = call.slots;
  posted.lookahead_hash = protocol::lookahead_hash_of(call.epoch, call.slots);
  contracts.lookaheads[call.epoch] = posted.lookahead_hash;
  if (contracts.lookaheads.size() > kLookaheadsKept) {
    contracts.lookaheads.erase(contracts.lookaheads.begin());
  }
  emit(deployment.lookahead_store, protocol::encode_lookahead_posted(posted));
  return {};
}

std::string Execution::operator()(const l1_call::ChangeBlacklist& call) const {
  if (contracts.blacklist[call.registration_root] == call.is_listed) {
    return call.is_listed ? "OperatorAlreadyBlacklisted" : "OperatorNotBlacklisted";
  }
  contracts.blacklist[call.registration_root] = call.is_listed;
  protocol::BlacklistChanged changed;
  changed.registration_root = call.registration_root;
  changed.since = block.timestamp;
  changed.is_listed = call.is_listed;
  emit(deployment.lookahead_store, protocol::encode_blacklist_changed(changed));
  return {};
}

std::string Execution::operator()(const l1_call::AddOperator& call) const {
  auto& operators = contracts.operators;
  if (call.proposer.is_zero() || call.sequencer.is_zero()) return "InvalidOperatorAddress";
  if (operators.size() >= core::limits::kWhitelistOperatorsMax) return "InvalidOperatorCount";
  for (const protocol::WhitelistOperator& known : operators) {
    if (known.proposer == call.proposer) return "OperatorAlreadyExists";
  }
  const UnixSeconds since{protocol::epoch_of(deployment.clock, block.timestamp).value +
                          kOperatorDelayEpochs * deployment.clock.epoch_seconds()};
  operators.push_back(protocol::WhitelistOperator{call.proposer, call.sequencer, since});
  contracts.latest_activation = since;
  emit(deployment.preconf_whitelist,
       {protocol::kOperatorAddedTopic, word_of(call.proposer), word_of(call.sequencer)},
       {word_of(since.value)});
  return {};
}

std::string Execution::operator()(const l1_call::RemoveOperator& call) const {
  auto& operators = contracts.operators;
  const auto found = std::find_if(
      operators.begin(), operators.end(),
      [&call](const protocol::WhitelistOperator& one) { return one.proposer == call.proposer; });
  if (found == operators.end()) return "InvalidOperatorAddress";
  if (operators.size() == 1) return "CannotRemoveLastOperator";
  const core::Address sequencer = found->sequencer;
  *found = operators.back();  // as the contract does: the last one takes the free index
  operators.pop_back();
  emit(deployment.preconf_whitelist,
       {protocol::kOperatorRemovedTopic, word_of(call.proposer), word_of(sequencer)},
       {word_of(block.timestamp.value)});
  return {};
}

}  // namespace

std::vector<Hash32> blobs_of(const L1Call& call) {
  if (const auto* propose = std::get_if<l1_call::Propose>(&call)) return propose->blobs;
  if (const auto* forced = std::get_if<l1_call::ForceInclusion>(&call)) return {forced->blob};
  return {};
}

std::string execute_l1_call(const protocol::L1Deployment& deployment, const L1BlockContext& block,
                            const L1Call& call, L1Contracts& contracts, std::vector<L1Log>& logs) {
  return std::visit(Execution{deployment, block, contracts, logs}, call);
}

}  // namespace preconf::node::devnet
