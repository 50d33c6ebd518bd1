#include "io/p2p/p2p_host.hpp"

#include <chrono>
#include <utility>

#include "io/clock.hpp"
#include "io/p2p/random.hpp"
#include "io/p2p/tcp_links.hpp"

namespace preconf::io {
namespace {

core::Millis monotonic_millis() { return core::Millis{mono_now().value / 1'000'000}; }

/// Does the address lead anywhere from outside this machine's own view of it?
bool is_specified(const wire::Multiaddr& address) {
  return std::any_of(address.ip.begin(), address.ip.end(), [](std::uint8_t b) { return b != 0; });
}

std::optional<wire::Multiaddr> listening_address(const TcpLinks::Listening& bound) {
  const bool is_v6 = bound.address.find(':') != std::string::npos;
  const auto parsed = wire::parse_multiaddr((is_v6 ? "/ip6/" : "/ip4/") + bound.address + "/tcp/" +
                                            std::to_string(bound.port));
  if (!parsed) return std::nullopt;
  return *parsed;
}

}  // namespace

struct P2pHost::Impl final : TcpLinksUser {
  Impl(EventLoop& event_loop, P2pHostOptions given, const wire::Identity& identity,
       OnEvent receiver)
      : loop(event_loop),
        options(std::move(given)),
        on_event(std::move(receiver)),
        swarm(options.swarm, identity, random_secret(), random_seed(), monotonic_millis()),
        links(event_loop, *this) {}

  [[nodiscard]] std::optional<wire::ConnId> accepted(const wire::Multiaddr& remote) override {
    const auto conn = swarm.on_accepted(remote, random_secret(), monotonic_millis());
    settle_soon();
    return conn;
  }
  void dialed(wire::ConnId conn, const wire::Multiaddr& remote) override {
    swarm.on_dialed(conn, remote, random_secret(), monotonic_millis());
    settle();
  }
  void dial_failed(wire::ConnId conn, wire::DialError error) override {
    swarm.on_dial_failed(conn, error, monotonic_millis());
    settle();
  }
  [[nodiscard]] bool is_trusted(wire::ConnId conn) const override { return swarm.is_trusted(conn); }
  void received(wire::ConnId conn, core::BytesView bytes) override {
    swarm.on_bytes(conn, bytes, monotonic_millis());
    settle();
  }
  void closed(wire::ConnId conn) override {
    swarm.on_closed(conn, monotonic_millis());
    settle();
  }
  [[nodiscard]] bool take_output(wire::ConnId conn, core::Bytes& out) override {
    const bool taken = swarm.take_output(conn, out, monotonic_millis());
    settle();
    return taken;
  }

  /// A link that is being accepted does not exist yet: what is to be sent on it comes after.
  void settle_soon() {
    if (std::exchange(is_settle_posted, true)) return;
    loop.post([this] {
      is_settle_posted = false;
      settle();
    });
  }

  void settle() {
    if (is_settling) return;  // whoever settles goes on until there is nothing
    is_settling = true;
    while (auto action = swarm.next_action()) perform(std::move(*action));
    is_settling = false;
    arm();
    if (when_down && swarm.is_down() && links.size() == 0) std::exchange(when_down, nullptr)();
  }

  void perform(wire::SwarmAction action) {
    if (const auto* dial = std::get_if<wire::swarm::Dial>(&action)) {
      links.dial(dial->conn, dial->address);
    } else if (const auto* output = std::get_if<wire::swarm::HasOutput>(&action)) {
      links.output_ready(output->conn);
    } else if (const auto* close = std::get_if<wire::swarm::Close>(&action)) {
      links.close(close->conn, close->at_once);
    } else {
      on_event(std::move(action));
    }
  }

  /// A timer that fires too early costs a look; one that fires too late costs a timeout.
  void arm() {
    const core::Millis deadline = swarm.next_deadline();
    if (timer.id != 0 && armed_for.value <= deadline.value) return;
    if (timer.id != 0) loop.cancel(timer);
    armed_for = deadline;
    const std::uint64_t delay = core::distance(monotonic_millis(), deadline);
    timer = loop.arm(std::chrono::milliseconds(delay), [this] {
      timer = {};
      swarm.on_time(monotonic_millis());
      settle();
    });
  }

  EventLoop& loop;
  P2pHostOptions options;
  OnEvent on_event;
  wire::Swarm swarm;
  TcpLinks links;
  bool is_settling = false;
  bool is_settle_posted = false;
  TimerHandle timer;
  core::Millis armed_for;
  std::function<void()> when_down;
};

P2pHost::P2pHost(EventLoop& loop, P2pHostOptions options, const wire::Identity& identity,
                 OnEvent on_event)
    : impl_(std::make_unique<Impl>(loop, std::move(options), identity, std::move(on_event))) {}
P2pHost::~P2pHost() = default;

core::Result<std::optional<wire::Multiaddr>, std::string> P2pHost::start() {
  std::optional<wire::Multiaddr> listening;
  std::vector<wire::Multiaddr> told;
  if (!impl_->options.listen_address.empty()) {
    const auto bound =
        impl_->links.listen(impl_->options.listen_address, impl_->options.listen_port);
    if (!bound) return core::Unexpected{bound.error()};
    listening = listening_address(*bound);
    if (listening && is_specified(*listening)) told.push_back(*listening);
  }
  if (impl_->options.advertised) told = {*impl_->options.advertised};
  impl_->swarm.set_listen_addresses(std::move(told), monotonic_millis());
  impl_->settle_soon();
  return listening;
}

wire::Swarm& P2pHost::swarm() { return impl_->swarm; }
core::Millis P2pHost::now() const { return monotonic_millis(); }
void P2pHost::done() { impl_->settle(); }

void P2pHost::post(std::function<void(P2pHost&)> function) {
  impl_->loop.post([this, function = std::move(function)] {
    function(*this);
    impl_->settle();
  });
}

void P2pHost::shut_down(std::function<void()> when_down) {
  impl_->when_down = std::move(when_down);
  impl_->links.stop_listening();
  impl_->swarm.shutdown(monotonic_millis());
  impl_->settle();
}

}  // namespace preconf::io
