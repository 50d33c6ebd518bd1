// The simulated L1 over real HTTP and WebSocket: JSON shapes, error texts, faults, blobs.
#include "node/devnet/l1_server.hpp"

#include <gtest/gtest.h>

#include <fmt/format.h>

#include "core/base/hex.hpp"
#include "core/codec/manifest.hpp"
#include "core/protocol/inbox.hpp"
#include "io/http/http_client.hpp"
#include "io/json/eth_json.hpp"
#include "node/devnet/beacon_server.hpp"
#include "node/devnet/l1_methods.hpp"
#include "node/devnet/l1_reorgs.hpp"
#include "tests/io/support/loop_thread.hpp"
#include "tests/io/support/ws_client.hpp"
#include "tests/node/devnet_l1_fixture.hpp"

namespace preconf::node::devnet::testing {
namespace {

using core::Hash32;

std::string hex_of(core::BytesView bytes) { return core::to_hex0x(bytes); }

class DevnetL1Server : public ::testing::Test {
 protected:
  DevnetL1Server() : node_(l1_options()), client_(loop_) {
    activate(node_.chain);
    EXPECT_TRUE(server_.start().has_value());
    EXPECT_TRUE(beacon_.start().has_value());
  }

  io::HttpResult send(io::HttpCall call) {
    call.response_bytes_max = 8 << 20;
    io::HttpResult result;
    client_.send(std::move(call), [&](io::HttpResult got) {
      result = std::move(got);
      loop_.stop();
    });
    loop_.run();
    return result;
  }
  io::HttpResult post(std::string body) {
    io::HttpCall call;
    call.url = server_.url();
    call.body = std::move(body);
    call.headers = {{"Content-Type", "application/json"}};
    return send(std::move(call));
  }
  static std::string request(std::string_view method, std::string_view params) {
    return fmt::format(R"({{"jsonrpc":"2.0","id":7,"method":"{}","params":{}}})", method, params);
  }
  /// Result or error of one call, as JSON text.
  std::string rpc(std::string_view method, std::string_view params) {
    const io::HttpResult got = post(request(method, params));
    EXPECT_EQ(got.status, 200U) << got.detail;
    const auto document = io::JsonDocument::parse(got.body);
    EXPECT_TRUE(document.has_value()) << got.body;
    if (!document) return got.body;
    const io::JsonValue result = document->root().get("result");
    return result.missing() ? document->root().get("error").to_text() : result.to_text();
  }
  /// GET of the beacon port: status and body.
  io::HttpResult get(const std::string& path) {
    io::HttpCall call;
    call.post = false;
    call.url = beacon_.url() + path;
    return send(std::move(call));
  }
  io::JsonDocument json_of(const std::string& text) {
    auto document = io::JsonDocument::parse(text);
    EXPECT_TRUE(document.has_value()) << text;
    return document ? std::move(*document) : std::move(*io::JsonDocument::parse("null"));
  }
  /// A proposal of one described block in the next L1 block; its blob.
  Hash32 propose() {
    const auto hashes = json_of(
        rpc("sim_propose",
            R"([{"proposer":"0xaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","blocks":[{"timestamp":5,)"
            R"("coinbase":"0xcccccccccccccccccccccccccccccccccccccccc","anchor":1,)"
            R"("gasLimit":15000000,"transactions":[]}]}])"));
    rpc("sim_mine", "[]");
    const auto hash = io::as_fixed<32>(hashes.root().at(0));
    EXPECT_TRUE(hash.has_value());
    return hash.value_or(Hash32{});
  }

