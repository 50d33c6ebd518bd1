#include "io/engine/served_block.hpp"

#include <utility>

#include "core/codec/trie.hpp"
#include "core/limits.hpp"
#include "io/engine/payload_parts.hpp"
#include "io/json/eth_json.hpp"

namespace preconf::io {

using core::Unexpected;

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
  const char* member = read_payload_members(block, kBlockNames, whole.fields);
  // Under Unzen a payload's value is what the header has as difficulty; before, that is zero.
  const bool has_difficulty =
      take(as_quantity_u256(block.get("difficulty")), whole.fields.block_value);
  if (member == nullptr && !has_difficulty) member = "difficulty";
  if (member != nullptr) {
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
