#include "io/l1/l1_json.hpp"

#include <algorithm>
#include <limits>
#include <tuple>
#include <utility>

#include "io/json/eth_json.hpp"
#include "io/json/json_writer.hpp"
#include "io/l1/limits.hpp"

namespace preconf::io::l1 {

using core::Unexpected;

namespace {

constexpr std::size_t kTopicsMax = 4;

void put_filter(JsonWriter& json, const LogFilter& filter) {
  json.key("address").begin_array();
  for (const core::Address& address : filter.addresses) json.data(address.view());
  json.end_array();
  json.key("topics").begin_array().begin_array();
  for (const core::Hash32& topic : filter.topics) json.data(topic.view());
  json.end_array().end_array();
}

const char* read_log(JsonValue json, L1Log& log) {
  if (json.kind() != JsonKind::kObject) return "object";
  if (json.get("removed").as_bool().value_or(false)) return "removed";
  if (!take(as_quantity_u64(json.get("blockNumber")), log.block_number.value)) {
    return "blockNumber";
  }
  if (!take(as_fixed<32>(json.get("blockHash")), log.block_hash)) return "blockHash";
  const auto index = as_quantity_u64(json.get("logIndex"));
  // The largest index stands for "no log" in events.
  if (!index || *index >= std::numeric_limits<std::uint32_t>::max()) return "logIndex";
  log.log_index = static_cast<std::uint32_t>(*index);
  if (!take(as_fixed<20>(json.get("address")), log.address)) return "address";
  const JsonValue topics = json.get("topics");
  if (topics.kind() != JsonKind::kArray || topics.size() > kTopicsMax) return "topics";
  bool is_sound = true;
  topics.each_element([&](JsonValue element) {
    const auto topic = as_fixed<32>(element);
    is_sound = topic.has_value();
    if (is_sound) log.topics.push_back(*topic);
    return is_sound;
  });
  if (!is_sound) return "topics";
  if (!take(as_data(json.get("data"), kLogDataBytesMax), log.data)) return "data";
  return nullptr;
}

/// What sorted logs of one chain can not be, or null.
const char* contradiction_in(const std::vector<L1Log>& logs) {
  for (std::size_t i = 1; i < logs.size(); ++i) {
    const L1Log& before = logs[i - 1];
    const L1Log& log = logs[i];
    if (log.block_number != before.block_number) continue;
    if (log.block_hash != before.block_hash) return "logs: two blocks with one number";
    if (log.log_index == before.log_index) return "logs: two that differ with one index";
  }
  return nullptr;
}

}  // namespace

RpcCall chain_id_call() { return {"eth_chainId", "[]"}; }

RpcCall header_call(core::L1BlockNumber number) {
  JsonWriter json;
  json.begin_array().quantity(number.value).boolean(false).end_array();
  return {"eth_getBlockByNumber", json.take()};
}

RpcCall header_call(std::string_view tag) {
  JsonWriter json;
  json.begin_array().text(tag).boolean(false).end_array();
  return {"eth_getBlockByNumber", json.take()};
}

RpcCall header_call(const core::Hash32& hash) {
  JsonWriter json;
  json.begin_array().data(hash.view()).boolean(false).end_array();
  return {"eth_getBlockByHash", json.take()};
}

RpcCall logs_call(const LogFilter& filter, core::L1BlockNumber from, core::L1BlockNumber to) {
  JsonWriter json;
  json.begin_array().begin_object();
  json.key("fromBlock").quantity(from.value);
  json.key("toBlock").quantity(to.value);
  put_filter(json, filter);
  json.end_object().end_array();
  return {"eth_getLogs", json.take()};
}

RpcCall logs_call(const LogFilter& filter, const core::Hash32& block_hash) {
  JsonWriter json;
  json.begin_array().begin_object();
  json.key("blockHash").data(block_hash.view());
  put_filter(json, filter);
  json.end_object().end_array();
  return {"eth_getLogs", json.take()};
}

bool may_match(const LogFilter& filter, const LogsBloom& bloom) {
  const auto is_in = [&bloom](const auto& value) { return may_contain(bloom, value.view()); };
  return std::any_of(filter.addresses.begin(), filter.addresses.end(), is_in) &&
         std::any_of(filter.topics.begin(), filter.topics.end(), is_in);
}

RpcCall state_call(const core::Address& to, core::BytesView data,
                   const std::optional<core::Hash32>& block_hash) {
  JsonWriter json;
  json.begin_array().begin_object();
  json.key("to").data(to.view());
  json.key("data").data(data);
  json.end_object();
  if (block_hash) {
    json.begin_object();
    json.key("blockHash").data(block_hash->view());
    json.key("requireCanonical").boolean(false);
    json.end_object();
  } else {
    json.text("latest");
  }
  json.end_array();
  return {"eth_call", json.take()};
}

RpcCall code_call(const core::Address& of) {
  JsonWriter json;
  json.begin_array().data(of.view()).text("latest").end_array();
  return {"eth_getCode", json.take()};
}

std::optional<std::uint64_t> chain_id_from(JsonValue result) { return as_quantity_u64(result); }

core::Result<std::vector<L1Log>, BadAnswer> logs_from(JsonValue result) {
  const auto malformed = [](std::string text) {
    return Unexpected{BadAnswer{BadAnswerKind::kMalformed, std::move(text)}};
  };
  if (result.kind() != JsonKind::kArray) return malformed("logs: no array");
  if (result.size() > kLogsMax) return malformed("logs: too many");
  std::vector<L1Log> logs;
  const char* bad = nullptr;
  result.each_element([&](JsonValue element) {
    L1Log log;
    bad = read_log(element, log);
    if (bad == nullptr) logs.push_back(std::move(log));
    return bad == nullptr;
  });
  if (bad != nullptr) return malformed(std::string("log: bad or missing ") + bad);
  std::sort(logs.begin(), logs.end(), [](const L1Log& a, const L1Log& b) {
    return std::tie(a.block_number, a.log_index) < std::tie(b.block_number, b.log_index);
  });
  logs.erase(std::unique(logs.begin(), logs.end()), logs.end());
  if (const char* contradiction = contradiction_in(logs)) {
    return Unexpected{BadAnswer{BadAnswerKind::kFalseLogs, contradiction}};
  }
  return logs;
}

std::optional<core::Bytes> call_data_from(JsonValue result) {
  return as_data(result, kCallDataBytesMax);
}

std::optional<bool> has_code_from(JsonValue result) {
  const auto code = as_data(result, kCodeBytesMax);
  if (!code) return std::nullopt;
  return !code->empty();
}

}  // namespace preconf::io::l1
