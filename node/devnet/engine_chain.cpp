#include "node/devnet/engine_chain.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/hex.hpp"
#include "core/codec/trie.hpp"
#include "core/codec/txlist.hpp"
#include "core/limits.hpp"
#include "core/protocol/anchor_tx.hpp"
#include "core/protocol/extra_data.hpp"
#include "node/devnet/block_rules.hpp"
#include "node/devnet/execution.hpp"

namespace preconf::node::devnet {

using core::Hash32;
using core::Unexpected;
using core::events::PayloadStatus;

namespace {

const EngineError kInvalidForkchoice{-38002, "Invalid forkchoice state"};
const EngineError kInvalidAttributes{-38003, "Invalid payload attributes"};
/// What alethia-reth itself fails with, around reth's answers.
EngineError internal_error(std::string what) {
  return EngineError{-32603, "Server error", std::move(what)};
}

StatusAnswer status_of(PayloadStatus status) { return StatusAnswer{status, std::nullopt, {}}; }

/// As the tables store it.
std::optional<std::uint64_t> proposal_id_in(core::BytesView extra_data) {
  const auto id = core::protocol::proposal_in(extra_data);
  if (!id) return std::nullopt;
  return id->value;
}

}  // namespace

EngineChain::EngineChain(const core::protocol::ChainProfile& chain) : profile_(chain) {
  auto genesis = std::make_unique<const SimBlock>(simulated_genesis(chain));
  canonical_.push_back(genesis.get());
  blocks_.emplace(genesis->hash, std::move(genesis));
}

const SimBlock* EngineChain::canonical(std::uint64_t number) const {
  return number < canonical_.size() ? canonical_[number] : nullptr;
}

const SimBlock* EngineChain::by_hash(const Hash32& hash) const {
  const auto block = blocks_.find(hash);
  return block == blocks_.end() ? nullptr : block->second.get();
}

bool EngineChain::is_canonical(const SimBlock& block) const {
  return canonical(block.number()) == &block;
}

std::uint64_t EngineChain::transaction_count(const core::Address& account,
                                             const SimBlock& block) const {
  if (account == core::protocol::kGoldenTouchAddress) return block.golden_nonce;
  std::uint64_t count = 0;
  for (const SimBlock* at = &block; at != nullptr; at = by_hash(at->header.parent_hash)) {
    count += static_cast<std::uint64_t>(std::count_if(
        at->transactions.begin(), at->transactions.end(),
        [&account](const SimTransaction& transaction) { return transaction.sender == account; }));
  }
  return count;
}

void EngineChain::set_head(const SimBlock& block) {
  std::vector<const SimBlock*> branch;
  const SimBlock* at = &block;
  while (!is_canonical(*at)) {
    branch.push_back(at);
    at = by_hash(at->header.parent_hash);
    PRECONF_ASSERT(at != nullptr);  // a block is only stored above a stored parent
  }
  canonical_.resize(at->number() + 1);
  canonical_.insert(canonical_.end(), branch.rbegin(), branch.rend());
}

void EngineChain::step_back() {
  PRECONF_ASSERT(canonical_.size() > 1);
  canonical_.pop_back();
}

bool EngineChain::set_labels(const core::commands::ForkchoiceState& state) {
  const auto set = [this](const SimBlock*& label, const Hash32& hash) {
    if (hash.is_zero()) return true;
    const SimBlock* block = by_hash(hash);
    if (block == nullptr || !is_canonical(*block)) return false;
    label = block;
    return true;
  };
  return set(finalized_, state.finalized) && set(safe_, state.safe);
}

StatusAnswer EngineChain::linked_to_rejected(const Hash32& valid_ancestor) const {
  // reth takes a parent with a difficulty for a proof-of-work block, and Taiko's have one.
  const SimBlock* parent = by_hash(valid_ancestor);
  const bool has_difficulty = parent != nullptr && parent->header.difficulty != core::U256{};
  return StatusAnswer{PayloadStatus::kInvalid, has_difficulty ? Hash32{} : valid_ancestor,
                      "links to previously rejected block"};
}

StatusAnswer EngineChain::status_of_unknown(const Hash32& head) {
  const auto rejected = invalid_.find(head);
  if (rejected != invalid_.end()) return linked_to_rejected(rejected->second);
  sync_target_ = head;
  if (sync_peer_ != nullptr) sync_from_peer(head);
  return status_of(PayloadStatus::kSyncing);
}

const SimBlock* EngineChain::fetched(std::uint64_t number) const {
  const auto block = std::find_if(fetched_.begin(), fetched_.end(),
                                  [number](const SimBlock* at) { return at->number() == number; });
  return block == fetched_.end() ? nullptr : *block;
}

/// Executes every block from the first one that is not here up to `head`. No table is written:
/// those are of blocks that a driver made.
void EngineChain::sync_from_peer(const Hash32& head) {
  std::vector<const SimBlock*> missing;
  for (const SimBlock* at = sync_peer_->by_hash(head);
       at != nullptr && by_hash(at->hash) == nullptr;
       at = sync_peer_->by_hash(at->header.parent_hash)) {
    missing.push_back(at);
  }
  if (is_synced_in_stages_ && fetched_ != missing) {
    fetched_ = std::move(missing);
    return;
  }
  fetched_.clear();
  for (auto block = missing.rbegin(); block != missing.rend(); ++block) {
    PayloadClaim claim;
    claim.header = (*block)->header;
    claim.tx_hash = (*block)->header.transactions_root;
    claim.withdrawals_hash = (*block)->header.withdrawals_root;
    claim.block_hash = (*block)->hash;
    claim.difficulty_given = true;
    for (const SimTransaction& one : (*block)->transactions) claim.transactions.push_back(one.raw);
    if (new_payload(claim).status != PayloadStatus::kValid) return;
  }
}

core::Result<ForkchoiceAnswer, EngineError> EngineChain::forkchoice_updated(
    const core::commands::ForkchoiceState& state, const BuildRequest* request) {
  if (state.head.is_zero()) return Unexpected<EngineError>{kInvalidForkchoice};
  ForkchoiceAnswer answer;
  const SimBlock* head = by_hash(state.head);
  if (head == nullptr) {
    answer.status = status_of_unknown(state.head);
    // alethia-reth wants to wait for a payload that nobody began.
    if (request != nullptr) return Unexpected<EngineError>{internal_error("missing payload id")};
    return answer;
  }
  const bool is_ancestor = is_canonical(*head) && head != canonical_.back();
  if (!is_ancestor) {
    set_head(*head);
    // The head has moved when the labels are found wanting.
    if (!set_labels(state)) return Unexpected<EngineError>{kInvalidForkchoice};
  }
  sync_target_.reset();
  answer.status = StatusAnswer{PayloadStatus::kValid, head->hash, {}};
  if (request == nullptr) return answer;

  auto id = build(*head, *request);
  if (!id) return Unexpected<EngineError>{id.error()};
  answer.payload_id = *id;
  return answer;
}

core::Result<core::PayloadId, EngineError> EngineChain::build(const SimBlock& parent,
                                                              const BuildRequest& request) {
  // An equal timestamp is let through here; newPayload refuses the block.
  if (request.timestamp.value < parent.header.timestamp) {
    return Unexpected<EngineError>{kInvalidAttributes};
  }
  const core::PayloadId id = payload_args_id(parent.hash, request);
  BlockInputs inputs;
  inputs.timestamp = request.timestamp.value;
  inputs.beneficiary = request.fee_recipient;
  inputs.prev_randao = request.prev_randao;
  inputs.gas_limit = request.gas_limit;
  inputs.base_fee_wei = request.base_fee_wei;
  inputs.extra_data = request.extra_data;
  std::vector<core::BytesView> transactions;
  if (request.tx_list) {
    auto elements = core::codec::split_txlist(*request.tx_list);
    if (elements) transactions = std::move(*elements);
  } else if (request.anchor_transaction) {
    transactions.emplace_back(*request.anchor_transaction);
  }
  job_ = Job{
      id, std::make_shared<const SimBlock>(execute_block(parent, inputs, transactions, profile_))};
  StoredOrigin origin = request.origin;
  origin.l2_block_hash = job_->block->hash;
  const bool shasta = request.timestamp >= profile_.shasta_time;
  tables_.record_build(origin, shasta ? proposal_id_in(request.extra_data) : std::nullopt);
  return id;
}

core::Result<const SimBlock*, EngineError> EngineChain::get_payload(
    const core::PayloadId& id) const {
  if (!job_ || job_->id != id) {
    return Unexpected<EngineError>{internal_error("missing payload")};
  }
  return job_->block.get();
}

StatusAnswer EngineChain::invalid(const Hash32& hash, std::optional<Hash32> valid_ancestor,
                                  std::string reason) {
  if (valid_ancestor && invalid_.emplace(hash, *valid_ancestor).second) {
    invalid_order_.push_back(hash);
    if (invalid_order_.size() > kInvalidBlocksMax) {
      invalid_.erase(invalid_order_.front());
      invalid_order_.pop_front();
    }
  }
  return StatusAnswer{PayloadStatus::kInvalid, valid_ancestor, std::move(reason)};
}

StatusAnswer EngineChain::new_payload(const PayloadClaim& claim) {
  core::codec::Header header = claim.header;
  // What is wrong by itself poisons nothing. The Engine API wants no latest valid hash for a wrong
  // block hash; alethia-reth's error is of a kind that reth does not know as one.
  const auto malformed = [this, &header](std::string reason) {
    StatusAnswer answer{PayloadStatus::kInvalid, std::nullopt, std::move(reason)};
    const auto rejected = invalid_.find(header.parent_hash);
    if (by_hash(header.parent_hash) != nullptr) answer.latest_valid_hash = header.parent_hash;
    if (rejected != invalid_.end()) answer.latest_valid_hash = rejected->second;
    return answer;
  };
  if (core::protocol::unzen_active(profile_, core::UnixSeconds{header.timestamp}) &&
      !claim.difficulty_given) {
    return malformed("missing header difficulty for Unzen payload");
  }
  const Hash32 body_root = core::codec::ordered_trie_root(claim.transactions);
  header.transactions_root = claim.tx_hash.is_zero() ? body_root : claim.tx_hash;
  if (claim.withdrawals_hash && !claim.withdrawals_hash->is_zero()) {
    header.withdrawals_root = *claim.withdrawals_hash;
  }
  const Hash32 hash = core::codec::hash_header(header);
  if (hash != claim.block_hash) {
    return malformed(fmt::format("block hash mismatch: want {}, got {}",
                                 core::to_hex0x(claim.block_hash.view()),
                                 core::to_hex0x(hash.view())));
  }
  if (by_hash(hash) != nullptr) return StatusAnswer{PayloadStatus::kValid, hash, {}};
  for (const Hash32& suspect : {hash, header.parent_hash}) {
    const auto rejected = invalid_.find(suspect);
    if (rejected == invalid_.end()) continue;
    const Hash32 valid_ancestor = rejected->second;
    static_cast<void>(invalid(hash, valid_ancestor, {}));
    return linked_to_rejected(valid_ancestor);
  }
  const SimBlock* parent = by_hash(header.parent_hash);
  if (parent == nullptr) return status_of(PayloadStatus::kSyncing);

  if (header.transactions_root != body_root) {
    return invalid(hash, parent->hash, "mismatched block transaction root");
  }
  const SimBlock* grandparent = by_hash(parent->header.parent_hash);
  if (auto reason = check_header(header, *parent, grandparent, profile_); !reason.empty()) {
    return invalid(hash, parent->hash, std::move(reason));
  }
  SimBlock block;
  if (auto reason = check_body(header, claim.transactions, *parent, profile_, block);
      !reason.empty()) {
    return invalid(hash, parent->hash, std::move(reason));
  }
  const auto known =
      blocks_.emplace(hash, std::make_unique<const SimBlock>(std::move(block))).first;
  if (sync_target_ == hash) set_head(*known->second);
  return StatusAnswer{PayloadStatus::kValid, hash, {}};
}

core::Result<std::uint64_t, EngineError> EngineChain::last_block_of_batch(
    const core::U256& batch) const {
  const Unexpected<EngineError> not_found{EngineError{-32000, "not found"}};
  if (!batch.fits_u64()) return not_found;
  const std::uint64_t wanted = batch.low_u64();
  if (const auto known = tables_.batch_blocks.find(wanted); known != tables_.batch_blocks.end()) {
    return known->second;
  }
  for (std::size_t number = canonical_.size() - 1; number > 0; --number) {
    if (canonical_.size() - 1 - number >= lookback_max_) {
      return Unexpected<EngineError>{EngineError{
          -32000,
          "proposal last block lookback exceeded: BatchToLastBlockID missing and lookback limit "
          "reached"}};
    }
    const SimBlock& block = *canonical_[number];
    if (block.transactions.empty() || !check_anchor_rules(block).empty()) return not_found;
    const auto proposal = proposal_id_in(block.header.extra_data);
    if (!proposal) return Unexpected<EngineError>{EngineError{-32602, "extraData too short"}};
    if (*proposal < wanted) return not_found;
    if (*proposal > wanted) continue;
    const StoredOrigin* row = tables_.origin_at(number);
    if (row != nullptr && row->is_preconfirmation()) continue;
    if (row == nullptr && number + 1 == canonical_.size()) {
      return Unexpected<EngineError>{EngineError{
          -32000,
          "proposal last block uncertain: BatchToLastBlockID missing and no newer proposal "
          "observed"}};
    }
    return std::uint64_t{number};
  }
  return not_found;
}

void EngineChain::rewind_and_forget(std::uint64_t depth) {
  job_.reset();
  sync_target_.reset();
  invalid_.clear();
  invalid_order_.clear();
  const std::uint64_t head_number = head().number();
  const std::uint64_t keep = head_number - std::min(depth, head_number);
  canonical_.resize(keep + 1);
  if (safe_ != nullptr && !is_canonical(*safe_)) safe_ = nullptr;
  if (finalized_ != nullptr && !is_canonical(*finalized_)) finalized_ = nullptr;
  std::erase_if(blocks_, [this](const auto& entry) { return !is_canonical(*entry.second); });
}

}  // namespace preconf::node::devnet
