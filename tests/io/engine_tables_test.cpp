// Calls about derived blocks: what is said to the engine, and what its answers mean.
#include <gtest/gtest.h>

#include "core/base/hex.hpp"
#include "io/engine/engine_answers.hpp"
#include "io/engine/engine_requests.hpp"
#include "tests/io/support/stub_engine.hpp"

namespace preconf::io {
namespace {

namespace ev = core::events;
namespace commands = core::commands;
using test::batch_results;
using test::one_error;
using test::one_result;

std::string hash(char digit) { return "0x" + std::string(64, digit); }
core::Hash32 hash_value(char digit) { return *core::fixed_from_hex<32>(hash(digit)); }

const std::string kNotFound = R"("error":{"code":-32000,"message":"not found"})";
const std::string kSignature = "0x" + std::string(130, '9');

std::string block(const std::string& members) {
  return R"("result":{"number":"0xb","hash":")" + hash('a') + R"(","parentHash":")" + hash('1') +
         R"(","timestamp":"0x65a0bc00","miner":"0x)" + std::string(40, '5') + R"(","mixHash":")" +
         hash('6') + R"(","difficulty":"0x2a","gasLimit":"0x2bde780","gasUsed":"0x5208",)" +
         R"("baseFeePerGas":"0x17d7840","extraData":"0x4b00000000000b",)" + members + "}";
}
const std::string kUnzenMembers =
    R"("uncles":[],"withdrawals":[],"transactions":[")" + hash('e') + R"(",")" + hash('f') +
    R"("],"blobGasUsed":"0x0","excessBlobGas":"0x0",)" + R"("parentBeaconBlockRoot":")" +
    hash('0') + R"(","requestsHash":")" + hash('8') + "\"";
std::string row(std::uint64_t number, const std::string& signature) {
  return R"("result":{"blockID":")" + core::to_quantity(number) + R"(","l2BlockHash":")" +
         hash('a') + R"(","l1BlockHeight":"0x64","l1BlockHash":")" + hash('d') +
         R"(","buildPayloadArgsID":[2,178,227,18,165,17,235,71],"isForcedInclusion":true,)" +
         R"("signature":")" + signature + "\"}";
}

TEST(EngineTables, CanonicalBlockWithItsRow) {
  const auto result =
      canonical_from(batch_results({block(kUnzenMembers), row(11, kSignature), row(7, kSignature)}),
                     core::BlockNumber{11});
  const auto& read = std::get<ev::CanonicalRead>(result);
  EXPECT_EQ(read.number.value, 11U);
  ASSERT_TRUE(read.block);
  EXPECT_EQ(read.block->header.hash, hash_value('a'));
  EXPECT_EQ(read.block->first_tx_hash, hash_value('e'));
  EXPECT_EQ(read.block->ommers, 0U);
  EXPECT_EQ(read.block->withdrawals, 0U);
  EXPECT_EQ(read.block->blob_gas_used, 0U);
  EXPECT_EQ(read.block->excess_blob_gas, 0U);
  EXPECT_EQ(read.block->parent_beacon_block_root, core::Hash32{});
  EXPECT_EQ(read.block->requests_hash, hash_value('8'));
  ASSERT_TRUE(read.block->origin);
  EXPECT_EQ(read.block->origin->l1_block_height.value, 100U);
  EXPECT_EQ(read.block->origin->l1_block_hash, hash_value('d'));
  EXPECT_TRUE(read.block->origin->is_forced_inclusion);
  ASSERT_TRUE(read.signature);
  EXPECT_EQ(core::to_hex0x(read.signature->view()), kSignature);
  EXPECT_EQ(read.head_l1_origin->value, 7U);
}

