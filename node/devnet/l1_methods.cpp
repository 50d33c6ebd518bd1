#include "node/devnet/l1_methods.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/base/hex.hpp"
#include "io/json/eth_json.hpp"
#include "io/json/json_writer.hpp"
#include "node/devnet/l1_json.hpp"

namespace preconf::node::devnet {
namespace {

using core::Hash32;
using io::JsonValue;
using BlockResult = core::Result<const L1Block*, RpcError>;

RpcError invalid_params(std::string what) { return RpcError{-32602, std::move(what)}; }
core::Unexpected<RpcError> fails(std::int32_t code, std::string what) {
  return core::Unexpected<RpcError>{RpcError{code, std::move(what)}};
}
std::string quoted(std::uint64_t value) { return fmt::format("\"{}\"", core::to_quantity(value)); }

/// A tag or number. Null: a number above the head.
BlockResult block_by_tag(const L1Node& node, JsonValue value) {
  const auto text = value.as_string();
  if (text == "latest" || text == "pending") return &node.latest();
  if (text == "earliest") return node.chain.canonical(core::L1BlockNumber{0});
  if (text == "safe" || text == "finalized") {
    const L1Block* block = text == "safe" ? node.chain.safe() : node.chain.finalized();
    // The error that geth has, which clients match by its text.
    if (block == nullptr) return fails(-39001, std::string(*text) + " block not found");
    return block;
  }
  const auto number = io::as_quantity_u64(value);
  if (!number) return fails(-32602, "invalid block number or tag");
  return node.visible(core::L1BlockNumber{*number});
}

/// As eth_call takes it: tag, number, or EIP-1898 object.
BlockResult block_by_id(const L1Node& node, JsonValue where) {
  if (where.missing() || where.is_null()) return &node.latest();
  if (where.kind() == io::JsonKind::kObject && !where.get("blockHash").missing()) {
    const auto hash = io::as_fixed<32>(where.get("blockHash"));
    if (!hash) return fails(-32602, "invalid block hash");
    const L1Block* block = node.chain.by_hash(*hash);
    if (block == nullptr) return fails(-32000, "header for hash not found");
    if (where.get("requireCanonical").as_bool().value_or(false) &&
        !node.chain.is_canonical(*block)) {
      return fails(-32000, "hash is not currently canonical");
    }
    return block;
  }
  if (where.kind() == io::JsonKind::kObject) where = where.get("blockNumber");
  auto block = block_by_tag(node, where);
  if (block && *block == nullptr) return fails(-32000, "header not found");
  return block;
}

MethodAnswer chain_id(L1Node& node, JsonValue) {
  return quoted(node.chain.deployment().l1_chain_id);
}
MethodAnswer net_version(L1Node& node, JsonValue) {
  return fmt::format("\"{}\"", node.chain.deployment().l1_chain_id);
}
MethodAnswer client_version(L1Node&, JsonValue) { return std::string("\"preconf-simulated-l1\""); }
MethodAnswer syncing(L1Node&, JsonValue) { return std::string("false"); }
MethodAnswer block_number(L1Node& node, JsonValue) { return quoted(node.latest().header.number); }

MethodAnswer block_by_number(L1Node& node, JsonValue params) {
  const auto block = block_by_tag(node, params.at(0));
  if (!block) return block.error();
  return *block == nullptr ? std::string("null") : l1_block_json(**block);
}

MethodAnswer block_by_hash(L1Node& node, JsonValue params) {
  const auto hash = io::as_fixed<32>(params.at(0));
  if (!hash) return invalid_params("invalid block hash");
  const L1Block* block = node.chain.by_hash(*hash);
  return block == nullptr ? std::string("null") : l1_block_json(*block);
}

MethodAnswer call(L1Node& node, JsonValue params) {
  constexpr std::size_t kCallBytesMax = 65'536;
  const JsonValue message = params.at(0);
  const auto to = io::as_fixed<20>(message.get("to"));
  JsonValue input = message.get("input");
  if (input.missing()) input = message.get("data");
  const auto data = io::as_data(input, kCallBytesMax);
  if (!to || !data) return invalid_params("invalid call");
  const auto block = block_by_id(node, params.at(1));
  if (!block) return block.error();
  const auto answer = node.chain.call(**block, *to, *data);
  if (!answer) return RpcError{3, "execution reverted"};
  return '"' + core::to_hex0x(*answer) + '"';
}

/// Code is made up: what it does is in l1_views.
MethodAnswer get_code(L1Node& node, JsonValue params) {
  const auto of = io::as_fixed<20>(params.at(0));
  if (!of) return invalid_params("invalid address");
  const auto block = block_by_id(node, params.at(1));
  if (!block) return block.error();
  return std::string(node.chain.has_code(*of) ? "\"0xfe\"" : "\"0x\"");
}

// --- eth_getLogs --------------------------------------------------------------------------------

/// Empty: every value.
struct LogFilter {
  std::vector<core::Address> addresses;
  std::vector<std::vector<Hash32>> topics;  ///< by position

