// What a healthy engine says, and what we say to it.
#include "io/engine/engine_client.hpp"

#include <gtest/gtest.h>

#include "core/base/hex.hpp"
#include "core/crypto/hash.hpp"
#include "io/clock.hpp"
#include "io/json/json_reader.hpp"
#include "tests/io/support/stub_engine.hpp"
#include "tests/io/support/vectors.hpp"

namespace preconf::io {
namespace {

using core::events::BlockRead;
using core::events::Certainty;
using core::events::EngineFailureKind;
using core::events::ForkchoiceAnswered;
using core::events::HeadsRead;
using core::events::PayloadJudged;
using core::events::PayloadStatus;
using core::events::PayloadTaken;
using test::batch_results;
using test::EngineReply;
using test::failure_of;
using test::one_error;
using test::one_result;
using test::StubEngine;

const std::string kNotFound = R"("error":{"code":-32000,"message":"not found"})";
const std::string kNull = R"("result":null)";

std::string hash(char digit) { return "0x" + std::string(64, digit); }
core::Hash32 hash_value(char digit) { return *core::fixed_from_hex<32>(hash(digit)); }

std::string block(std::uint64_t number, char digit) {
  return R"("result":{"number":")" + core::to_quantity(number) + R"(","hash":")" + hash(digit) +
         R"(","parentHash":")" + hash('1') + R"(","timestamp":"0x65a0bc00","miner":"0x)" +
         std::string(40, '5') + R"(","mixHash":")" + hash('6') +
         R"(","difficulty":"0x2a","gasLimit":"0x2bde780","gasUsed":"0x5208",)" +
         R"("baseFeePerGas":"0x17d7840","extraData":"0x4b00000000000b","uncles":[]})";
}

std::string origin(const std::string& members) { return R"("result":{)" + members + "}"; }

// alethia's spelling and its zeros for a preconfirmed row.
std::string alethia_row(std::uint64_t number) {
  return R"("blockId":")" + core::to_quantity(number) + R"(","l2BlockHash":")" + hash('7') +
         R"(","l1BlockHeight":"0x0","l1BlockHash":")" + hash('0') +
         R"(","buildPayloadArgsId":[2,178,227,18,165,17,235,71],"isForcedInclusion":true,)" +
         R"("signature":"0x00")";
}

TEST(EngineClient, ReadsHeads) {
  StubEngine engine;
  engine.answer_with(batch_results({R"("result":"0x28c59")", block(11, 'a'), block(9, 'b'),
                                    block(5, 'c'), origin(alethia_row(7))}));
  const EngineReply reply = engine.read_heads();
  const auto& heads = std::get<HeadsRead>(reply.result);
  EXPECT_EQ(heads.chain_id, 167001U);
  ASSERT_TRUE(heads.latest);
  EXPECT_EQ(heads.latest->ref(), (core::BlockRef{core::BlockNumber{11}, hash_value('a')}));
  EXPECT_EQ(heads.latest->parent_hash, hash_value('1'));
  EXPECT_EQ(heads.latest->timestamp.value, 0x65a0bc00U);
  EXPECT_EQ(core::to_hex(heads.latest->beneficiary.view()), std::string(40, '5'));
  EXPECT_EQ(heads.latest->mix_hash, hash_value('6'));
  EXPECT_EQ(heads.latest->difficulty, core::U256::from_u64(42));
  EXPECT_EQ(heads.latest->gas_limit, 46'000'000U);
  EXPECT_EQ(heads.latest->gas_used, 21'000U);
  EXPECT_EQ(heads.latest->base_fee_wei, 25'000'000U);
  EXPECT_EQ(heads.latest->extra_data, (core::Bytes{75, 0, 0, 0, 0, 0, 11}));
  EXPECT_EQ(heads.safe, (core::BlockRef{core::BlockNumber{9}, hash_value('b')}));
  EXPECT_EQ(heads.finalized, (core::BlockRef{core::BlockNumber{5}, hash_value('c')}));
  EXPECT_EQ(heads.head_l1_origin, core::BlockNumber{7});
  EXPECT_GT(reply.elapsed_us, 0U);
  EXPECT_EQ(reply.content, nullptr);
}

TEST(EngineClient, HeadsThatTheEngineSaysItDoesNotHave) {
  StubEngine engine;
  engine.answer_with(batch_results(
      {R"("result":"0x1")", kNull, R"("error":{"code":-32000,"message":"safe block not found"})",
       R"("error":{"code":-39001,"message":"Unknown block"})", kNotFound}));
  EXPECT_EQ(std::get<HeadsRead>(engine.read_heads().result),
            (HeadsRead{1, std::nullopt, std::nullopt, std::nullopt, std::nullopt}));
}

TEST(EngineClient, OneOtherErrorFailsTheWholeRead) {
  const std::vector<std::string> good = {R"("result":"0x1")", block(11, 'a'), block(9, 'b'),
                                         block(5, 'c'), kNotFound};
  for (std::size_t i = 0; i < good.size(); ++i) {
    StubEngine engine;
    auto answers = good;
    answers[i] = R"("error":{"code":-32603,"message":"database is closed"})";
    engine.answer_with(batch_results(answers));
    const EngineReply reply = engine.read_heads();
    EXPECT_EQ(failure_of(reply).kind, EngineFailureKind::kRpcError) << i;
    EXPECT_EQ(failure_of(reply).certainty, Certainty::kAnswered) << i;
    EXPECT_EQ(failure_of(reply).code, -32603) << i;
    EXPECT_EQ(failure_of(reply).detail, "database is closed") << i;
  }
}

TEST(EngineClient, ReadsABlockWithEitherSpellingOfItsRow) {
  const std::string geth_row = R"("blockID":"0xb","l2BlockHash":")" + hash('7') +
                               R"(","l1BlockHeight":null,"l1BlockHash":null,)"
                               R"("buildPayloadArgsID":[2,178,227,18,165,17,235,71])";
  for (const bool geth : {true, false}) {
    StubEngine engine;
    engine.answer_with(batch_results(
        {block(11, 'a'), origin(geth ? geth_row : alethia_row(11)), origin(alethia_row(7))}));
    const EngineReply reply = engine.read_block(11);
    const auto& read = std::get<BlockRead>(reply.result);
    EXPECT_EQ(read.number.value, 11U);
    EXPECT_EQ(read.block->hash, hash_value('a'));
    ASSERT_TRUE(read.origin);
    EXPECT_EQ(read.origin->block_number.value, 11U);
    EXPECT_EQ(read.origin->l2_block_hash, hash_value('7'));
    EXPECT_EQ(read.origin->l1_block_height.value, 0U);
    EXPECT_TRUE(read.origin->l1_block_hash.is_zero());
    EXPECT_EQ(core::to_hex(read.origin->build_payload_args_id.view()), "02b2e312a511eb47");
    EXPECT_EQ(read.origin->is_forced_inclusion, !geth);
    EXPECT_EQ(read.head_l1_origin->value, 7U);
  }
}

