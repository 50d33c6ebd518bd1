// Blobs from beacon nodes of both generations and from blob servers, and every way not to get one.
#include "io/l1/beacon_client.hpp"

#include <gtest/gtest.h>

#include "core/base/hex.hpp"
#include "core/limits.hpp"
#include "io/json/json_reader.hpp"
#include "tests/io/support/stub_http.hpp"

namespace preconf::io::l1 {
namespace {

using core::codec::KzgCommitment;
using test::LoopThread;
using test::StubHttp;

/// A blob whose bytes are all `fill`, with a commitment that is as good as any: nobody checks.
struct TestBlob {
  explicit TestBlob(std::uint8_t fill) {
    commitment.bytes.fill(fill);
    hash = core::codec::versioned_hash_of(commitment);
    text = "0x";
    const std::string byte = core::to_hex(core::Bytes{fill});
    for (std::size_t i = 0; i < core::codec::kBlobBytes; ++i) text += byte;
  }
  [[nodiscard]] std::string commitment_text() const {
    return "\"" + core::to_hex0x(commitment.view()) + "\"";
  }
  KzgCommitment commitment;
  core::Hash32 hash;
  std::string text;
};

std::string sidecars(const std::vector<TestBlob>& blobs) {
  std::string out;
  for (const TestBlob& blob : blobs) {
    out += (out.empty() ? "" : ",") + std::string(R"({"index":"0","blob":")") + blob.text +
           R"(","kzg_commitment":)" + blob.commitment_text() + "}";
  }
  return R"({"data":[)" + out + "]}";
}

std::string block(const std::vector<TestBlob>& blobs) {
  std::string out;
  for (const TestBlob& blob : blobs) out += (out.empty() ? "" : ",") + blob.commitment_text();
  return R"({"data":{"message":{"body":{"blob_kzg_commitments":[)" + out + "]}}}}";
}

std::string blob_list(const std::vector<TestBlob>& blobs) {
  std::string out;
  for (const TestBlob& blob : blobs) out += (out.empty() ? "\"" : ",\"") + blob.text + "\"";
  return R"({"data":[)" + out + "]}";
}

HttpResponse not_found() { return {.status = 404, .body = "{}"}; }
HttpResponse ok(std::string body) { return {.status = 200, .body = std::move(body)}; }

