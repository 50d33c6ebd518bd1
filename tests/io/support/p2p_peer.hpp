// A peer-to-peer host on a thread of its own, and a bare socket, for tests.
#pragma once

#include <gtest/gtest.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "io/p2p/p2p_host.hpp"

namespace preconf::io::test {

/// Listens on a port of its own of 127.0.0.1. Every wait has a deadline of 20 s.
class P2pPeer {
 public:
  struct Options {
    std::uint8_t seed = 1;  ///< of its identity
    wire::KeyType key = wire::KeyType::kEd25519;
    std::vector<wire::Multiaddr> dial;
  };
  explicit P2pPeer(const Options& options);
  ~P2pPeer();
  P2pPeer(const P2pPeer&) = delete;
  P2pPeer& operator=(const P2pPeer&) = delete;

  [[nodiscard]] const wire::Identity& identity() const { return identity_; }
  /// With the peer id.
  [[nodiscard]] const wire::Multiaddr& address() const { return address_; }

  /// The next event of this kind; those of other kinds before it stay for their own waits.
  template <class Event>
  Event wait_for() {
    std::unique_lock lock(mutex_);
    std::optional<Event> found;
    const bool in_time = changed_.wait_for(lock, std::chrono::seconds(20), [&] {
      for (auto it = events_.begin(); it != events_.end() && !found; ++it) {
        if (!std::holds_alternative<Event>(*it)) continue;
        found = std::move(std::get<Event>(*it));
        events_.erase(it);
        break;
      }
      return found.has_value();
    });
    EXPECT_TRUE(in_time) << "no event of the kind";
    if (!found) std::abort();
    return std::move(*found);
  }

  void dial(const wire::Multiaddr& address);
  void request(wire::PeerRef peer, wire::ExchangeProtocol protocol, core::Bytes body);
  void respond(wire::InboundRef request, core::Bytes body);
  /// Publishes as soon as a subscribed peer is known.
  void publish_until_sent(const wire::Topic& topic, const core::Bytes& data);
  /// True when everything was closed in time.
  bool shut_down();

 private:
  void on_event(wire::SwarmAction event);
  void try_publish();

  wire::Identity identity_;
  EventLoop loop_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<wire::SwarmAction> events_;
  bool is_down_ = false;
  bool is_sent_ = false;
  std::optional<std::pair<wire::Topic, core::Bytes>> to_publish_;  ///< loop thread
  std::unique_ptr<P2pHost> host_;
  wire::Multiaddr address_;
  std::thread thread_;
};

/// A connected socket without any protocol.
class RawPeer {
 public:
  explicit RawPeer(std::uint16_t port);
  ~RawPeer();
  RawPeer(RawPeer&& other) noexcept;
  RawPeer& operator=(RawPeer&&) = delete;

  /// As far as the other side takes it without waiting.
  void send(const core::Bytes& bytes) const;
  /// Reads until the other side closes; false after 20 s.
  [[nodiscard]] bool is_closed_by_peer() const;

 private:
  int fd_ = -1;
};

}  // namespace preconf::io::test
