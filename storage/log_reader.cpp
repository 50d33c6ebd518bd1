#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "storage/event_source.hpp"

namespace preconf::storage {

namespace {
constexpr std::size_t kChunkEvents = 256;
constexpr std::size_t kChunksAhead = 4;
/// Below this a thread costs more than it saves.
constexpr std::uint64_t kReadAheadEventsMin = 4'096;
}  // namespace

/// Runs a scanner on a thread of its own, a bounded number of events ahead of its user: reading,
/// hashing and decoding then overlap with what is done with the events.
class ReadAhead {
 public:
  explicit ReadAhead(EventScanner& scanner);
  ~ReadAhead();
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;
  [[nodiscard]] core::Result<bool, StorageFailure> next_into(LoggedEvent& out);
  [[nodiscard]] core::Result<bool, StorageFailure> next_run(std::vector<LoggedEvent>& run,
                                                            std::size_t most);

 private:
  struct Chunk {
    std::vector<LoggedEvent> events;
    std::size_t used = 0;  ///< of `events`; the others are buffers to reuse
    bool last = false;
    std::optional<StorageFailure> failure;  ///< after the used events; implies last
  };
  void scan_loop();
  void fill(Chunk& chunk);
  /// True: current_ holds an event at position_.
  [[nodiscard]] core::Result<bool, StorageFailure> have_event();

  EventScanner& scanner_;
  Chunk current_;
  std::size_t position_ = 0;  ///< in current_

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Chunk> ready_;      ///< guarded by mutex_
  std::vector<Chunk> recycled_;  ///< guarded by mutex_
  bool stopping_ = false;        ///< guarded by mutex_
  std::thread thread_;
};

ReadAhead::ReadAhead(EventScanner& scanner) : scanner_(scanner), thread_([this] { scan_loop(); }) {}

ReadAhead::~ReadAhead() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void ReadAhead::fill(Chunk& chunk) {
  chunk.used = 0;
  while (chunk.used < kChunkEvents) {
    if (chunk.used == chunk.events.size()) chunk.events.emplace_back();
    const auto more = scanner_.next_into(chunk.events[chunk.used]);
    if (!more) chunk.failure = more.error();
    if (!more || !*more) {
      chunk.last = true;
      return;
    }
    ++chunk.used;
  }
}

void ReadAhead::scan_loop() {
  for (bool last = false; !last;) {
    Chunk chunk;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return stopping_ || ready_.size() < kChunksAhead; });
      if (stopping_) return;
      if (!recycled_.empty()) {
        chunk = std::move(recycled_.back());
        recycled_.pop_back();
      }
    }
    fill(chunk);
    last = chunk.last;
    {
      const std::lock_guard lock(mutex_);
      ready_.push_back(std::move(chunk));
    }
    changed_.notify_all();
  }
}

core::Result<bool, StorageFailure> ReadAhead::have_event() {
  while (position_ == current_.used) {
    if (current_.failure) return core::Unexpected{*current_.failure};
    if (current_.last) return false;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return !ready_.empty(); });
      if (!current_.events.empty()) recycled_.push_back(std::move(current_));
      current_ = std::move(ready_.front());
      ready_.pop_front();
      position_ = 0;
    }
    changed_.notify_all();
  }
  return true;
}

core::Result<bool, StorageFailure> ReadAhead::next_into(LoggedEvent& out) {
  const auto more = have_event();
  if (!more || !*more) return more;
  std::swap(out, current_.events[position_]);
  ++position_;
  return true;
}

core::Result<bool, StorageFailure> ReadAhead::next_run(std::vector<LoggedEvent>& run,
                                                       std::size_t most) {
  const auto more = have_event();
  if (!more || !*more) return more;
  if (position_ == 0 && current_.used <= most) {
    std::swap(run, current_.events);
    run.resize(current_.used);
    position_ = current_.used;
    return true;
  }
  run.resize(std::min(most, current_.used - position_));
  for (LoggedEvent& event : run) std::swap(event, current_.events[position_++]);
  return true;
}

struct LogReader::Impl {
  explicit Impl(std::unique_ptr<EventScanner> events) : scanner(std::move(events)) {}
  const std::unique_ptr<EventScanner> scanner;
  std::optional<ReadAhead> ahead;  ///< for long scans only
  bool decided = false;

  void decide() {
    if (decided) return;
    decided = true;
    if (scanner->left() >= kReadAheadEventsMin) ahead.emplace(*scanner);
  }
};

LogReader::LogReader(std::unique_ptr<EventScanner> scanner)
    : impl_(std::make_unique<Impl>(std::move(scanner))) {}
LogReader::~LogReader() = default;

core::Result<bool, StorageFailure> LogReader::next_into(LoggedEvent& out) {
  impl_->decide();
  return impl_->ahead ? impl_->ahead->next_into(out) : impl_->scanner->next_into(out);
}

core::Result<bool, StorageFailure> LogReader::next_run(std::vector<LoggedEvent>& run,
                                                       std::size_t most) {
  impl_->decide();
  if (impl_->ahead) return impl_->ahead->next_run(run, most);
  run.resize(most);
  std::size_t count = 0;
  while (count < most) {
    const auto more = impl_->scanner->next_into(run[count]);
    // A failure comes again at the next call: what was read before it is not lost.
    if (!more && count == 0) return core::Unexpected{more.error()};
    if (!more || !*more) break;
    ++count;
  }
  run.resize(count);
  return count > 0;
}

core::Result<std::optional<LoggedEvent>, StorageFailure> LogReader::next() {
  std::optional<LoggedEvent> out(std::in_place);
  const auto more = next_into(*out);
  if (!more) return core::Unexpected{more.error()};
  if (!*more) out.reset();
  return out;
}

}  // namespace preconf::storage
