#include "io/engine/served_block.hpp"

#include <utility>

#include "core/codec/trie.hpp"
#include "core/limits.hpp"
#include "io/engine/payload_parts.hpp"
#include "io/json/eth_json.hpp"

namespace preconf::io {

using core::Unexpected;

namespace {

/// Name of the first member that is missing or bad, or null. eth_ and engine_ spell some of them
/// differently.
const char* read_members(JsonValue json, WholePayload& whole) {
  core::protocol::ExecutionPayload& p = whole.fields;
  if (!take(as_fixed<32>(json.get("parentHash")), p.parent_hash)) return "parentHash";
  if (!take(as_fixed<20>(json.get("miner")), p.fee_recipient)) return "miner";
  if (!take(as_fixed<32>(json.get("stateRoot")), p.state_root)) return "stateRoot";
  if (!take(as_fixed<32>(json.get("receiptsRoot")), p.receipts_root)) return "receiptsRoot";
  if (!take(as_fixed<256>(json.get("logsBloom")), p.logs_bloom)) return "logsBloom";
  if (!take(as_fixed<32>(json.get("mixHash")), p.prev_randao)) return "mixHash";
  if (!take(as_quantity_u64(json.get("number")), p.block_number.value)) return "number";
  if (!take(as_quantity_u64(json.get("gasLimit")), p.gas_limit)) return "gasLimit";
  if (!take(as_quantity_u64(json.get("gasUsed")), p.gas_used)) return "gasUsed";
  if (!take(as_quantity_u64(json.get("timestamp")), p.timestamp.value)) return "timestamp";
  if (!take(as_data(json.get("extraData"), core::limits::kExtraDataBytesMax), p.extra_data)) {
    return "extraData";
  }
  if (!take(as_quantity_u64(json.get("baseFeePerGas")), p.base_fee_wei)) return "baseFeePerGas";
  // Under Unzen a payload's value is what the header has as difficulty; before, that is zero.
  if (!take(as_quantity_u256(json.get("difficulty")), p.block_value)) return "difficulty";
  return nullptr;
}

}  // namespace

core::Result<std::size_t, std::string> served_transactions(JsonValue block) {
  if (block.kind() != JsonKind::kObject) return Unexpected<std::string>{"block is no object"};
  const JsonValue transactions = block.get("transactions");
  if (transactions.kind() != JsonKind::kArray ||
      transactions.size() > core::limits::kTxListTransactionsMax) {
    return Unexpected<std::string>{"block: bad or missing transactions"};
  }
  return transactions.size();
}

core::Result<ServedBlock, std::string> served_block_from(
    JsonValue block, const core::Hash32& hash, std::vector<core::Bytes> transactions,
    const core::protocol::ChainProfile& chain) {
  WholePayload whole;
  if (const char* member = read_members(block, whole)) {
    return Unexpected<std::string>{std::string("block: bad or missing ") + member};
  }
  whole.block_hash = hash;
  whole.fields.transactions_root = core::codec::ordered_trie_root(transactions);
  whole.transactions = std::move(transactions);
  auto checked = checked_payload(std::move(whole), chain);
  if (!checked) return Unexpected{std::move(checked.error())};
  const auto& taken = std::get<core::events::PayloadTaken>(checked->result);
  return ServedBlock{taken.header, *checked->content};
}

}  // namespace preconf::io