TEST(EngineClient, ABlockThatIsNotThere) {
  StubEngine engine;
  engine.answer_with(batch_results({kNull, kNotFound, kNull}));
  EXPECT_EQ(std::get<BlockRead>(engine.read_block(3).result),
            (BlockRead{core::BlockNumber{3}, std::nullopt, std::nullopt, std::nullopt}));
}

TEST(EngineClient, SaysExactlyTheAttributesOfTheReference) {
  StubEngine engine;
  engine.answer_with(one_result(R"({"payloadStatus":{"status":"VALID","latestValidHash":")" +
                                hash('1') +
                                R"(","validationError":null},"payloadId":"0x02b2e312a511eb47"})"));
  core::protocol::PayloadAttributes attributes;
  attributes.block_number = core::BlockNumber{11};
  attributes.timestamp = core::UnixSeconds{0x65a0bc00};
  attributes.prev_randao = hash_value('6');
  attributes.fee_recipient = *core::fixed_from_hex<20>(std::string(40, '5'));
  attributes.gas_limit = 46'000'000;
  attributes.base_fee_wei = 25'000'000;
  attributes.extra_data = *core::fixed_from_hex<7>("4b00000000000b");
  attributes.payload_id = *core::fixed_from_hex<8>("02b2e312a511eb47");
  const core::commands::ForkchoiceState state{hash_value('1'), hash_value('1'), {}};
  const EngineReply reply = engine.start_payload(state, attributes, {0xc2, 0x01, 0x02});

  // Written by hand after the protocol reference, section 2.1.
  EXPECT_EQ(
      engine.requests().at(0).body,
      R"({"jsonrpc":"2.0","id":1,"method":"engine_forkchoiceUpdatedV2",)"
      R"("params":[{"headBlockHash":")" +
          hash('1') + R"(","safeBlockHash":")" + hash('1') + R"(","finalizedBlockHash":")" +
          hash('0') + R"("},{"timestamp":"0x65a0bc00","prevRandao":")" + hash('6') +
          R"(","suggestedFeeRecipient":"0x)" + std::string(40, '5') +
          R"(","withdrawals":[],"baseFeePerGas":"0x17d7840","blockMetadata":{"beneficiary":"0x)" +
          std::string(40, '5') + R"(","gasLimit":46000000,"timestamp":"0x65a0bc00","mixHash":")" +
          hash('6') + R"(","txList":"0xc20102","extraData":"SwAAAAAACw=="},)" +
          R"("l1Origin":{"blockID":"0xb","l2BlockHash":")" + hash('0') +
          R"(","l1BlockHeight":null,"l1BlockHash":null,)" +
          R"("buildPayloadArgsID":[2,178,227,18,165,17,235,71],"isForcedInclusion":false,)" +
          R"("signature":"0x)" + std::string(130, '0') + R"("}}]})");
  EXPECT_EQ(engine.requests().at(0).target, "/auth");
  const auto& answered = std::get<ForkchoiceAnswered>(reply.result);
  EXPECT_EQ(answered.status, PayloadStatus::kValid);
  EXPECT_EQ(answered.latest_valid_hash, hash_value('1'));
  EXPECT_EQ(core::to_hex(answered.payload_id->view()), "02b2e312a511eb47");
  EXPECT_EQ(answered.validation_error, "");
}

