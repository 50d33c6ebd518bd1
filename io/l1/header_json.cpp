// Headers of L1 as JSON-RPC shows them: read whole, hashed, and only then believed.
#include <algorithm>
#include <array>
#include <utility>

#include "core/codec/header.hpp"
#include "io/engine/engine_answers.hpp"
#include "io/json/eth_json.hpp"
#include "io/l1/l1_json.hpp"
#include "io/l1/limits.hpp"

namespace preconf::io::l1 {

using core::Unexpected;

namespace {

/// Members of a block object that are hashed, and those that execution nodes show beside them.
constexpr std::array<std::string_view, 28> kMembersKnown = {
    "parentHash",       "sha3Uncles",   "miner",         "stateRoot",
    "transactionsRoot", "receiptsRoot", "logsBloom",     "difficulty",
    "number",           "gasLimit",     "gasUsed",       "timestamp",
    "extraData",        "mixHash",      "nonce",         "baseFeePerGas",
    "withdrawalsRoot",  "blobGasUsed",  "excessBlobGas", "parentBeaconBlockRoot",
    "requestsHash",     "hash",         "size",          "totalDifficulty",
    "uncles",           "transactions", "withdrawals",   "author"};

/// A member of a later fork: absent or null before it.
template <class T, class Read>
bool take_optional(JsonValue value, std::optional<T>& to, Read read) {
  if (value.missing() || value.is_null()) return true;
  to = read(value);
  return to.has_value();
}

/// Name of the first member that is missing or bad, or null.
const char* read_header(JsonValue json, core::codec::Header& header, core::Hash32& hash) {
  const auto hash_of = [](JsonValue value) { return as_fixed<32>(value); };
  const auto number_of = [](JsonValue value) { return as_quantity_u64(value); };
  const auto get = [json](const char* name) { return json.get(name); };
  if (json.kind() != JsonKind::kObject) return "object";
  if (!take(number_of(get("number")), header.number)) return "number";
  if (!take(hash_of(get("hash")), hash)) return "hash";
  if (!take(hash_of(get("parentHash")), header.parent_hash)) return "parentHash";
  if (!take(hash_of(get("sha3Uncles")), header.ommers_hash)) return "sha3Uncles";
  if (!take(as_fixed<20>(get("miner")), header.beneficiary)) return "miner";
  if (!take(hash_of(get("stateRoot")), header.state_root)) return "stateRoot";
  if (!take(hash_of(get("transactionsRoot")), header.transactions_root)) return "transactionsRoot";
  if (!take(hash_of(get("receiptsRoot")), header.receipts_root)) return "receiptsRoot";
  if (!take(as_fixed<256>(get("logsBloom")), header.logs_bloom)) return "logsBloom";
  if (!take(as_quantity_u256(get("difficulty")), header.difficulty)) return "difficulty";
  if (!take(number_of(get("gasLimit")), header.gas_limit)) return "gasLimit";
  if (!take(number_of(get("gasUsed")), header.gas_used)) return "gasUsed";
  if (!take(number_of(get("timestamp")), header.timestamp)) return "timestamp";
  if (!take(as_data(get("extraData"), kExtraDataBytesMax), header.extra_data)) return "extraData";
  if (!take(hash_of(get("mixHash")), header.mix_hash)) return "mixHash";
  if (!take(as_fixed<8>(get("nonce")), header.nonce)) return "nonce";
  if (!take_optional(get("baseFeePerGas"), header.base_fee_wei, number_of)) return "baseFeePerGas";
  if (!take_optional(get("withdrawalsRoot"), header.withdrawals_root, hash_of)) {
    return "withdrawalsRoot";
  }
  if (!take_optional(get("blobGasUsed"), header.blob_gas_used, number_of)) return "blobGasUsed";
  if (!take_optional(get("excessBlobGas"), header.excess_blob_gas, number_of)) {
    return "excessBlobGas";
  }
  if (!take_optional(get("parentBeaconBlockRoot"), header.parent_beacon_block_root, hash_of)) {
    return "parentBeaconBlockRoot";
  }
  if (!take_optional(get("requestsHash"), header.requests_hash, hash_of)) return "requestsHash";
  return nullptr;
}

/// The first member that this version does not know: a field of a fork after it, most likely.
std::string unknown_member(JsonValue json) {
  std::string found;
  json.each_member([&found](std::string_view name, JsonValue /*value*/) {
    const bool is_known =
        std::find(kMembersKnown.begin(), kMembersKnown.end(), name) != kMembersKnown.end();
    if (!is_known) found = name.substr(0, 64);
    return is_known;
  });
  return found;
}

}  // namespace

core::Result<L1Header, BadAnswer> header_from(JsonValue result) {
  core::codec::Header header;
  core::Hash32 hash;
  if (const char* member = read_header(result, header, hash)) {
    return Unexpected{
        BadAnswer{BadAnswerKind::kMalformed, std::string("header: bad or missing ") + member}};
  }
  if (core::codec::hash_header(header) != hash) {
    BadAnswer bad{BadAnswerKind::kFalseHeader,
                  "header: L1 block " + std::to_string(header.number) +
                      " does not hash to the hash that it is named by"};
    const std::string unknown = unknown_member(result);
    if (!unknown.empty()) bad.text += detail_text("; unknown field " + unknown);
    return Unexpected{std::move(bad)};
  }
  return L1Header{core::L1BlockNumber{header.number},
                  hash,
                  header.parent_hash,
                  header.state_root,
                  core::UnixSeconds{header.timestamp},
                  header.logs_bloom};
}

core::Result<std::optional<L1Header>, BadAnswer> optional_header_from(JsonValue result) {
  if (result.is_null()) return std::optional<L1Header>{};
  auto header = header_from(result);
  if (!header) return Unexpected{header.error()};
  return std::optional<L1Header>{std::move(header).value()};
}

}  // namespace preconf::io::l1
