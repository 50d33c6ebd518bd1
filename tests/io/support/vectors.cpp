#include "tests/io/support/vectors.hpp"

#include <fstream>
#include <sstream>
#include <stdexcept>

#include "core/base/hex.hpp"
#include "core/protocol/commitment.hpp"
#include "io/json/json_reader.hpp"
#include "tests/support/tests_dir.hpp"

namespace preconf::io::test {
namespace {

std::string text(JsonValue object, const char* key) {
  return std::string(object.get(key).as_string().value());
}

std::uint64_t number(JsonValue object, const char* key) { return object.get(key).as_u64().value(); }

core::Bytes bytes(JsonValue object, const char* key) {
  return core::from_hex(text(object, key)).value();
}

std::vector<VectorBlock> load() {
  std::ifstream file(preconf::tests::tests_dir() + "/vectors/independent_blocks.json");
  std::stringstream content;
  content << file.rdbuf();
  const auto document = JsonDocument::parse(content.str());
  if (!document) throw std::runtime_error("vectors can not be read");
  std::vector<VectorBlock> blocks;
  document->root().get("blocks").each_element([&](JsonValue one) {
    VectorBlock block;
    block.number = number(one, "number");
    block.timestamp = number(one, "timestamp");
    block.commitment = bytes(one, "commitment");
    block.compressed = bytes(one, "compressed");
    block.header_rlp = text(one, "headerRlp");
    block.hash = text(one, "hash");
    block.coinbase = text(one, "coinbase");
    block.mix_hash = text(one, "mixHash");
    block.extra_data = text(one, "extraData");
    block.transactions_root = text(one, "transactionsRoot");
    block.tx_list_hash = text(one, "txListHash");
    block.preconf_hash = text(one, "preconfHash");
    block.gas_limit = number(one, "gasLimit");
    block.gas_used = number(one, "gasUsed");
    block.base_fee = number(one, "baseFee");
    block.difficulty = number(one, "difficulty");
    one.get("included").each_element([&](JsonValue raw) {
      block.transactions.emplace_back(raw.as_string().value());
      return true;
    });
    blocks.push_back(std::move(block));
    return true;
  });
  return blocks;
}

std::string quantity(std::uint64_t value) { return "\"" + core::to_quantity(value) + "\""; }

/// `size` bytes of the header from `offset`, as quoted hex. The fields before the numbers have
/// fixed sizes, so they have fixed places in the RLP.
std::string slice(const VectorBlock& block, std::size_t offset, std::size_t size) {
  return "\"0x" + block.header_rlp.substr(2 + 2 * offset, 2 * size) + "\"";
}

}  // namespace

const std::vector<VectorBlock>& vector_blocks() {
  static const std::vector<VectorBlock> kBlocks = load();
  return kBlocks;
}

std::string payload_result(const VectorBlock& block) {
  std::string transactions;
  for (const std::string& raw : block.transactions) {
    transactions += (transactions.empty() ? "\"" : ",\"") + raw + "\"";
  }
  return R"({"executionPayload":{"parentHash":)" + slice(block, 4, 32) + R"(,"feeRecipient":")" +
         block.coinbase + R"(","stateRoot":)" + slice(block, 91, 32) + R"(,"receiptsRoot":)" +
         slice(block, 157, 32) + R"(,"logsBloom":)" + slice(block, 192, 256) +
         R"(,"prevRandao":")" + block.mix_hash + R"(","blockNumber":)" + quantity(block.number) +
         R"(,"gasLimit":)" + quantity(block.gas_limit) + R"(,"gasUsed":)" +
         quantity(block.gas_used) + R"(,"timestamp":)" + quantity(block.timestamp) +
         R"(,"extraData":")" + block.extra_data + R"(","baseFeePerGas":)" +
         quantity(block.base_fee) + R"(,"blockHash":")" + block.hash + R"(","transactions":[)" +
         transactions + R"(],"withdrawals":[]},"blockValue":)" + quantity(block.difficulty) + "}";
}

core::protocol::NetworkProfile vector_network() {
  const core::BytesView slasher = core::BytesView(vector_blocks().front().commitment)
                                      .subspan(core::protocol::kPreconfirmationBytes, 20);
  return core::protocol::permissionless_network(core::Address::from(slasher));
}

}  // namespace preconf::io::test
