// TCP connections of the peer-to-peer host: sockets by connection id. Who may connect, what the
// bytes mean and what is sent is its user's business.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "core/base/result.hpp"
#include "io/loop/event_loop.hpp"
#include "io/wire/swarm_actions.hpp"

namespace preconf::io {

/// What happens to links, on the loop's thread. May call every function of TcpLinks.
class TcpLinksUser {
 public:
  virtual ~TcpLinksUser() = default;
  /// Somebody connected. Nothing: turn it away.
  [[nodiscard]] virtual std::optional<wire::ConnId> accepted(const wire::Multiaddr& remote) = 0;
  /// A dial succeeded; `remote` has the IP address that a name was resolved to.
  virtual void dialed(wire::ConnId conn, const wire::Multiaddr& remote) = 0;
  /// The link does not exist.
  virtual void dial_failed(wire::ConnId conn, wire::DialError error) = 0;
  /// Has the other side shown that it is worth being read before strangers?
  [[nodiscard]] virtual bool is_trusted(wire::ConnId conn) const = 0;
  virtual void received(wire::ConnId conn, core::BytesView bytes) = 0;
  /// The other side closed or the transport failed; the link is gone.
  virtual void closed(wire::ConnId conn) = 0;
  /// Appends what is to be sent next; false when there is nothing yet.
  [[nodiscard]] virtual bool take_output(wire::ConnId conn, core::Bytes& out) = 0;
};

/// Loop thread only. Holds no input between two calls of received(), and of output one
/// take_output() per link.
class TcpLinks {
 public:
  /// `user` outlives it. Destroy it when the loop runs no more.
  TcpLinks(EventLoop& loop, TcpLinksUser& user);
  ~TcpLinks();
  TcpLinks(const TcpLinks&) = delete;
  TcpLinks& operator=(const TcpLinks&) = delete;

  struct Listening {
    std::string address;  ///< numeric, as given
    std::uint16_t port = 0;
  };
  /// Accepts from now on. `address` is numeric, port 0 is any; the bound port, or what the system
  /// said. May be called before the loop runs.
  [[nodiscard]] core::Result<Listening, std::string> listen(const std::string& address,
                                                            std::uint16_t port);

  /// Resolves, connects; dialed() or dial_failed() follows, never from within, within kDialTimeout.
  /// All addresses of a name are tried, one after the other. /dnsaddr has no resolver here.
  void dial(wire::ConnId conn, const wire::Multiaddr& address);
  /// take_output() has something.
  void output_ready(wire::ConnId conn);
  /// Ends the link; no call of the user follows. Not `at_once`: what was taken is still written,
  /// for at most kFarewellTimeout.
  void close(wire::ConnId conn, bool at_once);
  /// Accepts nobody any more.
  void stop_listening();

  [[nodiscard]] std::size_t size() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace preconf::io
