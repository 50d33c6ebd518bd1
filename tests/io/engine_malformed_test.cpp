// What a broken, hostile or absent engine does. Every case ends in one named failure.
#include <gtest/gtest.h>

#include "core/base/hex.hpp"
#include "core/limits.hpp"
#include "io/engine/engine_transport.hpp"
#include "tests/io/support/raw_client.hpp"
#include "tests/io/support/stub_engine.hpp"
#include "tests/io/support/vectors.hpp"

namespace preconf::io {
namespace {

using core::events::Certainty;
using core::events::EngineFailed;
using core::events::EngineFailureKind;
using std::chrono::milliseconds;
using test::batch_results;
using test::EngineReply;
using test::failure_of;
using test::one_error;
using test::one_result;
using test::StubEngine;

const core::commands::ForkchoiceState kState{};

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  const std::size_t at = text.find(what);
  if (at == std::string::npos) throw std::logic_error("nothing to replace: " + what);
  return text.replace(at, what.size(), with);
}

TEST(EngineMalformed, TextThatIsNotAnAnswer) {
  StubEngine engine;
  const std::vector<std::string> bodies = {
      "",
      "hello",
      "{",
      "null",
      "1",
      "[]",
      "{}",
      "\"x\"",
      "[1]",
      "[[]]",
      "{\"result\"}",
      std::string("{\"result\":\"\xff\"}"),
      std::string(100'000, '['),
      R"({"result":)" + std::string(40, '[') + std::string(40, ']') + "}",
      R"({"jsonrpc":"2.0","id":1,"error":1})",
      R"({"jsonrpc":"2.0","id":1,"error":{}})",
      R"({"jsonrpc":"2.0","id":1,"error":{"code":"x","message":"y"}})",
      R"({"jsonrpc":"2.0","id":1,"error":{"code":99999999999,"message":"y"}})",
      R"({"jsonrpc":"2.0","id":1,"error":{"code":1.5,"message":"y"}})",
      R"({"jsonrpc":"2.0","id":1,"result":18446744073709551616})",
      R"({"jsonrpc":"2.0","id":2,"result":{"payloadStatus":{"status":"VALID"}}})",
      R"({"jsonrpc":"2.0","result":{"payloadStatus":{"status":"VALID"}}})",
      R"({"jsonrpc":"2.0","id":"1","error":{"code":-32000,"message":"of another call"}})",
      one_result("null"),
      one_result("[]"),
      one_result("{}"),
      one_result(R"({"payloadStatus":{}})"),
      one_result(R"({"payloadStatus":{"status":1}})"),
      one_result(R"({"payloadStatus":{"status":"INVALID_BLOCK_HASH"}})"),
      one_result(R"({"payloadStatus":{"status":"VALID","latestValidHash":"0x12"}})"),
      one_result(R"({"payloadStatus":{"status":"VALID","validationError":5}})"),
      one_result(R"({"payloadStatus":{"status":"VALID"},"payloadId":"0x1"})"),
      one_result(R"({"payloadStatus":{"status":"VALID"},"payloadId":5})")};
  for (const std::string& body : bodies) {
    SCOPED_TRACE(body.substr(0, 100));
    engine.answer_with(body);
    for (const EngineReply& reply :
         {engine.update_forkchoice(kState), engine.read_block(1), engine.read_heads()}) {
      EXPECT_EQ(failure_of(reply).kind, EngineFailureKind::kMalformed);
      EXPECT_EQ(failure_of(reply).certainty, Certainty::kUnknown);
      EXPECT_FALSE(failure_of(reply).detail.empty());
      EXPECT_LE(failure_of(reply).detail.size(), core::limits::kDetailBytesMax);
    }
  }
}

TEST(EngineMalformed, BatchesWithWrongIds) {
  StubEngine engine;
  const auto element = [](const std::string& id) {
    return R"({"jsonrpc":"2.0","id":)" + id + R"(,"result":null})";
  };
  for (const std::string& body :
       {"[" + element("1") + "," + element("2") + "]",
        "[" + element("1") + "," + element("2") + "," + element("2") + "]",
        "[" + element("1") + "," + element("2") + "," + element("4") + "]",
        "[" + element("0") + "," + element("1") + "," + element("2") + "]",
        "[" + element("1") + "," + element("2") + "," + element("\"3\"") + "]",
        "[" + element("1") + "," + element("2") + "," + element("3") + "," + element("1") + "]",
        element("1")}) {
    engine.answer_with(body);
    EXPECT_EQ(failure_of(engine.read_block(1)).kind, EngineFailureKind::kMalformed) << body;
  }
}

TEST(EngineMalformed, AnErrorForTheWholeBatch) {
  StubEngine engine;
  engine.answer_with(one_error(-32600, "batch too large"));
  const EngineReply reply = engine.read_heads();
  EXPECT_EQ(failure_of(reply).kind, EngineFailureKind::kRpcError);
  EXPECT_EQ(failure_of(reply).code, -32600);
}

TEST(EngineMalformed, BlocksWithImpossibleMembers) {
  const std::string hash = "0x" + std::string(64, 'a');
  const std::string good =
      R"("result":{"number":"0x5","hash":")" + hash + R"(","parentHash":")" + hash +
      R"(","timestamp":"0x1","miner":"0x)" + std::string(40, '5') + R"(","mixHash":")" + hash +
      R"(","difficulty":"0x0","gasLimit":"0x7","gasUsed":"0x8","baseFeePerGas":"0x9",)" +
      R"("extraData":"0x"})";
  StubEngine engine;
  const auto read = [&engine](const std::string& block) {
    engine.answer_with(batch_results({block, R"("result":null)", R"("result":null)"}));
    return engine.read_block(5);
  };
  EXPECT_TRUE(std::holds_alternative<core::events::BlockRead>(read(good).result));
  const std::string two_to_255 = "0x8" + std::string(63, '0');
  const std::string two_to_64 = "0x10000000000000000";
  const std::vector<std::pair<std::string, std::string>> changes = {
      {R"("number":"0x5")", R"("number":")" + two_to_255 + "\""},
      {R"("number":"0x5")", R"("number":5)"},
      {R"("number":"0x5")", R"("number":"0x6")"},
      {R"("number":"0x5")", R"("number":null)"},
      {R"("hash":")" + hash + "\"", R"("hash":null)"},
      {R"("hash":")" + hash + "\"", R"("hash":"0x12")"},
      {R"("hash":")" + hash + "\"", R"("hash":"0x)" + std::string(66, 'a') + "\""},
      {R"("timestamp":"0x1")", R"("timestamp":")" + two_to_64 + "\""},
      {R"("miner":"0x)" + std::string(40, '5'), R"("miner":"0x)" + std::string(39, '5')},
      {R"("difficulty":"0x0")", R"("difficulty":"0x1)" + std::string(64, '0') + "\""},
      {R"("gasLimit":"0x7")", R"("gasLimit":")" + two_to_64 + "\""},
      {R"("gasLimit":"0x7")", R"("gasLimit":"-0x7")"},
      {R"("gasUsed":"0x8",)", ""},
      {R"("baseFeePerGas":"0x9")", R"("baseFeePerGas":")" + two_to_64 + "\""},
      {R"("extraData":"0x")", R"("extraData":"0x)" + std::string(66, '0') + "\""},
      {R"("extraData":"0x")", R"("extraData":"0x0")"}};
  for (const auto& [what, with] : changes) {
    const EngineReply reply = read(replaced(good, what, with));
    EXPECT_EQ(failure_of(reply).kind, EngineFailureKind::kMalformed) << with;
  }
}

