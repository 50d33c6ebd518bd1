// L1 endpoints that fail in every way that deployed ones do.
#include "io/l1/l1_client.hpp"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/l1/l1_json.hpp"
#include "io/metrics/metrics.hpp"
#include "tests/io/support/stub_http.hpp"

namespace preconf::io::l1 {
namespace {

using test::LoopThread;
using test::StubHttp;

constexpr std::uint64_t kChainId = 31'337;

/// Answers each call of a request with `result(method)`: members of the answer object.
HttpResponse answer_calls(const HttpRequest& request,
                          const std::function<std::string(std::string_view method)>& result) {
  const auto document = JsonDocument::parse(request.body);
  const auto one = [&result](JsonValue call) {
    return R"({"jsonrpc":"2.0","id":)" + call.get("id").to_text() + "," +
           result(*call.get("method").as_string()) + "}";
  };
  const JsonValue root = document->root();
  if (root.kind() == JsonKind::kObject) return {.status = 200, .body = one(root)};
  std::string body;
  // Backwards: a batch may be answered in any order.
  root.each_element([&](JsonValue call) {
    body = one(call) + (body.empty() ? "" : "," + body);
    return true;
  });
  return {.status = 200, .body = "[" + body + "]"};
}

std::string healthy(std::string_view method) {
  return method == "eth_chainId" ? R"("result":"0x7a69")" : R"("result":"0x5")";
}

/// All calls but the first check get this error.
StubHttp::Handler always(const std::string& error) {
  return [error](const HttpRequest& request) {
    return answer_calls(request, [&error](std::string_view method) -> std::string {
      return method == "eth_chainId" ? R"("result":"0x7a69")" : R"("error":)" + error;
    });
  };
}

HttpResponse good(const HttpRequest& request) { return answer_calls(request, healthy); }

/// Takes connections, and never says anything.
class SilentServer {
 public:
  SilentServer() : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    const bool is_up =
        ::bind(fd_, any, size) == 0 && ::listen(fd_, 8) == 0 && ::getsockname(fd_, any, &size) == 0;
    if (!is_up) throw std::runtime_error("no listening socket");
    port_ = ntohs(address.sin_port);
  }
  ~SilentServer() { ::close(fd_); }
  SilentServer(const SilentServer&) = delete;
  SilentServer& operator=(const SilentServer&) = delete;
  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

 private:
  int fd_;
  unsigned port_ = 0;
};

struct L1ClientTest : ::testing::Test {
  ~L1ClientTest() override {
    thread.join();
    client.reset();
  }
  std::string serve(StubHttp::Handler handler) {
    stubs.push_back(std::make_unique<StubHttp>(thread.loop, std::move(handler)));
    return stubs.back()->url();
  }
  void connect(std::vector<std::string> urls) {
    L1ClientOptions options;
    options.urls = std::move(urls);
    options.chain_id = kChainId;
    options.metrics = &metrics;
    options.attempt_timeout = attempt_timeout;
    (void)thread.call([&] {
      client = std::make_unique<L1Client>(thread.loop, options);
      return true;
    });
  }
  /// Numbers in the answers, or the error's kind and detail.
  struct Reply {
    std::vector<std::string> answers;
    std::size_t endpoint = 0;
    std::optional<L1Error> error;
  };
  Reply ask(std::size_t calls, std::optional<std::size_t> avoided = std::nullopt) {
    test::Once<Reply> reply;
    thread.loop.post([this, calls, avoided, set = reply.set()] {
      std::vector<RpcCall> list;
      for (std::size_t i = 0; i < calls; ++i) list.push_back({"eth_blockNumber", "[]"});
      const auto answered = [set](core::Result<RpcBatch, L1Error> batch) {
        Reply out;
        if (!batch) {
          out.error = batch.error();
          return set(out);
        }
        out.endpoint = batch->endpoint;
        for (std::size_t i = 0; i < batch->size(); ++i) {
          const RpcAnswer& answer = batch->at(i);
          out.answers.push_back(answer ? answer->to_text() : answer.error().message);
        }
        set(out);
      };
      client->call(std::move(list), answered, avoided);
    });
    return reply.get();
  }

