#include "tests/support/model_l1.hpp"

#include <gtest/gtest.h>

#include "core/base/assert.hpp"
#include "core/codec/canonical.hpp"
#include "core/crypto/hash.hpp"
#include "core/protocol/anchor_tx.hpp"
#include "core/protocol/source_manifest.hpp"

namespace preconf::tests {

using namespace preconf::core;  // NOLINT: test support
namespace ev = core::events;

namespace {

template <class T>
Hash32 hash_of(const T& value) {
  return crypto::keccak256(codec::canonical_bytes(value));
}

}  // namespace

DescribedBlock described(const Promise& promise) {
  DescribedBlock out;
  out.block.timestamp = promise.facts.timestamp;
  out.block.coinbase = promise.facts.coinbase;
  out.block.anchor_block_number = promise.facts.anchor_block_number;
  out.block.gas_limit = promise.facts.gas_limit - protocol::kAnchorGasLimit;
  out.block.transactions = 1;
  out.block.transactions_bytes = 1;
  out.rlp_hash = promise.list.rlp_hash;
  out.base_fee_wei = promise.list.anchor.max_fee_per_gas.low_u64();
  return out;
}

ModelL1::ModelL1() { mine(); }

ev::L1BlockObserved ModelL1::next_block() const {
  ev::L1BlockObserved block;
  block.number = L1BlockNumber{chain_.empty() ? kFirst : chain_.back().number.value + 1};
  block.parent_hash = chain_.empty() ? hash_of(std::uint64_t{0}) : chain_.back().hash;
  block.previous = chain_.empty() ? Hash32{} : chain_.back().hash;
  block.timestamp = UnixSeconds{kGenesisTime + kSlot * (block.number.value - kFirst)};
  return block;
}

void ModelL1::mine(std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    ev::L1BlockObserved block = next_block();
    block.state_root = hash_of(std::pair{block.number.value, salt_}.first);
    Bytes seed = codec::canonical_bytes(block);
    seed.push_back(static_cast<std::uint8_t>(salt_));
    seed.push_back(static_cast<std::uint8_t>(salt_ >> 8));
    block.hash = crypto::keccak256(seed);
    chain_.push_back(std::move(block));
  }
}

void ModelL1::mine_with(ev::L1FactBody fact) {
  mine();
  ev::L1BlockObserved& block = chain_.back();
  block.facts.push_back(ev::L1Fact{0, std::move(fact)});
  block.hash = crypto::keccak256(codec::canonical_bytes(block));
}

std::optional<ModelL1::Landed> ModelL1::newest() const {
  for (auto block = chain_.rbegin(); block != chain_.rend(); ++block) {
    for (const ev::L1Fact& fact : block->facts) {
      if (const auto* proposed = std::get_if<protocol::ProposedFacts>(&fact.body)) {
        const protocol::LandedAt at{block->timestamp, block->number, block->hash,
                                    block->parent_hash};
        return Landed{proposed->id, protocol::proposal_hash(*proposed, at)};
      }
    }
  }
  return std::nullopt;
}

ProposalId ModelL1::next_id() const {
  const auto before = newest();
  return before ? next(before->id) : ProposalId{1};
}

void ModelL1::propose(const std::vector<std::vector<DescribedBlock>>& sources) {
  UnixSeconds newest{0};
  L1BlockNumber anchor{0};
  for (const auto& blocks : sources) {
    for (const DescribedBlock& one : blocks) {
      newest = std::max(newest, one.block.timestamp);
      anchor = std::max(anchor, one.block.anchor_block_number);
    }
  }
  while (next_block().timestamp < newest || chain_.back().number < anchor) mine();
  protocol::ProposedFacts proposed;
  proposed.id = next_id();
  proposed.parent_proposal_hash = this->newest().value_or(Landed{}).hash;
  proposed.proposer = address_number(0x99);
  proposed.base_fee_sharing_pctg = protocol::chain_profile("devnet")->base_fee_sharing_pctg;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    protocol::DerivationSource source;
    source.is_forced_inclusion = i + 1 < sources.size();
    ++salt_;
    source.blobs.blob_hashes.push_back(hash_of(salt_));
    source.blobs.timestamp = next_block().timestamp;
    contents_[source.blobs.blob_hashes.front()] = Content{sources[i]};
    proposed.sources.push_back(std::move(source));
  }
  mine_with(std::move(proposed));
}

void ModelL1::propose(const std::vector<DescribedBlock>& blocks, bool is_forced_inclusion) {
  std::vector<std::vector<DescribedBlock>> sources{blocks};
  if (is_forced_inclusion) sources.push_back({});
  propose(sources);
}

