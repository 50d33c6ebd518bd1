#include "tests/wire/support/fake_network.hpp"

#include <algorithm>

#include "core/base/assert.hpp"

namespace preconf::io::wire::test {
namespace {

constexpr Millis kNever{UINT64_MAX};

Identity identity_of(std::size_t index, KeyType type) {
  Identity::Secret secret;
  secret.bytes[0] = 1;
  secret.bytes[30] = static_cast<std::uint8_t>(index >> 8);
  secret.bytes[31] = static_cast<std::uint8_t>(index);
  return *Identity::from_secret(type, secret);
}

}  // namespace

std::optional<PeerRef> FakeNode::peer(const PeerId& id) const {
  for (const PeerSummary& summary : swarm->peers()) {
    if (summary.id == id) return summary.peer;
  }
  return std::nullopt;
}

FakeNetwork::FakeNetwork(std::uint64_t seed, NetworkTraits traits) : prng(seed), traits_(traits) {}

Multiaddr FakeNetwork::address_of(std::size_t index) {
  Multiaddr address;
  address.ip = {10, 0, static_cast<std::uint8_t>(index / 250),
                static_cast<std::uint8_t>(index % 250 + 1)};
  address.tcp_port = std::uint16_t{9'000};
  return address;
}

FakeNode& FakeNetwork::add(SwarmConfig config, KeyType key) {
  const std::size_t index = nodes_.size();
  auto node = std::make_unique<FakeNode>(
      FakeNode{index, identity_of(index, key), address_of(index), nullptr, true, {}, {}, {}});
  config.listen_addresses = {node->address};
  node->swarm =
      std::make_unique<Swarm>(std::move(config), node->identity, secret(), prng.next(), now_);
  nodes_.push_back(std::move(node));
  frozen_.push_back(false);
  lost_.push_back(false);
  wakes_.push_back(kNever);
  settle(*nodes_.back());
  return *nodes_.back();
}

X25519Secret FakeNetwork::secret() {
  X25519Secret secret;
  for (auto& byte : secret.bytes) byte = static_cast<std::uint8_t>(prng.next());
  return secret;
}

Millis FakeNetwork::delay() {
  const std::uint64_t span = traits_.delay_max_ms - traits_.delay_min_ms + 1;
  return Millis{traits_.delay_min_ms + prng.below(span)};
}

void FakeNetwork::at(Millis when, std::function<void()> what) {
  events_.emplace(std::pair{std::max(when, now_), ++order_}, std::move(what));
}

bool FakeNetwork::run_until(const std::function<bool()>& done, std::uint64_t milliseconds) {
  const Millis end{now_.value + milliseconds};
  while (!done()) {
    if (events_.empty() || events_.begin()->first.first > end) {
      now_ = end;
      return done();
    }
    // A swarm that wants to be called again and again without time passing is stuck.
    same_time_ = events_.begin()->first.first == now_ ? same_time_ + 1 : 0;
    PRECONF_ASSERT(same_time_ < 1'000'000);
    now_ = events_.begin()->first.first;
    const auto what = std::move(events_.begin()->second);
    events_.erase(events_.begin());
    what();
  }
  return true;
}

void FakeNetwork::run(std::uint64_t milliseconds) {
  (void)run_until([] { return false; }, milliseconds);
}

void FakeNetwork::settle(FakeNode& node) {
  while (auto action = node.swarm->next_action()) act(node, std::move(*action));
  wake(node);
}

/// Schedules the node's next wake-up unless an earlier one is scheduled, which will look again.
void FakeNetwork::wake(FakeNode& node) {
  const Millis deadline = std::max(node.swarm->next_deadline(), now_);
  const std::size_t index = node.index;
  if (deadline == kNever || deadline >= wakes_[index]) return;
  wakes_[index] = deadline;
  at(deadline, [this, index, deadline] {
    if (wakes_[index] == deadline) wakes_[index] = kNever;
    FakeNode& woken = *nodes_[index];
    if (woken.swarm->next_deadline() <= now_) woken.swarm->on_time(now_);
    settle(woken);
  });
}

void FakeNetwork::act(FakeNode& node, SwarmAction action) {
  if (const auto* one = std::get_if<swarm::Dial>(&action)) {
    dial(node, *one);
  } else if (const auto* output = std::get_if<swarm::HasOutput>(&action)) {
    if (const auto wire = wire_of(node.index, output->conn)) send(*wire);
  } else if (const auto* ended = std::get_if<swarm::Close>(&action)) {
    node.closed.emplace_back(ended->conn, ended->reason);
    close(node.index, ended->conn);
  } else {
    node.told.push_back(std::move(action));
    if (node.application) node.application(node, node.told.back());
  }
}

void FakeNetwork::dial(FakeNode& node, const swarm::Dial& dial) {
  const std::size_t from = node.index;
  const ConnId conn = dial.conn;
  const auto target = std::find_if(nodes_.begin(), nodes_.end(), [&dial](const auto& other) {
    return other->address.ip == dial.address.ip;
  });
  const std::size_t to = static_cast<std::size_t>(target - nodes_.begin());
  at(Millis{now_.value + delay().value}, [this, from, conn, to] {
    if (to < nodes_.size() && (lost_[to] || lost_[from])) return;  // no answer: times out
    if (to < nodes_.size() && nodes_[to]->accepts) return connect(from, conn, to);
    nodes_[from]->swarm->on_dial_failed(conn, DialError::kRefused, now_);
    settle(*nodes_[from]);
  });
}

void FakeNetwork::connect(std::size_t from, ConnId conn, std::size_t to) {
  FakeNode& listener = *nodes_[to];
  const auto accepted = listener.swarm->on_accepted(nodes_[from]->address, secret(), now_);
  if (!accepted) {
    nodes_[from]->swarm->on_dial_failed(conn, DialError::kRefused, now_);
    return settle(*nodes_[from]);
  }
  const std::uint64_t near = ++last_wire_;
  const std::uint64_t far = ++last_wire_;
  wires_.emplace(near, Wire{from, conn, far, 0, now_, {}, false});
  wires_.emplace(far, Wire{to, *accepted, near, 0, now_, {}, false});
  wire_names_[{from, conn}] = near;
  wire_names_[{to, *accepted}] = far;
  nodes_[from]->swarm->on_dialed(conn, listener.address, secret(), now_);
  settle(*nodes_[from]);
  settle(listener);
}

std::optional<std::uint64_t> FakeNetwork::wire_of(std::size_t node, ConnId conn) const {
  const auto found = wire_names_.find({node, conn});
  return found == wire_names_.end() ? std::nullopt : std::optional(found->second);
}

/// Takes output while the socket has room, and sends it in pieces.
void FakeNetwork::send(std::uint64_t number) {
  while (true) {
    const auto found = wires_.find(number);
    if (found == wires_.end() || found->second.closing) return;
    Wire& wire = found->second;
    if (wire.under_way >= traits_.buffer_bytes) return;
    Bytes out;
    if (!nodes_[wire.node]->swarm->take_output(wire.conn, out, now_)) return;
    wire.under_way += out.size();
    const std::uint64_t other = wire.other;
    for (std::size_t done = 0; done < out.size();) {
      const std::size_t size =
          std::min<std::size_t>(1 + prng.below(traits_.piece_bytes_max), out.size() - done);
      const auto begin = out.begin() + static_cast<std::ptrdiff_t>(done);
      Bytes piece(begin, begin + static_cast<std::ptrdiff_t>(size));
      done += size;
      wire.last_arrival = std::max(wire.last_arrival, Millis{now_.value + delay().value});
      at(wire.last_arrival,
         [this, other, bytes = std::move(piece)]() mutable { arrive(other, std::move(bytes)); });
    }
  }
}

void FakeNetwork::arrive(std::uint64_t number, Bytes bytes) {
  const auto found = wires_.find(number);
  if (found == wires_.end()) return;
  Wire& wire = found->second;
  if (lost_[wire.node] || lost_[wires_.at(wire.other).node]) return;
  if (frozen_[wire.node]) {
    wire.unread.push_back(std::move(bytes));
    return;
  }
  read(number, bytes);
}

void FakeNetwork::read(std::uint64_t number, const Bytes& bytes) {
  const Wire& wire = wires_.at(number);
  const std::size_t node = wire.node;
  const std::uint64_t other = wire.other;
  const std::size_t other_node = wires_.at(other).node;
  wires_.at(other).under_way -= bytes.size();
  if (!wire.closing) {
    nodes_[node]->swarm->on_bytes(wire.conn, bytes, now_);
    settle(*nodes_[node]);
  }
  send(other);
  settle(*nodes_[other_node]);
}

/// This end closes: the other reads what is under way and then the end.
void FakeNetwork::close(std::size_t node, ConnId conn) {
  const auto number = wire_of(node, conn);
  if (!number) return;
  Wire& wire = wires_.at(*number);
  wire.closing = true;
  const std::uint64_t other = wire.other;
  const Millis when = std::max(wire.last_arrival, Millis{now_.value + delay().value});
  at(when, [this, other] { hang_up(other); });
}

/// Both ends are gone; the swarm of this one is told.
void FakeNetwork::hang_up(std::uint64_t number) {
  const auto found = wires_.find(number);
  if (found == wires_.end()) return;
  const Wire wire = std::move(found->second);
  const Wire other = wires_.at(wire.other);
  wires_.erase(number);
  wires_.erase(wire.other);
  wire_names_.erase({wire.node, wire.conn});
  wire_names_.erase({other.node, other.conn});
  for (const Wire& end : {wire, other}) {
    if (!end.closing) nodes_[end.node]->swarm->on_closed(end.conn, now_);
    settle(*nodes_[end.node]);
  }
}

bool FakeNetwork::cut_any() {
  if (wires_.empty()) return false;
  const auto skip = static_cast<std::ptrdiff_t>(prng.below(wires_.size()));
  hang_up(std::next(wires_.begin(), skip)->first);
  return true;
}

void FakeNetwork::cut(std::size_t node) {
  std::vector<std::uint64_t> numbers;
  for (const auto& [number, wire] : wires_) {
    if (wire.node == node) numbers.push_back(number);
  }
  for (const std::uint64_t number : numbers) hang_up(number);
}

void FakeNetwork::freeze(std::size_t node, bool frozen) {
  frozen_[node] = frozen;
  if (frozen) return;
  std::vector<std::uint64_t> numbers;
  for (const auto& [number, wire] : wires_) {
    if (wire.node == node) numbers.push_back(number);
  }
  for (const std::uint64_t number : numbers) {
    while (true) {
      const auto found = wires_.find(number);
      if (found == wires_.end() || found->second.unread.empty()) break;
      const Bytes bytes = std::move(found->second.unread.front());
      found->second.unread.pop_front();
      read(number, bytes);
    }
  }
}

void FakeNetwork::blackhole(std::size_t node, bool lost) { lost_[node] = lost; }

}  // namespace preconf::io::wire::test
