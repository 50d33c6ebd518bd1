// Reads, pages and subscriptions of the API, from a published state.
#include "io/rpc/preconf_api.hpp"

#include <gtest/gtest.h>

#include "core/base/hex.hpp"
#include "io/json/json_reader.hpp"
#include "tests/io/support/fake_backend.hpp"
#include "tests/io/support/ws_client.hpp"

namespace preconf::io {
namespace {

using core::BlockNumber;
using core::Status;
using core::UnixSeconds;
using test::ApiServer;
using test::RawClient;
using test::WsClient;

core::Address address(std::uint8_t byte) {
  core::Address value;
  value.bytes.fill(byte);
  return value;
}

Status healthy() {
  Status status;
  status.last_seq = core::Seq{77};
  core::Hash32 hash;
  hash.bytes.fill(0xab);
  status.unsafe = core::BlockRef{BlockNumber{12}, hash};
  status.promised = BlockNumber{15};
  status.confirmed = BlockNumber{9};
  status.event_sync_tip.number = BlockNumber{9};
  status.preconf_tip.number = BlockNumber{12};
  status.gate_open = true;
  status.synced_with_inbox = true;
  status.canonical_proposal = core::ProposalId{4};
  status.observed_proposal = core::ProposalId{5};
  status.counters = {{"admitted", 3}, {"rejected/signer_mismatch", 2}};
  status.waiting_on = {{"txlist", hash, BlockNumber{13}}};
  return status;
}

void publish(ApiServer& server, const Status& status) {
  auto schedule = std::make_shared<core::protocol::Schedule>();
  schedule->version = 3;
  schedule->windows = {{UnixSeconds{100}, UnixSeconds{200}, address(1)},
                       {UnixSeconds{300}, UnixSeconds{400}, address(2)},
                       {UnixSeconds{400}, UnixSeconds{500}, address(0)},
                       {UnixSeconds{500}, UnixSeconds{600}, address(3)}};
  const std::scoped_lock lock(server.backend.mutex);
  server.backend.now = std::make_shared<const Published>(Published{status, schedule});
}

std::string result_of(const std::string& text) {
  const auto document = JsonDocument::parse(text);
  return document->root().get("result").to_text();
}

TEST(PreconfApi, BeforeAStateIsPublishedReadsSaySo) {
  ApiServer server;
  for (const char* method : {"preconf_getStatus", "preconf_tip", "preconf_canonicalProposalId",
                             "preconf_status", "preconf_getPreconfSlotInfo"}) {
    EXPECT_EQ(server.code(method, "[150]"), -32000) << method;
  }
  RawClient client(server.port);
  EXPECT_EQ(client.get("/livez").status, 200U);
  const auto ready = client.get("/readyz");
  EXPECT_EQ(ready.status, 503U);
  EXPECT_EQ(ready.body, R"({"ready":false,"reasons":["no_state"]})");
  EXPECT_EQ(client.get("/status").status, 503U);
}

TEST(PreconfApi, StatusOfBothVersions) {
  ApiServer server;
  publish(server, healthy());
  EXPECT_EQ(result_of(server.call("preconf_getStatus", "[]")),
            R"({"isSyncedWithInbox":true,"eventSyncTip":"0x9","preconfTip":"0xc",)"
            R"("canonicalProposalId":4,"peerCount":0,"peerId":""})");
  EXPECT_EQ(result_of(server.call("preconf_tip", "[]")), "\"0xc\"");
  EXPECT_EQ(result_of(server.call("preconf_canonicalProposalId", "[]")), "4");
  Status genesis = healthy();
  genesis.confirmed.reset();
  publish(server, genesis);
  EXPECT_NE(server.call("preconf_getStatus", "[]").find("\"eventSyncTip\":null"),
            std::string::npos);
}

TEST(PreconfApi, EventSyncTipMayBeReadFromSafe) {
  ApiServer server({.event_sync = core::EventSyncSource::kSafe});
  Status status = healthy();
  status.safe = core::BlockRef{BlockNumber{8}, status.unsafe->hash};
  publish(server, status);
  EXPECT_NE(server.call("preconf_getStatus", "[]").find("\"eventSyncTip\":\"0x8\""),
            std::string::npos);
  EXPECT_NE(server.call("preconf_status", "[]").find("\"confirmed\":9,\"eventSyncTip\":8,"),
            std::string::npos);
}

TEST(PreconfApi, AMissingSafeBlockIsAnErrorAndNoOtherLabel) {
  ApiServer server({.event_sync = core::EventSyncSource::kSafe});
  WsClient client(server.port);
  client.send_text(R"({"jsonrpc":"2.0","id":1,"method":"preconf_subscribe","params":["heads"]})");
  (void)client.receive_text();
  publish(server, healthy());  // has a head L1 origin, and no safe block
  server.api->publish_status(healthy());
  const std::string error = R"("eventSyncTip":{"error":"MissingSafeBlock"})";
  EXPECT_NE(client.receive_text().find(error), std::string::npos);
  EXPECT_NE(server.call("preconf_status", "[]").find(error), std::string::npos);
  std::string message;
  EXPECT_EQ(server.code("preconf_getStatus", "[]", &message), -32000);
  EXPECT_EQ(message, "MissingSafeBlock");
}

TEST(PreconfApi, AMissingTipIsAnErrorNeverANumber) {
  ApiServer server;
  Status status = healthy();
  status.preconf_tip.error = core::TipError::kMissingLatestBlock;
  publish(server, status);
  std::string message;
  EXPECT_EQ(server.code("preconf_tip", "[]", &message), -32000);
  EXPECT_EQ(message, core::name_of(core::TipError::kMissingLatestBlock));
  EXPECT_EQ(server.code("preconf_getStatus", "[]"), -32000);
}

TEST(PreconfApi, SlotInfo) {
  ApiServer server;
  publish(server, healthy());
  const auto info = [&](const std::string& timestamp) {
    return server.call("preconf_getPreconfSlotInfo", "[" + timestamp + "]");
  };
  const std::string first =
      R"({"signer":")" + core::to_hex0x(address(1).view()) + R"(","submissionWindowEnd":"0xc8"})";
  EXPECT_EQ(result_of(info("150")), first);
  EXPECT_EQ(result_of(info("\"0x96\"")), first);
  EXPECT_EQ(result_of(info("\"150\"")), first);
  EXPECT_EQ(result_of(info("200")), first) << "right end included";
  const auto code = [&](const std::string& params) {
    return server.code("preconf_getPreconfSlotInfo", params);
  };
  EXPECT_EQ(code("[100]"), -32602) << "left end excluded: before the schedule";
  EXPECT_EQ(code("[600]"), 0);
  EXPECT_EQ(code("[601]"), -32602);
  EXPECT_EQ(code("[250]"), -32006) << "gap";
  EXPECT_EQ(code("[450]"), -32006) << "zero committer";
  EXPECT_EQ(code("[\"0x10000000000000000\"]"), -32006) << "over 64 bits";
  for (const char* params :
       {"[]", "[null]", "[\"x\"]", "[-1]", "[1.5]", "[{}]", "[1,2]", "{}",
        R"(["0x1)"
        "0000000000000000000000000000000000000000000000000000000000000000\"]"}) {
    EXPECT_EQ(code(params), -32602) << params;
  }
  {
    const std::scoped_lock lock(server.backend.mutex);
    server.backend.now = std::make_shared<const Published>(Published{healthy(), nullptr});
  }
  EXPECT_EQ(code("[150]"), -32006);
}

TEST(PreconfApi, StatusShowsTheNetwork) {
  ApiServer server;
  publish(server, healthy());
  const auto shown = [&server] {
    const std::string text = result_of(server.call("preconf_status", "[]"));
    return std::string(
        text.substr(text.find("\"p2p\":"), text.find(",\"waitingOn") - text.find("\"p2p\":")));
  };
  EXPECT_EQ(shown(), "\"p2p\":null");
  NetworkInfo network{"12D3KooW", "/ip4/0.0.0.0/tcp/9000", {}};
  network.peers.push_back(
      {7, "16Uiu2", "/ip4/1.2.3.4/tcp/5", "rust \"x\"", true, 42, -1'500'000, 20});
  network.peers.push_back({8, "16Uiu3", "/ip4/1.2.3.5/tcp/6", "", false, std::nullopt, 0, 0});
  {
    const std::scoped_lock lock(server.backend.mutex);
    server.backend.network_shown = network;
  }
  EXPECT_EQ(shown(),
            R"("p2p":{"peerId":"12D3KooW","listenAddress":"/ip4/0.0.0.0/tcp/9000","peers":[)"
            R"({"number":7,"peerId":"16Uiu2","address":"/ip4/1.2.3.4/tcp/5",)"
            R"("direction":"outbound","agent":"rust \"x\"","roundTripMs":42,)"
            R"("scoreMicro":-1500000,"gossipScoreMicro":20},)"
            R"({"number":8,"peerId":"16Uiu3","address":"/ip4/1.2.3.5/tcp/6",)"
            R"("direction":"inbound","agent":"","roundTripMs":null,)"
            R"("scoreMicro":0,"gossipScoreMicro":0}]})");
  const std::string api = result_of(server.call("preconf_getStatus", "[]"));
  EXPECT_NE(api.find(R"("peerCount":2,"peerId":"12D3KooW")"), std::string::npos) << api;
}

