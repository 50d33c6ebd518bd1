// Who wants to hear about what: WebSocket subscriptions by connection and topic. Loop thread only,
// except where said.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "io/http/http_types.hpp"

namespace preconf::io {

class Subscriptions {
 public:
  explicit Subscriptions(std::size_t per_connection_max)
      : per_connection_max_(per_connection_max) {}

  void add_topic(std::string topic) { topics_.insert(std::move(topic)); }

  /// Id of the new subscription; nothing for an unknown topic or over the bound.
  [[nodiscard]] std::optional<std::uint64_t> add(ConnectionId connection, std::string_view topic);
  /// False when the connection has no such subscription.
  bool remove(ConnectionId connection, std::uint64_t id);
  void remove_all(ConnectionId connection);

  /// Calls visit(connection, id) for every subscriber of `topic`, oldest first.
  void each(std::string_view topic,
            const std::function<void(ConnectionId, std::uint64_t)>& visit) const;

  [[nodiscard]] std::size_t count() const {
    return count_.load(std::memory_order_relaxed);
  }  ///< any thread

 private:
  struct Entry {
    ConnectionId connection;
    std::string topic;
  };

  const std::size_t per_connection_max_;
  std::set<std::string, std::less<>> topics_;
  std::map<std::uint64_t, Entry> entries_;
  std::map<ConnectionId, std::size_t> per_connection_;
  std::uint64_t last_id_ = 0;
  std::atomic<std::size_t> count_{0};
};

}  // namespace preconf::io
