#include "io/rpc/subscriptions.hpp"

namespace preconf::io {

std::optional<std::uint64_t> Subscriptions::add(ConnectionId connection, std::string_view topic) {
  if (!topics_.contains(topic)) return std::nullopt;
  std::size_t& held = per_connection_[connection];
  if (held >= per_connection_max_) return std::nullopt;
  ++held;
  const std::uint64_t id = ++last_id_;
  entries_.emplace(id, Entry{connection, std::string(topic)});
  count_.store(entries_.size(), std::memory_order_relaxed);
  return id;
}

bool Subscriptions::remove(ConnectionId connection, std::uint64_t id) {
  const auto found = entries_.find(id);
  if (found == entries_.end() || found->second.connection != connection) return false;
  entries_.erase(found);
  count_.store(entries_.size(), std::memory_order_relaxed);
  const auto held = per_connection_.find(connection);
  if (--held->second == 0) per_connection_.erase(held);
  return true;
}

void Subscriptions::remove_all(ConnectionId connection) {
  std::erase_if(entries_,
                [connection](const auto& entry) { return entry.second.connection == connection; });
  per_connection_.erase(connection);
  count_.store(entries_.size(), std::memory_order_relaxed);
}

void Subscriptions::each(std::string_view topic,
                         const std::function<void(ConnectionId, std::uint64_t)>& visit) const {
  for (const auto& [id, entry] : entries_) {
    if (entry.topic == topic) visit(entry.connection, id);
  }
}

}  // namespace preconf::io
