// Follows a node's heads as a user would: a WebSocket to its JSON-RPC port, preconf_subscribe
// "heads".
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/types.hpp"
#include "io/loop/event_loop.hpp"

namespace preconf::node::devnet {

class HeadsSubscriber {
 public:
  /// Both run on the loop's thread. `on_head` gets the node's executed head each time it tells of a
  /// change; `on_end` once, with what ended the subscription.
  struct Handlers {
    std::function<void(core::BlockRef head)> on_head;
    std::function<void(const std::string& reason)> on_end;
  };

  /// Connects from a thread of its own. `address` is "127.0.0.1:PORT".
  HeadsSubscriber(io::EventLoop& loop, const std::string& address, Handlers handlers);
  /// Ends the connection; handlers do not run any more. Loop thread.
  ~HeadsSubscriber();
  HeadsSubscriber(const HeadsSubscriber&) = delete;
  HeadsSubscriber& operator=(const HeadsSubscriber&) = delete;

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
};

/// The "unsafe" head in a heads notification; nothing in any other text.
[[nodiscard]] std::optional<core::BlockRef> head_in_notification(const std::string& text);

}  // namespace preconf::node::devnet