struct BeaconTest : ::testing::Test {
  ~BeaconTest() override {
    thread.join();
    client.reset();
  }
  std::string serve(StubHttp::Handler handler) {
    stubs.push_back(std::make_unique<StubHttp>(thread.loop, std::move(handler)));
    return stubs.back()->url();
  }
  void connect(std::vector<std::string> beacons, std::vector<std::string> servers = {}) {
    BeaconClientOptions options;
    options.beacon_urls = std::move(beacons);
    options.server_urls = std::move(servers);
    options.clock.genesis = core::UnixSeconds{1'606'824'023};
    client = thread.call([&] { return std::make_unique<BeaconClient>(thread.loop, options); });
  }
  using Reply = core::Result<std::vector<FetchedBlob>, BlobError>;
  /// Timestamp 1775200019 of mainnet is slot 14031333.
  Reply fetch(std::vector<core::Hash32> hashes, std::uint64_t timestamp = 1'775'200'019) {
    test::Once<Reply> reply;
    thread.loop.post([this, hashes, timestamp, set = reply.set()] {
      client->fetch(core::UnixSeconds{timestamp}, hashes, set);
    });
    return reply.get();
  }
  static void expect_blob(const Reply& reply, const TestBlob& blob) {
    ASSERT_TRUE(reply) << reply.error().detail;
    for (const FetchedBlob& found : *reply) {
      if (found.versioned_hash != blob.hash) continue;
      EXPECT_EQ(found.commitment, blob.commitment);
      ASSERT_EQ(found.bytes->size(), core::codec::kBlobBytes);
      EXPECT_EQ("0x" + core::to_hex(*found.bytes), blob.text);
      return;
    }
    FAIL() << "the blob is not there";
  }

  LoopThread thread;
  std::vector<std::unique_ptr<StubHttp>> stubs;
  std::unique_ptr<BeaconClient> client;
  const TestBlob first{1};
  const TestBlob second{2};
  const TestBlob third{3};
};

TEST_F(BeaconTest, SidecarsOfTheSlot) {
  connect({serve([this](const HttpRequest& request) {
    EXPECT_EQ(request.target, "/eth/v1/beacon/blob_sidecars/14031333");
    return ok(sidecars({first, second, third}));
  })});
  const Reply reply = fetch({third.hash, first.hash});
  expect_blob(reply, third);
  expect_blob(reply, first);
  EXPECT_EQ(reply->size(), 2U);
  EXPECT_EQ(stubs[0]->requests().size(), 1U);
}

TEST_F(BeaconTest, NodesThatOnlyHaveTheNewList) {
  for (const bool filters : {true, false}) {
    connect({serve([this, filters](const HttpRequest& request) {
      if (request.target.starts_with("/eth/v2/beacon/blocks/14031333")) {
        return ok(block({first, second, third}));
      }
      if (request.target.starts_with("/eth/v1/beacon/blobs/14031333?versioned_hashes=0x")) {
        return ok(
            blob_list(filters ? std::vector{first, third} : std::vector{first, second, third}));
      }
      return not_found();
    })});
    const Reply reply = fetch({third.hash, first.hash});
    expect_blob(reply, third);
    expect_blob(reply, first);
    // It worked: next time it is asked first.
    const std::size_t before = stubs.back()->requests().size();
    EXPECT_TRUE(fetch({third.hash, first.hash}));
    EXPECT_EQ(stubs.back()->requests().size(), before + 2);
    thread.call([this] {
      client.reset();
      return 0;
    });
  }
}

// As anvil does.
TEST_F(BeaconTest, ANodeThatReadsOnlyTheLastOfSeveralHashes) {
  connect({serve([this](const HttpRequest& request) {
    if (request.target.starts_with("/eth/v2/beacon/blocks/"))
      return ok(block({first, second, third}));
    if (request.target == "/eth/v1/beacon/blobs/14031333") {
      return ok(blob_list({first, second, third}));
    }
    for (const TestBlob* blob : {&first, &second, &third}) {
      if (request.target.ends_with(core::to_hex0x(blob->hash.view()))) {
        return ok(blob_list({*blob}));
      }
    }
    return not_found();
  })});
  const Reply reply = fetch({third.hash, first.hash});
  expect_blob(reply, third);
  expect_blob(reply, first);
  // One alone is asked for by its hash.
  expect_blob(fetch({second.hash}), second);
  EXPECT_NE(stubs[0]->requests().back().target.find("?versioned_hashes="), std::string::npos);
}

TEST_F(BeaconTest, WhatTheFirstPlaceSaidStandsBesideWhatTheLastSaid) {
  connect({serve([](const HttpRequest&) { return HttpResponse{.status = 500}; })},
          {serve([](const HttpRequest&) { return HttpResponse{.status = 403}; })});
  const Reply reply = fetch({first.hash});
  ASSERT_FALSE(reply);
  EXPECT_NE(reply.error().detail.find("sidecars: HTTP 500"), std::string::npos)
      << reply.error().detail;
  EXPECT_NE(reply.error().detail.find("server: HTTP 403"), std::string::npos)
      << reply.error().detail;
  EXPECT_LE(reply.error().detail.size(), core::limits::kDetailBytesMax);
}

TEST_F(BeaconTest, WhatOneDoesNotHaveAnotherMay) {
  const std::string poor = serve([this](const HttpRequest& request) {
    return request.target.find("sidecars") != std::string::npos ? ok(sidecars({first}))
                                                                : not_found();
  });
  const std::string server = serve([this](const HttpRequest& request) {
    if (request.target != "/blobs/" + core::to_hex0x(second.hash.view())) return not_found();
    return ok(R"({"versionedHash":"0x00","commitment":)" + second.commitment_text() +
              R"(,"data":")" + second.text + "\"}");
  });
  connect({"http://127.0.0.1:1", poor}, {server});
  const Reply reply = fetch({first.hash, second.hash});
  expect_blob(reply, first);
  expect_blob(reply, second);
}