TEST(EngineMalformed, OriginRowsWithImpossibleMembers) {
  StubEngine engine;
  const auto read = [&engine](const std::string& row) {
    engine.answer_with(
        batch_results({R"("result":null)", "\"result\":" + row, R"("result":null)"}));
    return engine.read_block(5);
  };
  EXPECT_TRUE(std::holds_alternative<core::events::BlockRead>(read(R"({"blockID":"0x5"})").result));
  for (const std::string& row :
       {std::string("{}"), std::string("[]"), std::string("5"), std::string(R"({"blockID":5})"),
        std::string(R"({"blockID":"0x6"})"), std::string(R"({"blockID":"0x10000000000000000"})"),
        std::string(R"({"blockID":"0x5","l2BlockHash":"0x1"})"),
        std::string(R"({"blockID":"0x5","l1BlockHeight":"0x10000000000000000"})"),
        std::string(R"({"blockID":"0x5","buildPayloadArgsID":[1,2,3]})"),
        std::string(R"({"blockID":"0x5","buildPayloadArgsID":[1,2,3,4,5,6,7,256]})"),
        std::string(R"({"blockID":"0x5","buildPayloadArgsID":"0x0102030405060708"})"),
        std::string(R"({"blockID":"0x5","isForcedInclusion":"yes"})")}) {
    EXPECT_EQ(failure_of(read(row)).kind, EngineFailureKind::kMalformed) << row;
  }
}

