#include "replay/event_stream.hpp"

#include <utility>

namespace preconf::replay {
namespace {

/// A hand-over between cores costs tens of microseconds: some hundred events make it negligible.
constexpr std::size_t kRunEvents = 256;
/// Runs read ahead; bounds memory at about 2 MB of small events.
constexpr std::size_t kRunsAhead = 8;

}  // namespace

EventStream::EventStream(const storage::EventLog& log, Span span,
                         std::function<void(const EventRunPtr&)> tap)
    : log_(log), span_(span), tap_(std::move(tap)), queue_(kRunsAhead) {
  thread_ = std::thread([this] { run(); });
}

EventStream::~EventStream() {
  is_stopping_ = true;
  queue_.cancel();
  thread_.join();
}

EventRunPtr EventStream::next() { return queue_.pop().value_or(nullptr); }

void EventStream::run() {
  const auto reader = log_.read(span_.from);
  std::uint64_t left = span_.until < span_.from ? 0 : span_.until.value - span_.from.value + 1;
  bool is_at_end = false;
  while (!is_at_end && left > 0 && !is_stopping_) {
    auto run = std::make_shared<EventRun>();
    run->reserve(std::min<std::uint64_t>(kRunEvents, left));
    while (run->size() < kRunEvents && left > 0) {
      auto read = reader->next();
      if (!read) failure_ = read.error();
      is_at_end = !read || !read->has_value();
      if (is_at_end) break;
      run->push_back(std::move(**read));
      --left;
    }
    if (run->empty()) break;
    if (tap_) tap_(run);
    if (!queue_.push(std::move(run))) break;
  }
  queue_.close();
}

}  // namespace preconf::replay