TEST_F(BeaconTest, MissingIsSaidByName) {
  connect({serve([this](const HttpRequest&) { return ok(sidecars({first})); })},
          {serve([](const HttpRequest&) { return not_found(); })});
  const Reply reply = fetch({first.hash, third.hash});
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().kind, BlobErrorKind::kMissing);
  EXPECT_EQ(reply.error().hash, third.hash);
}

TEST_F(BeaconTest, NobodyAnswers) {
  connect({"http://127.0.0.1:1"});
  const Reply reply = fetch({first.hash});
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().kind, BlobErrorKind::kUnavailable);
}

TEST_F(BeaconTest, AServerWithAnotherBlobUnderThatName) {
  connect({"http://127.0.0.1:1"}, {serve([this](const HttpRequest&) {
            return ok(R"({"commitment":)" + second.commitment_text() + R"(,"data":")" +
                      second.text + "\"}");
          })});
  const Reply reply = fetch({first.hash});
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().kind, BlobErrorKind::kMismatch);
  EXPECT_EQ(reply.error().hash, first.hash);
}

TEST_F(BeaconTest, ABlobOfAnotherSizeIsNone) {
  connect({serve([this](const HttpRequest&) {
    TestBlob cut = first;
    cut.text.resize(cut.text.size() - 2);
    return ok(sidecars({cut}));
  })});
  const Reply reply = fetch({first.hash});
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().kind, BlobErrorKind::kMalformed);
}

TEST_F(BeaconTest, BeforeGenesisOnlyServersAreAsked) {
  const std::string beacon = serve([](const HttpRequest&) { return not_found(); });
  const std::string server = serve([](const HttpRequest&) { return not_found(); });
  connect({beacon}, {server});
  EXPECT_FALSE(fetch({first.hash}, 5));
  EXPECT_EQ(stubs[0]->requests().size(), 0U);
  EXPECT_EQ(stubs[1]->requests().size(), 1U);
}

TEST_F(BeaconTest, ClockOfTheFirstNodeThatAnswers) {
  connect({"http://127.0.0.1:1", serve([](const HttpRequest& request) {
             if (request.target == "/eth/v1/beacon/genesis") {
               return ok(R"({"data":{"genesis_time":"1606824023"}})");
             }
             EXPECT_EQ(request.target, "/eth/v1/config/spec");
             return ok(R"({"data":{"SECONDS_PER_SLOT":"12","SLOTS_PER_EPOCH":"32"}})");
           })});
  using Clock = core::Result<core::protocol::EpochClock, std::string>;
  test::Once<Clock> reply;
  thread.loop.post([this, set = reply.set()] { client->read_clock(set); });
  const Clock clock = reply.get();
  ASSERT_TRUE(clock) << clock.error();
  EXPECT_EQ(clock->genesis.value, 1'606'824'023U);
  EXPECT_EQ(clock->slot_seconds, 12U);
  EXPECT_EQ(clock->slots_per_epoch, 32U);
}

TEST(BeaconJson, NumbersMustBeStrings) {
  EXPECT_FALSE(genesis_from(R"({"data":{"genesis_time":1606824023}})"));
  EXPECT_FALSE(spec_from(R"({"data":{"SECONDS_PER_SLOT":"0","SLOTS_PER_EPOCH":"32"}})"));
}

}  // namespace
}  // namespace preconf::io::l1