  std::chrono::milliseconds attempt_timeout = kAttemptTimeout;
  LoopThread thread;
  Metrics metrics;
  std::vector<std::unique_ptr<StubHttp>> stubs;
  std::unique_ptr<L1Client> client;
};

TEST_F(L1ClientTest, ChecksTheChainOnceAndBatches) {
  connect({serve([](const HttpRequest& request) { return answer_calls(request, healthy); })});
  for (int i = 0; i < 3; ++i) {
    const Reply reply = ask(2);
    ASSERT_FALSE(reply.error) << reply.error->detail;
    EXPECT_EQ(reply.answers, (std::vector<std::string>{"\"0x5\"", "\"0x5\""}));
  }
  const auto requests = stubs[0]->requests();
  ASSERT_EQ(requests.size(), 4U) << "eth_chainId, and three batches";
  EXPECT_NE(requests[0].body.find("eth_chainId"), std::string::npos);
  EXPECT_EQ(requests[1].body,
            R"([{"jsonrpc":"2.0","id":1,"method":"eth_blockNumber","params":[]},)"
            R"({"jsonrpc":"2.0","id":2,"method":"eth_blockNumber","params":[]}])");
}

TEST_F(L1ClientTest, AnAnswerWithAnotherIdIsNone) {
  const auto stale = [](const HttpRequest& request) {
    HttpResponse response = answer_calls(request, healthy);
    const bool is_check = request.body.find("eth_chainId") != std::string::npos;
    if (!is_check) response.body.replace(response.body.find("\"id\":1"), 6, "\"id\":2");
    return response;
  };
  connect({serve(stale),
           serve([](const HttpRequest& request) { return answer_calls(request, healthy); })});
  const Reply reply = ask(1);
  ASSERT_FALSE(reply.error) << reply.error->detail;
  EXPECT_EQ(reply.endpoint, 1U);
  EXPECT_NE(metrics.text().find("endpoint=\"0\",kind=\"malformed\"} 1"), std::string::npos);
  connect({serve(stale)});
  const Reply alone = ask(1);
  ASSERT_TRUE(alone.error);
  EXPECT_NE(alone.error->detail.find("another id"), std::string::npos) << alone.error->detail;
}

TEST_F(L1ClientTest, ASecondOpinionComesFromAnotherEndpointWhenThereIsOne) {
  connect({serve(good), serve(good)});
  EXPECT_EQ(ask(1).endpoint, 0U);
  EXPECT_EQ(ask(1, 0).endpoint, 1U);
  EXPECT_EQ(ask(1, 1).endpoint, 0U);
  connect({serve(good), serve([](const HttpRequest&) { return HttpResponse{.status = 503}; })});
  EXPECT_EQ(ask(1, 0).endpoint, 0U) << "the other one does not answer";
}

TEST_F(L1ClientTest, FailsOverFromEveryKindOfFailure) {
  const std::vector<StubHttp::Handler> bad = {
      [](const HttpRequest&) { return HttpResponse{.status = 0}; },  // closes
      [](const HttpRequest&) { return HttpResponse{.status = 503}; },
      [](const HttpRequest&) { return HttpResponse{.status = 200, .body = "<html>"}; },
      [](const HttpRequest&) { return HttpResponse{.status = 429}; },
      [](const HttpRequest& request) {
        return answer_calls(request, [](std::string_view method) -> std::string {
          return method == "eth_chainId" ? R"("result":"0x1")" : R"("result":"0x5")";
        });
      },
      [](const HttpRequest& request) {
        return answer_calls(request, [](std::string_view method) -> std::string {
          if (method == "eth_chainId") return R"("result":"0x7a69")";
          return R"("error":{"code":-32005,"message":"daily request count exceeded, quota"})";
        });
      }};
  std::vector<std::string> urls = {"http://127.0.0.1:1"};  // nobody listens
  for (const auto& handler : bad) urls.push_back(serve(handler));
  urls.push_back(serve([](const HttpRequest& request) { return answer_calls(request, healthy); }));
  connect(urls);
  const Reply reply = ask(1);
  ASSERT_FALSE(reply.error) << reply.error->detail;
  EXPECT_EQ(reply.endpoint, urls.size() - 1);
  // All of them rest now: the next request goes straight to the one that works.
  const std::size_t before = stubs[0]->requests().size();
  EXPECT_FALSE(ask(1).error);
  EXPECT_EQ(stubs[0]->requests().size(), before);
  const std::string text = metrics.text();
  for (const char* kind :
       {"connect", "lost", "status", "malformed", "rate_limited", "wrong_chain"}) {
    EXPECT_NE(text.find(std::string("kind=\"") + kind + "\"} 1"), std::string::npos) << kind;
  }
}

TEST_F(L1ClientTest, ARateLimitIsKeptToAndSaid) {
  connect({serve([](const HttpRequest&) {
    HttpResponse response{.status = 429};
    response.headers = {{"Retry-After", "120"}};
    return response;
  })});
  const Reply first = ask(1);
  ASSERT_TRUE(first.error);
  EXPECT_EQ(first.error->kind, L1ErrorKind::kUnavailable);
  EXPECT_GT(first.error->retry_after.value, 100'000U);
  EXPECT_LE(first.error->retry_after.value, 120'000U);
  const Reply second = ask(1);
  ASSERT_TRUE(second.error);
  EXPECT_EQ(stubs[0]->requests().size(), 1U) << "nothing is sent while it rests";
}

TEST_F(L1ClientTest, EndpointsThatDoNotLikeBatchesGetSmallerOnes) {
  connect({serve([](const HttpRequest& request) {
    const auto document = JsonDocument::parse(request.body);
    if (document->root().kind() == JsonKind::kArray && document->root().size() > 3) {
      return HttpResponse{
          .status = 200,
          .body =
              R"({"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"batch too large"}})"};
    }
    return answer_calls(request, healthy);
  })});
  const Reply reply = ask(10);
  ASSERT_FALSE(reply.error) << reply.error->detail;
  EXPECT_EQ(reply.answers.size(), 10U);
  EXPECT_FALSE(ask(10).error);
  // Once learnt, no batch is refused any more: 10, 5, then threes.
  std::size_t refused = 0;
  for (const HttpRequest& request : stubs[0]->requests()) {
    const auto document = JsonDocument::parse(request.body);
    const bool is_large =
        document->root().kind() == JsonKind::kArray && document->root().size() > 3;
    if (is_large) ++refused;
  }
  EXPECT_EQ(refused, 2U);
}

TEST_F(L1ClientTest, AnErrorOfOneCallIsItsAnswer) {
  connect({serve([](const HttpRequest& request) {
    return answer_calls(request, [](std::string_view method) -> std::string {
      if (method == "eth_chainId") return R"("result":"0x7a69")";
      return R"("error":{"code":3,"message":"execution reverted"})";
    });
  })});
  const Reply reply = ask(2);
  ASSERT_FALSE(reply.error);
  EXPECT_EQ(reply.answers.at(1), "execution reverted");
}

TEST_F(L1ClientTest, BlameSendsTheNextRequestElsewhere) {
  const auto handler = [](const HttpRequest& request) { return answer_calls(request, healthy); };
  connect({serve(handler), serve(handler)});
  EXPECT_EQ(ask(1).endpoint, 0U);
  thread.call([this] {
    client->blame(0, EndpointFailure::kBehind);
    return 0;
  });
  EXPECT_EQ(ask(1).endpoint, 1U);
}

constexpr const char* kInternalError = R"({"code":-32603,"message":"internal error"})";

// The first endpoint was asked for ever: with HTTP 200 it counted as one that answers.
TEST_F(L1ClientTest, AnErrorOfTheEndpointIsAskedOfTheNextOne) {
  connect({serve(always(kInternalError)), serve(good)});
  const Reply reply = ask(2);
  ASSERT_FALSE(reply.error) << reply.error->detail;
  EXPECT_EQ(reply.endpoint, 1U);
  EXPECT_EQ(reply.answers, (std::vector<std::string>{"\"0x5\"", "\"0x5\""}));
  EXPECT_NE(metrics.text().find("endpoint=\"0\",kind=\"error\"} 1"), std::string::npos);
  const std::size_t before = stubs[0]->requests().size();
  EXPECT_EQ(ask(1).endpoint, 1U);
  EXPECT_EQ(stubs[0]->requests().size(), before) << "it rests";
}

TEST_F(L1ClientTest, WhenEveryEndpointErrsTheLastErrorGoesUpAndNobodyIsBlamed) {
  connect({serve(always(kInternalError)),
           serve(always(R"({"code":-32000,"message":"out of order"})"))});
  for (int i = 0; i < 3; ++i) {
    const Reply reply = ask(2);
    ASSERT_FALSE(reply.error) << reply.error->detail;
    EXPECT_EQ(reply.endpoint, 1U);
    EXPECT_EQ(reply.answers, (std::vector<std::string>{"out of order", "out of order"}));
  }
  // It may be the question that is at fault.
  EXPECT_EQ(stubs[0]->requests().size(), 4U) << "eth_chainId, and each request";
  EXPECT_EQ(stubs[1]->requests().size(), 4U);
  connect({serve(always(kInternalError)), "http://127.0.0.1:1"});
  EXPECT_EQ(ask(1).answers, std::vector<std::string>{"internal error"}) << "nobody else answers";
}

TEST_F(L1ClientTest, AnErrorAboutWhatWasAskedForIsTheCallersToJudge) {
  for (const char* text : {"query returned more than 10000 results", "execution reverted",
                           "unknown block", "missing trie node 12ab"}) {
    connect(
        {serve(always(R"({"code":-32000,"message":")" + std::string(text) + "\"}")), serve(good)});
    const Reply reply = ask(1);
    ASSERT_FALSE(reply.error) << reply.error->detail;
    EXPECT_EQ(reply.endpoint, 0U) << text;
    EXPECT_EQ(reply.answers, std::vector<std::string>{text});
    EXPECT_EQ(ask(1).endpoint, 0U) << "nobody blamed it";
  }
}

