#include "node/devnet/l1_chain.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "core/base/assert.hpp"
#include "core/crypto/hash.hpp"
#include "node/devnet/l1_views.hpp"

namespace preconf::node::devnet {

using core::Hash32;
using core::L1BlockNumber;
using core::Unexpected;
using core::UnixSeconds;
namespace protocol = core::protocol;

namespace {

/// 48 bytes that follow from the blob; a compressed point has its top bit set.
core::codec::KzgCommitment made_up_commitment(core::BytesView blob) {
  const Hash32 first = core::crypto::keccak256(blob);
  const Hash32 second = core::crypto::keccak256(first.view());
  core::codec::KzgCommitment commitment;
  std::copy_n(first.bytes.begin(), 32, commitment.bytes.begin());
  std::copy_n(second.bytes.begin(), 16, commitment.bytes.begin() + 32);
  commitment.bytes[0] |= 0x80;
  return commitment;
}

}  // namespace

protocol::L1Deployment simulated_deployment(const protocol::EpochClock& clock) {
  protocol::L1Deployment deployment;
  deployment.l1_chain_id = 32'382;
  deployment.clock = clock;
  deployment.inbox = core::fixed_hex("000000000000000000000000000000000011b0c5");
  deployment.preconf_whitelist = core::fixed_hex("0000000000000000000000000000000000313157");
  deployment.lookahead_store = core::fixed_hex("00000000000000000000000000000000100caead");
  return deployment;
}

L1Chain::L1Chain(L1ChainOptions options) : options_(std::move(options)) {
  PRECONF_ASSERT(protocol::is_usable(options_.deployment.clock));
  L1Block genesis =
      make_l1_block(options_.deployment, nullptr, options_.deployment.clock.genesis, branch_, {});
  genesis.contracts.operators = options_.operators;
  canonical_.push_back(
      blocks_.emplace(genesis.hash, std::make_unique<const L1Block>(std::move(genesis)))
          .first->second.get());
  move_tags();
}

Hash32 L1Chain::add_blob(core::Bytes bytes) {
  PRECONF_ASSERT(bytes.size() == core::codec::kBlobBytes);
  const auto commitment = made_up_commitment(bytes);
  const Hash32 hash = core::codec::versioned_hash_of(commitment);
  blobs_.emplace(hash, L1Blob{commitment, std::move(bytes)});
  return hash;
}

void L1Chain::submit(L1Call call) {
  waiting_.push_back(L1Transaction{next_nonce_++, std::move(call)});
}

const L1Block& L1Chain::append(UnixSeconds time, std::vector<L1Transaction> transactions) {
  L1Block block =
      make_l1_block(options_.deployment, &head(), time, branch_, std::move(transactions));
  const Hash32 hash = block.hash;
  auto& slot = blocks_[hash];
  PRECONF_ASSERT(slot == nullptr);  // branches never make the same block twice
  slot = std::make_unique<const L1Block>(std::move(block));
  canonical_.push_back(slot.get());
  return *slot;
}

const L1Block& L1Chain::mine(std::uint64_t skipped) {
  const std::uint64_t slots = 1 + std::min(skipped, kMineMax);
  const UnixSeconds time{head().timestamp().value + slots * options_.deployment.clock.slot_seconds};
  const L1Block& block = append(time, std::exchange(waiting_, {}));
  move_tags();
  if (on_head_) on_head_();
  return block;
}

std::uint64_t L1Chain::mine_until(UnixSeconds time) {
  std::uint64_t mined = 0;
  while (head().timestamp().value + options_.deployment.clock.slot_seconds <= time.value &&
         mined < kMineMax) {
    mine();
    ++mined;
  }
  return mined;
}

void L1Chain::move_tags() {
  const auto follow = [this](std::optional<std::uint64_t> lag, const L1Block*& tag) {
    const std::uint64_t number = head().header.number;
    if (!lag || number < *lag) return;
    const L1Block* target = canonical(L1BlockNumber{number - *lag});
    // Finality does not go back because a branch is shorter.
    if (tag == nullptr || target->header.number > tag->header.number) tag = target;
  };
  follow(options_.safe_lag, safe_);
  follow(options_.finalized_lag, finalized_);
}

bool L1Chain::set_safe(L1BlockNumber number) {
  const L1Block* block = canonical(number);
  if (block != nullptr) safe_ = block;
  return block != nullptr;
}

bool L1Chain::set_finalized(L1BlockNumber number) {
  const L1Block* block = canonical(number);
  if (block != nullptr) finalized_ = block;
  return block != nullptr;
}

core::Result<core::Ok, std::string> L1Chain::reorg(const L1Reorg& plan) {
  const std::uint64_t number = head().header.number;
  if (plan.depth == 0 || plan.depth > number) {
    return Unexpected<std::string>{fmt::format("depth must be from 1 to {}", number)};
  }
  if (plan.extra_blocks > kMineMax || plan.shift > kMineMax) {
    return Unexpected<std::string>{"too many blocks"};
  }
  const std::uint64_t fork = number - plan.depth;
  if (finalized_ != nullptr && finalized_->header.number > fork && !plan.below_finalized) {
    return Unexpected<std::string>{fmt::format("block {} is finalized", finalized_->header.number)};
  }
  const std::vector<const L1Block*> replaced(
      canonical_.begin() + static_cast<std::ptrdiff_t>(fork) + 1, canonical_.end());
  canonical_.resize(fork + 1);
  ++branch_;
  if (safe_ != nullptr && !is_canonical(*safe_)) safe_ = &head();
  if (finalized_ != nullptr && !is_canonical(*finalized_)) finalized_ = &head();

  std::map<std::uint64_t, std::vector<L1Transaction>> planned;  // by offset above the fork
  for (std::uint64_t i = 0; i < replaced.size(); ++i) {
    for (const L1Transaction& transaction : replaced[i]->transactions) {
      L1Transaction again = transaction;
      if (plan.edit) {
        auto edited = plan.edit(transaction.call);
        if (!edited) continue;
        again.call = std::move(*edited);
      }
      planned[i + plan.shift].push_back(std::move(again));
    }
  }
  for (std::uint64_t i = 0; i < plan.depth + plan.extra_blocks; ++i) {
    const UnixSeconds time =
        i < replaced.size()
            ? replaced[i]->timestamp()
            : UnixSeconds{head().timestamp().value + options_.deployment.clock.slot_seconds};
    append(time, std::move(planned[i]));
    planned.erase(i);
  }
  // What did not fit waits for the next block, before what was waiting already.
  std::vector<L1Transaction> rest;
  for (auto& [offset, transactions] : planned) {
    std::move(transactions.begin(), transactions.end(), std::back_inserter(rest));
  }
  waiting_.insert(waiting_.begin(), std::make_move_iterator(rest.begin()),
                  std::make_move_iterator(rest.end()));
  move_tags();
  if (on_head_) on_head_();
  return core::Ok{};
}

bool L1Chain::has_waiting_proposal() const {
  return std::any_of(waiting_.begin(), waiting_.end(), [](const L1Transaction& transaction) {
    return std::holds_alternative<l1_call::Propose>(transaction.call);
  });
}

const L1Block* L1Chain::canonical(L1BlockNumber number) const {
  return number.value < canonical_.size() ? canonical_[number.value] : nullptr;
}

const L1Block* L1Chain::by_hash(const Hash32& hash) const {
  const auto found = blocks_.find(hash);
  return found == blocks_.end() ? nullptr : found->second.get();
}

bool L1Chain::is_canonical(const L1Block& block) const {
  return canonical(block.number()) == &block;
}

const L1Block* L1Chain::at_time(UnixSeconds time) const {
  const auto found = std::lower_bound(
      canonical_.begin(), canonical_.end(), time,
      [](const L1Block* block, UnixSeconds wanted) { return block->timestamp() < wanted; });
  return found == canonical_.end() || (*found)->timestamp() != time ? nullptr : *found;
}

const L1Blob* L1Chain::blob(const Hash32& versioned_hash) const {
  const auto found = blobs_.find(versioned_hash);
  return found == blobs_.end() ? nullptr : &found->second;
}

bool L1Chain::has_code(const core::Address& of) const {
  const protocol::L1Deployment& deployment = options_.deployment;
  const auto& idle = options_.idle_contracts;
  if (of.is_zero()) return false;
  return of == deployment.inbox || of == deployment.preconf_whitelist ||
         of == deployment.lookahead_store || std::ranges::find(idle, of) != idle.end();
}

std::optional<core::Bytes> L1Chain::call(const L1Block& block, const core::Address& to,
                                         core::BytesView data) const {
  const L1ViewContext context{options_.deployment, block.contracts, block.timestamp(),
                              [this, &block](UnixSeconds time) {
                                const L1Block* at = &block;
                                while (at != nullptr && at->timestamp() > time)
                                  at = by_hash(at->header.parent_hash);
                                if (at == nullptr || at->timestamp() != time) return Hash32{};
                                return at->header.parent_beacon_block_root.value_or(Hash32{});
                              }};
  return answer_l1_view(context, to, data);
}

}  // namespace preconf::node::devnet
