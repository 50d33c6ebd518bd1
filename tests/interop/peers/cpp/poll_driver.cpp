#include "tests/interop/peers/cpp/poll_driver.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "core/base/assert.hpp"

namespace preconf::interop {

using io::wire::ConnId;
using io::wire::DialError;
using io::wire::Multiaddr;

namespace {

constexpr std::size_t kReadBytes = 65'536;
constexpr std::size_t kOutBytesMax = 262'144;

sockaddr_in to_sockaddr(const Multiaddr& address) {
  sockaddr_in out{};
  out.sin_family = AF_INET;
  out.sin_port = htons(*address.tcp_port);
  std::memcpy(&out.sin_addr, address.ip.data(), 4);
  return out;
}

Multiaddr to_multiaddr(const sockaddr_in& address) {
  Multiaddr out;
  std::memcpy(out.ip.data(), &address.sin_addr, 4);
  out.tcp_port = ntohs(address.sin_port);
  return out;
}

Multiaddr remote_of(int fd) {
  sockaddr_in address{};
  socklen_t size = sizeof(address);
  getpeername(fd, reinterpret_cast<sockaddr*>(&address), &size);
  return to_multiaddr(address);
}

void prepare(int fd) {
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

bool would_block() { return errno == EAGAIN || errno == EINTR; }

}  // namespace

core::Millis now() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return core::Millis{static_cast<std::uint64_t>(time.tv_sec) * 1000 +
                      static_cast<std::uint64_t>(time.tv_nsec) / 1'000'000};
}

io::wire::X25519Secret random_secret() {
  io::wire::X25519Secret out;
  PRECONF_ASSERT(getrandom(out.bytes.data(), out.bytes.size(), 0) ==
                 static_cast<ssize_t>(out.bytes.size()));
  return out;
}

PollDriver::PollDriver(io::wire::Swarm& swarm, OnAction on_action)
    : swarm_(swarm), on_action_(std::move(on_action)) {}

PollDriver::~PollDriver() {
  for (const auto& [conn, socket] : sockets_) ::close(socket.fd);
  if (listener_ >= 0) ::close(listener_);
}

std::uint16_t PollDriver::listen(const Multiaddr& address) {
  listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
  const int on = 1;
  setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  sockaddr_in local = to_sockaddr(address);
  socklen_t size = sizeof(local);
  PRECONF_ASSERT(::bind(listener_, reinterpret_cast<sockaddr*>(&local), size) == 0);
  PRECONF_ASSERT(::listen(listener_, 1024) == 0);
  PRECONF_ASSERT(getsockname(listener_, reinterpret_cast<sockaddr*>(&local), &size) == 0);
  prepare(listener_);
  return ntohs(local.sin_port);
}

void PollDriver::run(const OnLine& on_line, const std::function<void()>& on_turn) {
  prepare(STDIN_FILENO);
  for (;;) {
    pump();
    on_turn();
    std::vector<pollfd> polled{{STDIN_FILENO, POLLIN, 0}, {listener_, POLLIN, 0}};
    std::vector<ConnId> conns;
    for (const auto& [conn, socket] : sockets_) {
      const bool writes = socket.connecting || !socket.out.empty();
      const auto events =
          static_cast<short>((socket.connecting ? 0 : POLLIN) | (writes ? POLLOUT : 0));
      polled.push_back({socket.fd, events, 0});
      conns.push_back(conn);
    }
    const std::uint64_t due = swarm_.next_deadline().value;
    const std::uint64_t at = now().value;
    const auto wait = due <= at ? 0 : static_cast<int>(std::min<std::uint64_t>(due - at, 60'000));
    ::poll(polled.data(), polled.size(), wait);
    swarm_.on_time(now());
    if ((polled[0].revents & (POLLIN | POLLHUP)) != 0) {
      std::array<char, kReadBytes> chunk;
      const ssize_t size = ::read(STDIN_FILENO, chunk.data(), chunk.size());
      if (size == 0) return;
      if (size > 0) input_.append(chunk.data(), static_cast<std::size_t>(size));
      std::size_t begin = 0;
      for (std::size_t end; (end = input_.find('\n', begin)) != std::string::npos;
           begin = end + 1) {
        on_line(std::string_view{input_}.substr(begin, end - begin));
        pump();
      }
      input_.erase(0, begin);
    }
    if ((polled[1].revents & POLLIN) != 0) accept_all();
    for (std::size_t i = 0; i < conns.size(); ++i) {
      const short events = polled[i + 2].revents;
      auto found = sockets_.find(conns[i]);
      if (events == 0 || found == sockets_.end()) continue;
      if (found->second.connecting) {
        on_connected(conns[i], found->second);
        continue;
      }
      if ((events & POLLOUT) != 0) write_some(conns[i], found->second);
      found = sockets_.find(conns[i]);
      if (found == sockets_.end()) continue;
      if ((events & (POLLIN | POLLHUP | POLLERR)) != 0) read_some(conns[i], found->second);
    }
  }
}

void PollDriver::pump() {
  while (auto action = swarm_.next_action()) {
    if (const auto* order = std::get_if<io::wire::swarm::Dial>(&*action)) {
      dial(*order);
    } else if (const auto* output = std::get_if<io::wire::swarm::HasOutput>(&*action)) {
      const auto found = sockets_.find(output->conn);
      if (found == sockets_.end()) continue;
      found->second.has_output = true;
      write_some(output->conn, found->second);
    } else if (const auto* close = std::get_if<io::wire::swarm::Close>(&*action)) {
      on_close(*close);
    } else {
      on_action_(*action);
    }
  }
}

void PollDriver::dial(const io::wire::swarm::Dial& order) {
  if (order.address.host != io::wire::HostKind::kIp4 || !order.address.tcp_port) {
    swarm_.on_dial_failed(order.conn, DialError::kBadAddress, now());
    return;
  }
  Socket socket;
  socket.fd = ::socket(AF_INET, SOCK_STREAM, 0);
  socket.connecting = true;
  prepare(socket.fd);
  const sockaddr_in remote = to_sockaddr(order.address);
  const int result =
      ::connect(socket.fd, reinterpret_cast<const sockaddr*>(&remote), sizeof(remote));
  if (result != 0 && errno != EINPROGRESS) {
    ::close(socket.fd);
    swarm_.on_dial_failed(order.conn, DialError::kRefused, now());
    return;
  }
  sockets_[order.conn] = std::move(socket);
}

void PollDriver::on_connected(ConnId conn, Socket& socket) {
  int error = 0;
  socklen_t size = sizeof(error);
  getsockopt(socket.fd, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) {
    erase(conn);
    swarm_.on_dial_failed(conn, DialError::kRefused, now());
    return;
  }
  socket.connecting = false;
  swarm_.on_dialed(conn, remote_of(socket.fd), random_secret(), now());
}

void PollDriver::on_close(const io::wire::swarm::Close& order) {
  const auto found = sockets_.find(order.conn);
  if (found == sockets_.end()) return;
  found->second.has_output = false;
  if (order.at_once || found->second.out.empty()) {
    erase(order.conn);
  } else {
    found->second.closing = true;
  }
}

void PollDriver::accept_all() {
  for (;;) {
    const int fd = ::accept(listener_, nullptr, nullptr);
    if (fd < 0) return;
    prepare(fd);
    const auto conn = swarm_.on_accepted(remote_of(fd), random_secret(), now());
    if (!conn) {
      ::close(fd);
      continue;
    }
    Socket socket;
    socket.fd = fd;
    sockets_[*conn] = std::move(socket);
  }
}

void PollDriver::read_some(ConnId conn, Socket& socket) {
  std::array<std::uint8_t, kReadBytes> chunk;
  const ssize_t size = ::recv(socket.fd, chunk.data(), chunk.size(), 0);
  if (size < 0 && would_block()) return;
  if (size <= 0) {
    lost(conn);
    return;
  }
  if (socket.closing) return;
  swarm_.on_bytes(conn, core::BytesView{chunk}.first(static_cast<std::size_t>(size)), now());
  pump();
}

void PollDriver::write_some(ConnId conn, Socket& socket) {
  for (;;) {
    while (socket.has_output && socket.out.size() - socket.written < kOutBytesMax) {
      socket.has_output = swarm_.take_output(conn, socket.out, now());
    }
    if (socket.written == socket.out.size()) break;
    const ssize_t size = ::send(socket.fd, socket.out.data() + socket.written,
                                socket.out.size() - socket.written, MSG_NOSIGNAL);
    if (size < 0 && would_block()) return;
    if (size < 0) {
      lost(conn);
      return;
    }
    socket.written += static_cast<std::size_t>(size);
    if (socket.written < socket.out.size()) return;
    socket.out.clear();
    socket.written = 0;
  }
  socket.out.clear();
  socket.written = 0;
  if (socket.closing) erase(conn);
}

void PollDriver::lost(ConnId conn) {
  const bool told = sockets_.at(conn).closing;
  erase(conn);
  if (!told) swarm_.on_closed(conn, now());
  pump();
}

void PollDriver::erase(ConnId conn) {
  const auto found = sockets_.find(conn);
  ::close(found->second.fd);
  sockets_.erase(found);
}

}  // namespace preconf::interop
