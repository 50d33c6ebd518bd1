// Payloads of events from L1.
#include "schemas/codec/convert.hpp"
#include "schemas/codec/payload_codec.hpp"
#include "schemas/codec/payload_l1_facts.hpp"

namespace preconf::schemas {

namespace events = core::events;
namespace limits = core::limits;
namespace protocol = core::protocol;
using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;

void encode_payload(FlatBufferBuilder& builder, const events::L1DeploymentRecorded& in) {
  const protocol::L1Deployment& deployment = in.deployment;
  const fbs::EpochClock clock(deployment.clock.genesis.value, deployment.clock.slot_seconds,
                              deployment.clock.slots_per_epoch);
  const fbs::Address inbox = to_fbs(deployment.inbox);
  const fbs::Address whitelist = to_fbs(deployment.preconf_whitelist);
  const fbs::Address store = to_fbs(deployment.lookahead_store);
  const auto stored =
      fbs::CreateL1Deployment(builder, deployment.l1_chain_id, &clock, &inbox, &whitelist, &store);
  builder.Finish(fbs::CreateL1DeploymentRecorded(builder, stored,
                                                 static_cast<std::uint8_t>(in.fallback_signer)));
}

bool decode_payload(core::BytesView bytes, events::L1DeploymentRecorded& out) {
  const auto* table = verified_root<fbs::L1DeploymentRecorded>(bytes);
  if (table == nullptr) return false;
  const fbs::L1Deployment& in = *table->deployment();
  out.deployment = {
      in.l1_chain_id(),
      {{in.clock()->genesis()}, in.clock()->slot_seconds(), in.clock()->slots_per_epoch()},
      to_core(*in.inbox()),
      to_core(*in.preconf_whitelist()),
      to_core(*in.lookahead_store())};
  out.fallback_signer = static_cast<protocol::FallbackSigner>(table->fallback_signer());
  return true;
}

void encode_payload(FlatBufferBuilder& builder, const events::L1BlockObserved& in) {
  const auto facts = in.facts.empty() ? Offset<FbsFacts>(0) : encode_facts(builder, in.facts);
  const fbs::Hash32 hash = to_fbs(in.hash);
  const fbs::Hash32 parent = to_fbs(in.parent_hash);
  const fbs::Hash32 root = to_fbs(in.state_root);
  const fbs::Hash32 previous = to_fbs(in.previous);
  builder.Finish(fbs::CreateL1BlockObserved(builder, in.number.value, &hash, &parent, &root,
                                            in.timestamp.value, &previous, facts));
}

bool decode_payload(core::BytesView bytes, events::L1BlockObserved& out) {
  const auto* table = verified_root<fbs::L1BlockObserved>(bytes, kL1BlockTablesMax);
  if (table == nullptr) return false;
  out.number.value = table->number();
  out.hash = to_core(*table->hash());
  out.parent_hash = to_core(*table->parent_hash());
  out.state_root = to_core(*table->state_root());
  out.timestamp.value = table->timestamp();
  out.previous = to_core(*table->previous());
  return decode_facts(table->facts(), out.facts);
}

namespace {

std::optional<fbs::L1Ref> stored(const std::optional<events::L1Ref>& value) {
  if (!value) return std::nullopt;
  return fbs::L1Ref(value->number.value, to_fbs(value->hash));
}
const fbs::L1Ref* pointer_to(const std::optional<fbs::L1Ref>& value) {
  return value ? &*value : nullptr;
}
void assign_optional(std::optional<events::L1Ref>& out, const fbs::L1Ref* in) {
  out.reset();
  if (in != nullptr) out = events::L1Ref{{in->number()}, to_core(in->hash())};
}

}  // namespace

void encode_payload(FlatBufferBuilder& builder, const events::L1TagsObserved& in) {
  const auto safe = stored(in.safe);
  const auto finalized = stored(in.finalized);
  builder.Finish(
      fbs::CreateL1TagsObserved(builder, pointer_to(safe), pointer_to(finalized), in.is_live));
}

bool decode_payload(core::BytesView bytes, events::L1TagsObserved& out) {
  const auto* table = verified_root<fbs::L1TagsObserved>(bytes);
  if (table == nullptr) return false;
  assign_optional(out.safe, table->safe());
  assign_optional(out.finalized, table->finalized());
  out.is_live = table->is_live();
  return true;
}

void encode_payload(FlatBufferBuilder& builder, const events::CheckpointReached& in) {
  const fbs::BlockRef block = to_fbs(in.block);
  const fbs::L1Ref proven(in.proven.number.value, to_fbs(in.proven.hash));
  builder.Finish(
      fbs::CreateCheckpointReached(builder, in.proposal.value, &block, in.anchor.value, &proven));
}

bool decode_payload(core::BytesView bytes, events::CheckpointReached& out) {
  const auto* table = verified_root<fbs::CheckpointReached>(bytes);
  if (table == nullptr) return false;
  out.proposal.value = table->proposal();
  out.block = to_core(*table->block());
  out.anchor.value = table->anchor();
  out.proven = {{table->proven()->number()}, to_core(table->proven()->hash())};
  return true;
}

void encode_payload(FlatBufferBuilder& builder, const events::BlobReceived& in) {
  const fbs::Hash32 hash = to_fbs(in.versioned_hash);
  const auto commitment = std::bit_cast<fbs::KzgCommitment>(in.commitment);
  const fbs::ContentRef content = to_fbs(in.content);
  builder.Finish(fbs::CreateBlobReceived(builder, &hash, &commitment, &content));
}

bool decode_payload(core::BytesView bytes, events::BlobReceived& out) {
  const auto* table = verified_root<fbs::BlobReceived>(bytes);
  if (table == nullptr) return false;
  out.versioned_hash = to_core(*table->versioned_hash());
  out.commitment = std::bit_cast<core::codec::KzgCommitment>(*table->commitment());
  out.content = to_core(*table->content());
  return true;
}

namespace {

Offset<fbs::SourceFacts> encode(FlatBufferBuilder& builder, const events::SourceFacts& in) {
  fbs::ContentRef* refs = nullptr;
  const auto blobs =
      builder.CreateUninitializedVectorOfStructs<fbs::ContentRef>(in.blobs.size(), &refs);
  for (const core::ContentRef& blob : in.blobs) *refs++ = to_fbs(blob);
  fbs::BlockManifest* slots = nullptr;
  const auto blocks =
      builder.CreateUninitializedVectorOfStructs<fbs::BlockManifest>(in.blocks.size(), &slots);
  for (const core::codec::BlockManifest& block : in.blocks) {
    *slots++ = fbs::BlockManifest(block.timestamp.value, block.anchor_block_number.value,
                                  block.gas_limit, to_fbs(block.coinbase), block.transactions,
                                  block.transactions_offset, block.transactions_bytes);
  }
  const fbs::Hash32 manifest = to_fbs(in.manifest_hash);
  return fbs::CreateSourceFacts(
      builder, in.is_forced_inclusion, static_cast<std::uint8_t>(in.defect),
      static_cast<std::uint8_t>(in.blob_defect), &manifest, blobs, in.offset, blocks);
}

bool decode(const fbs::SourceFacts& in, events::SourceFacts& out) {
  if (!structs_aligned(in.blobs()) || !structs_aligned(in.blocks())) return false;
  out.is_forced_inclusion = in.is_forced_inclusion();
  out.defect = static_cast<core::codec::ManifestDefect>(in.defect());
  out.blob_defect = static_cast<core::codec::BlobDefect>(in.blob_defect());
  out.manifest_hash = to_core(*in.manifest_hash());
  out.offset = in.offset();
  if (in.blobs() != nullptr) {
    if (in.blobs()->size() > limits::kProposalBlobsMax) return false;
    for (const fbs::ContentRef* blob : *in.blobs()) out.blobs.push_back(to_core(*blob));
  }
  if (in.blocks() == nullptr) return true;
  if (in.blocks()->size() > limits::kProposalBlocksMax) return false;
  out.blocks.reserve(in.blocks()->size());
  for (const fbs::BlockManifest* block : *in.blocks()) {
    out.blocks.push_back({{block->timestamp()},
                          to_core(block->coinbase()),
                          {block->anchor_block_number()},
                          block->gas_limit(),
                          block->transactions(),
                          block->transactions_offset(),
                          block->transactions_bytes()});
  }
  return true;
}

Offset<void> encode_result(FlatBufferBuilder& builder, const events::SourcesResolved& in) {
  std::vector<Offset<fbs::SourceFacts>> sources;
  sources.reserve(in.sources.size());
  for (const events::SourceFacts& source : in.sources) sources.push_back(encode(builder, source));
  const auto stored = builder.CreateVector(sources);
  return fbs::CreateSourcesResolved(builder, in.id.value, in.decoder_version, stored).Union();
}

bool decode(const fbs::SourcesResolved& in, events::SourcesResolved& out) {
  out.id.value = in.proposal();
  out.decoder_version = in.decoder_version();
  if (in.sources() == nullptr) return true;
  if (in.sources()->size() > limits::kProposalSourcesMax) return false;
  out.sources.reserve(in.sources()->size());
  for (const fbs::SourceFacts* source : *in.sources()) {
    if (!decode(*source, out.sources.emplace_back())) return false;
  }
  return true;
}

Offset<void> encode_result(FlatBufferBuilder& builder, const events::L1BlockRead& in) {
  const fbs::Hash32 hash = to_fbs(in.hash.value_or(core::Hash32{}));
  const fbs::Hash32 root = to_fbs(in.state_root);
  return fbs::CreateL1BlockRead(builder, in.number.value, in.hash ? &hash : nullptr, &root).Union();
}
bool decode(const fbs::L1BlockRead& in, events::L1BlockRead& out) {
  out.number.value = in.number();
  if (in.hash() != nullptr) out.hash = to_core(*in.hash());
  out.state_root = to_core(*in.state_root());
  return true;
}

Offset<void> encode_result(FlatBufferBuilder& builder, const events::TxListAssembled& in) {
  const fbs::Hash32 rlp = to_fbs(in.rlp_hash);
  const fbs::Hash32 anchor = to_fbs(in.anchor_tx_hash);
  return fbs::CreateTxListAssembled(builder, &rlp, &anchor, in.bytes).Union();
}
bool decode(const fbs::TxListAssembled& in, events::TxListAssembled& out) {
  out = {to_core(*in.rlp_hash()), to_core(*in.anchor_tx_hash()), in.bytes()};
  return true;
}

Offset<void> encode_result(FlatBufferBuilder& builder, const events::L1Failed& in) {
  const auto detail = text(builder, in.detail);
  const fbs::Hash32 hash = to_fbs(in.hash);
  return fbs::CreateL1Failed(builder, static_cast<std::uint8_t>(in.kind), &hash, detail).Union();
}
bool decode(const fbs::L1Failed& in, events::L1Failed& out) {
  out.kind = static_cast<events::L1FailureKind>(in.kind());
  out.hash = to_core(*in.hash());
  assign(out.detail, in.detail());
  return true;
}

template <class Alternative, class Table>
bool decode_member(const Table* in, events::L1Result& out) {
  return in != nullptr && decode(*in, out.emplace<Alternative>());
}

}  // namespace

void encode_payload(FlatBufferBuilder& builder, const events::L1Answered& in) {
  const Offset<void> result = std::visit(
      [&builder](const auto& alternative) { return encode_result(builder, alternative); },
      in.result);
  const fbs::CommandId command = to_fbs(in.command);
  // The union numbers are those of the variant's alternatives plus one.
  const auto type = static_cast<fbs::L1Result>(in.result.index() + 1);
  builder.Finish(fbs::CreateL1Answered(builder, &command, in.elapsed_us, type, result));
}

bool decode_payload(core::BytesView bytes, events::L1Answered& out) {
  constexpr std::uint32_t kTablesMax = 2 + limits::kProposalSourcesMax;
  const auto* table = verified_root<fbs::L1Answered>(bytes, kTablesMax);
  if (table == nullptr) return false;
  out.command = to_core(*table->command());
  out.elapsed_us = table->elapsed_us();
  switch (table->result_type()) {
    case fbs::L1Result::SourcesResolved:
      return decode_member<events::SourcesResolved>(table->result_as_SourcesResolved(), out.result);
    case fbs::L1Result::L1BlockRead:
      return decode_member<events::L1BlockRead>(table->result_as_L1BlockRead(), out.result);
    case fbs::L1Result::TxListAssembled:
      return decode_member<events::TxListAssembled>(table->result_as_TxListAssembled(), out.result);
    case fbs::L1Result::L1Failed:
      return decode_member<events::L1Failed>(table->result_as_L1Failed(), out.result);
    case fbs::L1Result::NONE:
      break;
  }
  return false;
}

}  // namespace preconf::schemas