// A node that waited because L1 had left what it called final said gate_scanner_not_live and no
// more: why, only its log on standard error knew.
TEST(PreconfApi, StatusAndReadinessNameTheL1BlockThatIsRefused) {
  ApiServer server;
  Status status = healthy();
  status.l1.emplace();
  publish(server, status);
  const auto shown = [&server] {
    const std::string text = result_of(server.call("preconf_status", "[]"));
    return std::string(
        text.substr(text.find("\"scan\":"), text.find(",\"p2p") - text.find("\"scan\":")));
  };
  EXPECT_EQ(shown(), "\"scan\":null}");
  const auto tell = [&server](L1ScanInfo scan) {
    const std::scoped_lock lock(server.backend.mutex);
    server.backend.l1_scan_shown = std::move(scan);
  };
  tell({});
  EXPECT_EQ(shown(),
            R"("scan":{"head":null,"waitsFor":"","derivationWaitsFor":"","refused":null}})");
  L1ScanInfo scan{core::L1BlockNumber{130}, "refused: l1_below_finalized: ...", L1Refusal{},
                  "resume_unknown"};
  scan.refusal->reason = core::Reason::kL1BelowFinalized;
  scan.refusal->block.number = core::L1BlockNumber{120};
  scan.refusal->block.hash.bytes.fill(0xab);
  scan.refusal->seq = core::Seq{77};
  scan.refusal->held_back = 3;
  tell(scan);
  EXPECT_EQ(shown(), R"("scan":{"head":130,"waitsFor":"refused: l1_below_finalized: ...",)"
                     R"("derivationWaitsFor":"resume_unknown","refused":)"
                     R"({"reason":"l1_below_finalized","number":120,"hash":")" +
                         core::to_hex0x(scan.refusal->block.hash.view()) +
                         R"(","seq":77,"heldBack":3}}})");
  RawClient client(server.port);
  EXPECT_EQ(client.get("/readyz").body, R"({"ready":true,"reasons":[]})");
  status.gate_open = false;
  status.gate_reason = core::Reason::kGateScannerNotLive;
  publish(server, status);
  EXPECT_EQ(client.get("/readyz").body,
            R"({"ready":false,"reasons":["gate_scanner_not_live","waiting_txlist",)"
            R"("l1_below_finalized"]})");
  // While L1 is followed, a refusal is no reason.
  status.l1->is_live = true;
  status.gate_reason = core::Reason::kGateNotConfirmed;
  publish(server, status);
  EXPECT_EQ(client.get("/readyz").body,
            R"({"ready":false,"reasons":["gate_not_confirmed","waiting_txlist"]})");
}

