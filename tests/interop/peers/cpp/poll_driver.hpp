// A second driver of the swarm, on poll(2): sockets of the loopback, one thread, no Asio. What it
// and io/p2p have in common is only io/wire, so an interoperability fault has one place to be in.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "io/wire/swarm.hpp"

namespace preconf::interop {

/// Milliseconds of a clock that never goes back.
[[nodiscard]] core::Millis now();
/// 32 bytes of the system's random source.
[[nodiscard]] io::wire::X25519Secret random_secret();

class PollDriver {
 public:
  using OnAction = std::function<void(io::wire::SwarmAction&)>;
  using OnLine = std::function<void(std::string_view)>;

  /// `on_action` gets what is for the application.
  PollDriver(io::wire::Swarm& swarm, OnAction on_action);
  ~PollDriver();
  PollDriver(const PollDriver&) = delete;
  PollDriver& operator=(const PollDriver&) = delete;

  /// Listens on an IPv4 address; its port, chosen by the system when 0 was asked for.
  [[nodiscard]] std::uint16_t listen(const io::wire::Multiaddr& address);
  /// Until standard input ends; each line of it goes to `on_line`. After every turn of the loop
  /// `on_turn` is called.
  void run(const OnLine& on_line, const std::function<void()>& on_turn);

 private:
  struct Socket {
    int fd = -1;
    bool connecting = false;
    bool closing = false;  ///< close when `out` is written
    bool has_output = false;
    core::Bytes out;
    std::size_t written = 0;
  };
  using Sockets = std::map<io::wire::ConnId, Socket>;

  void pump();
  void dial(const io::wire::swarm::Dial& order);
  void on_close(const io::wire::swarm::Close& order);
  void accept_all();
  void on_connected(io::wire::ConnId conn, Socket& socket);
  void read_some(io::wire::ConnId conn, Socket& socket);
  void write_some(io::wire::ConnId conn, Socket& socket);
  void lost(io::wire::ConnId conn);
  void erase(io::wire::ConnId conn);

  io::wire::Swarm& swarm_;
  OnAction on_action_;
  int listener_ = -1;
  Sockets sockets_;
  std::string input_;
};

}  // namespace preconf::interop
