#include "tests/io/support/raw_client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <stdexcept>
#include <thread>
#include <utility>

namespace preconf::io::test {
namespace {

constexpr int kDeadlineSeconds = 20;

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

}  // namespace

RawClient::RawClient(std::uint16_t port, int receive_buffer_bytes)
    : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const timeval deadline{kDeadlineSeconds, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &deadline, sizeof deadline);
  ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &deadline, sizeof deadline);
  if (receive_buffer_bytes > 0) {
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes, sizeof receive_buffer_bytes);
  }
  const sockaddr_in address = loopback(port);
  if (::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    ::close(fd_);
    throw std::runtime_error("can not connect");
  }
}

RawClient::~RawClient() { ::close(fd_); }

bool RawClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

std::string RawClient::receive() {
  if (!pending_.empty()) return std::exchange(pending_, {});
  std::array<char, 65536> buffer{};
  const ssize_t got = ::recv(fd_, buffer.data(), buffer.size(), 0);
  if (got < 0 && errno == EAGAIN) {
    throw std::runtime_error("nothing came within the deadline");
  }
  return got <= 0 ? std::string() : std::string(buffer.data(), static_cast<std::size_t>(got));
}

std::string RawClient::receive_exactly(std::size_t size) {
  std::string out;
  while (out.size() < size) {
    const std::string more = receive();
    if (more.empty()) throw std::runtime_error("connection ended early");
    out += more;
  }
  pending_ = out.substr(size);
  out.resize(size);
  return out;
}

RawResponse RawClient::response() {
  std::string text;
  std::size_t end = 0;
  while ((end = text.find("\r\n\r\n")) == std::string::npos) {
    const std::string more = receive();
    if (more.empty()) throw std::runtime_error("connection ended before a response");
    text += more;
  }
  pending_ = text.substr(end + 4);
  text.resize(end);
  RawResponse response;
  response.status = static_cast<unsigned>(std::stoul(text.substr(text.find(' ') + 1, 3)));
  for (std::size_t at = text.find("\r\n"); at != std::string::npos;) {
    const std::size_t next = text.find("\r\n", at + 2);
    const std::string line = text.substr(at + 2, next == std::string::npos ? next : next - at - 2);
    const std::size_t colon = line.find(": ");
    std::string name = line.substr(0, colon);
    for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    response.headers[name] = line.substr(colon + 2);
    at = next;
  }
  const auto length = response.headers.find("content-length");
  if (length != response.headers.end()) {
    response.body = receive_exactly(std::stoul(length->second));
  }
  return response;
}

std::string RawClient::rest() {
  std::string all;
  for (std::string more = receive(); !more.empty(); more = receive()) all += more;
  return all;
}

RawResponse RawClient::post(std::string_view body, std::string_view extra_headers) {
  send("POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n" +
       std::string(extra_headers) + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
       std::string(body));
  return response();
}

RawResponse RawClient::get(std::string_view path) {
  send("GET " + std::string(path) + " HTTP/1.1\r\nHost: x\r\n\r\n");
  return response();
}

struct RawServer::Impl {
  int fd = -1;
  std::thread thread;
};

RawServer::RawServer(std::string until, std::string answer) : impl_(new Impl) {
  impl_->fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  if (::bind(impl_->fd, reinterpret_cast<const sockaddr*>(&address), size) != 0 ||
      ::listen(impl_->fd, 8) != 0 ||
      ::getsockname(impl_->fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    throw std::runtime_error("can not listen");
  }
  port_ = ntohs(address.sin_port);
  impl_->thread = std::thread([fd = impl_->fd, until, answer] {
    for (;;) {
      const int client = ::accept(fd, nullptr, nullptr);
      if (client < 0) return;
      std::string seen;
      std::array<char, 4096> buffer{};
      while (seen.find(until) == std::string::npos) {
        const ssize_t got = ::recv(client, buffer.data(), buffer.size(), 0);
        if (got <= 0) break;
        seen.append(buffer.data(), static_cast<std::size_t>(got));
      }
      ::send(client, answer.data(), answer.size(), MSG_NOSIGNAL);
      ::close(client);
    }
  });
}

RawServer::~RawServer() {
  ::shutdown(impl_->fd, SHUT_RDWR);
  impl_->thread.join();
  ::close(impl_->fd);
  delete impl_;
}

}  // namespace preconf::io::test
