#include "tests/support/model_engine.hpp"

#include "core/base/assert.hpp"
#include "core/codec/canonical.hpp"
#include "core/codec/header.hpp"
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
  header.gas_used = 100'000 + std::uint64_t{1'000} * attributes.tx_list_rlp_hash.bytes[0];
  header.difficulty = U256::from_u64(header.gas_used / 3 + 1);
  header.base_fee_wei = attributes.base_fee_wei;
  header.extra_data.assign(attributes.extra_data.bytes.begin(), attributes.extra_data.bytes.end());
  // How a list is stored says nothing about the block.
  protocol::PayloadAttributes content = attributes;
  content.tx_list_hash = Hash32{};
  header.hash = crypto::keccak256(codec::canonical_bytes(content));
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

Hash32 model_anchor_tx_hash(const Hash32& rlp_hash) { return crypto::keccak256(rlp_hash.view()); }

namespace {

struct Perform {
  ModelEngine& engine;

  ev::EngineResult operator()(const commands::ReadHeads&) const {
    ev::HeadsRead read;
    read.chain_id = engine.chain_id;
    read.latest =
        engine.executed ? engine.blocks.at(engine.canonical.at(*engine.executed)) : engine.head();
    read.head_l1_origin = pointer();
    read.safe = labelled(engine.labels.safe);
    read.finalized = labelled(engine.labels.finalized);
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
    return start(command.state, command.attributes, protocol::OriginRow{});
  }
  ev::EngineResult operator()(const commands::StartDerivedPayload& command) const {
    protocol::OriginRow row;
    row.l1_block_height = command.l1_height;
    row.l1_block_hash = command.l1_hash;
    row.is_forced_inclusion = command.is_forced_inclusion;
    ev::EngineResult result = start(command.state, command.attributes, row);
    const auto* answer = std::get_if<ev::ForkchoiceAnswered>(&result);
    if (answer != nullptr && answer->status == ev::PayloadStatus::kValid) {
      engine.head_l1_origin = command.attributes.block_number;
      engine.batches[proposal_in(command.attributes.extra_data)] = command.attributes.block_number;
    }
    return result;
  }
  ev::EngineResult operator()(const commands::ReadCanonical& command) const {
    ev::CanonicalRead read;
    read.number = command.number;
    read.head_l1_origin = pointer();
    const auto block = engine.canonical.find(command.number);
    if (block == engine.canonical.end()) return read;
    protocol::CanonicalBlockFacts& facts = read.block.emplace();
    facts.header = engine.blocks.at(block->second);
    const auto row = engine.rows.find(command.number);
    if (row != engine.rows.end()) facts.origin = row->second;
    const auto list = engine.lists.find(block->second);
    if (list != engine.lists.end()) facts.first_tx_hash = model_anchor_tx_hash(list->second);
    facts.blob_gas_used = 0;
    facts.excess_blob_gas = 0;
    facts.parent_beacon_block_root = Hash32{};
    facts.requests_hash = codec::kEmptyRequestsHash;
    return read;
  }
  /// Golden touch sends one transaction per block.
  ev::EngineResult operator()(const commands::ReadGoldenNonce& command) const {
    const auto block = engine.blocks.find(command.block_hash);
    if (block == engine.blocks.end()) return unknown_block();
    return ev::NonceRead{block->second.number.value};
  }
  ev::EngineResult operator()(const commands::ReadAnchorState& command) const {
    if (!engine.blocks.contains(command.block_hash)) return unknown_block();
    const auto list = engine.lists.find(command.block_hash);
    if (list == engine.lists.end()) return ev::AnchorStateRead{L1BlockNumber{0}};
    return ev::AnchorStateRead{engine.anchors.at(list->second)};
  }
  ev::EngineResult operator()(const commands::LookupBatch& command) const {
    const auto batch = engine.batches.find(command.id);
    if (batch == engine.batches.end()) return ev::BatchFound{};
    return ev::BatchFound{batch->second};
  }
  ev::EngineResult operator()(const commands::WriteOrigin& command) const {
    engine.rows[command.row.block_number] = command.row;
    return ev::TableWritten{};
  }
  ev::EngineResult operator()(const commands::SetHeadL1Origin& command) const {
    engine.head_l1_origin = command.number;
    return ev::TableWritten{};
  }
  ev::EngineResult operator()(const commands::SetBatchLastBlock& command) const {
    engine.batches[command.id] = command.last_block;
    return ev::TableWritten{};
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
    engine.lists[taken.header.hash] = job->second.tx_list_rlp_hash;
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
    const auto head = engine.blocks.find(command.state.head);
    const bool is_executed = head != engine.blocks.end() &&
                             (!engine.executed || head->second.number <= *engine.executed);
    if (!is_executed) return answer;  // SYNCING
    engine.adopt(command.state.head);
    ++engine.writes;
    if (!set_labels(command.state)) return invalid_forkchoice();
    answer.status = ev::PayloadStatus::kValid;
    return answer;
  }