TEST(PreconfApi, CompleteStatus) {
  ApiServer server({.version = "v9"});
  publish(server, healthy());
  const std::string text = result_of(server.call("preconf_status", "[]"));
  const auto document = JsonDocument::parse(text);
  const JsonValue status = document->root();
  EXPECT_EQ(status.get("version").as_string(), "v9");
  EXPECT_EQ(status.get("lastSeq").as_u64(), 77U);
  EXPECT_EQ(status.get("unsafe").get("number").as_u64(), 12U);
  EXPECT_TRUE(status.get("safe").is_null());
  EXPECT_EQ(status.get("promised").as_u64(), 15U);
  EXPECT_EQ(status.get("counters").get("rejected/signer_mismatch").as_u64(), 2U);
  EXPECT_EQ(status.get("waitingOn").at(0).get("what").as_string(), "txlist");
  EXPECT_EQ(status.get("schedule").get("windows").as_u64(), 4U);
  RawClient client(server.port);
  EXPECT_EQ(client.get("/status").body, text);
}

TEST(PreconfApi, ReadyAndLiveSayWhyNot) {
  ApiServer server;
  Status status = healthy();
  publish(server, status);
  RawClient client(server.port);
  EXPECT_EQ(client.get("/readyz").body, R"({"ready":true,"reasons":[]})");
  status.gate_open = false;
  status.gate_reason = core::Reason::kGateNotConfirmed;
  publish(server, status);
  const auto closed = client.get("/readyz");
  EXPECT_EQ(closed.status, 503U);
  EXPECT_EQ(closed.body, R"({"ready":false,"reasons":["gate_not_confirmed","waiting_txlist"]})");
  {
    const std::scoped_lock lock(server.backend.mutex);
    server.backend.alive = {false, {"log_failed"}};
  }
  const auto dead = client.get("/livez");
  EXPECT_EQ(dead.status, 503U);
  EXPECT_EQ(dead.body, R"({"alive":false,"reasons":["log_failed"]})");
}

