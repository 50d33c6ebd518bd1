// The model engine's own tables: origin rows, batches, and what is read in a block's state.
#include "replay/whatif/model_engine.hpp"

namespace preconf::replay {

namespace ev = core::events;

void ModelEngine::start(const core::protocol::PayloadAttributes& attributes,
                        core::L1BlockNumber l1_height, const core::Hash32& l1_hash,
                        bool is_forced_inclusion) {
  jobs_[attributes.payload_id] = attributes;
  const core::Hash32 built = build(attributes).header.hash;
  tables_.rows[attributes.block_number] = core::protocol::OriginRow{
      attributes.block_number, built, l1_height, l1_hash, attributes.payload_id,
      is_forced_inclusion};
  // Golden touch sends the anchor transaction of each block, and nothing else.
  const auto nonce = tables_.nonces.find(attributes.parent_hash);
  if (nonce != tables_.nonces.end()) tables_.nonces[built] = nonce->second + 1;
}

void ModelEngine::learn_table(const core::CommandBody& command, const ev::EngineResult& result) {
  if (const auto* read = std::get_if<ev::CanonicalRead>(&result)) {
    if (!read->block) return;
    const core::protocol::HeaderFacts& header = read->block->header;
    add_block(header);
    canonical_[read->number] = header.hash;
    tables_.facts[header.hash] = *read->block;
    if (read->block->origin) tables_.rows[read->number] = *read->block->origin;
    if (read->signature) tables_.signatures[read->number] = *read->signature;
  } else if (const auto* nonce = std::get_if<ev::NonceRead>(&result)) {
    const auto* asked = std::get_if<core::commands::ReadGoldenNonce>(&command);
    if (asked != nullptr) tables_.nonces[asked->block_hash] = nonce->nonce;
  } else if (const auto* anchor = std::get_if<ev::AnchorStateRead>(&result)) {
    const auto* asked = std::get_if<core::commands::ReadAnchorState>(&command);
    if (asked != nullptr && anchor->anchor) tables_.anchors[asked->block_hash] = *anchor->anchor;
  } else if (const auto* batch = std::get_if<ev::BatchFound>(&result)) {
    const auto* asked = std::get_if<core::commands::LookupBatch>(&command);
    if (asked != nullptr && batch->last_block) tables_.batches[asked->id] = *batch->last_block;
  } else if (std::holds_alternative<ev::TableWritten>(result)) {
    static_cast<void>(perform(command));
  }
}

void ModelEngine::remember_block(const core::CommandBody& command, const ev::EngineResult& result) {
  const bool is_full = of_history_.facts.size() >= kRecordedMax ||
                       of_history_.nonces.size() >= kRecordedMax ||
                       of_history_.anchors.size() >= kRecordedMax;
  if (is_full) return;
  if (const auto* read = std::get_if<ev::CanonicalRead>(&result)) {
    if (read->block) of_history_.facts[read->block->header.hash] = *read->block;
  } else if (const auto* nonce = std::get_if<ev::NonceRead>(&result)) {
    const auto* asked = std::get_if<core::commands::ReadGoldenNonce>(&command);
    if (asked != nullptr) of_history_.nonces[asked->block_hash] = nonce->nonce;
  } else if (const auto* anchor = std::get_if<ev::AnchorStateRead>(&result)) {
    const auto* asked = std::get_if<core::commands::ReadAnchorState>(&command);
    if (asked == nullptr || !anchor->anchor) return;
    of_history_.anchors[asked->block_hash] = *anchor->anchor;
  }
}

void ModelEngine::take_labels(const core::commands::ForkchoiceState& state) {
  if (!labels_are_ours_) return;
  const auto safe = blocks_.find(state.safe);
  if (safe != blocks_.end()) safe_ = safe->second.ref();
  const auto finalized = blocks_.find(state.finalized);
  if (finalized != blocks_.end()) finalized_ = finalized->second.ref();
}

ev::EngineResult ModelEngine::read_canonical(core::BlockNumber number) const {
  ev::CanonicalRead read;
  read.number = number;
  read.head_l1_origin = head_l1_origin_;
  const auto hash = canonical_.find(number);
  if (hash == canonical_.end()) return read;
  const auto block = blocks_.find(hash->second);
  if (block == blocks_.end()) return read;
  read.block = core::protocol::CanonicalBlockFacts{};
  for (const auto* known : {&of_history_.facts, &tables_.facts}) {
    const auto facts = known->find(hash->second);
    if (facts != known->end()) read.block = facts->second;
  }
  read.block->header = block->second;
  const auto row = tables_.rows.find(number);
  read.block->origin.reset();
  if (row != tables_.rows.end()) read.block->origin = row->second;
  const auto signature = tables_.signatures.find(number);
  if (signature != tables_.signatures.end() && !signature->second.is_zero()) {
    read.signature = signature->second;
  }
  return read;
}

}  // namespace preconf::replay
