#include "replay/payload_json.hpp"

#include <simdjson.h>

#include <array>
#include <bitset>
#include <optional>
#include <string_view>
#include <vector>

#include "core/base/hex.hpp"
#include "core/codec/header.hpp"
#include "core/codec/trie.hpp"
#include "core/limits.hpp"

namespace preconf::replay {
namespace {

using core::Unexpected;
using simdjson::dom::element;

std::optional<std::string_view> text_of(element value) {
  std::string_view text;
  if (value.get_string().get(text) != simdjson::SUCCESS) return std::nullopt;
  return text;
}

template <std::size_t N>
bool read(element value, core::FixedBytes<N>& out) {
  const auto text = text_of(value);
  if (!text || !text->starts_with("0x")) return false;
  const auto bytes = core::fixed_from_hex<N>(*text);
  if (bytes) out = *bytes;
  return bytes.has_value();
}

/// "0x", at least one digit, no leading zero but in "0x0" itself.
bool read(element value, core::U256& out) {
  const auto text = text_of(value);
  if (!text || !text->starts_with("0x")) return false;
  const std::string_view digits = text->substr(2);
  if (digits.empty() || digits.size() > 64 || (digits.size() > 1 && digits[0] == '0')) return false;
  const auto bytes =
      core::fixed_from_hex<32>(std::string(64 - digits.size(), '0') + std::string(digits));
  if (bytes) out.be = *bytes;
  return bytes.has_value();
}

bool read(element value, std::uint64_t& out) {
  core::U256 wide;
  if (!read(value, wide) || !wide.fits_u64()) return false;
  out = wide.low_u64();
  return true;
}
template <class Tag>
bool read(element value, core::Strong<Tag>& out) {
  return read(value, out.value);
}

bool read(element value, core::Bytes& out, std::size_t size_max) {
  const auto text = text_of(value);
  if (!text || !text->starts_with("0x") || text->size() > 2 + 2 * size_max) return false;
  auto bytes = core::from_hex(*text);
  if (bytes) out = std::move(*bytes);
  return bytes.has_value();
}

bool read_difficulty(element value, core::U256& out) {
  std::uint64_t number = 0;
  if (value.get_uint64().get(number) == simdjson::SUCCESS) {
    out = core::U256::from_u64(number);
    return true;
  }
  return read(value, out);
}

bool read_transactions(element value, StoredPayload& out) {
  simdjson::dom::array array;
  if (value.get_array().get(array) != simdjson::SUCCESS) return false;
  std::vector<core::Bytes> transactions;
  for (const element raw : array) {
    if (transactions.size() == core::limits::kTxListTransactionsMax) return false;
    if (!read(raw, transactions.emplace_back(), core::limits::kTxListInflatedBytesMax))
      return false;
    if (transactions.back().empty()) return false;
  }
  out.transactions = static_cast<std::uint32_t>(transactions.size());
  out.fields.transactions_root = core::codec::ordered_trie_root(transactions);
  return true;
}

bool is_empty_array(element value) {
  simdjson::dom::array array;
  return value.get_array().get(array) == simdjson::SUCCESS && array.begin() == array.end();
}

bool is_true(element value) {
  bool flag = false;
  return value.get_bool().get(flag) == simdjson::SUCCESS && flag;
}

/// Members as they are read; txHash is compared at the end, when the transactions are known.
struct Reading {
  StoredPayload payload;
  core::Hash32 tx_hash;
};

struct Member {
  std::string_view name;
  bool (*read)(element value, Reading& out);
};

constexpr std::size_t kDifficultyAt = 17;
constexpr std::array<Member, 19> kMembers{{
    {"parentHash", [](element v, Reading& r) { return read(v, r.payload.fields.parent_hash); }},
    {"feeRecipient", [](element v, Reading& r) { return read(v, r.payload.fields.fee_recipient); }},
    {"stateRoot", [](element v, Reading& r) { return read(v, r.payload.fields.state_root); }},
    {"receiptsRoot", [](element v, Reading& r) { return read(v, r.payload.fields.receipts_root); }},
    {"logsBloom", [](element v, Reading& r) { return read(v, r.payload.fields.logs_bloom); }},
    {"prevRandao", [](element v, Reading& r) { return read(v, r.payload.fields.prev_randao); }},
    {"blockNumber", [](element v, Reading& r) { return read(v, r.payload.fields.block_number); }},
    {"gasLimit", [](element v, Reading& r) { return read(v, r.payload.fields.gas_limit); }},
    {"gasUsed", [](element v, Reading& r) { return read(v, r.payload.fields.gas_used); }},
    {"timestamp", [](element v, Reading& r) { return read(v, r.payload.fields.timestamp); }},
    {"extraData",
     [](element v, Reading& r) {
       return read(v, r.payload.fields.extra_data, core::limits::kExtraDataBytesMax);
     }},
    {"baseFeePerGas", [](element v, Reading& r) { return read(v, r.payload.fields.base_fee_wei); }},
    {"blockHash", [](element v, Reading& r) { return read(v, r.payload.block_hash); }},
    {"transactions", [](element v, Reading& r) { return read_transactions(v, r.payload); }},
    {"withdrawals", [](element v, Reading&) { return is_empty_array(v); }},
    {"txHash", [](element v, Reading& r) { return read(v, r.tx_hash); }},
    {"withdrawalsHash",
     [](element v, Reading&) {
       core::Hash32 root;
       return read(v, root) && root == core::codec::kEmptyTrieRoot;
     }},
    {"headerDifficulty",
     [](element v, Reading& r) { return read_difficulty(v, r.payload.fields.block_value); }},
    {"taikoBlock", [](element v, Reading&) { return is_true(v); }},
}};
static_assert(kMembers[kDifficultyAt].name == "headerDifficulty");

std::optional<std::size_t> position_of(std::string_view name) {
  for (std::size_t i = 0; i < kMembers.size(); ++i) {
    if (kMembers[i].name == name) return i;
  }
  return std::nullopt;
}

std::string in_quotes(std::string_view name) { return "\"" + std::string(name) + "\""; }

}  // namespace

core::Result<StoredPayload, std::string> read_payload_json(
    core::BytesView json, const core::protocol::ChainProfile& chain) {
  thread_local simdjson::dom::parser parser;
  element root;
  const auto error = parser.parse(json.data(), json.size()).get(root);
  if (error != simdjson::SUCCESS) {
    return Unexpected{std::string("not JSON: ") + simdjson::error_message(error)};
  }
  simdjson::dom::object object;
  if (root.get_object().get(object) != simdjson::SUCCESS) {
    return Unexpected{std::string("not a JSON object")};
  }
  Reading reading;
  std::bitset<kMembers.size()> seen;
  for (const auto& field : object) {
    const auto position = position_of(field.key);
    if (!position) return Unexpected{std::string("unknown member")};
    if (seen[*position]) return Unexpected{in_quotes(field.key) + " appears twice"};
    seen.set(*position);
    if (!kMembers[*position].read(field.value, reading)) {
      return Unexpected{in_quotes(field.key) + " is bad"};
    }
  }
  const bool is_unzen = core::protocol::unzen_active(chain, reading.payload.fields.timestamp);
  if (seen[kDifficultyAt] != is_unzen) {
    return Unexpected{std::string("\"headerDifficulty\" does not fit the fork")};
  }
  seen.set(kDifficultyAt);
  for (std::size_t i = 0; i < kMembers.size(); ++i) {
    if (!seen[i]) return Unexpected{in_quotes(kMembers[i].name) + " is missing"};
  }
  if (reading.tx_hash != reading.payload.fields.transactions_root) {
    return Unexpected{std::string("\"txHash\" is not the root of the transactions")};
  }
  return std::move(reading.payload);
}

}  // namespace preconf::replay
