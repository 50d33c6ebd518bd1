#include "io/loop/event_loop.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <utility>

#include "io/loop/asio_loop.hpp"

namespace preconf::io {

namespace asio = boost::asio;

EventLoop::EventLoop() : impl_(std::make_unique<Impl>()) {}
EventLoop::~EventLoop() = default;

void EventLoop::run() {
  {
    const auto guard = asio::make_work_guard(impl_->context);
    impl_->context.run();
  }
  impl_->context.restart();  // here, not before: a stop() that comes before run() must count
}

void EventLoop::stop() { impl_->context.stop(); }

void EventLoop::post(Function function) { asio::post(impl_->context, std::move(function)); }

TimerHandle EventLoop::arm(std::chrono::nanoseconds delay, Function function) {
  const std::uint64_t id = ++impl_->last_timer;
  auto [entry, inserted] = impl_->timers.emplace(
      id, Impl::Timer{asio::steady_timer(impl_->context, delay), std::move(function)});
  entry->second.timer.async_wait([impl = impl_.get(), id](const boost::system::error_code&) {
    // Whether the timer still counts is decided by the table: cancel() may come after expiry.
    const auto found = impl->timers.find(id);
    if (found == impl->timers.end()) return;
    const Function fire = std::move(found->second.function);
    impl->timers.erase(found);
    fire();
  });
  return TimerHandle{id};
}

bool EventLoop::cancel(TimerHandle handle) { return impl_->timers.erase(handle.id) != 0; }

void EventLoop::on_signals(const std::vector<int>& signals, std::function<void(int)> function) {
  impl_->on_signal = std::move(function);
  impl_->signals.reset();
  impl_->signals.emplace(impl_->context);
  for (const int signal : signals) impl_->signals->add(signal);
  impl_->wait_for_signal();
}

void EventLoop::Impl::wait_for_signal() {
  signals->async_wait([this](const boost::system::error_code& error, int signal) {
    if (error) return;
    on_signal(signal);
    wait_for_signal();
  });
}

}  // namespace preconf::io
