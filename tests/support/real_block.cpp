#include "tests/support/real_block.hpp"

#include "core/base/hex.hpp"
#include "core/codec/header.hpp"
#include "core/codec/trie.hpp"
#include "core/crypto/hash.hpp"
#include "core/protocol/execution_payload.hpp"

namespace preconf::tests {

namespace protocol = core::protocol;
using core::codec::Header;

namespace {

std::string hex_text(core::BytesView bytes) { return "\"" + core::to_hex0x(bytes) + "\""; }
std::string quantity(std::uint64_t value) { return "\"" + core::to_quantity(value) + "\""; }

/// engine_newPayloadV2's parameter as the engine reference page, section 2.3, gives it.
std::string payload_text(const Header& header, const core::Hash32& hash,
                         std::span<const core::Bytes> transactions, bool has_difficulty) {
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

RealBlock build_real_block(const protocol::ChainProfile& chain,
                           const protocol::PayloadAttributes& attributes,
                           std::span<const core::Bytes> transactions, std::uint64_t gas_used) {
  Header header;
  header.parent_hash = attributes.parent_hash;
  header.beneficiary = attributes.fee_recipient;
  header.state_root = core::crypto::keccak256(attributes.tx_list_hash.view());
  header.transactions_root = core::codec::ordered_trie_root(transactions);
  header.receipts_root = core::crypto::keccak256(header.state_root.view());
  header.number = attributes.block_number.value;
  header.gas_limit = attributes.gas_limit;
  header.gas_used = gas_used;
  header.timestamp = attributes.timestamp.value;
  header.extra_data.assign(attributes.extra_data.bytes.begin(), attributes.extra_data.bytes.end());
  header.mix_hash = attributes.prev_randao;
  header.base_fee_wei = attributes.base_fee_wei;
  const bool is_unzen = protocol::unzen_active(chain, attributes.timestamp);
  if (is_unzen) header.difficulty = core::U256::from_u64(header.gas_used / 3 + 1);
  protocol::set_taiko_constants(header, chain);
  const core::Hash32 hash = core::codec::hash_header(header);

  const std::string text = payload_text(header, hash, transactions, is_unzen);
  auto bytes = std::make_shared<const core::Bytes>(text.begin(), text.end());
  RealBlock block;
  block.taken.header = protocol::facts_of(header, hash);
  block.taken.payload = {core::crypto::keccak256(*bytes),
                         static_cast<std::uint32_t>(bytes->size())};
  block.taken.transactions = static_cast<std::uint32_t>(transactions.size());
  block.payload = {block.taken.payload.hash, std::move(bytes)};
  return block;
}

protocol::HeaderFacts real_genesis(const protocol::ChainProfile& chain) {
  Header genesis;
  genesis.gas_limit = 15'000'000;
  genesis.base_fee_wei = 10'000'000;
  protocol::set_taiko_constants(genesis, chain);
  return protocol::facts_of(genesis, core::codec::hash_header(genesis));
}

}  // namespace preconf::tests
