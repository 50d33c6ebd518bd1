#include "core/effects/apply_matching.hpp"

#include <algorithm>

#include "core/base/assert.hpp"

namespace preconf::core::effects {

std::optional<protocol::PayloadAttributes> attributes_for(const State& state,
                                                          const protocol::CommitmentFacts& facts,
                                                          const protocol::TxListFacts& list) {
  PRECONF_ASSERT(state.heads.unsafe && next(state.heads.unsafe->number) == facts.block_number);
  if (!state.heads.unsafe_parent_time) return std::nullopt;
  const protocol::HeaderFacts& parent = *state.heads.unsafe;
  const protocol::BaseFeeParent base_fee_parent{
      parent.number, parent.gas_limit, parent.gas_used, parent.base_fee_wei,
      distance(*state.heads.unsafe_parent_time, parent.timestamp)};
  const auto base_fee = protocol::base_fee_after(base_fee_parent, state.chain);
  if (!base_fee) return std::nullopt;
  protocol::PayloadAttributes attributes;
  attributes.block_number = facts.block_number;
  attributes.parent_hash = parent.hash;
  attributes.timestamp = facts.timestamp;
  attributes.prev_randao = protocol::mix_hash_of(parent.difficulty, facts.block_number);
  attributes.fee_recipient = facts.coinbase;
  attributes.gas_limit = facts.gas_limit;
  attributes.base_fee_wei = *base_fee;
  attributes.extra_data =
      protocol::extra_data_of(state.chain.base_fee_sharing_pctg, facts.proposal_id);
  attributes.tx_list_hash = list.hash;
  attributes.tx_list_rlp_hash = list.rlp_hash;
  attributes.payload_id = protocol::payload_id_of(attributes);
  return attributes;
}

bool is_built_from(const protocol::PayloadAttributes& attributes,
                   const protocol::HeaderFacts& header) {
  return header.number == attributes.block_number && header.parent_hash == attributes.parent_hash &&
         header.timestamp == attributes.timestamp &&
         header.beneficiary == attributes.fee_recipient &&
         header.mix_hash == attributes.prev_randao && header.gas_limit == attributes.gas_limit &&
         header.base_fee_wei == attributes.base_fee_wei &&
         std::ranges::equal(header.extra_data, attributes.extra_data.bytes);
}

bool is_materialised(const protocol::PayloadAttributes& attributes, const events::BlockRead& read) {
  if (!read.block || !read.origin) return false;
  const protocol::OriginRow& row = *read.origin;
  const bool row_matches = !row.build_payload_args_id.is_zero() &&
                           row.build_payload_args_id == attributes.payload_id &&
                           (row.l2_block_hash.is_zero() || row.l2_block_hash == read.block->hash);
  return row_matches && is_built_from(attributes, *read.block);
}

bool could_be_block_of(const State& state, const protocol::CommitmentFacts& facts,
                       const protocol::HeaderFacts& header) {
  const protocol::ExtraData7 extra_data =
      protocol::extra_data_of(state.chain.base_fee_sharing_pctg, facts.proposal_id);
  return header.number == facts.block_number && header.timestamp == facts.timestamp &&
         header.beneficiary == facts.coinbase && header.gas_limit == facts.gas_limit &&
         std::ranges::equal(header.extra_data, extra_data.bytes);
}

bool is_block_of(const State& state, const protocol::CommitmentFacts& facts,
                 const protocol::TxListFacts& list, const events::BlockRead& read) {
  PRECONF_ASSERT(read.block.has_value());
  const protocol::HeaderFacts& header = *read.block;
  if (!could_be_block_of(state, facts, header)) return false;
  protocol::PayloadAttributes attributes;
  attributes.block_number = header.number;
  attributes.parent_hash = header.parent_hash;
  attributes.timestamp = header.timestamp;
  attributes.prev_randao = header.mix_hash;
  attributes.fee_recipient = header.beneficiary;
  attributes.gas_limit = header.gas_limit;
  attributes.base_fee_wei = header.base_fee_wei;
  attributes.extra_data =
      protocol::extra_data_of(state.chain.base_fee_sharing_pctg, facts.proposal_id);
  attributes.tx_list_hash = list.hash;
  attributes.tx_list_rlp_hash = list.rlp_hash;
  attributes.payload_id = protocol::payload_id_of(attributes);
  return is_materialised(attributes, read);
}

}  // namespace preconf::core::effects
