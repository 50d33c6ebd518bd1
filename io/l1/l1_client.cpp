#include "io/l1/l1_client.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <utility>

#include "core/base/assert.hpp"
#include "io/clock.hpp"
#include "io/engine/engine_answers.hpp"
#include "io/http/http_client.hpp"
#include "io/l1/l1_json.hpp"
#include "io/metrics/metrics.hpp"

namespace preconf::io::l1 {

using core::Unexpected;

namespace {

core::Millis now_millis() { return core::Millis{mono_now().value / 1'000'000}; }
core::UnixSeconds now_seconds() { return core::UnixSeconds{wall_now().value / 1'000'000'000}; }

EndpointFailure failure_of(HttpFailure failure) {
  switch (failure) {
    case HttpFailure::kConnect:
      return EndpointFailure::kConnect;
    case HttpFailure::kTimeout:
      return EndpointFailure::kTimeout;
    case HttpFailure::kNotHttp:
      return EndpointFailure::kMalformed;
    case HttpFailure::kConnectionLost:
    case HttpFailure::kTooLarge:
    case HttpFailure::kNone:
      break;
  }
  return EndpointFailure::kLost;
}

/// An error that says nothing of what was asked for: the endpoint's own trouble. Null: none.
const RpcError* fault_in(const RpcBatch& batch) {
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (batch.at(i)) continue;
    switch (batch.at(i).error().kind) {
      case RpcErrorKind::kOther:
      case RpcErrorKind::kRateLimited:
      case RpcErrorKind::kBatchRefused:
        return &batch.at(i).error();
      case RpcErrorKind::kTooManyResults:
      case RpcErrorKind::kUnknownBlock:
      case RpcErrorKind::kReverted:
      case RpcErrorKind::kStateMissing:
        break;
    }
  }
  return nullptr;
}

constexpr unsigned kHttpOk = 200;
constexpr unsigned kHttpTooLarge = 413;
constexpr unsigned kHttpTooMany = 429;

struct EndpointMetrics {
  CounterHandle requests;
  GaugeHandle is_resting;
  std::array<CounterHandle, static_cast<std::size_t>(EndpointFailure::kCount)> failures;
};

}  // namespace

/// One call() in progress.
struct Exchange {
  std::vector<RpcCall> calls;
  L1Client::Callback callback;
  RpcBatch batch;
  std::vector<bool> tried;
  std::optional<std::size_t> avoided;  ///< not tried yet, and only after all others
  /// Who answered, but with errors or too much; blamed when another one can do better. When nobody
  /// can, it is the question that is at fault, for all that is known.
  std::vector<std::size_t> useless;
  std::optional<RpcBatch> errors;  ///< of the last of them
  bool is_too_large = false;       ///< of the last of them
  std::size_t endpoint = 0;
  bool is_checking = false;  ///< eth_chainId goes first
  core::Millis deadline;
  std::string detail;
};

struct L1Client::Impl : std::enable_shared_from_this<L1Client::Impl> {
  Impl(EventLoop& loop_in, L1ClientOptions given)
      : loop(loop_in), options(std::move(given)), endpoints(options.urls), http(loop_in) {
    if (options.metrics == nullptr) return;
    for (std::size_t i = 0; i < options.urls.size(); ++i) add_metrics(std::to_string(i));
  }

  void add_metrics(const std::string& number) {
    EndpointMetrics& of = metrics.emplace_back();
    of.requests = options.metrics->counter("io_l1_requests_total", "HTTP requests to L1 endpoints",
                                           {{"endpoint", number}});
    of.is_resting = options.metrics->gauge("io_l1_endpoint_resting",
                                           "1: failed lately; not asked, or only when no other is",
                                           {{"endpoint", number}});
    for (std::size_t kind = 0; kind < of.failures.size(); ++kind) {
      of.failures[kind] = options.metrics->counter(
          "io_l1_failures_total", "Requests to L1 endpoints without a usable answer",
          {{"endpoint", number}, {"kind", name_of(static_cast<EndpointFailure>(kind))}});
    }
  }

  void start(std::unique_ptr<Exchange> exchange) {
    exchange->tried.resize(endpoints.all().size());
    if (exchange->avoided) exchange->tried.at(*exchange->avoided) = true;
    exchange->deadline = core::Millis{now_millis().value +
                                      static_cast<std::uint64_t>(options.request_timeout.count())};
    try_next(std::move(exchange));
  }

  /// Begins with the next endpoint that may be asked; what another one answered is forgotten.
  void try_next(std::unique_ptr<Exchange> exchange) {
    const core::Millis now = now_millis();
    auto picked = endpoints.pick(now, exchange->tried);
    if (!picked && exchange->avoided) {
      exchange->tried[*exchange->avoided] = false;
      exchange->avoided.reset();
      picked = endpoints.pick(now, exchange->tried);
    }
    if (!picked || now >= exchange->deadline) return give_up(std::move(exchange));
    exchange->endpoint = *picked;
    exchange->tried[*picked] = true;
    exchange->batch = {};
    exchange->batch.endpoint = *picked;
    exchange->is_checking = !endpoints.at(*picked).is_checked;
    send(std::move(exchange));
  }

