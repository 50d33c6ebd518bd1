#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "storage/piecewise_scanner.hpp"

namespace preconf::storage {

namespace {
/// Few enough that a piece stays in a processor's cache from its bytes to the fold.
constexpr std::size_t kPieceEvents = 128;
constexpr std::size_t kPiecesAhead = 8;
/// Below this a thread costs more than it saves.
constexpr std::uint64_t kReadAheadEventsMin = 4'096;
}  // namespace

/// Runs a scanner on a thread of its own, a bounded number of events ahead of its user. Taking
/// pieces has precedence there, then come hashing and decoding; a user who would have to wait
/// decodes what lies there, so that two cores are busy whichever side has more to do.
class ReadAhead {
 public:
  explicit ReadAhead(PiecewiseScanner& scanner);
  ~ReadAhead();
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;
  [[nodiscard]] core::Result<bool, StorageFailure> next_into(LoggedEvent& out);
  [[nodiscard]] core::Result<bool, StorageFailure> next_run(std::vector<LoggedEvent>& run,
                                                            std::size_t most);

 private:
  enum class Step : std::uint8_t { kTaken, kDecoding, kDecoded };
  struct Piece {
    ScanPiece scan;
    Step step = Step::kTaken;  ///< guarded by mutex_ while in window_
  };
  using PiecePtr = std::unique_ptr<Piece>;
  using Lock = std::unique_lock<std::mutex>;

  void work();
  void take_piece(Lock& lock);
  void decode(Piece& piece, Lock& lock);
  [[nodiscard]] Piece* find_taken();
  void advance();
  /// True: current_ holds an event at position_.
  [[nodiscard]] core::Result<bool, StorageFailure> have_event();

  PiecewiseScanner& scanner_;
  PiecePtr current_ = std::make_unique<Piece>();
  std::size_t position_ = 0;  ///< in current_

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<PiecePtr> window_;     ///< guarded by mutex_; in the order of the log
  std::vector<PiecePtr> recycled_;  ///< guarded by mutex_
  bool is_all_taken_ = false;       ///< guarded by mutex_
  bool is_stopping_ = false;        ///< guarded by mutex_
  std::thread thread_;
};

ReadAhead::ReadAhead(PiecewiseScanner& scanner) : scanner_(scanner), thread_([this] { work(); }) {}

ReadAhead::~ReadAhead() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

ReadAhead::Piece* ReadAhead::find_taken() {
  for (const PiecePtr& piece : window_) {
    if (piece->step == Step::kTaken) return piece.get();
  }
  return nullptr;
}

void ReadAhead::take_piece(Lock& lock) {
  PiecePtr piece;
  if (!recycled_.empty()) {
    piece = std::move(recycled_.back());
    recycled_.pop_back();
  }
  lock.unlock();
  if (piece == nullptr) piece = std::make_unique<Piece>();
  piece->scan.clear();
  piece->step = Step::kTaken;
  scanner_.take(piece->scan, kPieceEvents);
  lock.lock();
  is_all_taken_ = piece->scan.is_last;
  window_.push_back(std::move(piece));
  changed_.notify_one();
}

void ReadAhead::decode(Piece& piece, Lock& lock) {
  piece.step = Step::kDecoding;
  lock.unlock();
  scanner_.decode(piece.scan);
  lock.lock();
  piece.step = Step::kDecoded;
}

void ReadAhead::work() {
  Lock lock(mutex_);
  while (!is_stopping_) {
    Piece* taken = nullptr;
    if (!is_all_taken_ && window_.size() < kPiecesAhead) {
      take_piece(lock);
    } else if ((taken = find_taken()) != nullptr) {
      decode(*taken, lock);
      changed_.notify_one();
    } else {
      changed_.wait(lock);
    }
  }
}

/// Makes the next piece the current one.
void ReadAhead::advance() {
  Lock lock(mutex_);
  recycled_.push_back(std::move(current_));
  while (window_.empty() || window_.front()->step != Step::kDecoded) {
    if (Piece* taken = find_taken()) {
      decode(*taken, lock);
    } else {
      changed_.wait(lock);
    }
  }
  current_ = std::move(window_.front());
  window_.pop_front();
  lock.unlock();
  changed_.notify_one();
  scanner_.link(current_->scan);
  position_ = 0;
}

core::Result<bool, StorageFailure> ReadAhead::have_event() {
  while (position_ == current_->scan.count) {
    if (current_->scan.failure) return core::Unexpected{*current_->scan.failure};
    if (current_->scan.is_last) return false;
    advance();
  }
  return true;
}

core::Result<bool, StorageFailure> ReadAhead::next_into(LoggedEvent& out) {
  const auto more = have_event();
  if (!more || !*more) return more;
  std::swap(out, current_->scan.events[position_]);
  ++position_;
  return true;
}

core::Result<bool, StorageFailure> ReadAhead::next_run(std::vector<LoggedEvent>& run,
                                                       std::size_t most) {
  const auto more = have_event();
  if (!more || !*more) return more;
  if (position_ == 0 && current_->scan.count <= most) {
    std::swap(run, current_->scan.events);
    run.resize(current_->scan.count);
    position_ = current_->scan.count;
    return true;
  }
  run.resize(std::min(most, current_->scan.count - position_));
  for (LoggedEvent& event : run) std::swap(event, current_->scan.events[position_++]);
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
    auto* pieces = dynamic_cast<PiecewiseScanner*>(scanner.get());
    if (pieces != nullptr && pieces->left() >= kReadAheadEventsMin) ahead.emplace(*pieces);
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
