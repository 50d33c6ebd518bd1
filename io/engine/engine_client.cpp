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
  kReadCanonical,
  kReadGoldenNonce,
  kReadAnchorState,
  kReadFirstTransaction,
  kLookupBatch,
  kWriteOrigin,
  kSetHeadL1Origin,
  kSetBatchLastBlock,
  kStartDerivedPayload,
};
constexpr std::array kMethodNames = {
    "read_heads",         "read_block",        "start_payload",        "get_payload",
    "new_payload",        "update_forkchoice", "read_canonical",       "read_golden_nonce",
    "read_anchor_state",  "read_first_tx",     "lookup_batch",         "write_origin",
    "set_head_l1_origin", "set_batch",         "start_derived_payload"};
static_assert(kMethodNames.size() == static_cast<std::size_t>(Method::kStartDerivedPayload) + 1);

/// Which endpoint serves it: the engine lets anybody read, and only us write.
bool is_public(Method method) {
  return method == Method::kReadHeads || method == Method::kReadBlock ||
         method == Method::kReadCanonical || method == Method::kReadGoldenNonce ||
         method == Method::kReadFirstTransaction;
}
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
    HttpCall call;
    call.url = is_public(method) ? options.public_url : options.auth_url;
    call.headers = {{"Content-Type", "application/json"}};
    if (!is_public(method)) {
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

  /// The same for answers that bring no content.
  void call_without_content(Method method, std::string body,
                            std::function<EngineResult(std::string_view)> reader,
                            Callback callback) {
    call(
        method, std::move(body),
        [read = std::move(reader)](std::string_view text) {
          return EngineAnswer{read(text), nullptr};
        },
        std::move(callback));
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
  impl_->call_without_content(Method::kReadHeads, read_heads_request(), &heads_from,
                              std::move(callback));
}

void EngineClient::read_block(core::BlockNumber number, Callback callback) {
  impl_->call_without_content(
      Method::kReadBlock, read_block_request(number),
      [number](std::string_view body) { return block_from(body, number); }, std::move(callback));
}

void EngineClient::start_payload(const core::commands::ForkchoiceState& state,
                                 const core::protocol::PayloadAttributes& attributes,
                                 core::BytesView tx_list_rlp, Callback callback) {
  impl_->call_without_content(Method::kStartPayload,
                              start_payload_request(state, attributes, tx_list_rlp),
                              &forkchoice_from, std::move(callback));
}

void EngineClient::get_payload(const core::commands::GetPayload& command,
                               const core::protocol::ChainProfile& chain, Callback callback) {
  impl_->call(
      Method::kGetPayload, get_payload_request(command.payload_id),
      [command, chain](std::string_view body) { return payload_from(body, command, chain); },
      std::move(callback));
}

void EngineClient::new_payload(core::BytesView payload_json, Callback callback) {
  impl_->call_without_content(Method::kNewPayload, new_payload_request(payload_json),
                              &judgement_from, std::move(callback));
}

void EngineClient::update_forkchoice(const core::commands::ForkchoiceState& state,
                                     Callback callback) {
  impl_->call_without_content(Method::kUpdateForkchoice, update_forkchoice_request(state),
                              &forkchoice_from, std::move(callback));
}

void EngineClient::read_canonical(core::BlockNumber number, Callback callback) {
  impl_->call_without_content(
      Method::kReadCanonical, read_block_request(number),
      [number](std::string_view body) { return canonical_from(body, number); },
      std::move(callback));
}

void EngineClient::read_golden_nonce(const core::Hash32& block_hash, Callback callback) {
  impl_->call_without_content(Method::kReadGoldenNonce, golden_nonce_request(block_hash),
                              &nonce_from, std::move(callback));
}

void EngineClient::read_anchor_state(const core::commands::ReadAnchorState& command,
                                     const core::Address& anchor_address, Callback callback) {
  if (command.from_first_transaction) {
    impl_->call_without_content(
        Method::kReadFirstTransaction, first_transaction_request(command.block_hash),
        [anchor_address](std::string_view body) {
          return anchor_in_transaction_from(body, anchor_address);
        },
        std::move(callback));
    return;
  }
  impl_->call_without_content(Method::kReadAnchorState,
                              anchor_state_request(command.block_hash, anchor_address),
                              &anchor_state_from, std::move(callback));
}

void EngineClient::lookup_batch(core::ProposalId id, Callback callback) {
  impl_->call_without_content(Method::kLookupBatch, lookup_batch_request(id), &batch_found_from,
                              std::move(callback));
}

void EngineClient::write_origin(const core::commands::WriteOrigin& command, Callback callback) {
  impl_->call_without_content(
      Method::kWriteOrigin, write_origin_request(command),
      [number = command.row.block_number](std::string_view body) {
        return origin_written_from(body, number);
      },
      std::move(callback));
}

void EngineClient::set_head_l1_origin(core::BlockNumber number, Callback callback) {
  impl_->call_without_content(
      Method::kSetHeadL1Origin, set_head_origin_request(number),
      [number](std::string_view body) { return number_written_from(body, number.value); },
      std::move(callback));
}

void EngineClient::set_batch_last_block(const core::commands::SetBatchLastBlock& command,
                                        Callback callback) {
  impl_->call_without_content(
      Method::kSetBatchLastBlock, set_batch_request(command.id, command.last_block),
      [id = command.id](std::string_view body) { return number_written_from(body, id.value); },
      std::move(callback));
}

void EngineClient::start_derived_payload(const core::commands::StartDerivedPayload& command,
                                         core::BytesView tx_list_rlp, Callback callback) {
  impl_->call_without_content(Method::kStartDerivedPayload,
                              start_derived_request(command, tx_list_rlp), &forkchoice_from,
                              std::move(callback));
}

}  // namespace preconf::io