  void give_up(std::unique_ptr<Exchange> exchange) {
    if (exchange->errors) {
      Callback callback = std::move(exchange->callback);
      callback(std::move(*exchange->errors));  // may destroy the client
      return;
    }
    const auto kind = exchange->is_too_large ? L1ErrorKind::kTooLarge : L1ErrorKind::kUnavailable;
    L1Error error{kind, {}, exchange->detail};
    if (!exchange->is_too_large) error.retry_after = endpoints.rest_of(now_millis());
    if (error.detail.empty()) error.detail = "every endpoint rests after a failure";
    finish(std::move(exchange), std::move(error));
  }

  /// What one HTTP request may take.
  [[nodiscard]] std::chrono::milliseconds time_for(const Exchange& exchange) const {
    const core::Millis now = now_millis();
    std::uint64_t left = core::distance(now, exchange.deadline);
    const bool has_another =
        endpoints.pick(now, exchange.tried) ||
        (exchange.avoided && endpoints.all()[*exchange.avoided].rests_until <= now);
    if (has_another) {
      left = std::min(left, static_cast<std::uint64_t>(options.attempt_timeout.count()));
    }
    return std::chrono::milliseconds(std::max<std::uint64_t>(left, 1));
  }

  void send(std::unique_ptr<Exchange> exchange) {
    const Endpoint& endpoint = endpoints.at(exchange->endpoint);
    HttpCall call;
    call.url = endpoint.url;
    call.headers = {{"Content-Type", "application/json"}};
    std::size_t count = 1;
    if (exchange->is_checking) {
      call.body = rpc_request({chain_id_call()}, 0, 1);
    } else {
      const std::size_t done = exchange->batch.size();
      count = std::min(endpoint.batch_max, exchange->calls.size() - done);
      call.body = rpc_request(exchange->calls, done, count);
    }
    call.connect_timeout = options.connect_timeout;
    call.total_timeout = time_for(*exchange);
    call.response_bytes_max = kAnswerBytesMax;
    if (!metrics.empty()) metrics[exchange->endpoint].requests.add();
    // The table owns it: a callback of libcurl's client must be copyable.
    const std::uint64_t id = ++last_exchange;
    exchanges.emplace(id, std::move(exchange));
    http.send(std::move(call), [this, id, count](HttpResult result) {
      auto node = exchanges.extract(id);
      on_answer(std::move(node.mapped()), std::move(result), count);
    });
  }

  void on_answer(std::unique_ptr<Exchange> exchange, HttpResult result, std::size_t count) {
    if (result.failure == HttpFailure::kTooLarge || result.status == kHttpTooLarge) {
      return take_too_large(std::move(exchange));
    }
    const core::Millis retry_after = retry_after_of(result.retry_after, now_seconds());
    if (result.failure != HttpFailure::kNone) {
      return fail(std::move(exchange), failure_of(result.failure), result.detail, retry_after);
    }
    if (result.status != kHttpOk) {
      const auto failure =
          result.status == kHttpTooMany ? EndpointFailure::kRateLimited : EndpointFailure::kStatus;
      return fail(std::move(exchange), failure, "HTTP " + std::to_string(result.status),
                  retry_after);
    }
    if (exchange->is_checking) return check_chain(std::move(exchange), result);
    const std::size_t before = exchange->batch.size();
    const auto appended = exchange->batch.append(result.body, count);
    if (!appended) return refused(std::move(exchange), appended.error(), count, retry_after);
    for (std::size_t i = before; i < exchange->batch.size(); ++i) {
      const RpcAnswer& answer = exchange->batch.at(i);
      if (answer || answer.error().kind != RpcErrorKind::kRateLimited) continue;
      std::string detail = answer.error().message;
      return fail(std::move(exchange), EndpointFailure::kRateLimited, std::move(detail),
                  retry_after);
    }
    if (exchange->batch.size() < exchange->calls.size()) return send(std::move(exchange));
    if (const RpcError* fault = fault_in(exchange->batch)) {
      exchange->detail = endpoints.at(exchange->endpoint).url + ": " + std::to_string(fault->code) +
                         " " + fault->message;
      exchange->is_too_large = false;
      exchange->errors = std::move(exchange->batch);
      exchange->useless.push_back(exchange->endpoint);
      return try_next(std::move(exchange));
    }
    answer(std::move(exchange));
  }

  void take_too_large(std::unique_ptr<Exchange> exchange) {
    exchange->detail = "answer over its bound";
    exchange->is_too_large = true;
    exchange->errors.reset();
    exchange->useless.push_back(exchange->endpoint);
    try_next(std::move(exchange));
  }

