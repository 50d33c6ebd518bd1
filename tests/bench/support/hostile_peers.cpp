#include "tests/bench/support/hostile_peers.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <memory>
#include <vector>

#include "core/base/assert.hpp"
#include "io/clock.hpp"
#include "io/p2p/random.hpp"
#include "io/wire/connection.hpp"
#include "io/wire/req_resp.hpp"
#include "tests/bench/support/cpu_time.hpp"
#include "tests/bench/support/victim.hpp"
#include "tests/wire/gossip/rpc_bytes.hpp"

namespace preconf::bench {
namespace {

using core::Bytes;
using core::BytesView;
using core::Millis;
namespace wire = io::wire;

const wire::Topic kTopic = "/taiko/167000/0/preconfirmationCommitments";
const std::array<std::string, 1> kGossip{"/meshsub/1.1.0"};
const std::vector<std::string> kServed{"/meshsub/1.1.0", "/ipfs/id/1.0.0"};
constexpr std::size_t kQueuedMax = 131'072;
constexpr std::uint64_t kRedialMillis = 250;
constexpr std::uint32_t kHonestMessages = 30'000;

Millis now() { return Millis{io::mono_now().value / 1'000'000}; }

/// What each kind writes on its gossip stream, again and again.
struct Ammunition {
  explicit Ammunition(bool is_honest) {
    const auto frame = [](const Bytes& rpc) { return wire::frame_of(rpc); };
    if (is_honest) {
      sign_honest();
      return;
    }
    subscriptions = {frame(wire::test::rpc_subscription(kTopic)),
                     frame(wire::test::rpc_graft(kTopic)),
                     frame(wire::test::rpc_subscription(kTopic, false))};
    for (std::uint32_t n = 0; n < 8; ++n) {
      std::vector<wire::MessageId> ids;
      for (std::uint32_t i = 0; i < 5'000; ++i) {
        ids.push_back(wire::test::made_up_id(n * 5'000 + i));
      }
      ihaves.push_back(frame(wire::test::rpc_ihave(kTopic, ids)));
    }
    const wire::Identity author = wire::test::identity_of(9'999);
    for (std::uint64_t n = 0; n < 64; ++n) {
      Bytes data(382, 0xff);
      data[40] = static_cast<std::uint8_t>(n);
      auto parts = wire::test::signed_parts(author, n, kTopic, data);
      parts.signature[7] ^= 1;
      bad.push_back(frame(wire::test::rpc_message(parts)));
    }
    oversized = {wire::share(Bytes{0x81, 0x80, 0x80, 0x05})};  // 10 MiB and one byte
    slow = {wire::share([] {
      Bytes part(16'384, 0);
      part[0] = 0x80, part[1] = 0x80, part[2] = 0x80, part[3] = 0x05;
      return part;
    }())};
  }
  void sign_honest() {
    const wire::Identity author = wire::test::identity_of(9'999);
    for (std::uint32_t n = 0; n < kHonestMessages; ++n) {
      const auto parts = wire::test::signed_parts(author, n, kTopic, honest_message(1, n));
      honest.push_back(wire::frame_of(wire::test::rpc_message(parts)));
    }
    subscriptions = {wire::frame_of(wire::test::rpc_subscription(kTopic))};
  }
  std::vector<wire::SharedBytes> subscriptions, ihaves, bad, oversized, slow, honest;
};

struct Stranger {
  int index = 0;
  Harm harm = Harm::kSlowHandshake;
  int fd = -1;
  bool is_connecting = false;
  std::uint64_t next_dial = 0;  ///< milliseconds
  std::uint64_t next_byte = 0;
  std::unique_ptr<wire::Identity> identity;
  std::unique_ptr<wire::Connection> connection;
  std::optional<wire::StreamId> gossip;
  std::size_t shots = 0;
  Bytes out;
  std::size_t written = 0;
};

class Crowd {
 public:
  Crowd(std::uint16_t port, int count, int only)
      : port_(port), ammunition_(only == static_cast<int>(Harm::kNone)) {
    for (int i = 0; i < count; ++i) {
      auto one = std::make_unique<Stranger>();
      one->index = i;
      one->harm = static_cast<Harm>(only >= 0 ? only : i % kHarmCount);
      one->identity = std::make_unique<wire::Identity>(
          wire::test::identity_of(static_cast<std::uint32_t>(10'000 + i)));
      one->next_dial = now().value + static_cast<std::uint64_t>(i) / 4;
      all_.push_back(std::move(one));
    }
  }

  /// False when `in` ended.
  bool turn(int in, int out);

 private:
  void dial(Stranger& one);
  void cut(Stranger& one);
  void begin(Stranger& one);
  void read(Stranger& one);
  void write(Stranger& one);
  void refill(Stranger& one);
  void shoot(Stranger& one);
  void shoot_honestly(Stranger& one);
  [[nodiscard]] const std::vector<wire::SharedBytes>& ammunition_of(const Stranger& one) const;
  [[nodiscard]] bool has_work(const Stranger& one, std::uint64_t millis) const;
  void report(int out) const;

  std::uint16_t port_;
  Ammunition ammunition_;
  std::vector<std::unique_ptr<Stranger>> all_;
  std::size_t next_honest_ = 0;
  Bytes scratch_, plain_;
  std::uint64_t dials_ = 0, upgraded_ = 0, frames_ = 0, bytes_ = 0;
};

void Crowd::dial(Stranger& one) {
  ++dials_;
  one.fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  PRECONF_ASSERT(one.fd >= 0);
  sockaddr_in from{};
  from.sin_family = AF_INET;
  from.sin_addr.s_addr = htonl(0x7f010000U + 256U * static_cast<unsigned>(one.index / 250) +
                               static_cast<unsigned>(one.index % 250 + 1));
  sockaddr_in to = from;
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  to.sin_port = htons(port_);
  (void)::bind(one.fd, reinterpret_cast<const sockaddr*>(&from), sizeof from);
  const int done = ::connect(one.fd, reinterpret_cast<const sockaddr*>(&to), sizeof to);
  one.is_connecting = true;
  if (done != 0 && errno != EINPROGRESS) cut(one);
}

void Crowd::cut(Stranger& one) {
  if (one.fd >= 0) ::close(one.fd);
  one.fd = -1;
  one.connection.reset();
  one.gossip.reset();
  one.out.clear();
  one.written = one.shots = 0;
  one.next_dial = now().value + (one.harm == Harm::kHandshakeFlood ? 0 : kRedialMillis);
}

void Crowd::begin(Stranger& one) {
  one.is_connecting = false;
  one.next_byte = now().value;
  if (one.harm == Harm::kSlowHandshake || one.harm == Harm::kGarbage) return;
  const wire::NoiseXx::Keys keys{io::random_secret(), io::random_secret()};
  one.connection = std::make_unique<wire::Connection>(wire::Direction::kOutbound, *one.identity,
                                                      keys, wire::PeerId{}, kServed, now());
}

void Crowd::read(Stranger& one) {
  if (one.harm == Harm::kHalfOpen && one.gossip) return;
  std::array<std::uint8_t, 16'384> buffer{};
  const ssize_t got = ::recv(one.fd, buffer.data(), buffer.size(), 0);
  if (got == 0 || (got < 0 && errno != EAGAIN)) return cut(one);
  if (got < 0 || !one.connection) return;
  one.connection->on_bytes(BytesView{buffer}.first(static_cast<std::size_t>(got)), scratch_, now());
  while (one.connection) {
    const auto event = one.connection->next_event(now());
    if (!event) break;
    if (std::holds_alternative<wire::connection::Established>(*event)) {
      ++upgraded_;
      if (one.harm == Harm::kHandshakeFlood) return cut(one);
      (void)one.connection->open_stream(kGossip, now());
    } else if (const auto* ready = std::get_if<wire::connection::StreamReady>(&*event)) {
      if (!ready->inbound) one.gossip = ready->stream;
    } else if (const auto* data = std::get_if<wire::connection::Data>(&*event)) {
      one.connection->consumed(data->stream, data->bytes.size());
    } else if (std::holds_alternative<wire::connection::Failed>(*event)) {
      return cut(one);
    }
  }
}

const std::vector<wire::SharedBytes>& Crowd::ammunition_of(const Stranger& one) const {
  switch (one.harm) {
    case Harm::kIhaveFlood:
      return ammunition_.ihaves;
    case Harm::kBadSignatures:
      return ammunition_.bad;
    case Harm::kOversizedFrames:
      return one.index % 2 == 0 ? ammunition_.oversized : ammunition_.slow;
    default:
      return ammunition_.subscriptions;
  }
}

void Crowd::shoot(Stranger& one) {
  if (!one.gossip || one.harm == Harm::kHalfOpen) return;
  const bool is_slow = one.harm == Harm::kOversizedFrames;
  if (is_slow && now().value < one.next_byte) return;
  one.next_byte = now().value + 1'000;
  if (one.harm == Harm::kNone) return shoot_honestly(one);
  const auto& shots = ammunition_of(one);
  do {
    if (!one.connection->has_stream(*one.gossip)) return cut(one);
    if (one.connection->queued_bytes(*one.gossip) > kQueuedMax) return;
    if (!one.connection->write(*one.gossip, shots[one.shots++ % shots.size()])) return;
    ++frames_;
  } while (!is_slow);
}

/// Each message once, by whoever has room.
void Crowd::shoot_honestly(Stranger& one) {
  if (one.shots++ == 0) (void)one.connection->write(*one.gossip, ammunition_.subscriptions[0]);
  while (next_honest_ < ammunition_.honest.size()) {
    if (!one.connection->has_stream(*one.gossip)) return cut(one);
    if (one.connection->queued_bytes(*one.gossip) > kQueuedMax / 8) return;
    if (!one.connection->write(*one.gossip, ammunition_.honest[next_honest_])) return;
    ++next_honest_;
  }
}

void Crowd::refill(Stranger& one) {
  if (one.written < one.out.size()) return;
  one.out.clear();
  one.written = 0;
  if (one.harm == Harm::kSlowHandshake) {
    if (now().value < one.next_byte) return;
    one.next_byte = now().value + 1'000;
    one.out = {one.shots == 0 ? std::uint8_t{0x13} : std::uint8_t{'/'}};
    ++one.shots;
  } else if (one.harm == Harm::kGarbage) {
    one.out.assign(1'024, static_cast<std::uint8_t>(one.index));
  } else if (one.connection) {
    shoot(one);
    if (one.connection && one.connection->has_output()) {
      one.connection->take_output(one.out, plain_, 60'000);
    }
  }
}

void Crowd::write(Stranger& one) {
  for (int i = 0; i < 2 && one.fd >= 0; ++i) {
    refill(one);
    if (one.written == one.out.size()) return;
    const ssize_t sent =
        ::send(one.fd, one.out.data() + one.written, one.out.size() - one.written, MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) return cut(one);
    if (sent < 0) return;
    bytes_ += static_cast<std::uint64_t>(sent);
    one.written += static_cast<std::size_t>(sent);
  }
}

bool Crowd::has_work(const Stranger& one, std::uint64_t millis) const {
  if (one.is_connecting || one.written < one.out.size()) return true;
  if (one.harm == Harm::kSlowHandshake) return millis >= one.next_byte;
  if (one.connection && one.connection->has_output()) return true;
  if (one.harm == Harm::kNone) {
    return one.gossip && (one.shots == 0 || next_honest_ < ammunition_.honest.size());
  }
  if (one.harm == Harm::kOversizedFrames) return one.gossip && millis >= one.next_byte;
  return one.harm == Harm::kGarbage || (one.gossip && one.harm != Harm::kHalfOpen);
}

void Crowd::report(int out) const {
  std::size_t connected = 0;
  for (const auto& one : all_) {
    if (one->fd >= 0 && !one->is_connecting) ++connected;
  }
  std::array<char, 200> line{};
  const int size = std::snprintf(
      line.data(), line.size(),
      "hostile connected=%zu dials=%llu upgraded=%llu frames=%llu bytes=%llu cpu_us=%llu\n",
      connected, static_cast<unsigned long long>(dials_),
      static_cast<unsigned long long>(upgraded_), static_cast<unsigned long long>(frames_),
      static_cast<unsigned long long>(bytes_), static_cast<unsigned long long>(cpu_micros()));
  (void)!::write(out, line.data(), static_cast<std::size_t>(size));
}

bool Crowd::turn(int in, int out) {
  const std::uint64_t millis = now().value;
  std::vector<pollfd> polled{{in, POLLIN, 0}};
  std::vector<Stranger*> who{nullptr};
  for (const auto& one : all_) {
    if (one->fd < 0 && millis >= one->next_dial) dial(*one);
    if (one->fd < 0) continue;
    const bool reads = one->harm != Harm::kHalfOpen || !one->gossip;
    short events = reads ? POLLIN : 0;
    if (has_work(*one, millis)) events = static_cast<short>(events | POLLOUT);
    polled.push_back({one->fd, events, 0});
    who.push_back(one.get());
  }
  (void)::poll(polled.data(), polled.size(), 50);
  if (polled[0].revents != 0) {
    char byte = 0;
    if (::read(in, &byte, 1) != 1) return false;
    report(out);
  }
  for (std::size_t i = 1; i < polled.size(); ++i) {
    Stranger& one = *who[i];
    const short seen = polled[i].revents;
    if ((seen & (POLLERR | POLLHUP | POLLNVAL)) != 0) {
      cut(one);
      continue;
    }
    if (one.is_connecting && (seen & POLLOUT) != 0) begin(one);
    if ((seen & POLLIN) != 0) read(one);
    if (one.fd >= 0 && (seen & POLLOUT) != 0) write(one);
  }
  return true;
}

}  // namespace

const char* name_of(Harm harm) {
  constexpr std::array<const char*, kHarmCount + 1> kNames{
      "slow_handshake",   "half_open", "subscription_flood", "ihave_flood", "bad_signatures",
      "oversized_frames", "garbage",   "handshake_flood",    "none"};
  return kNames[static_cast<std::size_t>(harm)];
}

bool take_priority(int priority) {
  sched_param parameters{};
  parameters.sched_priority = priority;
  return std::getenv("PRECONF_BENCH_REALTIME") != nullptr &&
         ::sched_setscheduler(0, SCHED_RR, &parameters) == 0;
}

void run_hostile_peers(int in, int out, std::uint16_t port, int connections, int only) {
  if (!take_priority(1)) (void)!::nice(10);
  Crowd crowd(port, connections, only);
  while (crowd.turn(in, out)) {
  }
  std::_Exit(0);
}

}  // namespace preconf::bench
