// Facts of one L1 block: one union member per kind of fact.
#include "schemas/codec/payload_l1_facts.hpp"

#include "core/events/l1_bounds.hpp"
#include "schemas/codec/convert.hpp"

namespace preconf::schemas {

namespace events = core::events;
namespace limits = core::limits;
namespace protocol = core::protocol;
using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;

namespace {

fbs::FallbackOperator to_fbs(const protocol::FallbackOperator& value) {
  return {schemas::to_fbs(value.proposer), schemas::to_fbs(value.sequencer)};
}
protocol::FallbackOperator to_core(const fbs::FallbackOperator& value) {
  return {schemas::to_core(value.proposer()), schemas::to_core(value.sequencer())};
}
using schemas::to_core;
using schemas::to_fbs;

Offset<fbs::DerivationSource> encode(FlatBufferBuilder& builder,
                                     const protocol::DerivationSource& in) {
  static_assert(sizeof(core::Hash32) == sizeof(fbs::Hash32));
  fbs::Hash32* slots = nullptr;
  const auto& hashes = in.blobs.blob_hashes;
  const auto stored =
      builder.CreateUninitializedVectorOfStructs<fbs::Hash32>(hashes.size(), &slots);
  for (std::size_t i = 0; i < hashes.size(); ++i) slots[i] = to_fbs(hashes[i]);
  return fbs::CreateDerivationSource(builder, in.is_forced_inclusion, stored, in.blobs.offset,
                                     in.blobs.timestamp.value);
}

bool decode(const fbs::DerivationSource& in, protocol::DerivationSource& out) {
  out.is_forced_inclusion = in.is_forced_inclusion();
  out.blobs.offset = in.offset();
  out.blobs.timestamp.value = in.timestamp();
  if (in.blob_hashes() == nullptr) return true;
  if (in.blob_hashes()->size() > limits::kSourceBlobsMax) return false;
  out.blobs.blob_hashes.reserve(in.blob_hashes()->size());
  for (const fbs::Hash32* hash : *in.blob_hashes()) {
    out.blobs.blob_hashes.push_back(to_core(*hash));
  }
  return true;
}

Offset<void> encode_body(FlatBufferBuilder& builder, const protocol::ProposedFacts& in) {
  std::vector<Offset<fbs::DerivationSource>> sources;
  sources.reserve(in.sources.size());
  for (const protocol::DerivationSource& source : in.sources) {
    sources.push_back(encode(builder, source));
  }
  const auto stored = builder.CreateVector(sources);
  const fbs::Address proposer = to_fbs(in.proposer);
  const fbs::Hash32 parent = to_fbs(in.parent_proposal_hash);
  return fbs::CreateProposedFacts(builder, in.id.value, &proposer, &parent,
                                  in.submission_window_end.value, in.base_fee_sharing_pctg, stored)
      .Union();
}

bool decode(const fbs::ProposedFacts& in, protocol::ProposedFacts& out) {
  out.id.value = in.proposal();
  out.proposer = to_core(*in.proposer());
  out.parent_proposal_hash = to_core(*in.parent_proposal_hash());
  out.submission_window_end.value = in.submission_window_end();
  out.base_fee_sharing_pctg = in.base_fee_sharing_pctg();
  if (in.sources() == nullptr) return true;
  if (in.sources()->size() > limits::kProposalSourcesMax) return false;
  out.sources.reserve(in.sources()->size());
  for (const fbs::DerivationSource* source : *in.sources()) {
    if (!decode(*source, out.sources.emplace_back())) return false;
  }
  return true;
}

Offset<void> encode_body(FlatBufferBuilder& builder, const protocol::ProvedFacts& in) {
  const fbs::Address prover = to_fbs(in.prover);
  return fbs::CreateProvedFacts(builder, in.first.value, in.first_new.value, in.last.value, &prover)
      .Union();
}
bool decode(const fbs::ProvedFacts& in, protocol::ProvedFacts& out) {
  out = {{in.first()}, {in.first_new()}, {in.last()}, to_core(*in.prover())};
  return true;
}

Offset<void> encode_body(FlatBufferBuilder& builder, const protocol::StateRecoveredFacts& in) {
  const fbs::Hash32 hash = to_fbs(in.last_finalized_block_hash);
  return fbs::CreateStateRecoveredFacts(builder, in.next.value, in.last_finalized.value, &hash)
      .Union();
}
bool decode(const fbs::StateRecoveredFacts& in, protocol::StateRecoveredFacts& out) {
  out = {{in.next()}, {in.last_finalized()}, to_core(*in.last_finalized_block_hash())};
  return true;
}

Offset<void> encode_body(FlatBufferBuilder& builder, const protocol::LookaheadFact& in) {
  fbs::LookaheadSlot* slots = nullptr;
  const auto stored = builder.CreateUninitializedVectorOfStructs<fbs::LookaheadSlot>(
      in.posted.slots.size(), &slots);
  for (const protocol::LookaheadSlot& slot : in.posted.slots) {
    *slots++ =
        fbs::LookaheadSlot(slot.timestamp.value, to_fbs(slot.committer),
                           to_fbs(slot.registration_root), to_fbs(slot.validator_leaf_index));
  }
  const fbs::Hash32 hash = to_fbs(in.posted.lookahead_hash);
  const fbs::FallbackOperator fallback = to_fbs(in.fallback);
  return fbs::CreateLookaheadFact(builder, in.posted.epoch.value, &hash, stored, &fallback).Union();
}
bool decode(const fbs::LookaheadFact& in, protocol::LookaheadFact& out) {
  out.posted.epoch.value = in.epoch();
  out.posted.lookahead_hash = to_core(*in.lookahead_hash());
  out.fallback = to_core(*in.fallback());
  if (in.slots() == nullptr) return true;
  if (!structs_aligned(in.slots())) return false;
  if (in.slots()->size() > limits::kLookaheadSlotsMax) return false;
  out.posted.slots.reserve(in.slots()->size());
  for (const fbs::LookaheadSlot* slot : *in.slots()) {
    out.posted.slots.push_back({to_core(slot->committer()),
                                {slot->timestamp()},
                                to_core(slot->registration_root()),
                                to_core(slot->validator_leaf_index())});
  }
  return true;
}

Offset<void> encode_body(FlatBufferBuilder& builder, const protocol::BlacklistChanged& in) {
  const fbs::Hash32 root = to_fbs(in.registration_root);
  return fbs::CreateBlacklistChanged(builder, &root, in.since.value, in.is_listed).Union();
}
bool decode(const fbs::BlacklistChanged& in, protocol::BlacklistChanged& out) {
  out = {to_core(*in.registration_root()), {in.since()}, in.is_listed()};
  return true;
}

Offset<void> encode_body(FlatBufferBuilder& builder, const protocol::SelectionFact& in) {
  const fbs::FallbackOperator current = to_fbs(in.current);
  const fbs::FallbackOperator next = to_fbs(in.next);
  return fbs::CreateSelectionFact(builder, &current, &next).Union();
}
bool decode(const fbs::SelectionFact& in, protocol::SelectionFact& out) {
  out = {to_core(*in.current()), to_core(*in.next())};
  return true;
}

Offset<void> encode_body(FlatBufferBuilder& builder, const protocol::EpochFact& in) {
  const fbs::FallbackOperator fallback = to_fbs(in.fallback);
  return fbs::CreateEpochFact(builder, in.epoch.value, &fallback).Union();
}
bool decode(const fbs::EpochFact& in, protocol::EpochFact& out) {
  out = {{in.epoch()}, to_core(*in.fallback())};
  return true;
}

Offset<void> encode_body(FlatBufferBuilder& builder, const events::LogRefused& in) {
  const fbs::Hash32 topic = to_fbs(in.topic);
  return fbs::CreateLogRefused(builder, &topic, static_cast<std::uint8_t>(in.defect)).Union();
}
bool decode(const fbs::LogRefused& in, events::LogRefused& out) {
  out = {to_core(*in.topic()), static_cast<protocol::LogDefect>(in.defect())};
  return true;
}

template <class Alternative, class Table>
bool decode_member(const Table* in, events::L1FactBody& out) {
  return in != nullptr && decode(*in, out.emplace<Alternative>());
}

bool decode_body(const fbs::L1Fact& in, events::L1FactBody& out) {
  switch (in.body_type()) {
    case fbs::L1FactBody::ProposedFacts:
      return decode_member<protocol::ProposedFacts>(in.body_as_ProposedFacts(), out);
    case fbs::L1FactBody::ProvedFacts:
      return decode_member<protocol::ProvedFacts>(in.body_as_ProvedFacts(), out);
    case fbs::L1FactBody::StateRecoveredFacts:
      return decode_member<protocol::StateRecoveredFacts>(in.body_as_StateRecoveredFacts(), out);
    case fbs::L1FactBody::LookaheadFact:
      return decode_member<protocol::LookaheadFact>(in.body_as_LookaheadFact(), out);
    case fbs::L1FactBody::BlacklistChanged:
      return decode_member<protocol::BlacklistChanged>(in.body_as_BlacklistChanged(), out);
    case fbs::L1FactBody::SelectionFact:
      return decode_member<protocol::SelectionFact>(in.body_as_SelectionFact(), out);
    case fbs::L1FactBody::EpochFact:
      return decode_member<protocol::EpochFact>(in.body_as_EpochFact(), out);
    case fbs::L1FactBody::LogRefused:
      return decode_member<events::LogRefused>(in.body_as_LogRefused(), out);
    case fbs::L1FactBody::NONE:
      break;
  }
  return false;
}

}  // namespace

Offset<FbsFacts> encode_facts(FlatBufferBuilder& builder, const std::vector<events::L1Fact>& in) {
  std::vector<Offset<fbs::L1Fact>> facts;
  facts.reserve(in.size());
  for (const events::L1Fact& fact : in) {
    const Offset<void> body = std::visit(
        [&builder](const auto& alternative) { return encode_body(builder, alternative); },
        fact.body);
    // The union numbers are those of the variant's alternatives plus one.
    const auto type = static_cast<fbs::L1FactBody>(fact.body.index() + 1);
    facts.push_back(fbs::CreateL1Fact(builder, fact.log_index, type, body));
  }
  return builder.CreateVector(facts);
}

bool decode_facts(const FbsFacts* in, std::vector<events::L1Fact>& out) {
  out.clear();
  if (in == nullptr) return true;
  if (in->size() > limits::kFactsPerL1BlockMax) return false;
  events::L1FactCounts counts;
  out.reserve(in->size());
  for (const fbs::L1Fact* fact : *in) {
    events::L1Fact& slot = out.emplace_back();
    slot.log_index = fact->log_index();
    if (!decode_body(*fact, slot.body) || !events::add_if_fits(counts, slot.body)) return false;
  }
  return true;
}

}  // namespace preconf::schemas