  void answer(std::unique_ptr<Exchange> exchange) {
    endpoints.on_answered(exchange->endpoint);
    for (const std::size_t other : exchange->useless) note_blame(other, EndpointFailure::kError);
    show();
    Callback callback = std::move(exchange->callback);
    callback(std::move(exchange->batch));  // may destroy the client
  }

  void check_chain(std::unique_ptr<Exchange> exchange, const HttpResult& result) {
    RpcBatch batch;
    const auto appended = batch.append(result.body, 1);
    if (!appended || !batch.at(0)) {
      const RpcError& error = appended ? batch.at(0).error() : appended.error();
      const auto failure = error.kind == RpcErrorKind::kRateLimited ? EndpointFailure::kRateLimited
                                                                    : EndpointFailure::kMalformed;
      return fail(std::move(exchange), failure, "eth_chainId: " + error.message, {});
    }
    const auto id = chain_id_from(*batch.at(0));
    if (id != options.chain_id) {
      const std::string shown = id ? std::to_string(*id) : "no number";
      return fail(std::move(exchange), EndpointFailure::kWrongChain,
                  "eth_chainId is " + shown + ", not " + std::to_string(options.chain_id), {});
    }
    endpoints.at(exchange->endpoint).is_checked = true;
    exchange->is_checking = false;
    send(std::move(exchange));
  }

  /// A whole request was refused. Endpoints that do not like batches get smaller ones.
  void refused(std::unique_ptr<Exchange> exchange, const RpcError& error, std::size_t count,
               core::Millis retry_after) {
    if (count > 1 && error.kind != RpcErrorKind::kRateLimited) {
      endpoints.at(exchange->endpoint).batch_max = (count + 1) / 2;
      if (now_millis() < exchange->deadline) return send(std::move(exchange));
    }
    const auto failure = error.kind == RpcErrorKind::kRateLimited ? EndpointFailure::kRateLimited
                                                                  : EndpointFailure::kMalformed;
    fail(std::move(exchange), failure, error.message, retry_after);
  }

  void fail(std::unique_ptr<Exchange> exchange, EndpointFailure failure, std::string detail,
            core::Millis retry_after) {
    exchange->detail =
        endpoints.at(exchange->endpoint).url + ": " + name_of(failure) + " " + detail_text(detail);
    note_failure(exchange->endpoint, failure, retry_after);
    try_next(std::move(exchange));
  }

  void note_failure(std::size_t index, EndpointFailure failure, core::Millis retry_after) {
    endpoints.on_failed(index, failure, now_millis(), retry_after);
    if (!metrics.empty()) metrics[index].failures[static_cast<std::size_t>(failure)].add();
    show();
  }

  void note_blame(std::size_t index, EndpointFailure failure) {
    endpoints.on_blamed(index, now_millis());
    if (!metrics.empty()) metrics[index].failures[static_cast<std::size_t>(failure)].add();
    show();
  }

  void show() {
    const core::Millis now = now_millis();
    for (std::size_t i = 0; i < metrics.size(); ++i) {
      const Endpoint& endpoint = endpoints.at(i);
      const bool is_resting = std::max(endpoint.rests_until, endpoint.shunned_until) > now;
      metrics[i].is_resting.set(is_resting ? 1 : 0);
    }
  }

  /// Posted: no callback may run inside call().
  void finish(std::unique_ptr<Exchange> exchange, L1Error error) {
    error.detail = detail_text(error.detail);
    loop.post([self = weak_from_this(), callback = std::move(exchange->callback),
               error = std::move(error)] {
      if (self.lock()) callback(Unexpected{error});
    });
  }

  EventLoop& loop;
  const L1ClientOptions options;
  Endpoints endpoints;
  std::vector<EndpointMetrics> metrics;
  std::map<std::uint64_t, std::unique_ptr<Exchange>> exchanges;
  std::uint64_t last_exchange = 0;
  HttpClient http;
};

L1Client::L1Client(EventLoop& loop, L1ClientOptions options)
    : impl_(std::make_shared<Impl>(loop, std::move(options))) {}
L1Client::~L1Client() = default;

void L1Client::call(std::vector<RpcCall> calls, Callback callback,
                    std::optional<std::size_t> avoided) {
  PRECONF_ASSERT(!calls.empty());
  auto exchange = std::make_unique<Exchange>();
  exchange->calls = std::move(calls);
  exchange->callback = std::move(callback);
  exchange->avoided = avoided;
  impl_->start(std::move(exchange));
}

void L1Client::blame(std::size_t endpoint, EndpointFailure failure) {
  impl_->note_blame(endpoint, failure);
}

const std::vector<Endpoint>& L1Client::endpoints() const { return impl_->endpoints.all(); }

}  // namespace preconf::io::l1