TEST(EngineTables, WhatACanonicalBlockMayLack) {
  const auto old = std::get<ev::CanonicalRead>(
      canonical_from(batch_results({block(R"("uncles":[")" + hash('1') + R"("],"transactions":[])"),
                                    kNotFound, kNotFound}),
                     core::BlockNumber{11}));
  ASSERT_TRUE(old.block);
  EXPECT_EQ(old.block->ommers, 1U);
  EXPECT_FALSE(old.block->first_tx_hash);
  EXPECT_FALSE(old.block->blob_gas_used);
  EXPECT_FALSE(old.block->requests_hash);
  EXPECT_FALSE(old.block->origin);
  EXPECT_FALSE(old.signature);
  EXPECT_FALSE(old.head_l1_origin);
  const auto none = std::get<ev::CanonicalRead>(canonical_from(
      batch_results({R"("result":null)", kNotFound, row(7, "0x00")}), core::BlockNumber{11}));
  EXPECT_FALSE(none.block);
  // Rows of derived blocks have 65 zeros, or whatever an engine makes of nothing.
  const std::string zeros = "0x" + std::string(130, '0');
  for (const std::string& signature : {zeros, std::string("0x00"), std::string("0x")}) {
    const auto read = std::get<ev::CanonicalRead>(
        canonical_from(batch_results({block(kUnzenMembers), row(11, signature), kNotFound}),
                       core::BlockNumber{11}));
    EXPECT_FALSE(read.signature) << signature;
  }
}

TEST(EngineTables, CanonicalAnswersThatAreNone) {
  const std::vector<std::vector<std::string>> bad = {
      {block(R"("uncles":[])"), kNotFound, kNotFound},                      // no transactions
      {block(R"("transactions":[{"hash":"0x1"}])"), kNotFound, kNotFound},  // whole ones
      {block(R"("transactions":[],"blobGasUsed":0)"), kNotFound, kNotFound},
      {block(kUnzenMembers), row(12, kSignature), kNotFound}};
  for (const auto& answers : bad) {
    const auto result = canonical_from(batch_results(answers), core::BlockNumber{11});
    ASSERT_TRUE(std::holds_alternative<ev::EngineFailed>(result)) << answers[0];
    EXPECT_EQ(std::get<ev::EngineFailed>(result).kind, ev::EngineFailureKind::kMalformed);
  }
  EXPECT_TRUE(std::holds_alternative<ev::EngineFailed>(canonical_from(
      batch_results({block(kUnzenMembers), kNotFound, kNotFound}), core::BlockNumber{12})));
}

TEST(EngineTables, NonceOfTheBlockOrFailure) {
  EXPECT_EQ(golden_nonce_request(hash_value('a')),
            R"({"jsonrpc":"2.0","id":1,"method":"eth_getTransactionCount","params":[)"
            R"("0x0000777735367b36bc9b61c50022d9d0700db4ec",{"blockHash":")" +
                hash('a') + R"(","requireCanonical":true}]})");
  EXPECT_EQ(std::get<ev::NonceRead>(nonce_from(one_result("\"0x2a\""))).nonce, 42U);
  // A block that was reorged away is no reason to begin with nonce 0.
  const auto failed = nonce_from(one_error(-32000, "header not found"));
  EXPECT_EQ(std::get<ev::EngineFailed>(failed).kind, ev::EngineFailureKind::kRpcError);
}

