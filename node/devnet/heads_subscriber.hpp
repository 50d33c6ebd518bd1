// Follows a node as a user would: a WebSocket to its JSON-RPC port, preconf_subscribe for "heads"
// and "decisions".
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/types.hpp"
#include "io/loop/event_loop.hpp"

namespace preconf::node::devnet {

/// What a node says of its heads; nothing where it has none.
struct NodeHeads {
  std::optional<core::BlockRef> executed;  ///< "unsafe"
  std::optional<core::BlockRef> safe;
  std::optional<core::BlockRef> finalized;
};

/// A decision of a node, by the names of docs/log_format.md.
struct NodeDecision {
  std::string verdict;
  core::BlockNumber number;  ///< L2 height, 0 when none
};

class HeadsSubscriber {
 public:
  /// All run on the loop's thread. `on_heads` gets the node's heads each time it tells of a change,
  /// `on_decision`, when given, every decision; `on_end` once, with what ended the subscription.
  struct Handlers {
    std::function<void(const NodeHeads& heads)> on_heads;
    std::function<void(const NodeDecision& decision)> on_decision;
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

/// The heads in a heads notification; nothing in any other text.
[[nodiscard]] std::optional<NodeHeads> heads_in_notification(const std::string& text);
/// The decisions in a decisions notification; none in any other text.
[[nodiscard]] std::vector<NodeDecision> decisions_in_notification(const std::string& text);

}  // namespace preconf::node::devnet