  io::EventLoop loop_;
  L1Node node_;
  io::HttpClient client_;
  L1Server server_{loop_, node_, {}};
  BeaconServer beacon_{loop_, node_, {}};
};

TEST_F(DevnetL1Server, BlocksByNumberHashAndTag) {
  EXPECT_EQ(rpc("eth_chainId", "[]"), "\"0x7e7e\"");
  EXPECT_EQ(rpc("sim_mine", "[3]"), "\"0x4\"");
  EXPECT_EQ(rpc("eth_blockNumber", "[]"), "\"0x4\"");
  const auto block = json_of(rpc("eth_getBlockByNumber", R"(["0x2",false])"));
  const L1Block& expected = *node_.chain.canonical(core::L1BlockNumber{2});
  EXPECT_EQ(block.root().get("hash").as_string(), hex_of(expected.hash.view()));
  EXPECT_EQ(block.root().get("parentHash").as_string(), hex_of(expected.header.parent_hash.view()));
  EXPECT_EQ(block.root().get("stateRoot").as_string(), hex_of(expected.header.state_root.view()));
  EXPECT_EQ(block.root().get("logsBloom").as_string(), hex_of(expected.header.logs_bloom.view()));
  EXPECT_EQ(io::as_quantity_u64(block.root().get("timestamp")), kL1Genesis + 24);
  const std::string by_hash =
      rpc("eth_getBlockByHash", fmt::format(R"(["{}",false])", hex_of(expected.hash.view())));
  EXPECT_EQ(by_hash, block.root().to_text());
  EXPECT_EQ(rpc("eth_getBlockByNumber", R"(["0x5",false])"), "null");
  EXPECT_NE(rpc("eth_getBlockByNumber", R"(["finalized",false])").find("finalized block not found"),
            std::string::npos);
  EXPECT_EQ(rpc("sim_finalize", "[2]"), "true");
  EXPECT_EQ(rpc("eth_getBlockByNumber", R"(["finalized",false])"), block.root().to_text());
  EXPECT_EQ(rpc("sim_lagHead", "[2]"), "true");
  EXPECT_EQ(rpc("eth_getBlockByNumber", R"(["latest",false])"), block.root().to_text());
  EXPECT_EQ(rpc("eth_getBlockByNumber", R"(["0x3",false])"), "null");
  EXPECT_NE(rpc("eth_mining", "[]").find("-32601"), std::string::npos);
  const auto batch = json_of(
      post("[" + request("eth_chainId", "[]") + "," + request("eth_blockNumber", "[]") + "]").body);
  ASSERT_EQ(batch.root().size(), 2U);
  EXPECT_EQ(batch.root().at(1).get("result").as_string(), "0x2");
  EXPECT_NE(post("[]").body.find("-32600"), std::string::npos);
  EXPECT_NE(post("{").body.find("-32700"), std::string::npos);
}

TEST_F(DevnetL1Server, LogsByRangeHashAndFilterWithinLimits) {
  const Hash32 blob = propose();
  propose();
  const std::string inbox = hex_of(node_.chain.deployment().inbox.view());
  const auto logs = [&](const std::string& filter) {
    return json_of(rpc("eth_getLogs", "[{" + filter + "}]"));
  };
  const auto all =
      logs(fmt::format(R"("fromBlock":"0x1","toBlock":"latest","address":"{}")", inbox));
  ASSERT_EQ(all.root().size(), 3U);
  const io::JsonValue log = all.root().at(1);
  EXPECT_EQ(io::as_quantity_u64(log.get("blockNumber")), std::uint64_t{2});
  EXPECT_EQ(log.get("blockHash").as_string(),
            hex_of(node_.chain.canonical(core::L1BlockNumber{2})->hash.view()));
  std::vector<Hash32> topics;
  log.get("topics").each_element([&](io::JsonValue topic) {
    topics.push_back(*io::as_fixed<32>(topic));
    return true;
  });
  const auto facts = core::protocol::read_proposed(topics, *io::as_data(log.get("data"), 1 << 20));
  ASSERT_TRUE(facts.has_value());
  EXPECT_EQ(facts->sources.at(0).blobs.blob_hashes, std::vector<Hash32>{blob});

  const std::string topic = hex_of(core::protocol::kProposedTopic.view());
  const std::string second = hex_of(core::U256::from_u64(2).be.view());
  EXPECT_EQ(
      logs(fmt::format(R"("fromBlock":"0x0","topics":[["{}","{}"],"{}"])", topic, second, second))
          .root()
          .size(),
      1U);
  EXPECT_EQ(logs(R"("fromBlock":"0x0","topics":[null,null,null,null])").root().size(), 0U)
      << "no log has four topics";
  EXPECT_EQ(logs(R"("fromBlock":"0x0","address":["0xaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"])")
                .root()
                .size(),
            0U);
  const std::string block = hex_of(node_.chain.head().hash.view());
  EXPECT_EQ(logs(fmt::format(R"("blockHash":"{}")", block)).root().size(), 1U);
  EXPECT_EQ(rpc("sim_reorg", R"([1,"drop"])"), "\"0x4\"");
  EXPECT_EQ(logs(fmt::format(R"("blockHash":"{}")", block)).root().size(), 1U)
      << "of a block that is not canonical";
  EXPECT_EQ(logs(R"("fromBlock":"0x3","toBlock":"0x4")").root().size(), 0U);
  EXPECT_NE(rpc("eth_getLogs", fmt::format(R"([{{"blockHash":"0x{}"}}])", std::string(64, '1')))
                .find("unknown block"),
            std::string::npos);
  EXPECT_EQ(rpc("sim_setLogLimits", "[2,1]"), "true");
  EXPECT_NE(rpc("eth_getLogs", R"([{"fromBlock":"0x0","toBlock":"0x2"}])").find("max block range"),
            std::string::npos);
  EXPECT_NE(rpc("eth_getLogs", R"([{"fromBlock":"0x1","toBlock":"0x2"}])").find("-32005"),
            std::string::npos);
  EXPECT_EQ(logs(R"("fromBlock":"0x2","toBlock":"0x2")").root().size(), 1U);
  EXPECT_NE(rpc("eth_getLogs", R"([{"fromBlock":"0x2","toBlock":"0x1"}])").find("-32602"),
            std::string::npos);
}

TEST_F(DevnetL1Server, CallsAtTagsNumbersAndHashes) {
  propose();
  const std::string to = hex_of(node_.chain.deployment().inbox.view());
  const auto next_at = [&](const std::string& where) -> std::uint64_t {
    const std::string answer =
        rpc("eth_call", fmt::format(R"([{{"to":"{}","data":"0x6aa6a01a"}},{}])", to, where));
    const auto document = json_of(answer);
    const auto bytes = io::as_data(document.root(), 1'024);
    EXPECT_TRUE(bytes.has_value()) << answer;
    const auto state = core::protocol::read_core_state(bytes.value_or(core::Bytes{}));
    EXPECT_TRUE(state.has_value()) << answer;
    return state ? state->next.value : 99;
  };
  const std::string hash = hex_of(node_.chain.head().hash.view());
  EXPECT_EQ(next_at("\"latest\""), 2U);
  EXPECT_EQ(next_at("\"0x1\""), 1U);
  EXPECT_EQ(next_at(fmt::format(R"({{"blockHash":"{}","requireCanonical":true}})", hash)), 2U);
  rpc("sim_reorg", R"([1,"drop"])");
  EXPECT_EQ(next_at("\"latest\""), 1U);
  EXPECT_EQ(next_at(fmt::format(R"({{"blockHash":"{}","requireCanonical":false}})", hash)), 2U);
  const auto error_at = [&](const std::string& where) {
    return rpc("eth_call", fmt::format(R"([{{"to":"{}","data":"0x6aa6a01a"}},{}])", to, where));
  };
  EXPECT_NE(error_at(fmt::format(R"({{"blockHash":"{}","requireCanonical":true}})", hash))
                .find("not currently canonical"),
            std::string::npos);
  EXPECT_NE(error_at("\"0x99\"").find("header not found"), std::string::npos);
  EXPECT_NE(error_at("\"finalized\"").find("finalized block not found"), std::string::npos);
  EXPECT_NE(rpc("eth_call", fmt::format(R"([{{"to":"{}","data":"0xdeadbeef"}},"latest"])", to))
                .find("execution reverted"),
            std::string::npos);
}

TEST_F(DevnetL1Server, CodeIsWhereContractsAre) {
  const core::protocol::L1Deployment& deployment = node_.chain.deployment();
  const auto code_of = [&](const core::Address& of) {
    return rpc("eth_getCode", fmt::format(R"(["{}","latest"])", hex_of(of.view())));
  };
  EXPECT_EQ(code_of(deployment.inbox), "\"0xfe\"");
  EXPECT_EQ(code_of(deployment.preconf_whitelist), "\"0xfe\"");
  EXPECT_EQ(code_of(deployment.lookahead_store), "\"0xfe\"");
  EXPECT_EQ(code_of(address_of(0x77)), "\"0x\"");
  EXPECT_EQ(code_of(core::Address{}), "\"0x\"");
}

TEST_F(DevnetL1Server, FaultsHitTheCallsTheyAreOrderedFor) {
  rpc("sim_fault", R"([{"kind":"http","http":429,"retryAfter":3,"method":"eth_getLogs"}])");
  rpc("sim_fault", R"([{"kind":"garbage","method":"eth_chainId"}])");
  rpc("sim_fault", R"([{"kind":"error","code":-32005,"message":"slow down","method":"eth_call"}])");
  rpc("sim_fault", R"([{"kind":"slow","delayMs":20,"method":"eth_syncing"}])");
  EXPECT_EQ(rpc("eth_blockNumber", "[]"), "\"0x1\"");
  EXPECT_EQ(post(request("eth_getLogs", "[{}]")).status, 429U);
  EXPECT_EQ(post(request("eth_getLogs", "[{}]")).status, 200U);
  EXPECT_FALSE(io::JsonDocument::parse(post(request("eth_chainId", "[]")).body).has_value());
  EXPECT_NE(rpc("eth_call", "[{}]").find("slow down"), std::string::npos);
  EXPECT_EQ(rpc("eth_syncing", "[]"), "false");
  const auto counts = json_of(rpc("sim_faultCounts", "[]"));
  EXPECT_EQ(counts.root().get("slow").as_u64(), std::uint64_t{1});
  EXPECT_EQ(counts.root().get("waiting").as_u64(), std::uint64_t{0});
  EXPECT_EQ(json_of(rpc("sim_calls", "[]")).root().get("eth_getLogs").as_u64(), std::uint64_t{2});
  rpc("sim_fault", R"([{"kind":"http","http":503,"method":"beacon_*","times":2}])");
  EXPECT_EQ(get("/eth/v1/beacon/genesis").status, 503U);
  EXPECT_EQ(get("/eth/v1/config/spec").status, 503U);
  EXPECT_EQ(get("/eth/v1/config/spec").status, 200U);
}

TEST_F(DevnetL1Server, BeaconAnswersInTheShapesOfTheBeaconApi) {
  const auto genesis = json_of(get("/eth/v1/beacon/genesis").body);
  EXPECT_EQ(genesis.root().get("data").get("genesis_time").as_string(), "1700000000");
  const auto spec = json_of(get("/eth/v1/config/spec").body);
  EXPECT_EQ(spec.root().get("data").get("SECONDS_PER_SLOT").as_string(), "12");
  EXPECT_EQ(spec.root().get("data").get("SLOTS_PER_EPOCH").as_string(), "32");
  const Hash32 blob = propose();
  const std::string bytes = hex_of(node_.chain.blob(blob)->bytes);
  const auto sidecars = json_of(get("/eth/v1/beacon/blob_sidecars/2").body);
  ASSERT_EQ(sidecars.root().get("data").size(), 1U);
  const io::JsonValue sidecar = sidecars.root().get("data").at(0);
  EXPECT_EQ(sidecar.get("blob").as_string(), bytes);
  const auto commitment = io::as_fixed<48>(sidecar.get("kzg_commitment"));
  ASSERT_TRUE(commitment.has_value());
  EXPECT_EQ(core::codec::versioned_hash_of(*commitment), blob);
  EXPECT_EQ(json_of(get("/eth/v1/beacon/blob_sidecars/1").body).root().get("data").size(), 0U);
  EXPECT_EQ(get("/eth/v1/beacon/blob_sidecars/3").status, 404U) << "no block in that slot";
  EXPECT_EQ(get("/eth/v1/beacon/blob_sidecars/x").status, 400U);
  const auto blobs = json_of(get("/eth/v1/beacon/blobs/2").body);
  EXPECT_EQ(blobs.root().get("data").at(0).as_string(), bytes);
  const std::string other = "0x" + std::string(64, '3');
  EXPECT_EQ(json_of(get("/eth/v1/beacon/blobs/2?versioned_hashes=" + other).body)
                .root()
                .get("data")
                .size(),
            0U);
  const auto block = json_of(get("/eth/v2/beacon/blocks/2").body);
  const io::JsonValue body = block.root().get("data").get("message").get("body");
  EXPECT_EQ(body.get("execution_payload").get("block_number").as_string(), "2");
  EXPECT_EQ(io::as_fixed<48>(body.get("blob_kzg_commitments").at(0)), commitment);
  EXPECT_EQ(get("/eth/v1/beacon/none").status, 404U);

  const std::string path = "/blobs/" + hex_of(blob.view());
  EXPECT_EQ(json_of(get(path).body).root().get("data").as_string(), bytes);
  rpc("sim_hideBlob", fmt::format(R"(["{}","beacon"])", hex_of(blob.view())));
  EXPECT_EQ(json_of(get("/eth/v1/beacon/blob_sidecars/2").body).root().get("data").size(), 0U);
  EXPECT_EQ(get("/eth/v1/beacon/blobs/2").status, 404U);
  EXPECT_EQ(get(path).status, 200U);
  rpc("sim_hideBlob", R"(["*","server"])");
  EXPECT_EQ(get(path).status, 404U);
  rpc("sim_showBlobs", "[]");
  rpc("sim_spoilBlob", fmt::format(R"(["{}"])", hex_of(blob.view())));
  const auto spoiled = json_of(get(path).body);
  EXPECT_NE(core::codec::versioned_hash_of(*io::as_fixed<48>(spoiled.root().get("commitment"))),
            blob);
}

TEST_F(DevnetL1Server, OrdersThatMakeNoSenseAreRefused) {
  for (const auto& [method, params] : std::initializer_list<std::pair<const char*, const char*>>{
           {"sim_reorg", "[0]"},
           {"sim_reorg", R"([1,"sideways"])"},
           {"sim_reorg", "[99]"},
           {"sim_mine", "[100001]"},
           {"sim_finalize", "[9]"},
           {"sim_hideBlob", R"(["0x12"])"},
           {"sim_hideBlob", R"(["*","nobody"])"},
           {"sim_setLogLimits", "[0,1]"},
           {"sim_propose", R"([{"blocks":[{"timestamp":1}]}])"},
           {"sim_propose", R"([{"blobs":["0x00"]}])"},
           {"sim_postLookahead", "[{}]"},
           {"sim_fault", R"([{"kind":"nonsense"}])"},
           {"sim_contradict", "[]"}}) {
    const std::string answer = rpc(method, params);
    EXPECT_NE(answer.find("\"code\":-32"), std::string::npos) << method << params << answer;
  }
  EXPECT_NE(rpc("sim_nothing", "[]").find("-32601"), std::string::npos);
  EXPECT_EQ(node_.chain.head().header.number, 1U);
}

TEST(DevnetL1WebSocket, NewHeadsAreToldAlsoThoseOfAReorg) {
  io::test::LoopThread thread;
  L1Node node(l1_options());
  std::unique_ptr<L1Server> server;
  thread.call([&] {
    server = std::make_unique<L1Server>(thread.loop, node, L1ServerOptions{});
    EXPECT_TRUE(server->start().has_value());
    return true;
  });
  const std::string address = server->address();
  io::test::WsClient client(
      static_cast<std::uint16_t>(std::stoul(address.substr(address.rfind(':') + 1))));
  const auto receive = [&client] { return io::JsonDocument::parse(client.receive_text()); };
  client.send_text(R"({"jsonrpc":"2.0","id":1,"method":"eth_subscribe","params":["newHeads"]})");
  const auto subscribed = receive();
  ASSERT_TRUE(subscribed.has_value());
  const std::string id(subscribed->root().get("result").as_string().value_or(""));
  EXPECT_EQ(id, "0x1");
  client.send_text(R"({"jsonrpc":"2.0","id":2,"method":"eth_chainId","params":[]})");
  EXPECT_EQ(receive()->root().get("result").as_string(), "0x7e7e");

  std::vector<Hash32> expected = thread.call([&] {
    node.chain.mine();
    node.chain.mine();
    std::vector<Hash32> hashes{node.chain.head().header.parent_hash, node.chain.head().hash};
    EXPECT_TRUE(node.chain.reorg(reorg_plan(node.chain, 1, ReorgVariant::kKeep)).has_value());
    hashes.push_back(node.chain.head().header.parent_hash);
    hashes.push_back(node.chain.head().hash);
    return hashes;
  });
  for (const Hash32& hash : expected) {
    const auto head = receive();
    ASSERT_TRUE(head.has_value());
    EXPECT_EQ(head->root().get("params").get("subscription").as_string(), id);
    const io::JsonValue result = head->root().get("params").get("result");
    EXPECT_EQ(io::as_fixed<32>(result.get("hash")), hash);
    EXPECT_FALSE(result.get("parentHash").missing());
  }
  client.send_text(R"({"jsonrpc":"2.0","id":3,"method":"eth_unsubscribe","params":["0x1"]})");
  const auto gone = receive();
  EXPECT_EQ(gone->root().get("result").as_bool(), true);
  thread.call([&] {
    EXPECT_EQ(server->subscriptions(), 0U);
    server.reset();
    return true;
  });
}

}  // namespace
}  // namespace preconf::node::devnet::testing
