#include "core/base/assert.hpp"
#include "core/base/hex.hpp"
#include "core/codec/header.hpp"
#include "core/codec/trie.hpp"
#include "core/crypto/hash.hpp"
#include "core/protocol/execution_payload.hpp"
#include "tests/replay/real_world.hpp"

namespace preconf::tests {

namespace ev = core::events;
namespace commands = core::commands;
namespace protocol = core::protocol;
using core::codec::Header;

namespace {

std::string hex_text(core::BytesView bytes) { return "\"" + core::to_hex0x(bytes) + "\""; }
std::string quantity(std::uint64_t value) { return "\"" + core::to_quantity(value) + "\""; }

/// engine_newPayloadV2's parameter as the engine reference page, section 2.3, gives it.
std::string payload_text(const Header& header, const core::Hash32& hash,
                         const std::vector<core::Bytes>& transactions, bool has_difficulty) {
  std::string text = "{\"parentHash\":" + hex_text(header.parent_hash.view());
  text += ",\"feeRecipient\":" + hex_text(header.beneficiary.view());
  text += ",\"stateRoot\":" + hex_text(header.state_root.view());
  text += ",\"receiptsRoot\":" + hex_text(header.receipts_root.view());
  text += ",\"logsBloom\":" + hex_text(header.logs_bloom.view());
  text += ",\"prevRandao\":" + hex_text(header.mix_hash.view());
  text += ",\"blockNumber\":" + quantity(header.number);
  text += ",\"gasLimit\":" + quantity(header.gas_limit);
  text += ",\"gasUsed\":" + quantity(header.gas_used);
  text += ",\"timestamp\":" + quantity(header.timestamp);
  text += ",\"extraData\":" + hex_text(header.extra_data);
  text += ",\"baseFeePerGas\":" + quantity(header.base_fee_wei.value());
  text += ",\"blockHash\":" + hex_text(hash.view()) + ",\"transactions\":[";
  for (const core::Bytes& raw : transactions) {
    if (&raw != &transactions.front()) text += ",";
    text += hex_text(raw);
  }
  text += "],\"withdrawals\":[],\"txHash\":" + hex_text(header.transactions_root.view());
  text += ",\"withdrawalsHash\":" + hex_text(core::codec::kEmptyTrieRoot.view());
  if (has_difficulty) {
    text += ",\"headerDifficulty\":" + std::to_string(header.difficulty.low_u64());
  }
  return text + ",\"taikoBlock\":true}";
}

}  // namespace

RealEngine::RealEngine(protocol::ChainProfile chain) : chain_(chain) {
  Header genesis;
  genesis.gas_limit = 15'000'000;
  genesis.base_fee_wei = 10'000'000;
  protocol::set_taiko_constants(genesis, chain_);
  head_ = protocol::facts_of(genesis, core::codec::hash_header(genesis));
}

void RealEngine::offer(const core::Hash32& tx_list_hash, std::vector<core::Bytes> transactions) {
  transactions_.clear();
  transactions_.emplace(tx_list_hash, std::move(transactions));
}

std::optional<core::BlockNumber> RealEngine::head_l1_origin() const {
  // L1 confirms 32 blocks at a time, at least 32 behind the head.
  const std::uint64_t confirmed = head_.number.value / 32 * 32;
  if (confirmed < 64) return std::nullopt;
  return core::BlockNumber{confirmed - 32};
}

ev::EngineResult RealEngine::build(const protocol::PayloadAttributes& attributes,
                                   std::vector<storage::Content>& contents) {
  const std::vector<core::Bytes>& transactions = transactions_.at(attributes.tx_list_hash);
  Header header;
  header.parent_hash = attributes.parent_hash;
  header.beneficiary = attributes.fee_recipient;
  header.state_root = core::crypto::keccak256(attributes.tx_list_hash.view());
  header.transactions_root = core::codec::ordered_trie_root(transactions);
  header.receipts_root = core::crypto::keccak256(header.state_root.view());
  header.number = attributes.block_number.value;
  header.gas_limit = attributes.gas_limit;
  header.gas_used = 100'000 + 1'000 * std::uint64_t{attributes.tx_list_hash.bytes[0]};
  header.timestamp = attributes.timestamp.value;
  header.extra_data.assign(attributes.extra_data.bytes.begin(), attributes.extra_data.bytes.end());
  header.mix_hash = attributes.prev_randao;
  header.base_fee_wei = attributes.base_fee_wei;
  const bool is_unzen = protocol::unzen_active(chain_, attributes.timestamp);
  if (is_unzen) header.difficulty = core::U256::from_u64(header.gas_used / 3 + 1);
  protocol::set_taiko_constants(header, chain_);
  const core::Hash32 hash = core::codec::hash_header(header);

  const std::string text = payload_text(header, hash, transactions, is_unzen);
  auto bytes = std::make_shared<const core::Bytes>(text.begin(), text.end());
  ev::PayloadTaken taken;
  taken.header = protocol::facts_of(header, hash);
  taken.payload = {core::crypto::keccak256(*bytes), static_cast<std::uint32_t>(bytes->size())};
  taken.transactions = static_cast<std::uint32_t>(transactions.size());
  contents.push_back({taken.payload.hash, std::move(bytes)});
  built_ = taken.header;
  return taken;
}

ev::EngineResult RealEngine::perform(const core::CommandBody& command,
                                     std::vector<storage::Content>& contents) {
  if (std::holds_alternative<commands::ReadHeads>(command)) {
    return ev::HeadsRead{chain_.chain_id, head_, std::nullopt, std::nullopt, head_l1_origin()};
  }
  if (const auto* read = std::get_if<commands::ReadBlock>(&command)) {
    ev::BlockRead answer{read->number, std::nullopt, std::nullopt, head_l1_origin()};
    if (read->number == head_.number) answer.block = head_;
    return answer;
  }
  if (const auto* start = std::get_if<commands::StartPayload>(&command)) {
    job_ = start->attributes;
    return ev::ForkchoiceAnswered{ev::PayloadStatus::kValid, start->state.head, job_->payload_id,
                                  ""};
  }
  if (std::holds_alternative<commands::GetPayload>(command)) return build(*job_, contents);
  if (const auto* insert = std::get_if<commands::NewPayload>(&command)) {
    return ev::PayloadJudged{ev::PayloadStatus::kValid, insert->block_hash, ""};
  }
  const auto* update = std::get_if<commands::UpdateForkchoice>(&command);
  PRECONF_ASSERT(update != nullptr && update->state.head == built_.hash);
  parent_time_ = head_.timestamp;
  head_ = built_;
  return ev::ForkchoiceAnswered{ev::PayloadStatus::kValid, head_.hash, std::nullopt, ""};
}

}  // namespace preconf::tests
