#include "tests/io/support/p2p_peer.hpp"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "core/base/assert.hpp"

namespace preconf::io::test {
namespace {

constexpr std::chrono::seconds kDeadline{20};
constexpr std::chrono::milliseconds kPublishInterval{20};

wire::Identity identity_of(const P2pPeer::Options& options) {
  wire::Identity::Secret secret;
  secret.bytes.fill(options.seed);
  return wire::Identity::from_secret(options.key, secret).value();
}

}  // namespace

P2pPeer::P2pPeer(const Options& options) : identity_(identity_of(options)) {
  P2pHostOptions host;
  host.listen_address = "127.0.0.1";
  host.swarm.topics = {"/taiko/167000/0/preconfirmationCommitments", "/taiko/167000/0/rawTxLists"};
  host.swarm.static_peers = options.dial;
  host.swarm.accepts.exempts_loopback = true;
  host_ = std::make_unique<P2pHost>(
      loop_, host, identity_, [this](wire::SwarmAction event) { on_event(std::move(event)); });
  const auto started = host_->start();
  PRECONF_ASSERT(started && *started);
  address_ = **started;
  address_.peer = identity_.peer_id();
  thread_ = std::thread([this] { loop_.run(); });
}

P2pPeer::~P2pPeer() {
  loop_.stop();
  thread_.join();
}

void P2pPeer::on_event(wire::SwarmAction event) {
  const std::lock_guard lock(mutex_);
  events_.push_back(std::move(event));
  changed_.notify_all();
}

void P2pPeer::dial(const wire::Multiaddr& address) {
  host_->post([address](P2pHost& host) { host.swarm().dial(address, host.now()); });
}

void P2pPeer::request(wire::PeerRef peer, wire::ExchangeProtocol protocol, core::Bytes body) {
  host_->post([peer, protocol, body = std::move(body)](P2pHost& host) {
    (void)host.swarm().request(peer, protocol, body, host.now());
  });
}

void P2pPeer::respond(wire::InboundRef request, core::Bytes body) {
  host_->post([request, body = std::move(body)](P2pHost& host) {
    host.swarm().respond(request, body, host.now());
  });
}

/// Subscriptions of the other side have no event of their own.
void P2pPeer::try_publish() {
  const auto sent = host_->swarm().publish(to_publish_->first, to_publish_->second, host_->now());
  host_->done();
  if (!sent) {
    loop_.arm(kPublishInterval, [this] { try_publish(); });
    return;
  }
  const std::lock_guard lock(mutex_);
  is_sent_ = true;
  changed_.notify_all();
}

void P2pPeer::publish_until_sent(const wire::Topic& topic, const core::Bytes& data) {
  host_->post([this, topic, data](P2pHost&) {
    to_publish_ = {topic, data};
    try_publish();
  });
  std::unique_lock lock(mutex_);
  EXPECT_TRUE(changed_.wait_for(lock, kDeadline, [this] { return is_sent_; }));
  is_sent_ = false;
}

bool P2pPeer::shut_down() {
  host_->post([this](P2pHost& host) {
    host.shut_down([this] {
      const std::lock_guard lock(mutex_);
      is_down_ = true;
      changed_.notify_all();
    });
  });
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, kDeadline, [this] { return is_down_; });
}

RawPeer::RawPeer(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  PRECONF_ASSERT(::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
}

RawPeer::~RawPeer() {
  if (fd_ >= 0) ::close(fd_);
}

RawPeer::RawPeer(RawPeer&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

void RawPeer::send(const core::Bytes& bytes) const {
  (void)::send(fd_, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
}

bool RawPeer::is_closed_by_peer() const {
  pollfd waited{fd_, POLLIN, 0};
  std::array<char, 4'096> buffer{};
  while (::poll(&waited, 1, static_cast<int>(std::chrono::milliseconds(kDeadline).count())) > 0) {
    const ssize_t got = ::recv(fd_, buffer.data(), buffer.size(), 0);
    if (got == 0 || (got < 0 && errno == ECONNRESET)) return true;
    if (got < 0) return false;
  }
  return false;
}

}  // namespace preconf::io::test
