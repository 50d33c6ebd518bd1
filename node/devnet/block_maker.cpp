#include "node/devnet/block_maker.hpp"

#include <fmt/format.h>

#include "core/codec/txlist.hpp"
#include "core/crypto/hash.hpp"
#include "core/protocol/payload_attributes.hpp"
#include "node/devnet/block_rules.hpp"

namespace preconf::node::devnet {
namespace {

using core::Unexpected;
using core::events::PayloadStatus;

core::Hash32 made_up_hash(std::string_view what, std::uint64_t number) {
  const std::string seed = fmt::format("preconf simulated L1 {} {}", what, number);
  return core::crypto::keccak256(core::Bytes(seed.begin(), seed.end()));
}

core::commands::ForkchoiceState state_at(const core::Hash32& head) {
  core::commands::ForkchoiceState state;
  state.head = head;
  return state;
}

PayloadClaim claim_of(const SimBlock& block) {
  PayloadClaim claim;
  claim.header = block.header;
  claim.block_hash = block.hash;
  claim.tx_hash = block.header.transactions_root;
  claim.difficulty_given = true;
  claim.transactions.reserve(block.transactions.size());
  for (const SimTransaction& transaction : block.transactions) {
    claim.transactions.push_back(transaction.raw);
  }
  return claim;
}

BuildRequest request_for(const EngineChain& chain, const MakeInputs& inputs) {
  const SimBlock& parent = chain.head();
  const core::BlockNumber number{parent.number() + 1};
  BuildRequest request;
  request.timestamp = inputs.timestamp;
  request.prev_randao = core::protocol::mix_hash_of(parent.header.difficulty, number);
  request.fee_recipient = inputs.coinbase;
  request.base_fee_wei = next_base_fee(chain);
  request.gas_limit =
      core::protocol::gas_limit_bounds(core::BlockNumber{parent.number()}, parent.header.gas_limit)
          .high;
  const auto extra =
      core::protocol::extra_data_of(chain.profile().base_fee_sharing_pctg, inputs.proposal);
  request.extra_data.assign(extra.bytes.begin(), extra.bytes.end());

  core::protocol::AnchorTxInput anchor;
  anchor.chain_id = chain.profile().chain_id;
  anchor.nonce = parent.golden_nonce;
  anchor.base_fee_wei = request.base_fee_wei;
  anchor.anchor_address = chain.profile().anchor_address;
  anchor.call = inputs.anchor;
  std::vector<core::Bytes> transactions;
  transactions.reserve(inputs.user_transactions.size() + 1);
  transactions.push_back(core::protocol::build_anchor_tx(anchor));
  transactions.insert(transactions.end(), inputs.user_transactions.begin(),
                      inputs.user_transactions.end());
  request.tx_list = core::codec::encode_txlist(transactions);
  request.origin.block_id = number.value;
  request.origin.build_payload_args_id = payload_args_id(parent.hash, request);
  return request;
}

}  // namespace

core::protocol::AnchorCall simulated_l1_block(core::L1BlockNumber number) {
  core::protocol::AnchorCall call;
  call.block_number = number;
  call.block_hash = made_up_hash("block", number.value);
  call.state_root = made_up_hash("state", number.value);
  return call;
}

std::uint64_t next_base_fee(const EngineChain& chain) {
  const SimBlock& parent = chain.head();
  const SimBlock* grandparent = chain.by_hash(parent.header.parent_hash);
  core::protocol::BaseFeeParent base;
  base.number = core::BlockNumber{parent.number()};
  base.gas_limit = parent.header.gas_limit;
  base.gas_used = parent.header.gas_used;
  base.base_fee_wei = parent.header.base_fee_wei.value_or(0);
  base.block_time_seconds =
      grandparent == nullptr ? 0 : parent.header.timestamp - grandparent->header.timestamp;
  const auto fee = core::protocol::base_fee_after(base, chain.profile());
  PRECONF_ASSERT(fee.has_value());  // every block of the chain has a gas limit over 2
  return *fee;
}

core::Result<MadeBlock, std::string> make_block(EngineChain& chain, const MakeInputs& inputs) {
  const BuildRequest request = request_for(chain, inputs);
  const auto started = chain.forkchoice_updated(state_at(chain.head().hash), &request);
  if (!started) return Unexpected<std::string>{"build: " + started.error().message};
  if (!started->payload_id) return Unexpected<std::string>{"build: no payload id"};
  const auto payload = chain.get_payload(*started->payload_id);
  if (!payload) return Unexpected<std::string>{"getPayload: " + payload.error().message};
  const core::Hash32 hash = (*payload)->hash;
  const StatusAnswer judged = chain.new_payload(claim_of(**payload));
  if (judged.status != PayloadStatus::kValid) {
    return Unexpected<std::string>{"newPayload: " + judged.validation_error};
  }
  const auto promoted = chain.forkchoice_updated(state_at(hash), nullptr);
  if (!promoted || promoted->status.status != PayloadStatus::kValid) {
    return Unexpected<std::string>{"forkchoiceUpdated refused the new block"};
  }
  MadeBlock made;
  made.block = &chain.head();
  made.tx_list = core::codec::deflate_bytes(*request.tx_list);
  made.tx_list_hash = core::crypto::keccak256(made.tx_list);
  return made;
}

}  // namespace preconf::node::devnet
