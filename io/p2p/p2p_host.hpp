// The peer-to-peer host: a Swarm with sockets, clock and random source, on an event loop.
//
// What the swarm tells the application comes out of one function, on the loop's thread; what the
// application wants goes in by calls of the swarm, on the same thread (see post()).
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/base/result.hpp"
#include "io/loop/event_loop.hpp"
#include "io/wire/swarm.hpp"

namespace preconf::io {

struct P2pHostOptions {
  wire::SwarmConfig swarm;
  std::string listen_address;                 ///< numeric; empty: dials only
  std::uint16_t listen_port = 0;              ///< 0: any
  std::optional<wire::Multiaddr> advertised;  ///< told to peers instead of the bound address
};

class P2pHost {
 public:
  /// Everything but Dial, HasOutput and Close, which the host does itself.
  using OnEvent = std::function<void(wire::SwarmAction event)>;

  /// `loop` and `identity` outlive it. Destroy it when the loop runs no more.
  P2pHost(EventLoop& loop, P2pHostOptions options, const wire::Identity& identity,
          OnEvent on_event);
  ~P2pHost();
  P2pHost(const P2pHost&) = delete;
  P2pHost& operator=(const P2pHost&) = delete;

  /// Listens and dials from now on; before the loop runs or on its thread. The address it listens
  /// on (none: dials only), or what the system said.
  [[nodiscard]] core::Result<std::optional<wire::Multiaddr>, std::string> start();

  /// Loop thread. The swarm; done() must be called after using it.
  [[nodiscard]] wire::Swarm& swarm();
  [[nodiscard]] core::Millis now() const;
  /// Does what the swarm wants, until it wants nothing. Called from within on_event it leaves the
  /// work to the caller of on_event.
  void done();
  /// Any thread: runs `function` on the loop's thread, then done().
  void post(std::function<void(P2pHost&)> function);

  /// Loop thread. No new peers; everything that is open is ended in an orderly way. `when_down` is
  /// called once, on the loop's thread, when that is done.
  void shut_down(std::function<void()> when_down);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace preconf::io