TEST(EngineTables, AnchorStateAndFirstTransaction) {
  const auto anchor = *core::fixed_from_hex<20>("1670010000000000000000000000000000010001");
  EXPECT_EQ(anchor_state_request(hash_value('a'), anchor),
            R"({"jsonrpc":"2.0","id":1,"method":"eth_call","params":[{"to":)"
            R"("0x1670010000000000000000000000000000010001","data":"0x0f439bd9"},{"blockHash":")" +
                hash('a') + R"(","requireCanonical":false}]})");
  const std::string words = "\"0x" + std::string(61, '0') + "123" + std::string(64, 'b') + "\"";
  EXPECT_EQ(std::get<ev::AnchorStateRead>(anchor_state_from(one_result(words))).anchor->value,
            0x123U);
  EXPECT_FALSE(std::get<ev::AnchorStateRead>(anchor_state_from(one_result("\"0x\""))).anchor);
  EXPECT_EQ(first_transaction_request(hash_value('a')),
            R"({"jsonrpc":"2.0","id":1,"method":"eth_getRawTransactionByBlockHashAndIndex",)"
            R"("params":[")" +
                hash('a') + R"(","0x0"]})");
  // The worked anchor transaction of the protocol reference, section 6.5: L1 block 12345678.
  const std::string raw =
      "0x02f8cf83028c59808084017d7840830f42409416700100000000000000000000000000000100018"
      "0b864523e68540000000000000000000000000000000000000000000000000000000000bc614e" +
      std::string(64, '1') + std::string(64, '2') +
      "c080a079be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798a002b8901e02f740e7"
      "115f24ec42dfbee6286d3b09f624bd9e9bc8b873b5a81eb9";
  const auto read = anchor_in_transaction_from(one_result("\"" + raw + "\""), anchor);
  ASSERT_TRUE(std::holds_alternative<ev::AnchorStateRead>(read));
  ASSERT_TRUE(std::get<ev::AnchorStateRead>(read).anchor);
  EXPECT_EQ(std::get<ev::AnchorStateRead>(read).anchor->value, 12'345'678U);
  EXPECT_FALSE(
      std::get<ev::AnchorStateRead>(anchor_in_transaction_from(one_result("null"), anchor)).anchor);
}

TEST(EngineTables, ProposalsThatTheEngineDoesNotKnow) {
  EXPECT_EQ(std::get<ev::BatchFound>(batch_found_from(one_result("\"0x1f\""))).last_block->value,
            31U);
  EXPECT_FALSE(std::get<ev::BatchFound>(batch_found_from(one_result("null"))).last_block);
  for (const char* text :
       {"not found",
        "proposal last block uncertain: BatchToLastBlockID missing and no newer proposal observed",
        "proposal last block lookback exceeded: BatchToLastBlockID missing and lookback limit "
        "reached"}) {
    const auto result = batch_found_from(one_error(-32000, text));
    ASSERT_TRUE(std::holds_alternative<ev::BatchFound>(result)) << text;
    EXPECT_FALSE(std::get<ev::BatchFound>(result).last_block);
  }
  EXPECT_TRUE(std::holds_alternative<ev::EngineFailed>(
      batch_found_from(one_error(-32603, "database is closed"))));
}

TEST(EngineTables, WritesAreEchoed) {
  commands::WriteOrigin write;
  write.row.block_number = core::BlockNumber{11};
  write.row.l2_block_hash = hash_value('a');
  write.row.l1_block_height = core::L1BlockNumber{100};
  write.row.l1_block_hash = hash_value('d');
  write.row.build_payload_args_id = *core::fixed_from_hex<8>("02b2e312a511eb47");
  write.row.is_forced_inclusion = true;
  write.signature = *core::fixed_from_hex<65>(kSignature);
  EXPECT_EQ(write_origin_request(write),
            R"({"jsonrpc":"2.0","id":1,"method":"taikoAuth_updateL1Origin","params":[{"blockID":)"
            R"("0xb","l2BlockHash":")" +
                hash('a') + R"(","l1BlockHeight":"0x64","l1BlockHash":")" + hash('d') +
                R"(","buildPayloadArgsID":[2,178,227,18,165,17,235,71],)" +
                R"("isForcedInclusion":true,"signature":")" + kSignature + R"("}]})");
  EXPECT_EQ(set_head_origin_request(core::BlockNumber{11}),
            R"({"jsonrpc":"2.0","id":1,"method":"taikoAuth_setHeadL1Origin","params":["0xb"]})");
  EXPECT_EQ(set_batch_request(core::ProposalId{3}, core::BlockNumber{11}),
            R"({"jsonrpc":"2.0","id":1,"method":"taikoAuth_setBatchToLastBlock",)"
            R"("params":["0x3","0xb"]})");
  EXPECT_EQ(
      lookup_batch_request(core::ProposalId{3}),
      R"({"jsonrpc":"2.0","id":1,"method":"taikoAuth_lastBlockIDByBatchID","params":["0x3"]})");
  const std::string echo = R"({"jsonrpc":"2.0","id":1,)" + row(11, kSignature) + "}";
  EXPECT_TRUE(
      std::holds_alternative<ev::TableWritten>(origin_written_from(echo, core::BlockNumber{11})));
  EXPECT_TRUE(
      std::holds_alternative<ev::EngineFailed>(origin_written_from(echo, core::BlockNumber{12})));
  EXPECT_TRUE(
      std::holds_alternative<ev::TableWritten>(number_written_from(one_result("\"0xb\""), 11)));
  EXPECT_TRUE(
      std::holds_alternative<ev::EngineFailed>(number_written_from(one_result("\"0xc\""), 11)));
}

