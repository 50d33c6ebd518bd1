// Inside of TcpLinks, for its sources only.
//
// No operation holds a buffer: sockets are waited for and then read and written without blocking,
// so a link may be forgotten at any moment. Handlers carry the id of their link and look it up.
#pragma once

#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <map>
#include <vector>

#include "io/p2p/fair_turns.hpp"
#include "io/p2p/tcp_links.hpp"

namespace preconf::io {

/// From the question to the name server to the connection.
inline constexpr std::chrono::seconds kDialTimeout{10};
/// For what was taken before a close that is not at once.
inline constexpr std::chrono::seconds kFarewellTimeout{5};
/// Pause after a failed accept (out of descriptors): accepting again at once would spin.
inline constexpr std::chrono::milliseconds kAcceptPause{100};
/// Waiting connections of the kernel; the deployed peers have the same.
inline constexpr int kListenBacklog = 1'024;
/// Addresses of one name that are tried.
inline constexpr std::size_t kDialEndpointsMax = 8;
/// What is read, and how long is read and then written, before the sockets are looked at again:
/// new arrivals of those who send little come before the rest of a flood.
inline constexpr std::size_t kReadBytesPerPass = 65'536;
inline constexpr std::uint64_t kMicrosPerPass = 1'000;

struct TcpLinks::Impl {
  using Tcp = boost::asio::ip::tcp;

  struct Link {
    explicit Link(Tcp::socket accepted) : socket(std::move(accepted)) {}

    Tcp::socket socket;
    core::Bytes output;  ///< taken from the user, written up to `written`
    std::size_t written = 0;
    bool has_output = false;   ///< the user has more
    bool write_waits = false;  ///< the socket is full, a wait is on
    bool is_farewell = false;  ///< forgotten by the user; ends when output is written
  };
  /// Until a dial has a link, or has failed.
  struct Dialing {
    Dialing(boost::asio::io_context& context, wire::Multiaddr given)
        : address(std::move(given)), resolver(context), socket(context), deadline(context) {}

    wire::Multiaddr address;
    Tcp::resolver resolver;
    Tcp::socket socket;
    boost::asio::steady_timer deadline;
    std::vector<Tcp::endpoint> endpoints;
    std::size_t tried = 0;
    wire::DialError error = wire::DialError::kUnreachable;  ///< of the last endpoint
  };

  Impl(EventLoop& loop, TcpLinksUser& receiver);

  void accept_next();
  void on_accept(const boost::system::error_code& error, Tcp::socket socket);

  void resolve(wire::ConnId conn);
  void on_resolved(wire::ConnId conn, const boost::system::error_code& error,
                   const Tcp::resolver::results_type& results);
  void connect_next(wire::ConnId conn);
  void on_connected(wire::ConnId conn, std::size_t attempt, const boost::system::error_code& error);
  void fail_dial(wire::ConnId conn, wire::DialError error);

  Link& add_link(wire::ConnId conn, Tcp::socket socket);
  [[nodiscard]] Link* find(wire::ConnId conn);
  void wait_to_read(wire::ConnId conn, Link& link);
  void on_readable(wire::ConnId conn, const boost::system::error_code& error);
  void pass_soon();
  void read_pass();
  void write_pass();
  std::size_t read_turn(const FairTurns::Turn& turn);
  void write_turn(wire::ConnId conn);
  void write_soon(wire::ConnId conn, const Link& link);
  void erase_link(wire::ConnId conn);
  bool write_some(wire::ConnId conn, Link& link);
  void wait_to_write(wire::ConnId conn, Link& link);
  void break_link(wire::ConnId conn);
  void say_farewell(wire::ConnId conn, Link& link);

  boost::asio::io_context& context;
  TcpLinksUser& user;
  std::optional<Tcp::acceptor> acceptor;
  boost::asio::steady_timer accept_pause;
  std::map<wire::ConnId, std::unique_ptr<Link>> links;
  std::map<wire::ConnId, std::unique_ptr<Dialing>> dials;
  std::map<wire::ConnId, boost::asio::steady_timer> farewells;
  FairTurns reads;
  FairTurns writes;
  bool is_pass_posted = false;
  std::array<std::uint8_t, kTurnBytesMax> read_buffer{};
};

}  // namespace preconf::io
