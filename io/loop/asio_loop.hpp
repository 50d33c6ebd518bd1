// The Asio side of EventLoop, for sources of io/ only.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <map>
#include <optional>

#include "io/loop/event_loop.hpp"

namespace preconf::io {

struct EventLoop::Impl {
  struct Timer {
    boost::asio::steady_timer timer;
    Function function;
  };

  /// One thread runs the context, any may post: hint 1 keeps the locks that posting needs.
  boost::asio::io_context context{1};
  std::map<std::uint64_t, Timer> timers;
  std::uint64_t last_timer = 0;
  std::optional<boost::asio::signal_set> signals;
  std::function<void(int)> on_signal;

  void wait_for_signal();
};

}  // namespace preconf::io
