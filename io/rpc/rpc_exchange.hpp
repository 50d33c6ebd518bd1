// One message of a JSON-RPC client and the answers to its calls, for sources of io/rpc only.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "io/http/server.hpp"
#include "io/metrics/metrics.hpp"
#include "io/rpc/json_rpc.hpp"

namespace preconf::io {

/// Counters of one method.
struct RpcMethodMetrics {
  CounterHandle requests;
  CounterHandle errors;
  HistogramHandle seconds;
};

/// Counters of what never reached a method; shared with answers on other threads.
struct RpcRefusals {
  std::array<std::atomic<std::uint64_t>, static_cast<std::size_t>(RpcRefusal::kCount)> counts{};
  std::array<CounterHandle, static_cast<std::size_t>(RpcRefusal::kCount)> metrics;
  void count(RpcRefusal refusal);
};

/// Collects the answers of a message, from any thread; with the last one the message is answered.
struct RpcExchange : std::enable_shared_from_this<RpcExchange> {
  struct Call {
    std::string id;  ///< JSON text; empty for a notification
    RpcMethodMetrics metrics;
    std::chrono::steady_clock::time_point began = std::chrono::steady_clock::now();
    bool answered = false;
    std::string answer;
  };

  /// The handle that answers call `index`.
  [[nodiscard]] RpcReply reply(std::size_t index);
  void result(std::size_t index, std::string_view json);
  void error(std::size_t index, int code, std::string_view message, std::string_view data_json);
  /// Sends now when every call has been answered already. After all calls have been added.
  void all_calls_added();

  bool batch = false;
  bool websocket = false;
  HttpResponder http;  ///< where to, by transport
  WsSender ws;
  std::size_t response_bytes_max = 0;
  std::shared_ptr<RpcRefusals> refusals;
  std::shared_ptr<std::atomic<std::size_t>> pending_of_session;  ///< WebSocket only

  std::mutex mutex;  ///< guards what follows
  std::vector<Call> calls;
  std::size_t left = 0;
  std::size_t bytes = 0;
  bool complete = false;  ///< all calls added

 private:
  void finish(std::size_t index, std::string answer, bool failed);
  void send();
};

/// An error answer as JSON text. `id` is JSON text.
[[nodiscard]] std::string rpc_error_text(std::string_view id, int code, std::string_view message,
                                         std::string_view data_json = {});

}  // namespace preconf::io