TEST(EngineClient, EachAuthenticatedCallCarriesAFreshToken) {
  StubEngine engine;
  engine.answer_with(one_result(R"({"status":"VALID"})"));
  (void)engine.new_payload({'{', '}'});
  const HttpRequest request = engine.requests().at(0);
  EXPECT_EQ(request.header("content-type"), "application/json");
  JwtSecret secret;
  secret.bytes.fill(7);
  EXPECT_EQ(check_jwt(request.header("authorization"), secret,
                      core::UnixSeconds{wall_now().value / 1'000'000'000}),
            JwtDefect::kNone);
  engine.answer_with(batch_results({kNull, kNull, kNull}));
  (void)engine.read_block(1);
  EXPECT_EQ(engine.requests().at(1).header("authorization"), "") << "public endpoint";
  EXPECT_EQ(engine.requests().at(1).target, "/public");
}

TEST(EngineClient, UpdateForkchoiceHasNullAttributes) {
  StubEngine engine;
  engine.answer_with(one_result(
      R"({"payloadStatus":{"status":"SYNCING","latestValidHash":null},"payloadId":null})"));
  const EngineReply reply = engine.update_forkchoice({hash_value('a'), {}, {}});
  const auto document = JsonDocument::parse(engine.requests().at(0).body);
  const JsonValue params = document->root().get("params");
  EXPECT_EQ(params.size(), 2U);
  EXPECT_EQ(params.at(0).get("headBlockHash").as_string(), hash('a'));
  EXPECT_TRUE(params.at(1).is_null());
  const auto& answered = std::get<ForkchoiceAnswered>(reply.result);
  EXPECT_EQ(answered.status, PayloadStatus::kSyncing);
  EXPECT_EQ(answered.payload_id, std::nullopt);
}

TEST(EngineClient, EveryStatusOfNewPayload) {
  const std::vector<std::pair<std::string, PayloadStatus>> statuses = {
      {"VALID", PayloadStatus::kValid},
      {"INVALID", PayloadStatus::kInvalid},
      {"SYNCING", PayloadStatus::kSyncing},
      {"ACCEPTED", PayloadStatus::kAccepted}};
  for (const auto& [text, status] : statuses) {
    StubEngine engine;
    engine.answer_with(one_result(R"({"status":")" + text + R"(","latestValidHash":")" + hash('2') +
                                  R"(","validationError":"because"})"));
    EXPECT_EQ(std::get<PayloadJudged>(engine.new_payload({'{', '}'}).result),
              (PayloadJudged{status, hash_value('2'), "because"}));
  }
}

class EnginePayload : public ::testing::Test {
 protected:
  [[nodiscard]] static core::commands::GetPayload command_for(const test::VectorBlock& block) {
    return {*core::fixed_from_hex<8>("0200000000000001"), core::UnixSeconds{block.timestamp}};
  }
  const core::protocol::ChainProfile chain_ = *core::protocol::chain_profile("devnet");
  StubEngine engine_;
};

TEST_F(EnginePayload, EveryIndependentBlockIsTakenAndRewritten) {
  for (const test::VectorBlock& block : test::vector_blocks()) {
    SCOPED_TRACE(block.number);
    engine_.answer_with(one_result(test::payload_result(block)));
    const EngineReply reply = engine_.get_payload(command_for(block), chain_);
    const auto* failed = std::get_if<core::events::EngineFailed>(&reply.result);
    ASSERT_EQ(failed, nullptr) << failed->detail;
    const auto& taken = std::get<PayloadTaken>(reply.result);
    EXPECT_EQ(core::to_hex0x(taken.header.hash.view()), block.hash);
    EXPECT_EQ(taken.header.number.value, block.number);
    EXPECT_EQ(taken.header.gas_used, block.gas_used);
    EXPECT_EQ(taken.header.difficulty, core::U256::from_u64(block.difficulty));
    EXPECT_EQ(taken.transactions, block.transactions.size());
    ASSERT_NE(reply.content, nullptr);
    EXPECT_EQ(taken.payload.hash, core::crypto::keccak256(*reply.content));
    EXPECT_EQ(taken.payload.size_bytes, reply.content->size());

    const std::string_view json(reinterpret_cast<const char*>(reply.content->data()),
                                reply.content->size());
    const auto document = JsonDocument::parse(json);
    ASSERT_TRUE(document);
    const JsonValue payload = document->root();
    EXPECT_EQ(payload.get("blockHash").as_string(), block.hash);
    EXPECT_EQ(payload.get("txHash").as_string(), block.transactions_root);
    EXPECT_EQ(payload.get("withdrawalsHash").as_string(),
              "0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421");
    EXPECT_EQ(payload.get("headerDifficulty").as_u64(), block.difficulty) << "decimal number";
    EXPECT_EQ(payload.get("taikoBlock").as_bool(), true);
    EXPECT_EQ(payload.get("withdrawals").to_text(), "[]");
    EXPECT_EQ(payload.get("transactions").size(), block.transactions.size());
    EXPECT_EQ(payload.get("transactions").at(0).as_string(), block.transactions.at(0));
    EXPECT_EQ(payload.get("extraData").as_string(), block.extra_data);
  }
}

TEST_F(EnginePayload, WhatWasTakenIsSentAsItIs) {
  const test::VectorBlock& block = test::vector_blocks().front();
  engine_.answer_with(one_result(test::payload_result(block)));
  const EngineReply taken = engine_.get_payload(command_for(block), chain_);
  engine_.answer_with(one_result(R"({"status":"VALID"})"));
  (void)engine_.new_payload(*taken.content);
  EXPECT_EQ(engine_.requests().at(1).body,
            R"({"jsonrpc":"2.0","id":1,"method":"engine_newPayloadV2","params":[)" +
                std::string(taken.content->begin(), taken.content->end()) + "]}");
}

TEST_F(EnginePayload, BeforeUnzenTheSameHeaderIsAnother) {
  const test::VectorBlock& block = test::vector_blocks().front();
  auto before = chain_;
  before.unzen_time = core::UnixSeconds{block.timestamp + 1};
  engine_.answer_with(one_result(test::payload_result(block)));
  const EngineReply reply = engine_.get_payload(command_for(block), before);
  EXPECT_EQ(failure_of(reply).kind, EngineFailureKind::kMalformed);
  EXPECT_EQ(failure_of(reply).detail, "payload does not hash to its blockHash");
}

TEST_F(EnginePayload, UnknownPayloadIdIsAnAnswer) {
  engine_.answer_with(one_error(-38001, "Unknown payload"));
  const EngineReply reply = engine_.get_payload(command_for(test::vector_blocks().front()), chain_);
  EXPECT_EQ(failure_of(reply).kind, EngineFailureKind::kRpcError);
  EXPECT_EQ(failure_of(reply).code, -38001);
}

// alethia-reth's words: the message is the same for all internal errors, the reason is in data.
TEST_F(EnginePayload, AMissingPayloadOfAlethiaIsAnUnknownPayload) {
  engine_.answer_with(R"({"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"Server error",)"
                      R"("data":{"err":"missing payload"}}})");
  const EngineReply reply = engine_.get_payload(command_for(test::vector_blocks().front()), chain_);
  EXPECT_EQ(failure_of(reply).kind, EngineFailureKind::kRpcError);
  EXPECT_EQ(failure_of(reply).code, -38001);
  EXPECT_EQ(failure_of(reply).detail, "Server error: missing payload");
}

TEST_F(EnginePayload, OtherInternalErrorsKeepTheirCodeAndSayWhatTheyAre) {
  engine_.answer_with(R"({"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"Server error",)"
                      R"("data":{"err":"disk full"}}})");
  const EngineReply reply = engine_.get_payload(command_for(test::vector_blocks().front()), chain_);
  EXPECT_EQ(failure_of(reply).code, -32603);
  EXPECT_EQ(failure_of(reply).detail, "Server error: disk full");
}

TEST(EngineClient, KeepsItsConnections) {
  StubEngine engine;
  engine.answer_with(batch_results({kNull, kNull, kNull}));
  for (int i = 0; i < 10; ++i) (void)engine.read_block(1);
  EXPECT_EQ(engine.server->accepted(), 1U);
}

}  // namespace
}  // namespace preconf::io
