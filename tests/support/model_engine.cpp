#include "tests/support/model_engine.hpp"

#include "core/base/assert.hpp"
#include "core/codec/canonical.hpp"
#include "core/crypto/hash.hpp"

namespace preconf::tests {

using namespace preconf::core;  // NOLINT: test support
namespace ev = core::events;

protocol::HeaderFacts execute(const protocol::PayloadAttributes& attributes) {
  protocol::HeaderFacts header;
  header.number = attributes.block_number;
  header.parent_hash = attributes.parent_hash;
  header.timestamp = attributes.timestamp;
  header.beneficiary = attributes.fee_recipient;
  header.mix_hash = attributes.prev_randao;
  header.gas_limit = attributes.gas_limit;
  header.gas_used = 100'000 + std::uint64_t{1'000} * attributes.tx_list_hash.bytes[0];
  header.difficulty = U256::from_u64(header.gas_used / 3 + 1);
  header.base_fee_wei = attributes.base_fee_wei;
  header.extra_data.assign(attributes.extra_data.bytes.begin(), attributes.extra_data.bytes.end());
  header.hash = crypto::keccak256(codec::canonical_bytes(attributes));
  return header;
}

protocol::HeaderFacts model_genesis() {
  protocol::HeaderFacts header;
  header.gas_limit = 15'000'000;
  header.base_fee_wei = 10'000'000;
  header.hash.bytes.fill(0x67);
  return header;
}

ModelEngine::ModelEngine(std::uint64_t chain) : chain_id(chain) {
  const protocol::HeaderFacts genesis = model_genesis();
  blocks.emplace(genesis.hash, genesis);
  canonical.emplace(genesis.number, genesis.hash);
}

const protocol::HeaderFacts& ModelEngine::head() const {
  return blocks.at(canonical.rbegin()->second);
}

void ModelEngine::make_canonical(const Hash32& head_hash) {
  const protocol::HeaderFacts* block = &blocks.at(head_hash);
  canonical.erase(canonical.upper_bound(block->number), canonical.end());
  for (;;) {
    const auto position = canonical.find(block->number);
    if (position != canonical.end() && position->second == block->hash) return;
    canonical[block->number] = block->hash;
    if (block->number.value == 0) return;
    block = &blocks.at(block->parent_hash);
  }
}

void ModelEngine::lose_blocks(std::uint64_t count) {
  for (; count > 0 && canonical.size() > 1; --count) {
    blocks.erase(canonical.rbegin()->second);
    canonical.erase(std::prev(canonical.end()));
  }
  jobs.clear();
  std::erase_if(blocks, [this](const auto& entry) {
    return entry.second.number > canonical.rbegin()->first;
  });
}

namespace {

struct Perform {
  ModelEngine& engine;

  ev::EngineResult operator()(const commands::ReadHeads&) const {
    ev::HeadsRead read;
    read.chain_id = engine.chain_id;
    read.latest = engine.head();
    read.head_l1_origin = engine.head_l1_origin;
    return read;
  }
  ev::EngineResult operator()(const commands::ReadBlock& command) const {
    ev::BlockRead read;
    read.number = command.number;
    read.head_l1_origin = engine.head_l1_origin;
    const auto block = engine.canonical.find(command.number);
    if (block != engine.canonical.end()) read.block = engine.blocks.at(block->second);
    const auto row = engine.rows.find(command.number);
    if (row != engine.rows.end()) read.origin = row->second;
    return read;
  }
  ev::EngineResult operator()(const commands::StartPayload& command) const {
    ev::ForkchoiceAnswered answer;
    if (!engine.blocks.contains(command.state.head)) return answer;  // SYNCING
    answer.status = ev::PayloadStatus::kValid;
    answer.payload_id = command.attributes.payload_id;
    engine.jobs[command.attributes.payload_id] = command.attributes;
    protocol::OriginRow row;
    row.block_number = command.attributes.block_number;
    row.l2_block_hash = execute(command.attributes).hash;
    row.build_payload_args_id = command.attributes.payload_id;
    engine.rows[row.block_number] = row;
    ++engine.writes;
    return answer;
  }
  ev::EngineResult operator()(const commands::GetPayload& command) const {
    const auto job = engine.jobs.find(command.payload_id);
    if (job == engine.jobs.end()) {
      return ev::EngineFailed{ev::EngineFailureKind::kRpcError, ev::Certainty::kAnswered, -38001,
                              "Unknown payload"};
    }
    ev::PayloadTaken taken;
    taken.header = execute(job->second);
    taken.payload = ContentRef{taken.header.hash, 1};
    taken.transactions = 1;
    engine.payloads[taken.header.hash] = taken.header;
    return taken;
  }
  ev::EngineResult operator()(const commands::NewPayload& command) const {
    ev::PayloadJudged judged;
    const auto payload = engine.payloads.find(command.payload.hash);
    if (payload == engine.payloads.end()) {
      return ev::EngineFailed{ev::EngineFailureKind::kContentMissing, ev::Certainty::kNotSent, 0,
                              ""};
    }
    if (!engine.blocks.contains(payload->second.parent_hash)) return judged;  // SYNCING
    engine.blocks[payload->second.hash] = payload->second;
    ++engine.writes;
    judged.status = ev::PayloadStatus::kValid;
    return judged;
  }
  ev::EngineResult operator()(const commands::UpdateForkchoice& command) const {
    ev::ForkchoiceAnswered answer;
    if (!engine.blocks.contains(command.state.head)) return answer;
    answer.status = ev::PayloadStatus::kValid;
    engine.adopt(command.state.head);
    ++engine.writes;
    return answer;
  }
  /// Timers and peers are not the engine's.
  template <class Command>
  ev::EngineResult operator()(const Command&) const {
    PRECONF_ASSERT(!"not an engine call");
    return ev::EngineFailed{};
  }
};

}  // namespace

void ModelEngine::adopt(const Hash32& head_hash) { make_canonical(head_hash); }

ev::EngineResult ModelEngine::perform(const CommandBody& command) {
  return std::visit(Perform{*this}, command);
}

}  // namespace preconf::tests