TEST(EngineMalformed, PayloadsThatLie) {
  const test::VectorBlock& block = test::vector_blocks().front();
  const auto chain = *core::protocol::chain_profile("devnet");
  const core::commands::GetPayload command{{}, core::UnixSeconds{block.timestamp}};
  const std::string good = test::payload_result(block);
  StubEngine engine;
  engine.answer_with(one_result(good));
  ASSERT_TRUE(std::holds_alternative<core::events::PayloadTaken>(
      engine.get_payload(command, chain).result));
  const std::vector<std::pair<std::string, std::string>> changes = {
      {"\"executionPayload\"", "\"payload\""},
      {"\"parentHash\":\"0x", "\"parentHash\":\"0xf"},
      {"\"gasUsed\":\"0x", "\"gasUsed\":\"0x1"},
      {"\"gasLimit\":\"0x", "\"gasLimit\":\"0x1000000000"},
      {"\"gasLimit\":\"0x", "\"gasLimit\":\"0x1000000000000000000000"},
      {"\"blockNumber\":\"0x", "\"blockNumber\":\"0x8" + std::string(60, '0')},
      {"\"blockHash\":\"0x", "\"blockhash\":\"0x"},
      {"\"transactions\":[", "\"transactions\":[\"0x\","},
      {"\"transactions\":[", "\"transactions\":[\"0x01\","},
      {"\"transactions\":[", "\"transactions\":[1,"},
      {"\"transactions\":[", "\"transactions\":{\"a\":["},
      {"\"withdrawals\":[]", "\"withdrawals\":[{}]"},
      {"\"blockValue\":\"0x", "\"blockValue\":\"0x1"},
      {"\"blockValue\":\"0x", "\"blockValue\":\"0x1" + std::string(64, '0')},
      {"\"blockValue\"", "\"blockvalue\""},
      {"\"extraData\":\"0x", "\"extraData\":\"0x" + std::string(60, '0')},
      {"\"timestamp\":\"0x", "\"timestamp\":\"0x1"}};
  for (const auto& [what, with] : changes) {
    engine.answer_with(one_result(replaced(good, what, with)));
    const EngineReply reply = engine.get_payload(command, chain);
    EXPECT_EQ(failure_of(reply).kind, EngineFailureKind::kMalformed) << with.substr(0, 60);
    EXPECT_EQ(reply.content, nullptr);
  }
}

TEST(EngineMalformed, LongTextsAreCutAtACharacter) {
  StubEngine engine;
  std::string message;
  for (int i = 0; i < 200; ++i) message += "\xC3\xA9";
  engine.answer_with(one_error(-32000, "x" + message));
  const EngineReply reply = engine.update_forkchoice(kState);
  EXPECT_LE(failure_of(reply).detail.size(), core::limits::kDetailBytesMax);
  EXPECT_EQ(failure_of(reply).detail, "x" + message.substr(0, 254));
  engine.answer_with(one_error(-32000, "a\\u0000\\nb"));
  EXPECT_EQ(failure_of(engine.update_forkchoice(kState)).detail, "a  b");
}

TEST(EngineMalformed, HttpStatuses) {
  StubEngine engine;
  engine.answer_with("<html>\xff gateway</html>", 502);
  const EngineReply gateway = engine.update_forkchoice(kState);
  EXPECT_EQ(failure_of(gateway).kind, EngineFailureKind::kHttpStatus);
  EXPECT_EQ(failure_of(gateway).code, 502);
  EXPECT_EQ(failure_of(gateway).certainty, Certainty::kUnknown);
  EXPECT_EQ(failure_of(gateway).detail, "HTTP 502: <html>? gateway</html>");
  engine.answer_with("no", 404);
  EXPECT_EQ(failure_of(engine.read_heads()).code, 404);
  EXPECT_EQ(failure_of(engine.read_heads()).certainty, Certainty::kAnswered);
}

