#include "tests/node/l1/fake_l1.hpp"

#include <algorithm>

#include "core/base/hex.hpp"
#include "core/codec/abi.hpp"
#include "core/crypto/hash.hpp"
#include "node/l1/block_facts.hpp"

namespace preconf::tests {

namespace ev = core::events;
namespace protocol = core::protocol;
using node::l1::Answer;
using node::l1::AskFailed;
using node::l1::AskFailure;

namespace {

AskFailed behind() { return {AskFailure::kBehind, {}, "unknown block"}; }

core::Address address_of(const core::Hash32& hash, std::uint8_t salt) {
  core::Bytes bytes(hash.bytes.begin(), hash.bytes.end());
  bytes.push_back(salt);
  const core::Hash32 digest = core::crypto::keccak256(bytes);
  // Nobody, now and then.
  return digest.bytes[0] < 30 ? core::Address{} : core::Address::from(digest.view().subspan(12));
}

core::Bytes word_of(const core::Address& address) {
  core::Bytes out;
  core::codec::append_abi_address(out, address);
  return out;
}

}  // namespace

FakeL1::FakeL1(std::uint64_t seed, protocol::L1Deployment deployment)
    : random_(seed), deployment_(deployment) {
  FakeBlock genesis;
  genesis.header.hash = random_hash();
  genesis.header.timestamp = deployment.clock.genesis;
  // Of a Proposal of zeros, as the inbox has it when it is activated.
  genesis.proposal_hash =
      *core::fixed_from_hex<32>("33f24551a517a7ba147890b98c4a2bceece321d529229377a7e34668acd8fa83");
  chain_.push_back(std::move(genesis));
}

core::Hash32 FakeL1::random_hash() {
  core::Hash32 out;
  for (std::uint8_t& byte : out.bytes) byte = static_cast<std::uint8_t>(random_());
  return out;
}

void FakeL1::add_log(FakeBlock& block, const core::Address& address, protocol::EncodedLog encoded,
                     ev::L1FactBody fact) {
  io::l1::L1Log log;
  log.block_number = block.header.number;
  log.block_hash = block.header.hash;
  // Other contracts' logs stand between ours.
  const auto gap = static_cast<std::uint32_t>(random_() % 3);
  log.log_index = block.logs.empty() ? gap : block.logs.back().log_index + 1 + gap;
  log.address = address;
  log.topics = std::move(encoded.topics);
  log.data = std::move(encoded.data);
  io::l1::add_to_bloom(block.header.logs_bloom, address.view());
  for (const core::Hash32& topic : log.topics) {
    io::l1::add_to_bloom(block.header.logs_bloom, topic.view());
  }
  block.facts.push_back({log.log_index, std::move(fact)});
  block.logs.push_back(std::move(log));
}

void FakeL1::add_random_logs(FakeBlock& block, const FakeBlock& parent) {
  const core::UnixSeconds time = block.header.timestamp;
  if (is_activating) {
    is_activating = false;
    add_log(block, deployment_.inbox, protocol::encode_proposed({}), protocol::ProposedFacts{});
    return;
  }
  if (random_() % 3 == 0) {
    protocol::ProposedFacts proposed;
    proposed.id = core::ProposalId{parent.last_proposal + 1};
    proposed.proposer.bytes[0] = 7;
    proposed.base_fee_sharing_pctg = 75;
    protocol::DerivationSource source;
    source.blobs.blob_hashes = {random_hash()};
    source.blobs.timestamp = time;
    proposed.sources = {source};
    proposed.parent_proposal_hash = parent.proposal_hash;
    block.last_proposal = proposed.id.value;
    block.proposal_hash = protocol::proposal_hash(
        proposed, {time, block.header.number, block.header.hash, block.header.parent_hash});
    add_log(block, deployment_.inbox, protocol::encode_proposed(proposed), proposed);
  }
  for (std::size_t i = 0; i < garbage_logs; ++i) {
    add_log(block, deployment_.inbox, {{protocol::kStateRecoveredTopic}, {}},
            ev::LogRefused{protocol::kStateRecoveredTopic, protocol::LogDefect::kTopics});
  }
  if (random_() % 9 == 0 && has_unreadable_logs) {
    // Of the inbox, but not what its topic says.
    add_log(block, deployment_.inbox, {{protocol::kProvedTopic}, {1, 2, 3}},
            ev::LogRefused{protocol::kProvedTopic, protocol::LogDefect::kTopics});
  }
  if (random_() % 7 == 0) {
    protocol::BlacklistChanged changed;
    changed.registration_root = random_hash();
    changed.since = time;
    changed.is_listed = random_() % 2 == 0;
    add_log(block, deployment_.lookahead_store, protocol::encode_blacklist_changed(changed),
            changed);
  }
  const protocol::EpochClock& clock = deployment_.clock;
  if (random_() % 5 == 0) {
    const bool is_next = random_() % 4 != 0;
    protocol::LookaheadPosted posted;
    posted.epoch = is_next ? protocol::next_epoch(clock, time) : protocol::epoch_of(clock, time);
    protocol::LookaheadSlot slot;
    slot.committer.bytes[3] = 9;
    slot.timestamp = core::UnixSeconds{posted.epoch.value + clock.slot_seconds};
    posted.slots = {slot};
    posted.lookahead_hash = protocol::lookahead_hash_of(posted.epoch, posted.slots);
    add_log(block, deployment_.lookahead_store, protocol::encode_lookahead_posted(posted),
            protocol::LookaheadFact{posted, selected(block.header.hash, is_next)});
  }
  if (random_() % 11 == 0) {
    // OperatorAdded(address indexed,address indexed,uint256)
    protocol::EncodedLog added;
    core::Hash32 word;
    word.bytes[31] = 1;
    added.topics = {protocol::kOperatorAddedTopic, word, word};
    core::codec::append_abi_u64(added.data, time.value);
    add_log(block, deployment_.preconf_whitelist, added,
            protocol::SelectionFact{selected(block.header.hash, false),
                                    selected(block.header.hash, true)});
  }
}

void FakeL1::mine() {
  const FakeBlock parent = chain_.back();
  FakeBlock block;
  block.header.number = core::next(parent.header.number);
  block.header.hash = random_hash();
  block.header.parent_hash = parent.header.hash;
  block.header.state_root = random_hash();
  // Slots are missed.
  const std::uint64_t slots = 1 + (random_() % 6 == 0 ? random_() % 3 : 0);
  const protocol::EpochClock& clock = deployment_.clock;
  block.header.timestamp =
      core::UnixSeconds{parent.header.timestamp.value + slots * clock.slot_seconds};
  block.last_proposal = parent.last_proposal;
  block.proposal_hash = parent.proposal_hash;
  add_random_logs(block, parent);
  const core::UnixSeconds epoch = protocol::epoch_of(clock, block.header.timestamp);
  if (epoch != protocol::epoch_of(clock, parent.header.timestamp)) {
    block.facts.push_back(
        {ev::kNoLog, protocol::EpochFact{epoch, selected(block.header.hash, false)}});
  }
  chain_.push_back(std::move(block));
}

void FakeL1::reorg(std::size_t depth, std::size_t length) {
  for (std::size_t i = 0; i < depth && chain_.size() > 1; ++i) {
    // The first block that is observed stays: nothing is remembered below it.
    if (chain_.back().header.number.value <= std::max<std::uint64_t>(finalized_, 1)) break;
    orphans_[chain_.back().header.hash] = chain_.back();
    chain_.pop_back();
  }
  for (std::size_t i = 0; i < length; ++i) mine();
}

void FakeL1::finalize(std::size_t below_head) {
  const std::uint64_t head = chain_.size() - 1;
  if (head > below_head) finalized_ = std::max<std::uint64_t>(finalized_, head - below_head);
}

protocol::FallbackOperator FakeL1::selected(const core::Hash32& block, bool is_next) {
  protocol::FallbackOperator out;
  out.proposer = address_of(block, is_next ? 2 : 1);
  if (!out.proposer.is_zero()) out.sequencer = address_of(block, is_next ? 4 : 3);
  return out;
}

const FakeBlock* FakeL1::by_hash(const core::Hash32& hash, std::size_t lag) const {
  const std::size_t height = chain_.size() - std::min(lag, chain_.size() - 1);
  for (std::size_t i = 0; i < height; ++i) {
    if (chain_[i].header.hash == hash) return &chain_[i];
  }
  const auto orphan = orphans_.find(hash);
  return orphan == orphans_.end() ? nullptr : &orphan->second;
}

void FakeL1::garble(io::l1::L1Log& log) const {
  if (garbles_proposals && log.topics.front() == protocol::kProposedTopic) log.data.resize(40);
}

Answer FakeL1::range(const node::l1::AskRange& ask, std::size_t height) const {
  const std::uint64_t to = ask.range.to.value;
  if (to >= height) return behind();
  node::l1::RangeAnswer out;
  for (std::uint64_t i = ask.range.from.value; i <= to; ++i) {
    for (const io::l1::L1Log& log : chain_[i].logs) {
      const auto filter = node::l1::history_filter(deployment_);
      const auto has = [](const auto& list, const auto& value) {
        return std::find(list.begin(), list.end(), value) != list.end();
      };
      if (!has(filter.addresses, log.address) || !has(filter.topics, log.topics.front())) continue;
      out.logs.push_back(log);
      garble(out.logs.back());
    }
  }
  if (out.logs.size() > logs_max && ask.range.from != ask.range.to) {
    return AskFailed{AskFailure::kTooMuch, {}, "too many results"};
  }
  out.last = chain_[to].header;
  if (ask.wants_before) out.before = chain_[ask.range.from.value - 1].header;
  return out;
}

protocol::ProposedFacts FakeL1::forged_in(const core::Hash32& block) const {
  core::Hash32 before;
  for (const FakeBlock& one : chain_) {
    for (const ev::L1Fact& fact : one.facts) {
      const auto* proposed = std::get_if<protocol::ProposedFacts>(&fact.body);
      if (proposed == nullptr) continue;
      protocol::ProposedFacts out = *proposed;
      if (out.id.value >= *forges_from) out.sources.at(0).blobs.blob_hashes.at(0).bytes[9] ^= 1;
      if (out.id.value > *forges_from) out.parent_proposal_hash = before;
      if (one.header.hash == block) return out;
      const io::l1::L1Header& header = one.header;
      before = protocol::proposal_hash(
          out, {header.timestamp, header.number, header.hash, header.parent_hash});
    }
  }
  return {};
}

Answer FakeL1::logs(const node::l1::AskLogs& ask, std::size_t lag) const {
  node::l1::LogsAnswer out;
  for (const core::Hash32& hash : ask.blocks) {
    const FakeBlock* block = by_hash(hash, lag);
    if (block == nullptr) return behind();
    out.blocks.push_back(hides_logs ? std::vector<io::l1::L1Log>{} : block->logs);
    if (forges_logs) {
      protocol::ProposedFacts proposed;
      proposed.id = core::ProposalId{block->last_proposal + 1};
      proposed.proposer.bytes.fill(0xbd);  // whom no honest proposal names
      proposed.sources.resize(1);
      protocol::EncodedLog encoded = protocol::encode_proposed(proposed);
      out.blocks.back().push_back({block->header.number, hash, 1'000, deployment_.inbox,
                                   std::move(encoded.topics), std::move(encoded.data)});
    }
    for (io::l1::L1Log& log : out.blocks.back()) {
      garble(log);
      auto proposed = protocol::read_proposed(log.topics, log.data);
      if (proposed && forges_from && proposed->id.value >= *forges_from) {
        log.data = protocol::encode_proposed(forged_in(hash)).data;
      }
      if (!proposed || (!forges_parents && !forges_sources)) continue;
      if (forges_parents) proposed->parent_proposal_hash.bytes[0] ^= 1;
      if (forges_sources) proposed->sources.at(0).blobs.blob_hashes.at(0).bytes[9] ^= 1;
      log.data = protocol::encode_proposed(*proposed).data;
    }
    const auto listed = std::ranges::find_if(block->logs, [](const io::l1::L1Log& log) {
      return log.topics.front() == protocol::kBlacklistedTopic;
    });
    for (std::uint32_t i = 0; repeats_blacklistings && listed != block->logs.end() && i < 300;
         ++i) {
      out.blocks.back().push_back(*listed);
      out.blocks.back().back().log_index = 1'000 + i;
    }
    if (!omits_proposals) continue;
    std::erase_if(out.blocks.back(), [](const io::l1::L1Log& log) {
      return log.topics.front() == protocol::kProposedTopic;
    });
  }
  return out;
}

Answer FakeL1::calls(const node::l1::AskCalls& ask, std::size_t lag) const {
  node::l1::CallsAnswer out;
  for (const node::l1::StateCall& call : ask.calls) {
    if (!call.block_hash) {  // activationTimestamp()
      core::Bytes word;
      core::codec::append_abi_u64(word, activated);
      out.results.emplace_back(word);
      continue;
    }
    if (by_hash(*call.block_hash, lag) == nullptr) return behind();
    const bool is_current = call.data == node::l1::current_operator_call();
    if (is_current || call.data == node::l1::next_operator_call()) {
      const auto who = selected(*call.block_hash, !is_current);
      // A whitelist without operators reverts.
      if (who.proposer.is_zero()) {
        out.results.emplace_back(std::nullopt);
      } else {
        out.results.emplace_back(word_of(who.proposer));
      }
      continue;
    }
    core::Bytes words(3 * core::codec::kAbiWordBytes, 0);
    const core::Address asked = core::Address::from(core::BytesView(call.data).subspan(16));
    const bool is_next = selected(*call.block_hash, true).proposer == asked;
    const core::Bytes word = word_of(selected(*call.block_hash, is_next).sequencer);
    words.insert(words.end(), word.begin(), word.end());
    out.results.emplace_back(words);
  }
  return out;
}

Answer FakeL1::answer(const node::l1::Ask& ask, std::size_t lag) {
  const std::size_t height = chain_.size() - std::min(lag, chain_.size() - 1);
  if (std::holds_alternative<node::l1::AskTags>(ask)) {
    node::l1::TagsAnswer out;
    out.latest = chain_[height - 1].header;
    if (finalized_ > 0 && finalized_ < height) out.finalized = chain_[finalized_].header;
    out.safe = out.finalized;
    return out;
  }
  if (const auto* headers = std::get_if<node::l1::AskHeaders>(&ask)) {
    node::l1::HeadersAnswer out;
    for (const core::L1BlockNumber number : headers->numbers) {
      if (number.value >= height) return behind();
      out.headers.push_back(chain_[number.value].header);
    }
    return out;
  }
  if (const auto* headers = std::get_if<node::l1::AskHeadersByHash>(&ask)) {
    node::l1::HeadersAnswer out;
    for (const core::Hash32& hash : headers->hashes) {
      const FakeBlock* block = by_hash(hash, lag);
      if (block == nullptr) return behind();
      out.headers.push_back(block->header);
    }
    return out;
  }
  if (const auto* asked = std::get_if<node::l1::AskRange>(&ask)) return range(*asked, height);
  if (const auto* asked = std::get_if<node::l1::AskLogs>(&ask)) return logs(*asked, lag);
  return calls(std::get<node::l1::AskCalls>(ask), lag);
}

}  // namespace preconf::tests
