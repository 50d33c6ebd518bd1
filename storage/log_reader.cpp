#include "storage/event_log_impl.hpp"

namespace preconf::storage {

namespace {
constexpr std::size_t kChunkEvents = 256;
constexpr std::size_t kChunksAhead = 4;
/// Below this a thread costs more than it saves.
constexpr std::uint64_t kReadAheadEventsMin = 4'096;
}  // namespace

ReadAhead::ReadAhead(RecordScanner& scanner)
    : scanner_(scanner), thread_([this] { scan_loop(); }) {}

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

core::Result<bool, StorageFailure> ReadAhead::next_into(LoggedEvent& out) {
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
  std::swap(out, current_.events[position_]);
  ++position_;
  return true;
}

LogReader::LogReader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
LogReader::~LogReader() = default;

core::Result<bool, StorageFailure> LogReader::next_into(LoggedEvent& out) {
  if (!impl_->decided) {
    impl_->decided = true;
    if (impl_->scanner.left() >= kReadAheadEventsMin) impl_->ahead.emplace(impl_->scanner);
  }
  return impl_->ahead ? impl_->ahead->next_into(out) : impl_->scanner.next_into(out);
}

core::Result<std::optional<LoggedEvent>, StorageFailure> LogReader::next() {
  std::optional<LoggedEvent> out(std::in_place);
  const auto more = next_into(*out);
  if (!more) return core::Unexpected{more.error()};
  if (!*more) out.reset();
  return out;
}

}  // namespace preconf::storage
