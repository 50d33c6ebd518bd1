// The simulated engine over real HTTP: JWT, JSON shapes, error strings, faults.
#include "node/devnet/engine_server.hpp"

#include <gtest/gtest.h>

#include <fmt/format.h>

#include "core/codec/base64.hpp"
#include "core/protocol/derived_block.hpp"
#include "io/http/http_client.hpp"
#include "io/json/eth_json.hpp"
#include "io/json/json_writer.hpp"
#include "node/devnet/block_rules.hpp"
#include "node/devnet/engine_json.hpp"
#include "tests/node/devnet_fixture.hpp"

namespace preconf::node::devnet::testing {
namespace {

constexpr core::UnixSeconds kNow{1'800'000'000};

class DevnetEngineServer : public ::testing::Test {
 protected:
  DevnetEngineServer() {
    secret_.bytes.fill(0x2a);
    EngineServerOptions options;
    options.jwt_secret = secret_;
    options.profile = devnet_profile();
    options.now = [] { return kNow; };
    server_ = std::make_unique<EngineServer>(loop_, std::move(options));
    client_ = std::make_unique<io::HttpClient>(loop_);
    const auto started = server_->start();
    EXPECT_TRUE(started.has_value());
  }

  io::HttpCall call(EnginePort port, std::string body) const {
    io::HttpCall call;
    call.url = port == EnginePort::kPublic ? server_->public_url() : server_->auth_url();
    call.body = std::move(body);
    call.headers = {{"Content-Type", "application/json"}};
    if (port == EnginePort::kAuth) {
      call.headers.emplace_back("Authorization", "Bearer " + io::make_jwt(secret_, kNow));
    }
    call.response_bytes_max = 2 << 20;
    return call;
  }
  io::HttpResult send(io::HttpCall call) {
    io::HttpResult result;
    client_->send(std::move(call), [&](io::HttpResult got) {
      result = std::move(got);
      loop_.stop();
    });
    loop_.run();
    return result;
  }
  io::HttpResult post(EnginePort port, std::string body) {
    return send(call(port, std::move(body)));
  }
  /// Result or error of one call, as JSON text.
  std::string rpc(EnginePort port, std::string_view method, std::string_view params) {
    const io::HttpResult got = post(
        port,
        fmt::format(R"({{"jsonrpc":"2.0","id":7,"method":"{}","params":{}}})", method, params));
    EXPECT_EQ(got.status, 200U) << got.detail;
    const auto document = io::JsonDocument::parse(got.body);
    EXPECT_TRUE(document.has_value()) << got.body;
    if (!document) return got.body;
    EXPECT_EQ(document->root().get("id").as_u64(), std::uint64_t{7});
    const io::JsonValue result = document->root().get("result");
    return result.missing() ? document->root().get("error").to_text() : result.to_text();
  }
  std::string auth(std::string_view method, std::string_view params) {
    return rpc(EnginePort::kAuth, method, params);
  }
  std::string open(std::string_view method, std::string_view params) {
    return rpc(EnginePort::kPublic, method, params);
  }
  EngineChain& chain() { return server_->engine().chain; }

  /// forkchoiceUpdatedV2 parameters for the given request on the head.
  std::string build_params(const BuildRequest& request) {
    io::JsonWriter out;
    const core::Hash32 head = chain().head().hash;
    out.begin_array().begin_object();
    out.key("headBlockHash").data(head.view()).key("safeBlockHash").data(head.view());
    out.key("finalizedBlockHash").data(core::Hash32{}.view()).end_object();
    out.begin_object().key("timestamp").quantity(request.timestamp.value);
    out.key("prevRandao").data(request.prev_randao.view());
    out.key("suggestedFeeRecipient").data(request.fee_recipient.view());
    out.key("withdrawals").begin_array().end_array();
    out.key("baseFeePerGas").quantity(request.base_fee_wei);
    out.key("blockMetadata").begin_object();
    out.key("beneficiary").data(request.fee_recipient.view());
    out.key("gasLimit").number(request.gas_limit);
    out.key("timestamp").quantity(request.timestamp.value);
    out.key("mixHash").data(request.prev_randao.view());
    out.key("txList").data(*request.tx_list);
    out.key("extraData").base64(request.extra_data).end_object();
    out.key("l1Origin").begin_object().key("blockID").quantity(request.origin.block_id);
    out.key("l2BlockHash").data(core::Hash32{}.view());
    out.key("l1BlockHeight").null().key("l1BlockHash").null();
    out.key("buildPayloadArgsID").begin_array();
    for (const std::uint8_t byte : payload_args_id(head, request).bytes) out.number(byte);
    out.end_array().key("isForcedInclusion").boolean(false);
    out.key("signature").data(core::Signature65{}.view()).end_object();
    out.end_object().end_array();
    return out.take();
  }

  io::EventLoop loop_;
  io::JwtSecret secret_;
  std::unique_ptr<EngineServer> server_;
  std::unique_ptr<io::HttpClient> client_;
};

std::string hex_of(const core::Hash32& hash) { return core::to_hex0x(hash.view()); }

TEST_F(DevnetEngineServer, AuthPortAsksForAFreshToken) {
  const std::string body = R"({"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":[]})";
  io::HttpCall bare = call(EnginePort::kAuth, body);
  bare.headers.pop_back();
  EXPECT_EQ(send(bare).status, 401U);
  for (const std::int64_t skew : {-61, 61}) {
    io::HttpCall stale = call(EnginePort::kAuth, body);
    const auto at = static_cast<std::uint64_t>(static_cast<std::int64_t>(kNow.value) + skew);
    stale.headers.back().second = "Bearer " + io::make_jwt(secret_, core::UnixSeconds{at});
    EXPECT_EQ(send(stale).status, 401U);
  }
  io::HttpCall forged = call(EnginePort::kAuth, body);
  io::JwtSecret other;
  forged.headers.back().second = "Bearer " + io::make_jwt(other, kNow);
  EXPECT_EQ(send(forged).status, 401U);
  EXPECT_EQ(post(EnginePort::kAuth, body).status, 200U);
  EXPECT_EQ(post(EnginePort::kPublic, body).status, 200U);
}

TEST_F(DevnetEngineServer, PublicPortHasNoEngineMethods) {
  EXPECT_EQ(open("eth_chainId", "[]"), "\"0x28c59\"");
  EXPECT_EQ(open("engine_getPayloadV2", R"(["0x0200000000000000"])"),
            R"({"code":-32601,"message":"Method not found"})");
  EXPECT_EQ(open("sim_rewind", "[1]"), R"({"code":-32601,"message":"Method not found"})");
  EXPECT_EQ(auth("eth_blockNumber", "[]"), "\"0x0\"");
  EXPECT_EQ(open("eth_syncing", "[]"), "false");
}

TEST_F(DevnetEngineServer, TablesAnswerWithTheExactErrors) {
  EXPECT_EQ(open("taiko_headL1Origin", "[]"), R"({"code":-32000,"message":"not found"})");
  EXPECT_EQ(open("taiko_l1OriginByID", R"(["0x1"])"), R"({"code":-32000,"message":"not found"})");
  EXPECT_EQ(auth("taikoAuth_lastBlockIDByBatchID", R"(["0x1"])"),
            R"({"code":-32000,"message":"not found"})");
  EXPECT_EQ(auth("taikoAuth_lastCertainBlockIDByBatchID", R"(["0x1"])"), "null");
  EXPECT_EQ(auth("taikoAuth_setHeadL1Origin", R"(["0x5"])"), "\"0x5\"");
  EXPECT_EQ(open("taiko_headL1Origin", "[]"), R"({"code":-32000,"message":"not found"})")
      << "a pointer without its row";
  const std::string row = fmt::format(
      R"({{"blockId":"0x5","l2BlockHash":"{0}","l1BlockHeight":null,"l1BlockHash":null,)"
      R"("buildPayloadArgsId":[2,1,1,1,1,1,1,1],"isForcedInclusion":false,"signature":"0x{1}"}})",
      hex_of(filled(5)), std::string(130, '0'));
  auth("taikoAuth_updateL1Origin", fmt::format("[{}]", row));
  const std::string read = fmt::format(
      R"({{"blockId":"0x5","l2BlockHash":"{0}","l1BlockHeight":"0x0","l1BlockHash":"{1}",)"
      R"("buildPayloadArgsId":[2,1,1,1,1,1,1,1],"isForcedInclusion":false,"signature":"0x{2}"}})",
      hex_of(filled(5)), hex_of(core::Hash32{}), std::string(130, '0'));
  EXPECT_EQ(open("taiko_headL1Origin", "[]"), read);
  EXPECT_EQ(auth("taikoAuth_setL1OriginSignature", R"(["0x6","0x00"])"),
            R"({"code":-32000,"message":"not found"})");
  EXPECT_EQ(auth("taikoAuth_setL1OriginSignature", R"(["0x5","0x00"])"),
            R"({"code":-32602,"message":"Signature must be a 65-byte array"})");
}

TEST_F(DevnetEngineServer, ABlockGoesThroughTheWholeFlow) {
  const BuildRequest request = request_on(chain(), chain().head(), {bytes_of(kTransfer)});
  const std::string id = core::to_hex0x(payload_args_id(chain().head().hash, request).view());
  const std::string genesis = hex_of(chain().head().hash);
  EXPECT_EQ(auth("engine_forkchoiceUpdatedV2", build_params(request)),
            fmt::format(R"({{"payloadStatus":{{"status":"VALID","latestValidHash":"{}",)"
                        R"("validationError":null}},"payloadId":"{}"}})",
                        genesis, id));
  const std::string envelope = auth("engine_getPayloadV2", fmt::format(R"(["{}"])", id));
  const auto document = io::JsonDocument::parse(envelope);
  ASSERT_TRUE(document.has_value());
  const io::JsonValue payload = document->root().get("executionPayload");
  const std::string hash(payload.get("blockHash").as_string().value_or(""));
  EXPECT_EQ(document->root().get("blockValue").as_string(), "0x81364")
      << "2 * 243000 + 22252 + 21000";
  std::string text = payload.to_text();
  text.pop_back();
  const SimBlock& built = **chain().get_payload(payload_args_id(chain().head().hash, request));
  text += fmt::format(
      R"(,"txHash":"{}","withdrawalsHash":"{}","headerDifficulty":{},"taikoBlock":true}})",
      hex_of(built.header.transactions_root), hex_of(core::codec::kEmptyTrieRoot),
      built.header.difficulty.low_u64());
  EXPECT_EQ(
      auth("engine_newPayloadV2", fmt::format("[{}]", text)),
      fmt::format(R"({{"status":"VALID","latestValidHash":"{}","validationError":null}})", hash));
  EXPECT_EQ(open("eth_blockNumber", "[]"), "\"0x0\"");
  const std::string head = fmt::format(
      R"([{{"headBlockHash":"{0}","safeBlockHash":"{1}","finalizedBlockHash":"{1}"}},null])", hash,
      hex_of(core::Hash32{}));
  EXPECT_NE(auth("engine_forkchoiceUpdatedV2", head).find("\"payloadId\":null"), std::string::npos);
  EXPECT_EQ(open("eth_blockNumber", "[]"), "\"0x1\"");
  const auto block = io::JsonDocument::parse(open("eth_getBlockByNumber", R"(["0x1",true])"));
  ASSERT_TRUE(block.has_value());
  EXPECT_EQ(block->root().get("hash").as_string(), hash);
  EXPECT_EQ(block->root().get("transactions").at(1).get("from").as_string(),
            "0x1a642f0e3c3af545e7acbd38b07251b3990914f1");
  EXPECT_EQ(open("eth_getBlockByNumber", R"(["safe",false])").substr(0, 12), "{\"number\":\"0");
  EXPECT_EQ(open("eth_getBlockByNumber", R"(["finalized",false])"), "null");
  EXPECT_EQ(open("eth_getBlockByNumber", R"(["0x9",false])"), "null");
  EXPECT_EQ(open("eth_getTransactionCount",
                 fmt::format(R"(["0x0000777735367b36bC9B61C50022d9D0700dB4Ec",)"
                             R"({{"blockHash":"{}","requireCanonical":true}}])",
                             hash)),
            "\"0x1\"");
  EXPECT_NE(open("eth_getTransactionCount",
                 fmt::format(R"(["0x0000777735367b36bC9B61C50022d9D0700dB4Ec",)"
                             R"({{"blockHash":"{}","requireCanonical":true}}])",
                             hex_of(filled(9))))
                .find("not found"),
            std::string::npos);
  EXPECT_EQ(open("taiko_l1OriginByID", R"(["0x1"])").substr(0, 15), R"({"blockId":"0x1)");
}

TEST_F(DevnetEngineServer, BadParametersAreNamed) {
  EXPECT_EQ(auth("engine_forkchoiceUpdatedV2", "[{}]"),
            R"({"code":-32602,"message":"missing field `headBlockHash`"})");
  EXPECT_EQ(auth("engine_newPayloadV2", "[5]"), R"({"code":-32602,"message":"not an object"})");
  std::string params = build_params(request_on(chain(), chain().head()));
  const std::size_t extra = params.find("SwAAAAAAAQ==");
  ASSERT_NE(extra, std::string::npos);
  params.replace(extra, 12, "SwAAAAAAAQ=");
  EXPECT_NE(auth("engine_forkchoiceUpdatedV2", params).find("base64"), std::string::npos)
      << "padding is missing";
}

TEST_F(DevnetEngineServer, AnInternalErrorHasItsReasonInItsData) {
  EXPECT_EQ(auth("engine_getPayloadV2", R"(["0x0000000000000001"])"),
            R"({"code":-32603,"message":"Server error","data":{"err":"missing payload"}})");
}

TEST_F(DevnetEngineServer, BatchesAreAnsweredInOrder) {
  const io::HttpResult got =
      post(EnginePort::kPublic,
           R"([{"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":[]},)"
           R"({"jsonrpc":"2.0","id":"b","method":"taiko_headL1Origin","params":[]},{"id":3}])");
  EXPECT_EQ(got.body,
            R"([{"jsonrpc":"2.0","result":"0x28c59","id":1},)"
            R"({"jsonrpc":"2.0","error":{"code":-32000,"message":"not found"},"id":"b"},)"
            R"({"jsonrpc":"2.0","error":{"code":-32600,"message":"Invalid request"},"id":null}])");
  EXPECT_EQ(post(EnginePort::kPublic, "{]").body,
            R"({"jsonrpc":"2.0","error":{"code":-32700,"message":"Parse error"},"id":null})");
}

TEST_F(DevnetEngineServer, FaultsHitAsOrderedAndAreCounted) {
  const std::string chain_id = R"({"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":[]})";
  EXPECT_EQ(auth("sim_fault", R"([{"kind":"http","method":"eth_chainId","http":500,"skip":1}])"),
            "true");
  EXPECT_EQ(post(EnginePort::kPublic, chain_id).status, 200U);
  EXPECT_EQ(post(EnginePort::kPublic, chain_id).status, 500U);
  EXPECT_EQ(post(EnginePort::kPublic, chain_id).status, 200U);

  auth("sim_fault", R"([{"kind":"drop","method":"eth_*","times":2}])");
  // libcurl repeats a request once when a reused connection ends without a byte: two drops are
  // seen.
  EXPECT_EQ(post(EnginePort::kPublic, chain_id).failure, io::HttpFailure::kConnectionLost);

  auth("sim_fault", R"([{"kind":"garbage"}])");
  const io::HttpResult garbage = post(EnginePort::kPublic, chain_id);
  EXPECT_FALSE(io::JsonDocument::parse(garbage.body).has_value());

  auth("sim_fault", R"([{"kind":"huge","bytes":4194304}])");
  EXPECT_EQ(post(EnginePort::kPublic, chain_id).failure, io::HttpFailure::kTooLarge);

  auth("sim_fault", R"([{"kind":"timeout","method":"eth_chainId"}])");
  io::HttpCall patient = call(EnginePort::kPublic, chain_id);
  patient.total_timeout = std::chrono::milliseconds(50);
  EXPECT_EQ(send(patient).failure, io::HttpFailure::kTimeout);

  auth("sim_fault", R"([{"kind":"status","status":"SYNCING","method":"engine_newPayloadV2"}])");
  EXPECT_EQ(auth("engine_newPayloadV2", "[{}]"),
            R"({"status":"SYNCING","latestValidHash":null,"validationError":null})");
  auth("sim_fault", R"([{"kind":"error","code":-32002,"message":"away","method":"eth_chainId"}])");
  EXPECT_EQ(open("eth_chainId", "[]"), R"({"code":-32002,"message":"away"})");
  EXPECT_EQ(auth("sim_faultCounts", "[]"),
            R"({"timeout":1,"drop":2,"http":1,"garbage":1,"huge":1,"status":1,"error":1,"slow":0,)"
            R"("waiting":0})");
  EXPECT_NE(auth("sim_fault", R"([{"kind":"nonsense"}])").find("-32602"), std::string::npos);
}

TEST_F(DevnetEngineServer, ADroppedAnswerStillActed) {
  const BuildRequest request = request_on(chain(), chain().head());
  auth("sim_fault", R"([{"kind":"drop","method":"engine_forkchoiceUpdatedV2","times":2}])");
  const io::HttpResult lost = post(
      EnginePort::kAuth,
      fmt::format(R"({{"jsonrpc":"2.0","id":1,"method":"engine_forkchoiceUpdatedV2","params":{}}})",
                  build_params(request)));
  EXPECT_EQ(lost.failure, io::HttpFailure::kConnectionLost);
  EXPECT_NE(chain().tables().origin_at(1), nullptr) << "the row was written";
  EXPECT_EQ(chain().payload_jobs(), 1U);
  EXPECT_EQ(auth("sim_loseJobs", "[]"), "1");
  EXPECT_EQ(chain().payload_jobs(), 0U);
}

TEST_F(DevnetEngineServer, ControlMethodsChangeWhatTheEngineSays) {
  extend(chain(), 5);
  EXPECT_EQ(auth("sim_rewind", "[2]"), "\"0x3\"");
  EXPECT_EQ(open("eth_blockNumber", "[]"), "\"0x3\"");
  auth("sim_setChainId", "[1]");
  EXPECT_EQ(open("eth_chainId", "[]"), "\"0x1\"");
  auth("sim_setHeadL1Origin", "[2]");
  EXPECT_EQ(open("taiko_headL1Origin", "[]").substr(0, 15), R"({"blockId":"0x2)");
  auth("sim_setHeadL1Origin", "[null]");
  EXPECT_EQ(open("taiko_headL1Origin", "[]"), R"({"code":-32000,"message":"not found"})");
}

TEST_F(DevnetEngineServer, WaitingForAHeadEndsWhenItIsThere) {
  std::string awaited;
  client_->send(
      call(EnginePort::kAuth, R"({"jsonrpc":"2.0","id":1,"method":"sim_waitHead","params":[1]})"),
      [&](io::HttpResult got) {
        awaited = std::move(got.body);
        loop_.stop();
      });
  std::vector<std::uint64_t> heads;
  server_->on_head([&](const SimBlock& head) { heads.push_back(head.number()); });
  EngineChain source(devnet_profile());
  extend(source, 1);
  EXPECT_EQ(chain().new_payload(claim_of(source.head())).status,
            core::events::PayloadStatus::kValid);
  const std::string promote = fmt::format(
      R"({{"jsonrpc":"2.0","id":2,"method":"engine_forkchoiceUpdatedV2","params":)"
      R"([{{"headBlockHash":"{0}","safeBlockHash":"{1}","finalizedBlockHash":"{1}"}},null]}})",
      hex_of(source.head().hash), hex_of(core::Hash32{}));
  bool promoted = false;
  client_->send(call(EnginePort::kAuth, promote), [&](io::HttpResult) { promoted = true; });
  loop_.run();
  EXPECT_NE(awaited.find(hex_of(source.head().hash)), std::string::npos) << awaited;
  EXPECT_EQ(heads, std::vector<std::uint64_t>{1});
}

TEST_F(DevnetEngineServer, GetBlockStateAnswersAtABlockHashOnBothPorts) {
  const std::string before = hex_of(chain().head().hash);
  extend(chain(), 1);
  const auto params = [this](const std::string& data, const std::string& hash) {
    return fmt::format(
        R"([{{"to":"{}","data":"{}"}},{{"blockHash":"{}","requireCanonical":false}}])",
        core::to_hex0x(chain().profile().anchor_address.view()), data, hash);
  };
  const auto number_at = [&](EnginePort port, const std::string& hash) {
    const auto document =
        io::JsonDocument::parse(rpc(port, "eth_call", params("0x0f439bd9", hash)));
    const auto bytes = io::as_data(document->root(), 1'024);
    return bytes ? core::protocol::read_anchor_block_state(*bytes) : std::nullopt;
  };
  const std::string head = hex_of(chain().head().hash);
  EXPECT_EQ(number_at(EnginePort::kAuth, head), core::L1BlockNumber{12'345'678});
  EXPECT_EQ(number_at(EnginePort::kPublic, head), core::L1BlockNumber{12'345'678});
  EXPECT_EQ(number_at(EnginePort::kAuth, before), core::L1BlockNumber{0});
  EXPECT_NE(auth("eth_call", params("0x0f439bd9", hex_of(filled(9)))).find("block not found"),
            std::string::npos);
  EXPECT_NE(auth("eth_call", params("0xdeadbeef", head)).find("execution reverted"),
            std::string::npos);
}

}  // namespace
}  // namespace preconf::node::devnet::testing
