// The stored newPayload parameter: accepted exactly as written, refused with the member's name.
#include "replay/payload_json.hpp"

#include <gtest/gtest.h>

#include <string>

#include "core/base/hex.hpp"
#include "core/codec/header.hpp"
#include "tests/replay/real_world.hpp"

namespace preconf::replay {
namespace {

namespace protocol = core::protocol;

protocol::ChainProfile devnet() { return protocol::chain_profile("devnet").value(); }

/// A payload text that the test engine made, and its block hash.
struct Sample {
  std::string text;
  core::Hash32 hash;
};
Sample sample() {
  tests::RealWorld world;
  world.add_block();
  const auto record = world.take();
  for (const core::Event& event : record.batch.events) {
    const auto* answer = std::get_if<core::events::EngineAnswered>(&event.body);
    if (answer == nullptr) continue;
    const auto* taken = std::get_if<core::events::PayloadTaken>(&answer->result);
    if (taken == nullptr) continue;
    for (const storage::Content& content : record.batch.contents) {
      if (content.hash != taken->payload.hash) continue;
      return {{content.bytes->begin(), content.bytes->end()}, taken->header.hash};
    }
  }
  return {};
}

auto read(const std::string& text, const protocol::ChainProfile& chain = devnet()) {
  return read_payload_json({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()},
                           chain);
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(PayloadJson, reads_what_was_stored) {
  const Sample good = sample();
  const auto payload = read(good.text);
  ASSERT_TRUE(payload.has_value()) << payload.error();
  EXPECT_EQ(payload->block_hash, good.hash);
  EXPECT_EQ(payload->transactions, 1u);
  EXPECT_EQ(core::codec::hash_header(protocol::header_of(payload->fields, devnet())), good.hash);
}

TEST(PayloadJson, every_member_is_needed_once) {
  const Sample good = sample();
  for (const char* name : {"parentHash", "feeRecipient", "stateRoot", "receiptsRoot", "logsBloom",
                           "prevRandao", "blockNumber", "gasLimit", "gasUsed", "timestamp",
                           "extraData", "baseFeePerGas", "blockHash", "transactions", "withdrawals",
                           "txHash", "withdrawalsHash", "headerDifficulty", "taikoBlock"}) {
    const std::string key = "\"" + std::string(name) + "\"";
    EXPECT_FALSE(read(replaced(good.text, key, "\"other\"")).has_value()) << name;
    const std::string null_first = "{" + key + ":null,";
    EXPECT_FALSE(read(null_first + good.text.substr(1)).has_value()) << name;
  }
  const auto twice = read(replaced(good.text, "{", "{\"taikoBlock\":true,"));
  ASSERT_FALSE(twice.has_value());
  EXPECT_EQ(twice.error(), "\"taikoBlock\" appears twice");
}

TEST(PayloadJson, values_have_one_form) {
  const Sample good = sample();
  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
           {"\"blockNumber\":\"0x1\"", "\"blockNumber\":\"0x01\""},
           {"\"blockNumber\":\"0x1\"", "\"blockNumber\":1"},
           {"\"blockNumber\":\"0x1\"", "\"blockNumber\":\"0x\""},
           {"\"blockNumber\":\"0x1\"", "\"blockNumber\":\"1\""},
           {"\"blockNumber\":\"0x1\"", "\"blockNumber\":\"0x10000000000000000\""},
           {"\"taikoBlock\":true", "\"taikoBlock\":false"},
           {"\"withdrawals\":[]", "\"withdrawals\":[{}]"},
           {"\"withdrawalsHash\":\"0x56", "\"withdrawalsHash\":\"0x57"},
           {"\"extraData\":\"0x", "\"extraData\":\"0x" + std::string(66, '0')},
           {"\"transactions\":[", "\"transactions\":[\"0x\","},
           {"\"transactions\":[", "\"transactions\":[\"0x01\","},
           {"\"logsBloom\":\"0x0000", "\"logsBloom\":\"0x00"}}) {
    EXPECT_FALSE(read(replaced(good.text, from, to)).has_value()) << to;
  }
  EXPECT_FALSE(read(good.text.substr(0, good.text.size() - 1)).has_value());
  EXPECT_FALSE(read("[]").has_value());
  EXPECT_FALSE(read("").has_value());
  EXPECT_FALSE(read(std::string(100'000, '[')).has_value());
}

TEST(PayloadJson, difficulty_belongs_to_unzen) {
  const Sample good = sample();
  protocol::ChainProfile chain = devnet();
  chain.unzen_time = core::UnixSeconds{~std::uint64_t{0}};
  EXPECT_FALSE(read(good.text, chain).has_value());
  const std::size_t at = good.text.find(",\"headerDifficulty\":");
  const std::size_t end = good.text.find(',', at + 1);
  const std::string without = good.text.substr(0, at) + good.text.substr(end);
  EXPECT_FALSE(read(without).has_value());
  EXPECT_TRUE(read(without, chain).has_value());
  // The older reference driver writes it as a hex quantity.
  const std::string number = good.text.substr(at + 20, end - at - 20);
  const std::string hex = good.text.substr(0, at + 20) + "\"" +
                          core::to_quantity(std::stoull(number)) + "\"" + good.text.substr(end);
  const auto payload = read(hex);
  ASSERT_TRUE(payload.has_value()) << payload.error();
  EXPECT_EQ(payload->fields.block_value, core::U256::from_u64(std::stoull(number)));
}

}  // namespace
}  // namespace preconf::replay