TEST_F(L1ClientTest, AnAnswerOverItsBoundIsAskedOfTheNextOne) {
  const auto large = [](const HttpRequest& request) {
    if (request.body.find("eth_chainId") != std::string::npos) return good(request);
    return HttpResponse{.status = 413};
  };
  connect({serve(large), serve(good)});
  EXPECT_EQ(ask(1).endpoint, 1U);
  connect({serve(large), serve(large)});
  const Reply reply = ask(1);
  ASSERT_TRUE(reply.error);
  EXPECT_EQ(reply.error->kind, L1ErrorKind::kTooLarge) << "less may be asked for";
}

// It had all of the request's 12 seconds.
TEST_F(L1ClientTest, AnEndpointThatHangsLeavesTimeForTheNextOne) {
  const SilentServer silent;
  attempt_timeout = std::chrono::milliseconds(50);
  connect({silent.url(), serve(good)});
  const auto began = std::chrono::steady_clock::now();
  const Reply reply = ask(1);
  ASSERT_FALSE(reply.error) << reply.error->detail;
  EXPECT_EQ(reply.endpoint, 1U);
  EXPECT_LT(std::chrono::steady_clock::now() - began, kRequestTimeout / 2);
  EXPECT_NE(metrics.text().find("endpoint=\"0\",kind=\"timeout\"} 1"), std::string::npos);
}

