// Blobs from beacon nodes of both generations and from blob servers, and every way not to get one.
#include "io/l1/beacon_client.hpp"

#include <gtest/gtest.h>

#include <atomic>

#include "core/limits.hpp"
#include "io/l1/resting_urls.hpp"
#include "tests/io/support/beacon_fixture.hpp"

namespace preconf::io::l1 {
namespace {

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

TEST_F(BeaconTest, BlobsThatDidComeAreInTheError) {
  connect({serve([this](const HttpRequest&) { return ok(sidecars({first})); })},
          {serve([](const HttpRequest&) { return not_found(); })});
  const Reply reply = fetch({first.hash, third.hash});
  ASSERT_FALSE(reply);
  ASSERT_EQ(reply.error().found.size(), 1U);
  EXPECT_EQ(reply.error().found[0].versioned_hash, first.hash);
  EXPECT_EQ("0x" + core::to_hex(*reply.error().found[0].bytes), first.text);
}

TEST_F(BeaconTest, ARateLimitIsKeptTo) {
  std::atomic<bool> is_busy = true;
  connect(
      {serve([&](const HttpRequest&) { return is_busy ? too_many("7") : ok(sidecars({first})); })});
  Reply reply = fetch({first.hash});
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().kind, BlobErrorKind::kUnavailable);
  EXPECT_NE(reply.error().detail.find("HTTP 429"), std::string::npos) << reply.error().detail;
  EXPECT_EQ(stubs[0]->requests().size(), 1U) << "neither was it asked for the new list";
  is_busy = false;
  now_ms += 6'999;
  EXPECT_FALSE(fetch({first.hash}));
  EXPECT_EQ(stubs[0]->requests().size(), 1U);
  now_ms += 1;
  expect_blob(fetch({first.hash}), first);
  EXPECT_EQ(stubs[0]->requests().size(), 2U);
}

TEST_F(BeaconTest, WhileOneRestsAnotherIsAsked) {
  std::atomic<bool> is_busy = true;
  const std::string busy =
      serve([&](const HttpRequest&) { return is_busy ? too_many() : ok(sidecars({first})); });
  connect({busy, serve([this](const HttpRequest&) { return ok(sidecars({first})); })});
  for (std::size_t i = 1; i <= 3; ++i) {
    expect_blob(fetch({first.hash}), first);
    EXPECT_EQ(stubs[0]->requests().size(), 1U);
    EXPECT_EQ(stubs[1]->requests().size(), i);
  }
  is_busy = false;
  now_ms += kEndpointRestFirstMs;  // its header said nothing
  expect_blob(fetch({first.hash}), first);
  EXPECT_EQ(stubs[0]->requests().size(), 2U);
  EXPECT_EQ(stubs[1]->requests().size(), 3U);
}

TEST_F(BeaconTest, ARestingBlobServerIsNotAskedForTheOtherHashes) {
  connect({}, {serve([](const HttpRequest&) { return too_many("60"); }),
               serve([](const HttpRequest&) { return not_found(); })});
  EXPECT_FALSE(fetch({first.hash, second.hash, third.hash}));
  EXPECT_EQ(stubs[0]->requests().size(), 1U);
  EXPECT_EQ(stubs[1]->requests().size(), 3U);
}

TEST_F(BeaconTest, WhenAllRestTheFailureSaysSo) {
  const std::string beacon = serve([](const HttpRequest&) { return too_many("20"); });
  const std::string server = serve([](const HttpRequest&) { return too_many("30"); });
  connect({beacon}, {server});
  EXPECT_FALSE(fetch({first.hash}));
  const Reply reply = fetch({first.hash});
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().kind, BlobErrorKind::kUnavailable);
  EXPECT_EQ(reply.error().detail, "nobody was asked: " + beacon +
                                      " rests for 20 s more (rate limit); last: " + server +
                                      " rests for 30 s more (rate limit)");
  EXPECT_EQ(stubs[0]->requests().size() + stubs[1]->requests().size(), 2U);
}

TEST_F(BeaconTest, ARestingNodeIsNotAskedForItsClock) {
  connect({serve([](const HttpRequest&) { return too_many("20"); })});
  using Clock = core::Result<core::protocol::EpochClock, std::string>;
  const auto read = [this] {
    test::Once<Clock> reply;
    thread.loop.post([this, set = reply.set()] { client->read_clock(set); });
    return reply.get();
  };
  EXPECT_NE(read().error().find("HTTP 429"), std::string::npos);
  EXPECT_NE(read().error().find("rests for 20 s more"), std::string::npos);
  EXPECT_EQ(stubs[0]->requests().size(), 1U);
}

TEST(RestingUrls, HowLongAnAnswerAsksFor) {
  const core::UnixSeconds wall{1'700'000'000};
  const auto rest = [&](unsigned status, const std::string& retry_after) {
    RestingUrls resting;
    resting.on_answer("a", status, retry_after, core::Millis{5}, wall);
    EXPECT_EQ(resting.rest_of("b", core::Millis{5}).value, 0U);
    return resting.rest_of("a", core::Millis{5}).value;
  };
  EXPECT_EQ(rest(200, "9"), 0U);
  EXPECT_EQ(rest(404, "9"), 0U);
  EXPECT_EQ(rest(429, ""), kEndpointRestFirstMs);
  EXPECT_EQ(rest(429, "soon"), kEndpointRestFirstMs);
  EXPECT_EQ(rest(429, "9"), 9'000U);
  EXPECT_EQ(rest(429, "999999999"), kRetryAfterMaxMs);
  EXPECT_EQ(rest(503, ""), 0U);
  EXPECT_EQ(rest(503, "9"), 9'000U);
  RestingUrls resting;
  resting.on_answer("a", 429, "9", core::Millis{0}, wall);
  resting.on_answer("a", 429, "2", core::Millis{1'000}, wall);
  EXPECT_EQ(resting.rest_of("a", core::Millis{1'000}).value, 8'000U) << "the later end counts";
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