TEST(EngineMalformed, AnAnswerOverTheBound) {
  StubEngine engine({.answer_bytes_max = 10 * 1024 * 1024});
  engine.answer_with(one_result("\"" + std::string(10 * 1024 * 1024, 'x') + "\""));
  EXPECT_EQ(failure_of(engine.read_heads()).kind, EngineFailureKind::kTooLarge);
}

TEST(EngineMalformed, NoAnswerInTime) {
  StubEngine engine({.request_timeout = milliseconds(50)});
  engine.on_request = [](const HttpRequest&, const HttpResponder&) {};
  const EngineReply reply = engine.update_forkchoice(kState);
  EXPECT_EQ(failure_of(reply).kind, EngineFailureKind::kTimeout);
  EXPECT_EQ(failure_of(reply).certainty, Certainty::kUnknown);
  EXPECT_GE(reply.elapsed_us, 50'000U);
}

TEST(EngineMalformed, ConnectionsThatBreak) {
  StubEngine engine;
  engine.answer_with("", 0);
  const EngineReply lost = engine.update_forkchoice(kState);
  EXPECT_EQ(failure_of(lost).kind, EngineFailureKind::kConnectionLost);
  EXPECT_EQ(failure_of(lost).certainty, Certainty::kUnknown);

  std::uint16_t free_port = 0;
  {
    const test::RawServer gone("x", "");
    free_port = gone.port();
  }
  StubEngine absent({.auth_url = "http://127.0.0.1:" + std::to_string(free_port)});
  const EngineReply refused = absent.update_forkchoice(kState);
  EXPECT_EQ(failure_of(refused).kind, EngineFailureKind::kConnect);
  EXPECT_EQ(failure_of(refused).certainty, Certainty::kNotSent);
}

TEST(EngineMalformed, RefusedTokensAreExplained) {
  StubEngine engine;
  // 2023-11-14 22:13:20 UTC is 1700000000: far behind any clock this runs on.
  engine.on_request = [](const HttpRequest&, const HttpResponder& responder) {
    responder.respond({.status = 401, .headers = {{"Date", "Tue, 14 Nov 2023 22:13:20 GMT"}}});
  };
  const EngineReply skewed = engine.update_forkchoice(kState);
  EXPECT_EQ(failure_of(skewed).kind, EngineFailureKind::kUnauthorized);
  EXPECT_EQ(failure_of(skewed).certainty, Certainty::kAnswered);
  EXPECT_EQ(failure_of(skewed).code, 401);
  EXPECT_NE(failure_of(skewed).detail.find("engine clock 1700000000"), std::string::npos);
  EXPECT_NE(failure_of(skewed).detail.find("set the clocks"), std::string::npos);
  engine.answer_with("", 403);  // with our own server's date
  EXPECT_NE(failure_of(engine.update_forkchoice(kState)).detail.find("check the JWT secret"),
            std::string::npos);
}

TEST(EngineMalformed, Diagnosis) {
  const core::UnixSeconds now{1'700'000'075};
  EXPECT_EQ(diagnose_unauthorized("Tue, 14 Nov 2023 22:13:20 GMT", now),
            "engine clock 1700000000 (Tue, 14 Nov 2023 22:13:20 GMT), our clock 1700000075: engine "
            "is 75 s behind; tokens are accepted within 60 s: set the clocks");
  EXPECT_NE(diagnose_unauthorized("Tue, 14 Nov 2023 22:15:00 GMT", now).find("25 s ahead; clocks"),
            std::string::npos);
  EXPECT_NE(diagnose_unauthorized("", now).find("no date"), std::string::npos);
  EXPECT_NE(diagnose_unauthorized("yesterday, or so", now).find("no date"), std::string::npos);
}

TEST(EngineMalformed, FailuresAreCountedByKind) {
  StubEngine engine;
  engine.answer_with("x");
  (void)engine.read_heads();
  EXPECT_NE(engine.metrics.text().find(
                R"(io_engine_failures_total{kind="malformed",method="read_heads"} 1)"),
            std::string::npos);
}

}  // namespace
}  // namespace preconf::io
