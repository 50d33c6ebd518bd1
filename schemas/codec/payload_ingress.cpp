// Payloads of commitments and transaction lists.
#include "schemas/codec/convert.hpp"
#include "schemas/codec/payload_codec.hpp"
#include "schemas/generated/ingress_generated.h"

namespace preconf::schemas {

using flatbuffers::FlatBufferBuilder;

namespace {

flatbuffers::Offset<fbs::CommitmentFacts> encode(FlatBufferBuilder& builder,
                                                 const core::protocol::CommitmentFacts& in) {
  const fbs::Hash32 preconf_hash = to_fbs(in.preconf_hash);
  const fbs::Hash32 content_hash = to_fbs(in.content_hash);
  const fbs::Hash32 commitment_hash = to_fbs(in.commitment_hash);
  const fbs::Address signer = to_fbs(in.signer);
  const fbs::Address coinbase = to_fbs(in.coinbase);
  const fbs::Hash32 raw_tx_list_hash = to_fbs(in.raw_tx_list_hash);
  const fbs::Hash32 parent = to_fbs(in.parent_preconf_hash);
  const fbs::Address slasher = to_fbs(in.slasher);
  return fbs::CreateCommitmentFacts(builder, static_cast<std::uint8_t>(in.defect), &preconf_hash,
                                    &content_hash, &commitment_hash, &signer, in.eop,
                                    in.block_number.value, in.timestamp.value, in.gas_limit,
                                    &coinbase, in.anchor_block_number.value, &raw_tx_list_hash,
                                    &parent, in.window_end.value, in.proposal_id.value, &slasher);
}

void decode(const fbs::CommitmentFacts& in, core::protocol::CommitmentFacts& out) {
  out.defect = static_cast<core::protocol::CommitmentDefect>(in.defect());
  out.preconf_hash = to_core(*in.preconf_hash());
  out.content_hash = to_core(*in.content_hash());
  out.commitment_hash = to_core(*in.commitment_hash());
  out.signer = to_core(*in.signer());
  out.eop = in.eop();
  out.block_number.value = in.block_number();
  out.timestamp.value = in.timestamp();
  out.gas_limit = in.gas_limit();
  out.coinbase = to_core(*in.coinbase());
  out.anchor_block_number.value = in.anchor_block_number();
  out.raw_tx_list_hash = to_core(*in.raw_tx_list_hash());
  out.parent_preconf_hash = to_core(*in.parent_preconf_hash());
  out.window_end.value = in.window_end();
  out.proposal_id.value = in.proposal_id();
  out.slasher = to_core(*in.slasher());
}

flatbuffers::Offset<fbs::AnchorFacts> encode(FlatBufferBuilder& builder,
                                             const core::protocol::AnchorFacts& in) {
  const fbs::Address sender = to_fbs(in.sender);
  const fbs::Address to = to_fbs(in.to);
  const fbs::U256 max_fee = to_fbs(in.max_fee_per_gas);
  const fbs::U256 max_priority_fee = to_fbs(in.max_priority_fee_per_gas);
  const fbs::Hash32 block_hash = to_fbs(in.anchor_block_hash);
  const fbs::Hash32 state_root = to_fbs(in.anchor_state_root);
  return fbs::CreateAnchorFacts(builder, static_cast<std::uint8_t>(in.defect), &sender, &to,
                                in.chain_id, in.nonce, in.gas_limit, &max_fee, &max_priority_fee,
                                in.value_is_zero, in.anchor_block_number, &block_hash, &state_root);
}

void decode(const fbs::AnchorFacts& in, core::protocol::AnchorFacts& out) {
  out.defect = static_cast<core::protocol::AnchorDefect>(in.defect());
  out.sender = to_core(*in.sender());
  out.to = to_core(*in.to());
  out.chain_id = in.chain_id();
  out.nonce = in.nonce();
  out.gas_limit = in.gas_limit();
  out.max_fee_per_gas = to_core(*in.max_fee_per_gas());
  out.max_priority_fee_per_gas = to_core(*in.max_priority_fee_per_gas());
  out.value_is_zero = in.value_is_zero();
  out.anchor_block_number = in.anchor_block_number();
  out.anchor_block_hash = to_core(*in.anchor_block_hash());
  out.anchor_state_root = to_core(*in.anchor_state_root());
}

}  // namespace

void encode_payload(FlatBufferBuilder& builder, const core::events::CommitmentReceived& in) {
  const auto raw = blob(builder, in.raw);
  const auto facts = encode(builder, in.facts);
  builder.Finish(fbs::CreateCommitmentReceived(builder, raw, facts, in.verifier_version));
}

bool decode_payload(core::BytesView bytes, core::events::CommitmentReceived& out) {
  const auto* table = verified_root<fbs::CommitmentReceived>(bytes);
  if (table == nullptr) return false;
  assign(out.raw, table->raw());
  decode(*table->facts(), out.facts);
  out.verifier_version = table->verifier_version();
  return true;
}

void encode_payload(FlatBufferBuilder& builder, const core::events::TxListReceived& in) {
  const auto anchor = encode(builder, in.facts.anchor);
  const fbs::Hash32 hash = to_fbs(in.facts.hash);
  const fbs::Hash32 rlp_hash = to_fbs(in.facts.rlp_hash);
  const auto facts = fbs::CreateTxListFacts(
      builder, &hash, in.facts.compressed_bytes, static_cast<std::uint8_t>(in.facts.defect),
      in.facts.inflated_bytes, in.facts.transactions, &rlp_hash, anchor);
  builder.Finish(fbs::CreateTxListReceived(builder, facts, in.verifier_version));
}

bool decode_payload(core::BytesView bytes, core::events::TxListReceived& out) {
  const auto* table = verified_root<fbs::TxListReceived>(bytes);
  if (table == nullptr) return false;
  const fbs::TxListFacts& facts = *table->facts();
  out.facts.hash = to_core(*facts.hash());
  out.facts.compressed_bytes = facts.compressed_bytes();
  out.facts.defect = static_cast<core::protocol::TxListDefect>(facts.defect());
  out.facts.inflated_bytes = facts.inflated_bytes();
  out.facts.transactions = facts.transactions();
  out.facts.rlp_hash = to_core(*facts.rlp_hash());
  decode(*facts.anchor(), out.facts.anchor);
  out.verifier_version = table->verifier_version();
  return true;
}

}  // namespace preconf::schemas