  [[nodiscard]] bool matches(const L1Log& log) const {
    const auto has = [](const auto& wanted, const auto& value) {
      return wanted.empty() || std::find(wanted.begin(), wanted.end(), value) != wanted.end();
    };
    if (!has(addresses, log.address)) return false;
    if (topics.size() > log.log.topics.size()) return false;
    for (std::size_t i = 0; i < topics.size(); ++i) {
      if (!has(topics[i], log.log.topics[i])) return false;
    }
    return true;
  }
};

/// One value or an array of values; false when something is neither. Null or missing: none.
template <std::size_t N>
bool read_one_or_many(JsonValue value, std::vector<core::FixedBytes<N>>& out) {
  if (value.missing() || value.is_null()) return true;
  if (value.kind() != io::JsonKind::kArray) {
    const auto one = io::as_fixed<N>(value);
    if (one) out.push_back(*one);
    return one.has_value();
  }
  bool good = true;
  value.each_element([&](JsonValue element) {
    const auto one = io::as_fixed<N>(element);
    good = one.has_value();
    if (good) out.push_back(*one);
    return good;
  });
  return good;
}

bool read_filter(JsonValue value, LogFilter& filter) {
  if (!read_one_or_many(value.get("address"), filter.addresses)) return false;
  bool good = true;
  value.get("topics").each_element([&](JsonValue position) {
    filter.topics.emplace_back();
    good = read_one_or_many(position, filter.topics.back()) && filter.topics.size() <= 4;
    return good;
  });
  return good;
}

/// Writes the block's logs that match; false when that are too many.
bool write_matches(const L1Node& node, const L1Block& block, const LogFilter& filter,
                   std::size_t& count, io::JsonWriter& out) {
  for (std::size_t i = 0; i < block.logs.size(); ++i) {
    if (!filter.matches(block.logs[i])) continue;
    if (++count > node.logs_max) return false;
    write_l1_log(out, block, i);
  }
  return true;
}

MethodAnswer get_logs(L1Node& node, JsonValue params) {
  const JsonValue query = params.at(0);
  LogFilter filter;
  if (!read_filter(query, filter)) return invalid_params("invalid filter");
  const RpcError too_many{-32005,
                          fmt::format("query returned more than {} results", node.logs_max)};
  io::JsonWriter out;
  out.begin_array();
  std::size_t count = 0;
  if (!query.get("blockHash").missing()) {
    const auto hash = io::as_fixed<32>(query.get("blockHash"));
    if (!hash) return invalid_params("invalid block hash");
    const L1Block* block = node.chain.by_hash(*hash);
    if (block == nullptr) return RpcError{-32000, "unknown block"};
    if (!write_matches(node, *block, filter, count, out)) return too_many;
    return out.end_array().take();
  }
  const auto bound = [&](const char* name) -> core::Result<std::uint64_t, RpcError> {
    const JsonValue value = query.get(name);
    if (value.missing() || value.is_null()) return node.latest().header.number;
    if (const auto number = io::as_quantity_u64(value)) return *number;
    const auto block = block_by_tag(node, value);
    if (!block) return core::Unexpected<RpcError>{block.error()};
    return (*block)->header.number;
  };
  const auto from = bound("fromBlock");
  if (!from) return from.error();
  const auto to = bound("toBlock");
  if (!to) return to.error();
  if (*from > *to) return invalid_params("invalid block range params");
  if (*to - *from >= node.logs_range_max) {
    return RpcError{-32005, fmt::format("query exceeds max block range {}", node.logs_range_max)};
  }
  for (std::uint64_t number = *from; number <= *to; ++number) {
    const L1Block* block = node.visible(core::L1BlockNumber{number});
    if (block == nullptr) break;
    if (!write_matches(node, *block, filter, count, out)) return too_many;
  }
  return out.end_array().take();
}

struct Method {
  std::string_view name;
  MethodAnswer (*run)(L1Node&, JsonValue);
};

constexpr std::array kMethods = {
    Method{"eth_chainId", chain_id},
    Method{"net_version", net_version},
    Method{"web3_clientVersion", client_version},
    Method{"eth_syncing", syncing},
    Method{"eth_blockNumber", block_number},
    Method{"eth_getBlockByNumber", block_by_number},
    Method{"eth_getBlockByHash", block_by_hash},
    Method{"eth_call", call},
    Method{"eth_getCode", get_code},
    Method{"eth_getLogs", get_logs},
};

}  // namespace

MethodAnswer call_l1_method(L1Node& node, std::string_view method, JsonValue params) {
  if (method.starts_with("sim_")) return call_l1_sim_method(node, method, params);
  for (const Method& candidate : kMethods) {
    if (candidate.name == method) return candidate.run(node, params);
  }
  return RpcError{-32601, "the method does not exist/is not available"};
}

}  // namespace preconf::node::devnet