TEST(PreconfApi, MetricsPage) {
  ApiServer server;
  (void)server.code("preconf_publishBlock", "[]");
  RawClient client(server.port);
  const auto page = client.get("/metrics");
  EXPECT_EQ(page.status, 200U);
  EXPECT_EQ(page.headers.at("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_NE(page.body.find("preconf_rpc_errors_total{method=\"preconf_publishBlock\"} 1\n"),
            std::string::npos);
  EXPECT_NE(page.body.find("io_http_refused_total{reason=\"idle\",server=\"rpc\"} 0\n"),
            std::string::npos);
}

TEST(PreconfApi, HeadsAreNotifiedWhenTheyChange) {
  ApiServer server;
  WsClient client(server.port);
  client.send_text(R"({"jsonrpc":"2.0","id":1,"method":"preconf_subscribe","params":["heads"]})");
  EXPECT_EQ(client.receive_text(), R"({"jsonrpc":"2.0","id":1,"result":"0x1"})");
  Status status = healthy();
  server.api->publish_status(status);
  status.last_seq = core::Seq{78};
  server.api->publish_status(status);  // nothing new: not said
  status.last_seq = core::Seq{79};
  status.unsafe->number = BlockNumber{13};
  server.api->publish_status(status);
  const auto first = JsonDocument::parse(client.receive_text());
  const JsonValue params = first->root().get("params");
  EXPECT_EQ(first->root().get("method").as_string(), "preconf_subscription");
  EXPECT_EQ(params.get("subscription").as_string(), "0x1");
  EXPECT_EQ(params.get("result").get("seq").as_u64(), 77U);
  EXPECT_EQ(params.get("result").get("unsafe").get("number").as_u64(), 12U);
  const auto second = JsonDocument::parse(client.receive_text());
  EXPECT_EQ(second->root().get("params").get("result").get("seq").as_u64(), 79U);
}

TEST(PreconfApi, ProposalsAreNotifiedWhenTheyChange) {
  ApiServer server;
  WsClient client(server.port);
  client.send_text(
      R"({"jsonrpc":"2.0","id":1,"method":"preconf_subscribe","params":["proposals"]})");
  EXPECT_EQ(client.receive_text(), R"({"jsonrpc":"2.0","id":1,"result":"0x1"})");
  Status status = healthy();
  server.api->publish_status(status);  // L1 is not followed: nothing to say
  core::L1Status l1;
  l1.deriving = core::ProposalId{1};
  l1.pending = 2;
  status.l1 = l1;
  status.last_seq = core::Seq{80};
  server.api->publish_status(status);
  status.last_seq = core::Seq{81};
  status.promised = BlockNumber{16};   // a head, not of L1
  status.l1->is_live = true;           // how L1 is read is no progress of proposals
  server.api->publish_status(status);  // nothing new: not said
  status.last_seq = core::Seq{82};
  status.l1->derived = core::ProposalId{1};
  status.l1->deriving = core::ProposalId{2};
  status.l1->pending = 1;
  status.safe = core::BlockRef{BlockNumber{3}, status.unsafe->hash};
  server.api->publish_status(status);
  const auto result = [](const std::string& text) { return text.substr(text.find("\"result\":")); };
  EXPECT_EQ(result(client.receive_text()),
            R"("result":{"seq":80,"derived":null,"deriving":1,"pending":2,"observed":5,)"
            R"("reorgs":0,"safe":null,"confirmed":9,"finalized":null}}})");
  EXPECT_EQ(result(client.receive_text()),
            R"("result":{"seq":82,"derived":1,"deriving":2,"pending":1,"observed":5,"reorgs":0,)"
            R"("safe":{"number":3,"hash":")" +
                core::to_hex0x(status.unsafe->hash.view()) +
                R"("},"confirmed":9,"finalized":null}}})");
}