void ModelL1::propose_garbage() { propose(std::vector<std::vector<DescribedBlock>>{{}}); }

void ModelL1::reorg(std::size_t depth) {
  PRECONF_ASSERT(depth < chain_.size());
  chain_.resize(chain_.size() - depth);
  ++salt_;
}

void ModelL1::finalize(std::size_t below_tip) {
  const ev::L1BlockObserved& block =
      chain_[chain_.size() - 1 - std::min(below_tip, chain_.size() - 1)];
  if (finalized_ && finalized_->number >= block.number) return;
  finalized_ = ev::L1Ref{block.number, block.hash};
}

void ModelL1::connect(World& world) {
  ev::L1DeploymentRecorded recorded;
  recorded.deployment.l1_chain_id = 31'337;
  recorded.deployment.inbox = address_number(0x10);
  world.feed(recorded);
  world.answer_l1 = [this](const CommandBody& command) { return perform(command); };
}

void ModelL1::tell(World& world, bool is_live) {
  if (!world.state.l1_chain.start) return;
  world.feed(ev::L1TagsObserved{std::nullopt, finalized_, false});
  const auto& links = world.state.l1_chain.links;
  std::size_t begin = 0;
  for (std::size_t i = chain_.size(); i > 0 && begin == 0; --i) {
    const bool is_linked = std::ranges::any_of(
        links, [&](const L1Link& link) { return link.hash == chain_[i - 1].hash; });
    if (is_linked) begin = i;
  }
  for (std::size_t i = begin; i < chain_.size(); ++i) {
    ev::L1BlockObserved block = chain_[i];
    if (links.empty()) block.previous = Hash32{};
    world.feed(block);
  }
  world.feed(ev::L1TagsObserved{std::nullopt, finalized_, is_live});
}

void ModelL1::register_list(const Hash32& rlp_hash, L1BlockNumber anchor) {
  anchors[rlp_hash] = anchor;
}

ev::L1Result ModelL1::perform(const CommandBody& command) {
  if (const auto* resolve = std::get_if<commands::ResolveSources>(&command)) {
    ev::SourcesResolved out;
    out.id = resolve->id;
    out.decoder_version = protocol::kManifestDecoderVersion;
    for (const protocol::DerivationSource& source : resolve->sources) {
      const Hash32& key = source.blobs.blob_hashes.front();
      if (blobs_are_missing) return ev::L1Failed{ev::L1FailureKind::kBlobMissing, key, ""};
      const Content& content = contents_.at(key);
      ev::SourceFacts facts;
      facts.is_forced_inclusion = source.is_forced_inclusion;
      if (content.blocks.empty()) {
        facts.defect = codec::ManifestDefect::kZlib;
        facts.blocks = codec::default_manifest().blocks;
      } else {
        facts.manifest_hash = key;
        for (const DescribedBlock& one : content.blocks) {
          facts.blocks.push_back(one.block);
          facts.blocks.back().transactions_offset =
              static_cast<std::uint32_t>(facts.blocks.size() - 1);
        }
      }
      out.sources.push_back(std::move(facts));
    }
    return out;
  }
  if (const auto* read = std::get_if<commands::ReadL1Block>(&command)) {
    ev::L1BlockRead out;
    out.number = read->number;
    for (const ev::L1BlockObserved& block : chain_) {
      if (block.number != read->number) continue;
      out.hash = block.hash;
      out.state_root = block.state_root;
    }
    if (!out.hash) out.hash = hash_of(read->number);  // below the first one
    return out;
  }
  const auto* assemble = std::get_if<commands::AssembleTxList>(&command);
  PRECONF_ASSERT(assemble != nullptr);
  ev::TxListAssembled out;
  out.bytes = 100;
  out.rlp_hash = hash_of(*assemble);
  const auto content = contents_.find(assemble->source.manifest_hash);
  if (content != contents_.end() && assemble->transactions_bytes > 0) {
    const DescribedBlock& block = content->second.blocks.at(assemble->transactions_offset);
    const bool as_promised = block.base_fee_wei == assemble->base_fee_wei &&
                             block.block.anchor_block_number == assemble->anchor_number;
    if (as_promised) out.rlp_hash = block.rlp_hash;
  }
  register_list(out.rlp_hash, assemble->anchor_number);
  out.anchor_tx_hash = model_anchor_tx_hash(out.rlp_hash);
  return out;
}

}  // namespace preconf::tests
