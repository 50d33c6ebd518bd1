#include "replay/whatif/model_engine.hpp"

#include "core/codec/canonical.hpp"
#include "core/crypto/hash.hpp"
#include "core/effects/apply_matching.hpp"

namespace preconf::replay {
namespace {

namespace ev = core::events;
using core::Hash32;
using core::protocol::HeaderFacts;
using core::protocol::PayloadAttributes;

HeaderFacts header_of(const PayloadAttributes& attributes, const HeaderFacts* parent) {
  HeaderFacts header;
  header.number = attributes.block_number;
  header.parent_hash = attributes.parent_hash;
  header.timestamp = attributes.timestamp;
  header.beneficiary = attributes.fee_recipient;
  header.mix_hash = attributes.prev_randao;
  header.gas_limit = attributes.gas_limit;
  header.gas_used = parent != nullptr ? std::min(parent->gas_used, attributes.gas_limit) : 0;
  header.difficulty = parent != nullptr ? parent->difficulty : core::U256{};
  header.base_fee_wei = attributes.base_fee_wei;
  header.extra_data.assign(attributes.extra_data.bytes.begin(), attributes.extra_data.bytes.end());
  header.hash = core::crypto::keccak256(core::codec::canonical_bytes(attributes));
  return header;
}

/// Keeps the newest entries of a map by height.
template <class Map>
void bound_heights(Map& map, std::size_t max) {
  while (map.size() > max) map.erase(map.begin());
}

}  // namespace

void ModelEngine::add_block(const HeaderFacts& header) {
  blocks_[header.hash] = header;
  while (blocks_.size() > kBlocksMax) {
    auto oldest = blocks_.begin();
    for (auto it = blocks_.begin(); it != blocks_.end(); ++it) {
      if (it->second.number < oldest->second.number) oldest = it;
    }
    const core::BlockNumber below{oldest->second.number.value + kBlocksMax / 2};
    std::erase_if(blocks_, [below](const auto& entry) { return entry.second.number < below; });
    std::erase_if(payloads_, [below](const auto& entry) { return entry.second.number < below; });
    std::erase_if(recorded_, [below](const auto& e) { return e.second.header.number < below; });
    std::erase_if(jobs_, [below](const auto& entry) { return entry.second.block_number < below; });
    const auto is_gone = [this](const auto& entry) { return !blocks_.contains(entry.first); };
    std::erase_if(tables_.nonces, is_gone);
    std::erase_if(tables_.anchors, is_gone);
    std::erase_if(tables_.facts, is_gone);
  }
  bound_heights(canonical_, kBlocksMax);
  bound_heights(tables_.rows, kBlocksMax);
  bound_heights(tables_.signatures, kBlocksMax);
  bound_heights(tables_.batches, kBlocksMax);
}

void ModelEngine::make_canonical(const Hash32& head) {
  auto block = blocks_.find(head);
  if (block == blocks_.end()) return;
  canonical_.erase(canonical_.upper_bound(block->second.number), canonical_.end());
  while (block != blocks_.end()) {
    const auto [at, inserted] = canonical_.emplace(block->second.number, block->first);
    if (!inserted && at->second == block->first) return;
    at->second = block->first;
    const auto parent = blocks_.find(block->second.parent_hash);
    // A log can say anything about parents: only a lower one is followed.
    const bool is_lower = parent != blocks_.end() && parent->second.number < block->second.number;
    block = is_lower ? parent : blocks_.end();
  }
}

void ModelEngine::learn(const core::State& state) {
  chain_id_ = state.chain.chain_id;
  safe_ = state.heads.safe;
  finalized_ = state.heads.finalized;
  head_l1_origin_ = state.heads.head_l1_origin;
  for (const auto& [number, block] : state.heads.executed) {
    HeaderFacts header;
    header.number = number;
    header.hash = block.hash;
    header.timestamp = block.timestamp;
    header.gas_limit = block.gas_limit;
    const auto below = canonical_.find(core::BlockNumber{number.value - 1});
    if (number.value != 0 && below != canonical_.end()) header.parent_hash = below->second;
    add_block(header);
    canonical_[number] = block.hash;
  }
  if (!state.heads.unsafe) return;
  add_block(*state.heads.unsafe);
  make_canonical(state.heads.unsafe->hash);
}

void ModelEngine::learn_from_outside(const ev::EngineResult& result) {
  if (const auto* heads = std::get_if<ev::HeadsRead>(&result)) {
    chain_id_ = heads->chain_id;
    safe_ = heads->safe;
    finalized_ = heads->finalized;
    head_l1_origin_ = heads->head_l1_origin;
  } else if (const auto* read = std::get_if<ev::BlockRead>(&result)) {
    head_l1_origin_ = read->head_l1_origin;
  } else if (const auto* canonical = std::get_if<ev::CanonicalRead>(&result)) {
    head_l1_origin_ = canonical->head_l1_origin;
  }
}

void ModelEngine::learn(const core::CommandBody& command, const ev::EngineResult& result) {
  learn_from_outside(result);
  learn_table(command, result);
  if (const auto* heads = std::get_if<ev::HeadsRead>(&result)) {
    if (!heads->latest) return;
    add_block(*heads->latest);
    make_canonical(heads->latest->hash);
  } else if (const auto* read = std::get_if<ev::BlockRead>(&result)) {
    if (read->origin) tables_.rows[read->number] = *read->origin;
    if (!read->block) return;
    add_block(*read->block);
    canonical_[read->number] = read->block->hash;
  } else if (const auto* taken = std::get_if<ev::PayloadTaken>(&result)) {
    payloads_[taken->header.hash] = taken->header;
    const auto* asked = std::get_if<core::commands::GetPayload>(&command);
    const auto job = asked == nullptr ? jobs_.end() : jobs_.find(asked->payload_id);
    if (job != jobs_.end()) {
      remember_built(job->second, *taken);
    }
  } else if (const auto* judged = std::get_if<ev::PayloadJudged>(&result)) {
    const auto* asked = std::get_if<core::commands::NewPayload>(&command);
    if (asked == nullptr) return;
    if (judged->status == ev::PayloadStatus::kInvalid) invalid_[asked->block_hash] = true;
    const auto payload = payloads_.find(asked->block_hash);
    const bool is_valid = judged->status == ev::PayloadStatus::kValid;
    if (is_valid && payload != payloads_.end()) add_block(payload->second);
  } else if (const auto* answer = std::get_if<ev::ForkchoiceAnswered>(&result)) {
    if (answer->status != ev::PayloadStatus::kValid) return;
    if (const auto* start = std::get_if<core::commands::StartPayload>(&command)) {
      if (answer->payload_id) jobs_[*answer->payload_id] = start->attributes;
    } else if (const auto* derived = std::get_if<core::commands::StartDerivedPayload>(&command)) {
      if (answer->payload_id) jobs_[*answer->payload_id] = derived->attributes;
    } else if (const auto* update = std::get_if<core::commands::UpdateForkchoice>(&command)) {
      make_canonical(update->state.head);
    }
  }
}

void ModelEngine::remember_built(const PayloadAttributes& attributes,
                                 const ev::PayloadTaken& taken) {
  if (recorded_.size() >= kRecordedMax && !recorded_.contains(attributes.payload_id)) return;
  recorded_[attributes.payload_id] = {taken.header, taken.payload, taken.transactions};
}

ModelEngine::Built ModelEngine::build(const PayloadAttributes& attributes) const {
  const auto known = recorded_.find(attributes.payload_id);
  if (known != recorded_.end() && core::effects::is_built_from(attributes, known->second.header)) {
    return known->second;
  }
  const auto parent = blocks_.find(attributes.parent_hash);
  Built built;
  built.header = header_of(attributes, parent == blocks_.end() ? nullptr : &parent->second);
  built.payload = core::ContentRef{built.header.hash, 1};
  built.transactions = 1;
  return built;
}

struct ModelEngine::Performing {
  ModelEngine& engine;

