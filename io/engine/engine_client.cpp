#include "io/engine/engine_client.hpp"

#include <array>
#include <utility>

#include "io/clock.hpp"
#include "io/engine/engine_answers.hpp"
#include "io/engine/engine_requests.hpp"
#include "io/engine/engine_transport.hpp"
#include "io/http/http_client.hpp"
#include "io/metrics/metrics.hpp"

namespace preconf::io {

using core::events::EngineFailed;
using core::events::EngineFailureKind;
using core::events::EngineResult;

namespace {

enum class Method : std::uint8_t {
  kReadHeads,
  kReadBlock,
  kStartPayload,
  kGetPayload,
  kNewPayload,
  kUpdateForkchoice,
};
constexpr std::array<const char*, 6> kMethodNames = {
    "read_heads", "read_block", "start_payload", "get_payload", "new_payload", "update_forkchoice"};
constexpr std::size_t kFailureKinds = static_cast<std::size_t>(EngineFailureKind::kNotExecuted) + 1;

core::UnixSeconds now_seconds() {
  constexpr std::uint64_t kNanos = 1'000'000'000;
  return core::UnixSeconds{wall_now().value / kNanos};
}

struct MethodMetrics {
  CounterHandle requests;
  HistogramHandle seconds;
  std::array<CounterHandle, kFailureKinds> failures;
};

}  // namespace

struct EngineClient::Impl {
  using Reader = std::function<EngineAnswer(std::string_view body)>;

  Impl(EventLoop& loop, EngineClientOptions given) : options(std::move(given)), http(loop) {
    if (options.metrics == nullptr) return;
    for (std::size_t i = 0; i < kMethodNames.size(); ++i) {
      const MetricLabels labels = {{"method", kMethodNames[i]}};
      metrics[i].requests =
          options.metrics->counter("io_engine_requests_total", "Calls to the engine", labels);
      metrics[i].seconds =
          options.metrics->histogram("io_engine_duration_seconds", "Start of a call to its end",
                                     labels, Metrics::duration_bounds());
      for (std::size_t kind = 0; kind < kFailureKinds; ++kind) {
        metrics[i].failures[kind] = options.metrics->counter(
            "io_engine_failures_total", "Calls to the engine without a result",
            {{"method", kMethodNames[i]}, {"kind", name_of(static_cast<EngineFailureKind>(kind))}});
      }
    }
  }

  /// Sends `body`; what comes back goes through `reader` to `callback`.
  void call(Method method, std::string body, Reader reader, Callback callback) {
    const bool is_public = method == Method::kReadHeads || method == Method::kReadBlock;
    HttpCall call;
    call.url = is_public ? options.public_url : options.auth_url;
    call.headers = {{"Content-Type", "application/json"}};
    if (!is_public) {
      // Engines accept a token for 60 s: each request gets its own.
      call.headers.emplace_back("Authorization",
                                "Bearer " + make_jwt(options.jwt_secret, now_seconds()));
    }
    call.body = std::move(body);
    call.connect_timeout = options.connect_timeout;
    call.total_timeout = options.request_timeout;
    call.response_bytes_max = options.answer_bytes_max;
    metrics[static_cast<std::size_t>(method)].requests.add();
    http.send(std::move(call), [this, method, read = std::move(reader),
                                done = std::move(callback)](HttpResult result) {
      EngineAnswer answer;
      if (auto failed = transport_failure(result, now_seconds())) {
        answer.result = std::move(*failed);
      } else {
        answer = read(result.body);
      }
      count(method, answer.result, result.elapsed_us);
      done(std::move(answer.result), result.elapsed_us, std::move(answer.content));
    });
  }

  void count(Method method, const EngineResult& result, std::uint32_t elapsed_us) {
    const MethodMetrics& of = metrics[static_cast<std::size_t>(method)];
    of.seconds.observe(static_cast<double>(elapsed_us) / 1e6);
    if (const auto* failed = std::get_if<EngineFailed>(&result)) {
      of.failures[static_cast<std::size_t>(failed->kind)].add();
    }
  }

  const EngineClientOptions options;
  std::array<MethodMetrics, kMethodNames.size()> metrics;
  HttpClient http;
};

EngineClient::EngineClient(EventLoop& loop, EngineClientOptions options)
    : impl_(std::make_unique<Impl>(loop, std::move(options))) {}
EngineClient::~EngineClient() = default;

void EngineClient::read_heads(Callback callback) {
  impl_->call(
      Method::kReadHeads, read_heads_request(),
      [](std::string_view body) {
        return EngineAnswer{heads_from(body), nullptr};
      },
      std::move(callback));
}

void EngineClient::read_block(core::BlockNumber number, Callback callback) {
  impl_->call(
      Method::kReadBlock, read_block_request(number),
      [number](std::string_view body) {
        return EngineAnswer{block_from(body, number), nullptr};
      },
      std::move(callback));
}

void EngineClient::start_payload(const core::commands::ForkchoiceState& state,
                                 const core::protocol::PayloadAttributes& attributes,
                                 core::BytesView tx_list_rlp, Callback callback) {
  impl_->call(
      Method::kStartPayload, start_payload_request(state, attributes, tx_list_rlp),
      [](std::string_view body) {
        return EngineAnswer{forkchoice_from(body), nullptr};
      },
      std::move(callback));
}

void EngineClient::get_payload(const core::commands::GetPayload& command,
                               const core::protocol::ChainProfile& chain, Callback callback) {
  impl_->call(
      Method::kGetPayload, get_payload_request(command.payload_id),
      [command, chain](std::string_view body) { return payload_from(body, command, chain); },
      std::move(callback));
}

void EngineClient::new_payload(core::BytesView payload_json, Callback callback) {
  impl_->call(
      Method::kNewPayload, new_payload_request(payload_json),
      [](std::string_view body) {
        return EngineAnswer{judgement_from(body), nullptr};
      },
      std::move(callback));
}

void EngineClient::update_forkchoice(const core::commands::ForkchoiceState& state,
                                     Callback callback) {
  impl_->call(
      Method::kUpdateForkchoice, update_forkchoice_request(state),
      [](std::string_view body) {
        return EngineAnswer{forkchoice_from(body), nullptr};
      },
      std::move(callback));
}

}  // namespace preconf::io
