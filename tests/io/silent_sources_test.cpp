// Blob sources that take connections and never answer.
#include <gtest/gtest.h>

#include <algorithm>

#include "io/l1/silent_urls.hpp"
#include "tests/io/support/beacon_fixture.hpp"

namespace preconf::io::l1 {
namespace {

/// Of the servers that hang; all others answer far sooner, on a loaded machine, too.
constexpr std::chrono::milliseconds kHangTimeout{400};

// It was asked first each time, by both paths, and each time all of both requests' time was over
// before the next one was asked.
TEST_F(BeaconTest, ANodeThatHangsIsAskedLastForAWhile) {
  request_timeout = kHangTimeout;
  const std::string hung = serve([](const HttpRequest&) { return hang(); });
  connect({hung, serve([this](const HttpRequest&) { return ok(sidecars({first})); })});
  expect_blob(fetch({first.hash}), first);
  EXPECT_EQ(asked(0), 1U) << "not asked for the new list, too";
  EXPECT_NE(metrics.text().find("io_blob_sources_silent 1"), std::string::npos);
  now_ms += kSilentShunFirstMs - 1;
  expect_blob(fetch({first.hash}), first);
  EXPECT_EQ(asked(0), 1U);
  // Then it has its place again; the next time in a row costs it twice as long.
  now_ms += 1;
  expect_blob(fetch({first.hash}), first);
  EXPECT_EQ(asked(0), 2U);
  now_ms += 2 * kSilentShunFirstMs - 1;
  expect_blob(fetch({first.hash}), first);
  EXPECT_EQ(asked(0), 2U);
  EXPECT_EQ(asked(1), 4U);
}

TEST_F(BeaconTest, ANodeThatAnswersAgainIsTheFirstAgain) {
  request_timeout = kHangTimeout;
  std::atomic<bool> is_hung = true;
  const std::string beacon =
      serve([&](const HttpRequest&) { return is_hung ? hang() : ok(sidecars({first})); });
  connect({beacon}, {serve([](const HttpRequest&) { return not_found(); })});
  EXPECT_FALSE(fetch({first.hash}));
  // Nobody else has it: the last one is asked all the same, and is silent no more.
  is_hung = false;
  expect_blob(fetch({first.hash}), first);
  EXPECT_EQ(asked(0), 2U);
  EXPECT_EQ(asked(1), 2U);
  EXPECT_NE(metrics.text().find("io_blob_sources_silent 0"), std::string::npos);
  expect_blob(fetch({first.hash}), first);
  EXPECT_EQ(asked(0), 3U);
  EXPECT_EQ(asked(1), 2U);
}

TEST_F(BeaconTest, TheOnlySourceIsAskedHoweverOftenItHangs) {
  request_timeout = kHangTimeout;
  connect({serve([](const HttpRequest&) { return hang(); })});
  for (std::size_t times = 1; times <= 2; ++times) {
    const Reply reply = fetch({first.hash});
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().kind, BlobErrorKind::kUnavailable);
    EXPECT_NE(reply.error().detail.find("timeout"), std::string::npos) << reply.error().detail;
    EXPECT_EQ(asked(0), times);
  }
}

TEST_F(BeaconTest, ABlobServerThatHangsIsNotAskedForTheOtherHashes) {
  request_timeout = kHangTimeout;
  const std::string hung = serve([](const HttpRequest&) { return hang(); });
  connect({}, {hung, serve([](const HttpRequest&) { return not_found(); })});
  for (std::size_t times = 1; times <= 2; ++times) {
    EXPECT_FALSE(fetch({first.hash, second.hash, third.hash}));
    EXPECT_EQ(asked(0), times) << "the last, after another one said that it has none";
    EXPECT_EQ(asked(1), 3 * times);
  }
}

// A node that is quick about the block, or says at once that it has no sidecars, and is silent when
// asked for the bytes would never be shunned for longer than the first time.
TEST_F(BeaconTest, WhoHangsOnlyOverBlobsIsSilentAllTheSame) {
  request_timeout = kHangTimeout;
  const std::string half = serve([this](const HttpRequest& request) {
    if (request.target.find("sidecars") != std::string::npos) return not_found();
    const bool is_block = request.target.starts_with("/eth/v2/beacon/blocks/");
    return is_block ? ok(block({first})) : hang();
  });
  connect({half, serve([this](const HttpRequest&) { return ok(sidecars({first})); })});
  expect_blob(fetch({first.hash}), first);
  now_ms += kSilentShunFirstMs;
  expect_blob(fetch({first.hash}), first);
  const std::size_t before = asked(0);
  now_ms += 2 * kSilentShunFirstMs - 1;
  expect_blob(fetch({first.hash}), first);
  EXPECT_EQ(asked(0), before);
}

TEST_F(BeaconTest, ElsewhereIsNeitherWhoIsAvoidedNorWhoWasSilent) {
  request_timeout = kHangTimeout;
  const std::string hung = serve([](const HttpRequest&) { return hang(); });
  const auto has = [this](const HttpRequest&) { return ok(sidecars({first})); };
  const std::string one = serve(has);
  connect({hung, one, serve(has)});
  const Reply reply = fetch({first.hash});
  expect_blob(reply, first);
  EXPECT_EQ(reply->at(0).from, one);
  const auto elsewhere = [this](const std::vector<std::string>& avoided) {
    test::Once<Reply> answer;
    thread.loop.post([this, avoided, set = answer.set()] {
      client->fetch_elsewhere(core::UnixSeconds{1'775'200'019}, {first.hash}, avoided, set);
    });
    return answer.get();
  };
  const Reply other = elsewhere({one});
  expect_blob(other, first);
  EXPECT_EQ(other->at(0).from, stubs[2]->url());
  const Reply nobody = elsewhere({one, stubs[2]->url()});
  ASSERT_FALSE(nobody);
  EXPECT_EQ(nobody.error().kind, BlobErrorKind::kUnavailable);
  EXPECT_EQ(asked(0), 1U);
  EXPECT_EQ(asked(1), 1U);
  EXPECT_EQ(asked(2), 1U);
}

TEST(SilentUrls, DoublesUpToABoundAndForgetsWithAnAnswer) {
  SilentUrls silent;
  core::Millis now{5};
  EXPECT_EQ(silent.shunned_for("a", now).value, 0U);
  std::uint64_t expected = kSilentShunFirstMs;
  for (int times = 0; times < 40; ++times) {
    silent.on_silent("a", now);
    EXPECT_EQ(silent.shunned_for("a", now).value, expected);
    EXPECT_EQ(silent.shunned_for("b", now).value, 0U);
    now.value += expected;
    EXPECT_EQ(silent.shunned_for("a", now).value, 0U) << "it has its place again";
    EXPECT_EQ(silent.size(), 1U) << "and did not answer yet";
    expected = std::min(2 * expected, kSilentShunMaxMs);
  }
  EXPECT_EQ(expected, kSilentShunMaxMs);
  silent.on_answered("a");
  EXPECT_EQ(silent.size(), 0U);
  silent.on_silent("a", now);
  EXPECT_EQ(silent.shunned_for("a", now).value, kSilentShunFirstMs);
}

}  // namespace
}  // namespace preconf::io::l1
