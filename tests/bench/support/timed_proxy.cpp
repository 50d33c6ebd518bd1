#include "tests/bench/support/timed_proxy.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

#include "core/base/assert.hpp"

namespace preconf::bench {
namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

int tcp_socket() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  PRECONF_ASSERT(fd >= 0);
  return fd;
}

void send_at_once(int fd) {
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

}  // namespace

TimedProxy::TimedProxy(std::uint16_t target_port)
    : target_port_(target_port), listener_(tcp_socket()) {
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  PRECONF_ASSERT(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0);
  PRECONF_ASSERT(::listen(listener_, SOMAXCONN) == 0);
  PRECONF_ASSERT(::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  port_ = ntohs(address.sin_port);
  PRECONF_ASSERT(::pipe(wake_) == 0);
  thread_ = std::thread([this] { run(); });
}

TimedProxy::~TimedProxy() {
  PRECONF_ASSERT(::write(wake_[1], "x", 1) == 1);
  thread_.join();
  for (const Relay& relay : relays_) {
    ::close(relay.client);
    ::close(relay.target);
  }
  for (const int fd : {listener_, wake_[0], wake_[1]}) ::close(fd);
}

void TimedProxy::arm() {
  const std::lock_guard lock(mutex_);
  is_armed_ = true;
  first_.reset();
}

std::optional<Clock::time_point> TimedProxy::first_bytes() const {
  const std::lock_guard lock(mutex_);
  return first_;
}

void TimedProxy::accept_one() {
  Relay relay{::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC), tcp_socket()};
  const sockaddr_in address = loopback(target_port_);
  if (relay.client < 0 ||
      ::connect(relay.target, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    ::close(relay.client);
    ::close(relay.target);
    return;
  }
  send_at_once(relay.client);
  send_at_once(relay.target);
  relays_.push_back(relay);
}

bool TimedProxy::move_bytes(int from, int to, bool is_request) {
  std::array<char, 65536> buffer;
  const ssize_t got = ::recv(from, buffer.data(), buffer.size(), 0);
  if (got <= 0) return false;
  if (is_request) {
    const auto now = Clock::now();
    const std::lock_guard lock(mutex_);
    if (is_armed_) first_ = now;
    is_armed_ = false;
  }
  for (ssize_t sent = 0; sent < got;) {
    const ssize_t more =
        ::send(to, buffer.data() + sent, static_cast<std::size_t>(got - sent), MSG_NOSIGNAL);
    if (more <= 0) return false;
    sent += more;
  }
  return true;
}

void TimedProxy::run() {
  for (;;) {
    std::vector<pollfd> waits{{wake_[0], POLLIN, 0}, {listener_, POLLIN, 0}};
    for (const Relay& relay : relays_) {
      waits.push_back({relay.client, POLLIN, 0});
      waits.push_back({relay.target, POLLIN, 0});
    }
    PRECONF_ASSERT(::poll(waits.data(), waits.size(), -1) > 0);
    if (waits[0].revents != 0) return;
    std::vector<Relay> open;
    for (std::size_t i = 0; i < relays_.size(); ++i) {
      const Relay relay = relays_[i];
      bool is_open = true;
      if (waits[2 + 2 * i].revents != 0) is_open = move_bytes(relay.client, relay.target, true);
      if (is_open && waits[3 + 2 * i].revents != 0) {
        is_open = move_bytes(relay.target, relay.client, false);
      }
      if (is_open) {
        open.push_back(relay);
      } else {
        ::close(relay.client);
        ::close(relay.target);
      }
    }
    relays_ = std::move(open);
    if (waits[1].revents != 0) accept_one();
  }
}

}  // namespace preconf::bench