 private:
  [[nodiscard]] std::optional<BlockNumber> pointer() const {
    const auto& origin = engine.head_l1_origin;
    const bool is_lost = engine.pointer_needs_row && origin && !engine.rows.contains(*origin);
    return is_lost ? std::nullopt : origin;
  }
  [[nodiscard]] std::optional<BlockRef> labelled(const Hash32& hash) const {
    const auto block = engine.blocks.find(hash);
    if (block == engine.blocks.end()) return std::nullopt;
    return block->second.ref();
  }
  /// As reth: labels are judged behind the head's move, and must be its ancestors.
  [[nodiscard]] bool set_labels(const commands::ForkchoiceState& state) const {
    const auto is_canonical = [this](const Hash32& hash) {
      const auto block = engine.blocks.find(hash);
      if (block == engine.blocks.end()) return false;
      const auto at = engine.canonical.find(block->second.number);
      return at != engine.canonical.end() && at->second == hash;
    };
    const auto set = [&](Hash32& label, const Hash32& to) {
      if (to.is_zero()) return true;
      if (!is_canonical(to)) return false;
      label = to;
      return true;
    };
    engine.labels.head = state.head;
    return set(engine.labels.finalized, state.finalized) && set(engine.labels.safe, state.safe);
  }
  static ev::EngineResult invalid_forkchoice() {
    return ev::EngineFailed{ev::EngineFailureKind::kRpcError, ev::Certainty::kAnswered, -38002,
                            "Invalid forkchoice state"};
  }
  static ev::EngineResult unknown_block() {
    return ev::EngineFailed{ev::EngineFailureKind::kRpcError, ev::Certainty::kAnswered, -32000,
                            "unknown block"};
  }
  static ProposalId proposal_in(const protocol::ExtraData7& extra_data) {
    std::uint64_t id = 0;
    for (std::size_t i = 1; i < extra_data.bytes.size(); ++i) id = (id << 8) | extra_data.bytes[i];
    return ProposalId{id};
  }
  ev::EngineResult start(const commands::ForkchoiceState& state,
                         const protocol::PayloadAttributes& attributes,
                         protocol::OriginRow row) const {
    ev::ForkchoiceAnswered answer;
    if (!engine.blocks.contains(state.head)) return answer;  // SYNCING
    engine.adopt(state.head);
    if (!set_labels(state)) return invalid_forkchoice();
    answer.status = ev::PayloadStatus::kValid;
    answer.payload_id = attributes.payload_id;
    engine.jobs[attributes.payload_id] = attributes;
    row.block_number = attributes.block_number;
    row.l2_block_hash = execute(attributes).hash;
    row.build_payload_args_id = attributes.payload_id;
    engine.rows[row.block_number] = row;
    ++engine.writes;
    return answer;
  }

 public:
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
