// Beacon nodes and blob servers that say what a test wants, and a client of them whose clock
// stands.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "core/base/hex.hpp"
#include "core/codec/blob.hpp"
#include "io/l1/beacon_client.hpp"
#include "io/metrics/metrics.hpp"
#include "tests/io/support/stub_http.hpp"

namespace preconf::io::l1 {

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

inline std::string sidecars(const std::vector<TestBlob>& blobs) {
  std::string out;
  for (const TestBlob& blob : blobs) {
    out += (out.empty() ? "" : ",") + std::string(R"({"index":"0","blob":")") + blob.text +
           R"(","kzg_commitment":)" + blob.commitment_text() + "}";
  }
  return R"({"data":[)" + out + "]}";
}

inline std::string block(const std::vector<TestBlob>& blobs) {
  std::string out;
  for (const TestBlob& blob : blobs) out += (out.empty() ? "" : ",") + blob.commitment_text();
  return R"({"data":{"message":{"body":{"blob_kzg_commitments":[)" + out + "]}}}}";
}

inline std::string blob_list(const std::vector<TestBlob>& blobs) {
  std::string out;
  for (const TestBlob& blob : blobs) out += (out.empty() ? "\"" : ",\"") + blob.text + "\"";
  return R"({"data":[)" + out + "]}";
}

inline HttpResponse not_found() { return {.status = 404, .body = "{}"}; }
inline HttpResponse too_many(const std::string& retry_after = {}) {
  HttpResponse response{.status = 429, .body = "{}"};
  if (!retry_after.empty()) response.headers = {{"Retry-After", retry_after}};
  return response;
}
inline HttpResponse hang() { return {.status = StubHttp::kNoAnswer}; }
inline HttpResponse ok(std::string body) { return {.status = 200, .body = std::move(body)}; }

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
    options.request_timeout = request_timeout;
    options.metrics = &metrics;
    options.now = [this] { return core::Millis{now_ms}; };
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

  [[nodiscard]] std::size_t asked(std::size_t stub) const {
    return stubs.at(stub)->requests().size();
  }

  Metrics metrics;
  std::chrono::milliseconds request_timeout = kRequestTimeout;
  LoopThread thread;
  std::vector<std::unique_ptr<StubHttp>> stubs;
  std::unique_ptr<BeaconClient> client;
  std::atomic<std::uint64_t> now_ms{1'000'000};
  const TestBlob first{1};
  const TestBlob second{2};
  const TestBlob third{3};
};

}  // namespace preconf::io::l1
