#include "storage/log_writer.hpp"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "core/limits.hpp"

namespace preconf::storage {

using core::Seq;

namespace {

/// The high-water mark is written at most this often while events keep coming.
constexpr auto kMarkInterval = std::chrono::milliseconds(50);
constexpr std::uint64_t kMarkEvents = 4'096;
/// A record is its payload and some 300 bytes; good enough to bound a commit.
constexpr std::size_t kRecordBytesEstimate = 1'024;

std::size_t size_of(const EventBatch& batch) {
  std::size_t bytes = batch.events.size() * kRecordBytesEstimate;
  for (const Content& content : batch.contents) {
    if (content.bytes != nullptr) bytes += content.bytes->size();
  }
  return bytes;
}

Seq last_of(const EffectsDigests& group) {
  return Seq{group.first.value + group.digests.size() - 1};
}

}  // namespace

struct LogWriter::Impl {
  Impl(EventLog& event_log, WriterCallbacks on) : log(event_log), callbacks(std::move(on)) {}

  void write_loop();
  void mark_loop();
  bool commit(const std::vector<std::shared_ptr<const EventBatch>>& taken,
              const std::vector<EffectsDigests>& groups);
  void take_batches(std::vector<std::shared_ptr<const EventBatch>>& out);
  void take_digests(Seq up_to, std::vector<EffectsDigests>& out);
  void stop_with(StorageFailure failure);

  EventLog& log;
  WriterCallbacks callbacks;

  std::mutex mutex;
  std::condition_variable work;  ///< batches, digests, stopping, or a failed mark
  std::condition_variable mark;  ///< durable moved, or everything is written
  // All below: guarded by mutex.
  std::deque<std::shared_ptr<const EventBatch>> batches;
  std::deque<EffectsDigests> digests;
  std::size_t backlog = 0;
  LogPosition durable;
  LogPosition marked;  ///< what the mark on disk names
  bool stopping = false;
  bool finished = false;  ///< the writer thread has written its last
  bool failed = false;
  std::optional<StorageFailure> mark_failure;

  std::thread writer_thread;
  std::thread mark_thread;
};

/// Takes what fits one commit, at least one batch. Requires the mutex and a batch.
void LogWriter::Impl::take_batches(std::vector<std::shared_ptr<const EventBatch>>& out) {
  std::size_t events = 0;
  std::size_t bytes = 0;
  while (!batches.empty()) {
    events += batches.front()->events.size();
    bytes += size_of(*batches.front());
    const bool fits =
        events <= core::limits::kBatchEventsMax && bytes <= core::limits::kBatchBytesMax;
    if (!out.empty() && !fits) return;
    out.push_back(std::move(batches.front()));
    batches.pop_front();
  }
}

/// Digests wait until the events that they belong to are written. Requires the mutex.
void LogWriter::Impl::take_digests(Seq up_to, std::vector<EffectsDigests>& out) {
  while (!digests.empty() && last_of(digests.front()) <= up_to) {
    out.push_back(std::move(digests.front()));
    digests.pop_front();
  }
}

void LogWriter::Impl::stop_with(StorageFailure failure) {
  {
    const std::lock_guard lock(mutex);
    failed = true;
    batches.clear();
    digests.clear();
  }
  if (callbacks.on_failure) callbacks.on_failure(std::move(failure));
}

bool LogWriter::Impl::commit(const std::vector<std::shared_ptr<const EventBatch>>& taken,
                             const std::vector<EffectsDigests>& groups) {
  std::vector<const EventBatch*> pointers;
  pointers.reserve(taken.size());
  std::size_t events = 0;
  for (const auto& batch : taken) {
    pointers.push_back(batch.get());
    events += batch->events.size();
  }
  const bool sync = !taken.empty();
  auto position = log.append(pointers, groups, sync);
  if (!position) {
    stop_with(position.error());
    return false;
  }
  if (!sync) return true;
  {
    const std::lock_guard lock(mutex);
    durable = *position;
    backlog -= events;
  }
  mark.notify_one();
  if (callbacks.on_durable) callbacks.on_durable(*position);
  return true;
}

void LogWriter::Impl::write_loop() {
  for (;;) {
    std::vector<std::shared_ptr<const EventBatch>> taken;
    std::vector<EffectsDigests> groups;
    std::optional<StorageFailure> failure;
    {
      std::unique_lock lock(mutex);
      const auto digests_ready = [this] {
        return !digests.empty() && last_of(digests.front()) <= durable.seq;
      };
      work.wait(lock, [&] {
        return !batches.empty() || digests_ready() || stopping || mark_failure.has_value();
      });
      if (mark_failure) {
        failure = std::move(mark_failure);
      } else if (!batches.empty()) {
        take_batches(taken);
        take_digests(taken.back()->events.empty() ? durable.seq : taken.back()->events.back().seq,
                     groups);
      } else if (digests_ready()) {
        take_digests(durable.seq, groups);
      } else {
        break;
      }
    }
    if (failure) {
      stop_with(std::move(*failure));
      break;
    }
    if (!commit(taken, groups)) break;
  }
  const std::lock_guard lock(mutex);
  finished = true;
  mark.notify_one();
}

void LogWriter::Impl::mark_loop() {
  std::unique_lock lock(mutex);
  auto last_write = std::chrono::steady_clock::now() - kMarkInterval;
  for (;;) {
    mark.wait(lock, [&] { return durable.seq > marked.seq || finished; });
    mark.wait_until(lock, last_write + kMarkInterval, [&] {
      return finished || durable.seq.value - marked.seq.value >= kMarkEvents;
    });
    const bool last = finished;
    if (durable.seq > marked.seq) {
      const LogPosition target = durable;
      lock.unlock();
      const auto result = log.write_high_water_mark(target);
      last_write = std::chrono::steady_clock::now();
      lock.lock();
      if (!result) {
        mark_failure = result.error();
        work.notify_one();
        return;
      }
      marked = target;
    }
    if (last) return;
  }
}

LogWriter::LogWriter(EventLog& log, WriterCallbacks callbacks)
    : impl_(std::make_unique<Impl>(log, std::move(callbacks))) {
  // Before the threads: the first events may be durable before the mark's thread has begun.
  impl_->durable = impl_->marked = log.end();
  impl_->writer_thread = std::thread([impl = impl_.get()] { impl->write_loop(); });
  impl_->mark_thread = std::thread([impl = impl_.get()] { impl->mark_loop(); });
}

LogWriter::~LogWriter() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
  }
  impl_->work.notify_one();
  impl_->writer_thread.join();
  impl_->mark_thread.join();
}

void LogWriter::submit(std::shared_ptr<const EventBatch> batch) {
  {
    const std::lock_guard lock(impl_->mutex);
    if (impl_->failed || impl_->stopping) return;
    impl_->backlog += batch->events.size();
    impl_->batches.push_back(std::move(batch));
  }
  impl_->work.notify_one();
}

void LogWriter::submit_digests(EffectsDigests digests) {
  if (digests.digests.empty()) return;
  {
    const std::lock_guard lock(impl_->mutex);
    if (impl_->failed || impl_->stopping) return;
    impl_->digests.push_back(std::move(digests));
  }
  impl_->work.notify_one();
}

std::size_t LogWriter::backlog() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->backlog;
}

}  // namespace preconf::storage
