// A peer made of nothing but a Connection, joined to a swarm without a network between: it speaks
// what a test says, also what no honest peer would.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "io/wire/connection.hpp"
#include "io/wire/swarm.hpp"

namespace preconf::io::wire::test {

struct RawPeer {
  /// Dials the swarm. Names that outlive it: `swarm`, `now`.
  RawPeer(Swarm& swarm_in, std::uint8_t key, std::vector<std::string> served_in,
          const core::Millis& now_in)
      : swarm(&swarm_in),
        now(&now_in),
        served(std::move(served_in)),
        identity(identity_of(key)),
        connection(Direction::kOutbound, identity, keys_of(key), {}, served, now_in) {
    Multiaddr address;
    address.ip = {10, 1, 1, key};
    address.tcp_port = std::uint16_t{1'234};
    X25519Secret ephemeral;
    ephemeral.bytes.fill(static_cast<std::uint8_t>(key + 100));
    conn = *swarm->on_accepted(address, ephemeral, *now);
  }

  /// Moves bytes both ways until nobody has any. Actions of the swarm land in `actions`.
  void pump(std::vector<SwarmAction>& actions) {
    for (bool moved = true; moved;) {
      moved = false;
      while (auto action = swarm->next_action()) {
        const auto* close = std::get_if<swarm::Close>(&*action);
        if (close != nullptr && close->conn == conn) closed = close->reason;
        actions.push_back(std::move(*action));
      }
      core::Bytes in;
      while (reads && swarm->take_output(conn, in, *now)) {
      }
      if (!in.empty()) receive(in);
      core::Bytes out;
      while (connection.has_output()) connection.take_output(out, plain, 60'000);
      if (!out.empty()) swarm->on_bytes(conn, out, *now);
      moved = !in.empty() || !out.empty();
    }
  }

  void receive(core::BytesView in) {
    connection.on_bytes(in, scratch, *now);
    while (const auto event = connection.next_event(*now)) {
      if (const auto* ready = std::get_if<connection::StreamReady>(&*event)) {
        (ready->inbound ? opened : agreed).emplace_back(ready->stream, ready->protocol);
      } else if (const auto* data = std::get_if<connection::Data>(&*event)) {
        core::Bytes& got = received[data->stream];
        got.insert(got.end(), data->bytes.begin(), data->bytes.end());
        connection.consumed(data->stream, data->bytes.size());
      } else if (const auto* reset = std::get_if<connection::Reset>(&*event)) {
        resets.push_back(reset->stream);
      } else if (const auto* refused = std::get_if<connection::StreamRefused>(&*event)) {
        resets.push_back(refused->stream);
      } else if (const auto* ended = std::get_if<connection::Ended>(&*event)) {
        ended_streams.push_back(ended->stream);
      }
    }
  }

  /// A stream of `protocol` with `bytes` written behind the proposal.
  StreamId open(const std::string& protocol, core::Bytes bytes, bool finish = false) {
    wanted.push_back({protocol});
    const StreamId stream = *connection.open_stream(wanted.back(), *now);
    (void)connection.write(stream, share(std::move(bytes)));
    if (finish) connection.finish(stream);
    return stream;
  }

  static Identity identity_of(std::uint8_t key) {
    Identity::Secret secret;
    secret.bytes.fill(key);
    return *Identity::from_secret(KeyType::kEd25519, secret);
  }
  static NoiseXx::Keys keys_of(std::uint8_t key) {
    NoiseXx::Keys keys;
    keys.fixed.bytes.fill(key);
    keys.ephemeral.bytes.fill(static_cast<std::uint8_t>(key + 50));
    return keys;
  }

  Swarm* swarm;
  const core::Millis* now;
  std::vector<std::string> served;
  Identity identity;
  Connection connection;
  ConnId conn;
  bool reads = true;
  core::Bytes scratch;
  core::Bytes plain;
  std::deque<std::vector<std::string>> wanted;
  std::vector<std::pair<StreamId, std::size_t>> opened;  ///< by the swarm: stream, index in served
  std::vector<std::pair<StreamId, std::size_t>> agreed;  ///< of ours
  std::map<StreamId, core::Bytes> received;
  std::vector<StreamId> resets;
  std::vector<StreamId> ended_streams;
  std::optional<CloseReason> closed;
};

}  // namespace preconf::io::wire::test
