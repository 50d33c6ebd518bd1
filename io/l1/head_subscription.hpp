// eth_subscribe "newHeads" over WebSocket, only as a wake-up: what a head is, and everything that
// was missed while the connection was down, is read over HTTP.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "io/loop/event_loop.hpp"

namespace preconf::io::l1 {

/// "ws://host[:port][/path]". TLS is not spoken.
struct WsAddress {
  std::string host;
  std::string port;
  std::string target;
};
[[nodiscard]] std::optional<WsAddress> parse_ws_url(std::string_view url);

class HeadSubscription {
 public:
  struct Handlers {
    /// At every notification, and once per connection when the subscription stands.
    std::function<void()> on_head;
    /// It stands (empty), or does not any more or yet: why. Once per change, not per attempt.
    std::function<void(const std::string& why_not)> on_change;
  };
  /// Connects, and again with growing pauses, until it is destroyed. All handlers are required, and
  /// run on the loop's thread. A URL that parse_ws_url() does not take is never connected to.
  HeadSubscription(EventLoop& loop, const std::string& url, Handlers handlers);
  /// Loop thread, or while the loop does not run.
  ~HeadSubscription();
  HeadSubscription(const HeadSubscription&) = delete;
  HeadSubscription& operator=(const HeadSubscription&) = delete;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace preconf::io::l1