std::optional<std::size_t> picked(const Endpoints& endpoints, std::uint64_t at) {
  return endpoints.pick(core::Millis{at}, std::vector<bool>(endpoints.all().size()));
}

// Each answer made the next blame the first one: a bad endpoint was awake again at every poll.
TEST(L1Endpoints, BlameGrowsAlthoughTheEndpointAnswersInBetween) {
  Endpoints endpoints({"a", "b"});
  std::uint64_t now = 1'000;
  for (const std::uint64_t seconds : {1U, 2U, 4U, 8U, 16U, 32U, 64U, 128U, 256U, 300U, 300U}) {
    ASSERT_EQ(picked(endpoints, now), 0U);
    endpoints.on_answered(0);  // and then it is found to be of no use
    endpoints.on_blamed(0, core::Millis{now});
    EXPECT_EQ(picked(endpoints, now + seconds * 1'000 - 1), 1U) << seconds;
    now += seconds * 1'000;
  }
  for (std::uint32_t i = 0; i < kAnswersForgiving; ++i) endpoints.on_answered(0);
  endpoints.on_blamed(0, core::Millis{now});
  EXPECT_EQ(picked(endpoints, now + 1'000), 0U) << "as if it were the first time";
}

TEST(L1Endpoints, ABlamedEndpointIsAskedWhenNoOtherOneMayBe) {
  Endpoints endpoints({"a", "b"});
  for (int i = 0; i < 4; ++i) endpoints.on_blamed(0, core::Millis{1'000});
  endpoints.on_blamed(1, core::Millis{1'500});
  EXPECT_FALSE(picked(endpoints, 1'999)) << "a moment's rest is kept";
  EXPECT_EQ(picked(endpoints, 2'000), 0U) << "the other one still rests";
  EXPECT_EQ(picked(endpoints, 2'500), 1U);
  endpoints.on_failed(1, EndpointFailure::kConnect, core::Millis{2'500}, {});
  EXPECT_EQ(picked(endpoints, 2'500), 0U);
}

// What the endpoint asked for itself holds, whatever it answers meanwhile or is blamed for.
TEST(L1Endpoints, ARetryAfterIsKeptWhateverHappensMeanwhile) {
  Endpoints endpoints({"a", "b"});
  endpoints.on_failed(0, EndpointFailure::kRateLimited, core::Millis{1'000}, core::Millis{60'000});
  endpoints.on_answered(0);
  endpoints.on_blamed(0, core::Millis{2'000});
  EXPECT_EQ(picked(endpoints, 60'999), 1U);
  EXPECT_EQ(picked(endpoints, 61'000), 0U);
}

TEST(L1Endpoints, RetryAfter) {
  const core::UnixSeconds now{1'700'000'000};
  EXPECT_EQ(retry_after_of("", now).value, 0U);
  EXPECT_EQ(retry_after_of("7", now).value, 7'000U);
  EXPECT_EQ(retry_after_of("999999999", now).value, kRetryAfterMaxMs);
  EXPECT_EQ(retry_after_of("Tue, 14 Nov 2023 22:13:30 GMT", now).value, 10'000U);
  EXPECT_EQ(retry_after_of("Tue, 14 Nov 2023 22:00:00 GMT", now).value, 0U);
  EXPECT_EQ(retry_after_of("soon", now).value, 0U);
}

TEST(RpcErrors, TextsOfDeployedNodes) {
  const std::vector<std::tuple<int, const char*, RpcErrorKind>> known = {
      {-32005, "query returned more than 10000 results", RpcErrorKind::kTooManyResults},
      {-32602, "query exceeds max results 20000, retry with the range 1-2",
       RpcErrorKind::kTooManyResults},
      {-32600, "eth_getLogs block range too large", RpcErrorKind::kTooManyResults},
      {-32602, "Log response size exceeded.", RpcErrorKind::kTooManyResults},
      {-32005, "limit exceeded", RpcErrorKind::kRateLimited},
      {429, "Your app has exceeded its compute units per second capacity",
       RpcErrorKind::kRateLimited},
      {-32000, "header not found", RpcErrorKind::kUnknownBlock},
      {-39001, "Unknown block", RpcErrorKind::kUnknownBlock},
      {-32000, "unknown block", RpcErrorKind::kUnknownBlock},
      {-32000, "missing trie node 12ab", RpcErrorKind::kStateMissing},
      {3, "execution reverted", RpcErrorKind::kReverted},
      {-32600, "batch too large", RpcErrorKind::kBatchRefused},
      {-32603, "internal error", RpcErrorKind::kOther}};
  for (const auto& [code, text, kind] : known) EXPECT_EQ(classify(code, text), kind) << text;
}

}  // namespace
}  // namespace preconf::io::l1