  ev::EngineResult operator()(const core::commands::ReadHeads&) const {
    ev::HeadsRead read;
    read.chain_id = engine.chain_id_;
    read.safe = engine.safe_;
    read.finalized = engine.finalized_;
    read.head_l1_origin = engine.head_l1_origin_;
    if (engine.canonical_.empty()) return read;
    const auto head = engine.blocks_.find(engine.canonical_.rbegin()->second);
    if (head != engine.blocks_.end()) read.latest = head->second;
    return read;
  }
  ev::EngineResult operator()(const core::commands::ReadBlock& command) const {
    ev::BlockRead read;
    read.number = command.number;
    read.head_l1_origin = engine.head_l1_origin_;
    const auto hash = engine.canonical_.find(command.number);
    if (hash == engine.canonical_.end()) return read;
    const auto block = engine.blocks_.find(hash->second);
    if (block != engine.blocks_.end()) read.block = block->second;
    const auto row = engine.tables_.rows.find(command.number);
    if (row != engine.tables_.rows.end()) read.origin = row->second;
    return read;
  }
  ev::EngineResult operator()(const core::commands::StartPayload& command) const {
    ev::ForkchoiceAnswered answer;
    if (!engine.blocks_.contains(command.state.head)) return answer;  // SYNCING
    answer.status = ev::PayloadStatus::kValid;
    answer.payload_id = command.attributes.payload_id;
    engine.start(command.attributes, {}, {}, false);
    return answer;
  }
  ev::EngineResult operator()(const core::commands::StartDerivedPayload& command) const {
    ev::ForkchoiceAnswered answer;
    if (!engine.blocks_.contains(command.state.head)) return answer;  // SYNCING
    answer.status = ev::PayloadStatus::kValid;
    answer.payload_id = command.attributes.payload_id;
    engine.start(command.attributes, command.l1_height, command.l1_hash,
                 command.is_forced_inclusion);
    engine.head_l1_origin_ = command.attributes.block_number;
    return answer;
  }
  ev::EngineResult operator()(const core::commands::GetPayload& command) const {
    const auto job = engine.jobs_.find(command.payload_id);
    if (job == engine.jobs_.end()) {
      return ev::EngineFailed{ev::EngineFailureKind::kRpcError, ev::Certainty::kAnswered, -38001,
                              "Unknown payload"};
    }
    const Built built = engine.build(job->second);
    engine.payloads_[built.header.hash] = built.header;
    return ev::PayloadTaken{built.header, built.payload, built.transactions};
  }
  ev::EngineResult operator()(const core::commands::NewPayload& command) const {
    ev::PayloadJudged judged;
    const auto payload = engine.payloads_.find(command.block_hash);
    if (payload == engine.payloads_.end()) {
      return ev::EngineFailed{ev::EngineFailureKind::kContentMissing, ev::Certainty::kNotSent, 0,
                              ""};
    }
    if (engine.invalid_.contains(command.block_hash)) {
      judged.status = ev::PayloadStatus::kInvalid;
      return judged;
    }
    if (!engine.blocks_.contains(payload->second.parent_hash)) return judged;  // SYNCING
    engine.add_block(payload->second);
    judged.status = ev::PayloadStatus::kValid;
    return judged;
  }
  ev::EngineResult operator()(const core::commands::UpdateForkchoice& command) const {
    ev::ForkchoiceAnswered answer;
    if (!engine.blocks_.contains(command.state.head)) return answer;
    answer.status = ev::PayloadStatus::kValid;
    engine.make_canonical(command.state.head);
    engine.take_labels(command.state);
    return answer;
  }
  ev::EngineResult operator()(const core::commands::ReadCanonical& command) const {
    return engine.read_canonical(command.number);
  }
  ev::EngineResult operator()(const core::commands::ReadGoldenNonce& command) const {
    for (const auto* nonces : {&engine.tables_.nonces, &engine.of_history_.nonces}) {
      const auto known = nonces->find(command.block_hash);
      if (known != nonces->end()) return ev::NonceRead{known->second};
    }
    return unknown();
  }
  ev::EngineResult operator()(const core::commands::ReadAnchorState& command) const {
    for (const auto* anchors : {&engine.tables_.anchors, &engine.of_history_.anchors}) {
      const auto known = anchors->find(command.block_hash);
      if (known != anchors->end()) return ev::AnchorStateRead{known->second};
    }
    return unknown();
  }
  ev::EngineResult operator()(const core::commands::LookupBatch& command) const {
    const auto known = engine.tables_.batches.find(command.id);
    if (known == engine.tables_.batches.end()) return ev::BatchFound{};
    return ev::BatchFound{known->second};
  }
  ev::EngineResult operator()(const core::commands::WriteOrigin& command) const {
    engine.tables_.rows[command.row.block_number] = command.row;
    engine.tables_.signatures[command.row.block_number] = command.signature;
    return ev::TableWritten{};
  }
  ev::EngineResult operator()(const core::commands::SetHeadL1Origin& command) const {
    engine.head_l1_origin_ = command.number;
    return ev::TableWritten{};
  }
  ev::EngineResult operator()(const core::commands::SetBatchLastBlock& command) const {
    engine.tables_.batches[command.id] = command.last_block;
    return ev::TableWritten{};
  }
  /// History never read it.
  static ev::EngineResult unknown() {
    return ev::EngineFailed{ev::EngineFailureKind::kRpcError, ev::Certainty::kAnswered, 0,
                            "the model does not know"};
  }
  /// Timers, peers and L1 are not the engine's.
  template <class Command>
  ev::EngineResult operator()(const Command&) const {
    return ev::EngineFailed{};
  }
};

ev::EngineResult ModelEngine::perform(const core::CommandBody& command) {
  return std::visit(Performing{*this}, command);
}

}  // namespace preconf::replay