TEST(PreconfApi, DecisionsAreNotified) {
  ApiServer server;
  WsClient client(server.port);
  client.send_text(
      R"({"jsonrpc":"2.0","id":1,"method":"preconf_subscribe","params":["decisions"]})");
  (void)client.receive_text();
  server.api->publish_decisions(core::Seq{5}, {});
  core::Decision decision;
  decision.verdict = core::Verdict::kStale;
  decision.reason = core::Reason::kStaleCommitment;
  decision.number = BlockNumber{4};
  decision.a = ~std::uint64_t{0};
  server.api->publish_decisions(core::Seq{6}, std::vector{decision});
  const auto document = JsonDocument::parse(client.receive_text());
  const JsonValue result = document->root().get("params").get("result");
  EXPECT_EQ(result.get("seq").as_u64(), 6U);
  const JsonValue first = result.get("decisions").at(0);
  EXPECT_EQ(first.get("verdict").as_string(), "stale");
  EXPECT_EQ(first.get("reason").as_string(), "stale_commitment");
  EXPECT_EQ(first.get("number").as_u64(), 4U);
  EXPECT_EQ(first.get("a").as_u64(), ~std::uint64_t{0});
}

TEST(PreconfApi, SubmissionsAboveTheVerificationQueueAreRefused) {
  ApiServer server({.verify_threads = 1, .verify_queue_max = 1});
  std::promise<void> release;
  const std::shared_future<void> released = release.get_future().share();
  test::Once<bool> started;
  bool first = true;
  server.backend.on_submit = [&, set = started.set()](const Submission&,
                                                      const SubmitCallback& done) {
    if (std::exchange(first, false)) set(true);
    released.wait();  // holds the one worker
    done(core::Unexpected{SubmitRefusal::kShuttingDown});
  };
  const std::string call = R"({"jsonrpc":"2.0","id":1,"method":"preconf_publishBlock","params":)" +
                           test::block_params(test::vector_blocks().front()) + "}";
  WsClient client(server.port);
  client.send_text(call);
  EXPECT_TRUE(started.get());
  client.send_text(call);  // waits
  client.send_text(call);  // is refused
  const std::string refused = client.receive_text();
  EXPECT_NE(refused.find("busy: too many submissions wait for verification"), std::string::npos);
  release.set_value();
  for (int i = 0; i < 2; ++i) {
    EXPECT_NE(client.receive_text().find("shutting_down"), std::string::npos);
  }
}

TEST(PreconfApi, AnAnswerAfterTheEndOfTheApiIsDropped) {
  test::Once<SubmitCallback> handed;
  SubmitCallback late;
  {
    ApiServer server;
    server.backend.on_submit = [set = handed.set()](const Submission&, const SubmitCallback& done) {
      set(done);
    };
    RawClient client(server.port);
    client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n");
    const std::string body =
        R"({"jsonrpc":"2.0","id":1,"method":"preconf_publishBlock","params":)" +
        test::block_params(test::vector_blocks().front()) + "}";
    client.send("Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    late = handed.get();
  }
  late(core::Unexpected{SubmitRefusal::kShuttingDown});
}

}  // namespace
}  // namespace preconf::io
