// JsonRpcServer: JSON-RPC 2.0 over HTTP POST and WebSocket on one port, with plain GET pages beside
// it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "io/http/http_types.hpp"
#include "io/json/json_reader.hpp"
#include "io/loop/event_loop.hpp"

namespace preconf::io {

class Metrics;

namespace rpc_code {
inline constexpr int kParseError = -32700;
inline constexpr int kInvalidRequest = -32600;
inline constexpr int kMethodNotFound = -32601;
inline constexpr int kInvalidParams = -32602;
inline constexpr int kInternalError = -32000;
inline constexpr int kResponseTooLarge = -32008;
}  // namespace rpc_code

/// The right and duty to answer one call; copies name the same call, the first answer counts. Any
/// thread.
class RpcReply {
 public:
  RpcReply() = default;  ///< answers nobody (notifications)
  /// `json` is one JSON value.
  void result(std::string json) const;
  void error(int code, std::string_view message) const;
  /// `data_json` is one JSON value.
  void error(int code, std::string_view message, std::string_view data_json) const;

 private:
  friend struct RpcExchange;
  std::shared_ptr<struct RpcExchange> exchange_;
  std::size_t index_ = 0;
};

/// One call. `params` is valid as long as `document` is held.
struct RpcCall {
  ConnectionId connection;
  bool websocket = false;  ///< can be notified later
  std::shared_ptr<const JsonDocument> document;
  JsonValue params;  ///< array, object or missing

  /// First positional parameter, or missing.
  [[nodiscard]] JsonValue first_param() const;
};

/// Runs on the loop's thread; answers now or later.
using RpcMethod = std::function<void(const RpcCall&, RpcReply)>;

struct RpcLimits {
  std::size_t batch_max = 100;
  std::size_t depth_max = 32;
  std::size_t response_bytes_max = 25'000'000;
  std::size_t pending_per_connection_max = 256;  ///< WebSocket calls without an answer yet
  std::size_t subscriptions_per_connection_max = 16;
};

/// Why a message or call was turned away before a method saw it. Each has a counter.
enum class RpcRefusal : std::uint8_t {
  kSyntax,            ///< -32700
  kUtf8,              ///< -32700
  kNumber,            ///< -32700: over 64 bits
  kTooDeep,           ///< -32700
  kTooLarge,          ///< -32700: over the body bound
  kInvalidRequest,    ///< -32600
  kEmptyBatch,        ///< -32600
  kBatchTooLarge,     ///< -32600
  kMethodNotFound,    ///< -32601
  kTooManyPending,    ///< -32000
  kResponseTooLarge,  ///< -32008
  kSubscription,      ///< -32602: unknown topic, not a WebSocket, or too many
  kContentType,       ///< HTTP 415: POST that is not JSON
  kNoSuchPage,        ///< HTTP 404 or 405
  kCount,
};
[[nodiscard]] const char* name_of(RpcRefusal refusal);

struct JsonRpcOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;
  HttpLimits http;
  RpcLimits rpc;
  Metrics* metrics = nullptr;  ///< outlives the server
};

class JsonRpcServer {
 public:
  JsonRpcServer(EventLoop& loop, JsonRpcOptions options);
  /// Loop thread, or while the loop does not run. Replies that come later are dropped.
  ~JsonRpcServer();
  JsonRpcServer(const JsonRpcServer&) = delete;
  JsonRpcServer& operator=(const JsonRpcServer&) = delete;

  /// Before start().
  void add_method(std::string name, RpcMethod method);
  /// A page for GET `path`; runs on the loop's thread. Before start().
  void add_page(std::string path, std::function<HttpResponse()> page);
  /// A topic that `<prefix>_subscribe` accepts as its first parameter. Before start().
  void add_topic(std::string topic);
  /// Registers `subscribe` and `unsubscribe` under these method names. Before start().
  void enable_subscriptions(std::string subscribe_method, std::string unsubscribe_method,
                            std::string notification_method);

  [[nodiscard]] core::Result<std::uint16_t, std::string> start();
  void stop();

  /// Is anybody subscribed to anything? Any thread; spares building text nobody reads.
  [[nodiscard]] bool has_subscribers() const;
  /// Sends {"jsonrpc":"2.0","method":<notification>,"params":{"subscription":id,"result":<json>}}
  /// to every subscriber of `topic`. Any thread.
  void notify(std::string topic, std::shared_ptr<const std::string> result_json);

  [[nodiscard]] std::uint64_t refused(HttpRefusal refusal) const;
  [[nodiscard]] std::uint64_t refused(RpcRefusal refusal) const;
  [[nodiscard]] std::size_t connections() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace preconf::io