TEST(EngineTables, ADerivedBlockNamesItsL1Block) {
  commands::StartDerivedPayload start;
  start.attributes.block_number = core::BlockNumber{11};
  start.attributes.payload_id = *core::fixed_from_hex<8>("02b2e312a511eb47");
  start.l1_height = core::L1BlockNumber{100};
  start.l1_hash = hash_value('d');
  start.is_forced_inclusion = true;
  const std::string text = start_derived_request(start, core::Bytes{0xc0});
  const auto document = JsonDocument::parse(text);
  ASSERT_TRUE(document);
  const JsonValue attributes = document->root().get("params").at(1);
  EXPECT_EQ(attributes.get("blockMetadata").get("txList").as_string(), "0xc0");
  EXPECT_EQ(attributes.get("l1Origin").to_text(),
            R"({"blockID":"0xb","l2BlockHash":")" + hash('0') +
                R"(","l1BlockHeight":"0x64","l1BlockHash":")" + hash('d') +
                R"(","buildPayloadArgsID":[2,178,227,18,165,17,235,71],)" +
                R"("isForcedInclusion":true,"signature":"0x)" + std::string(130, '0') + "\"}");
}

// Who may read asks the public endpoint; who writes shows a token.
TEST(EngineTables, WhereEachCallGoes) {
  test::StubEngine engine;
  const auto target_of = [&engine](auto call) {
    engine.answer_with(one_error(-32603, "no"));
    test::Once<int> done;
    engine.thread.loop.post([&engine, call, set = done.set()] {
      call(*engine.client,
           [set](ev::EngineResult, std::uint32_t, std::shared_ptr<const core::Bytes>) { set(0); });
    });
    (void)done.get();
    const HttpRequest request = engine.requests().back();
    EXPECT_EQ(request.target == "/auth", !request.header("authorization").empty());
    return request.target;
  };
  EXPECT_EQ(target_of([](auto& c, auto done) { c.read_canonical({1}, done); }), "/public");
  EXPECT_EQ(target_of([](auto& c, auto done) { c.read_golden_nonce({}, done); }), "/public");
  EXPECT_EQ(target_of([](auto& c, auto done) {
              c.read_anchor_state({{}, false}, {}, done);
            }),
            "/auth");
  EXPECT_EQ(target_of([](auto& c, auto done) {
              c.read_anchor_state({{}, true}, {}, done);
            }),
            "/public");
  EXPECT_EQ(target_of([](auto& c, auto done) { c.lookup_batch({1}, done); }), "/auth");
  EXPECT_EQ(target_of([](auto& c, auto done) { c.write_origin({}, done); }), "/auth");
  EXPECT_EQ(target_of([](auto& c, auto done) { c.set_head_l1_origin({1}, done); }), "/auth");
  EXPECT_EQ(target_of([](auto& c, auto done) { c.set_batch_last_block({}, done); }), "/auth");
  EXPECT_EQ(target_of([](auto& c, auto done) { c.start_derived_payload({}, {}, done); }), "/auth");
}

}  // namespace
}  // namespace preconf::io
