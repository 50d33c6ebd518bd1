#include "replay/event_stream.hpp"

#include <algorithm>
#include <utility>

namespace preconf::replay {
namespace {

/// A hand-over between cores costs tens of microseconds: some hundred events make it negligible.
constexpr std::size_t kRunEvents = 256;

}  // namespace

EventStream::EventStream(const storage::EventSource& log, Span span)
    : reader_(log.read(span.from)), until_(span.until), is_done_(span.until < span.from) {}

std::shared_ptr<EventRun> EventStream::take_run() {
  std::unique_ptr<EventRun> run;
  {
    const std::lock_guard lock(pool_->mutex);
    if (!pool_->runs.empty()) {
      run = std::move(pool_->runs.back());
      pool_->runs.pop_back();
    }
  }
  if (run == nullptr) run = std::make_unique<EventRun>();
  const auto give_back = [pool = pool_](EventRun* used) {
    std::unique_ptr<EventRun> owner(used);
    const std::lock_guard lock(pool->mutex);
    pool->runs.push_back(std::move(owner));
  };
  return {run.release(), give_back};
}

EventRunPtr EventStream::next() {
  if (failure_ || is_done_) return nullptr;
  std::shared_ptr<EventRun> run = take_run();
  const auto more = reader_->next_run(*run, kRunEvents);
  if (!more) failure_ = more.error();
  is_done_ = !more || !*more;
  if (is_done_) return nullptr;
  // Seqs are not dense where events were lost: the end is a position, not a number of events.
  is_done_ = run->back().event.seq >= until_;
  while (!run->empty() && run->back().event.seq > until_) run->pop_back();
  return run->empty() ? nullptr : EventRunPtr(std::move(run));
}

}  // namespace preconf::replay
