// Recovery after SIGKILL: a process writes a follower's log, with snapshots as the node's shadow
// saves them, and is killed while it writes, right before the next snapshot would have been saved.
// Then every start is measured in a process of its own, which is killed again.
//
// Most of a long log is cheap traffic (repeats, timers, refusals), the tail since the last snapshot
// is real. PRECONF_BENCH_FULL=1 adds the log of 10 million events (3 GB below the temporary
// directory).
#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "core/base/assert.hpp"
#include "core/limits.hpp"
#include "core/state_bytes.hpp"
#include "node/loop/recover.hpp"
#include "storage/snapshot_store.hpp"
#include "tests/bench/support/samples.hpp"
#include "tests/replay/real_world.hpp"
#include "tests/support/storage_events.hpp"

namespace preconf::bench {
namespace {

namespace ev = core::events;

constexpr std::uint64_t kSnapshotEvery = 50'000;
constexpr std::size_t kSnapshotsKept = 3;
/// Real traffic at the end: more than a whole distance between snapshots.
constexpr std::uint64_t kRealTail = 60'000;

/// The process that will be killed. Tells each durable seq through a pipe.
class Victim {
 public:
  Victim(const std::filesystem::path& directory, int report)
      : log_(storage::EventLog::open(directory, storage::OpenMode::kCreate).value().release()),
        snapshots_(directory / "snapshots"),
        report_(report) {}

  [[noreturn]] void write_until_killed(std::uint64_t events) {
    world_.add_traffic(0);
    remember_repeats();
    while (world_.state.last_seq.value + kRealTail < events) {
      add_cheap();
      write_if(4'096, false);
    }
    for (std::uint64_t i = 1;; ++i) {
      world_.add_traffic(i);
      write_if(core::limits::kBatchEventsMax, true);
    }
  }

 private:
  /// The first block's list and commitment: facts that need not be computed again.
  void remember_repeats() {
    record_ = world_.take();
    for (const core::Event& event : record_.batch.events) {
      const bool is_ingress = std::holds_alternative<ev::CommitmentReceived>(event.body) ||
                              std::holds_alternative<ev::TxListReceived>(event.body);
      if (is_ingress) repeats_.push_back(event.body);
    }
    PRECONF_ASSERT(!repeats_.empty());
    append(false);
  }
  void add_cheap() {
    for (const core::EventBody& body : repeats_) world_.feed(body);
    world_.feed(ev::TimerFired{core::TimerId::kEnginePoll, 0});
    world_.feed(ev::IngressRejected{core::SourceKind::kRpc, "body_too_large", 3, core::Hash32{}});
  }
  void write_if(std::uint64_t events, bool sync) {
    const core::Seq last = world_.state.last_seq;
    const bool is_snapshot_due = last.value / kSnapshotEvery != snapshot_.value / kSnapshotEvery;
    if (!is_snapshot_due && last.value - log_->end().seq.value < events) return;
    record_ = world_.take();
    append(sync || is_snapshot_due);
    if (is_snapshot_due) save();
  }
  void append(bool sync) {
    const storage::EventBatch* batches[] = {&record_.batch};
    const auto written = log_->append(batches, std::span(&record_.digests, 1), sync);
    PRECONF_ASSERT(written.has_value());
    if (!sync) return;
    PRECONF_ASSERT(log_->write_high_water_mark(*written).has_value());
    PRECONF_ASSERT(::write(report_, &written->seq.value, sizeof written->seq.value) ==
                   sizeof written->seq.value);
  }
  void save() {
    storage::Snapshot snapshot;
    snapshot.position = log_->end();
    snapshot.reducer_version = core::kReducerVersion;
    snapshot.state = core::encode_state(world_.state);
    snapshot.state_hash = core::state_hash(world_.state);
    PRECONF_ASSERT(snapshots_.save(snapshot).has_value());
    snapshots_.prune(kSnapshotsKept);
    snapshot_ = snapshot.position.seq;
  }

  std::unique_ptr<storage::EventLog> log_;
  storage::SnapshotStore snapshots_;
  int report_;
  tests::RealWorld world_;
  tests::RealWorld::Record record_;
  std::vector<core::EventBody> repeats_;
  core::Seq snapshot_;
};

/// Runs `work(fd)` in a child; `read_end` gets what it writes.
template <class Work>
pid_t spawn(int& read_end, Work&& work) {
  int ends[2];
  PRECONF_ASSERT(::pipe(ends) == 0);
  const pid_t child = ::fork();
  PRECONF_ASSERT(child >= 0);
  if (child == 0) {
    ::close(ends[0]);
    work(ends[1]);
    ::_exit(0);
  }
  ::close(ends[1]);
  read_end = ends[0];
  return child;
}

void kill_and_wait(pid_t child, int read_end) {
  PRECONF_ASSERT(::kill(child, SIGKILL) == 0);
  PRECONF_ASSERT(::waitpid(child, nullptr, 0) == child);
  ::close(read_end);
}

/// A log of about `events` events whose writer was killed; the last durable seq it told.
std::uint64_t write_and_kill(const std::filesystem::path& directory, std::uint64_t events) {
  int reports = -1;
  const pid_t child =
      spawn(reports, [&](int report) { Victim(directory, report).write_until_killed(events); });
  // Shortly before the next snapshot at or above `events`: the longest tail there can be.
  const std::uint64_t target = (events + kSnapshotEvery - 1) / kSnapshotEvery * kSnapshotEvery -
                               4 * core::limits::kBatchEventsMax;
  std::uint64_t durable = 0;
  while (durable < target) {
    PRECONF_ASSERT(::read(reports, &durable, sizeof durable) == sizeof durable);
  }
  kill_and_wait(child, reports);
  return durable;
}

struct Start {
  double open_ms = 0;
  double recover_ms = 0;
  std::uint64_t end = 0;
  std::uint64_t replayed = 0;
};

/// Opens and recovers as the node does at boot, in a process that is killed afterwards.
Start start_once(const std::filesystem::path& directory) {
  int results = -1;
  const pid_t child = spawn(results, [&](int out) {
    Start start;
    auto begin = Clock::now();
    const auto log = storage::EventLog::open(directory, storage::OpenMode::kWrite);
    PRECONF_ASSERT(log.has_value());
    start.open_ms = micros_since(begin) / 1'000;
    begin = Clock::now();
    const auto recovered = node::recover(**log, storage::SnapshotStore(directory / "snapshots"));
    PRECONF_ASSERT(recovered.has_value());
    start.recover_ms = micros_since(begin) / 1'000;
    start.end = recovered->end.seq.value;
    start.replayed = recovered->events_replayed;
    PRECONF_ASSERT(::write(out, &start, sizeof start) == sizeof start);
    ::pause();
  });
  Start start;
  PRECONF_ASSERT(::read(results, &start, sizeof start) == sizeof start);
  kill_and_wait(child, results);
  return start;
}

void forget_pages(const std::filesystem::path& directory) {
  for (const auto& file : std::filesystem::recursive_directory_iterator(directory)) {
    if (!file.is_regular_file()) continue;
    const int fd = ::open(file.path().c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) continue;
    ::fsync(fd);
    ::posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
    ::close(fd);
  }
}

double read_plainly_ms(const std::filesystem::path& directory) {
  // What must be read: the write-ahead logs and the newest snapshot.
  const auto start = Clock::now();
  std::vector<char> buffer(std::size_t{1} << 20);
  for (const auto& file : std::filesystem::recursive_directory_iterator(directory)) {
    const auto extension = file.path().extension();
    if (extension != ".log" && extension != ".snap") continue;
    const int fd = ::open(file.path().c_str(), O_RDONLY | O_CLOEXEC);
    while (::read(fd, buffer.data(), buffer.size()) > 0) {
    }
    ::close(fd);
  }
  return micros_since(start) / 1'000;
}

/// Arg: millions of events.
void recover_after_sigkill(benchmark::State& state) {
  constexpr double kGoalMs = 500;
  const auto events = static_cast<std::uint64_t>(state.range(0)) * 1'000'000;
  const bool is_wanted = events <= 1'000'000 || std::getenv("PRECONF_BENCH_FULL") != nullptr;
  if (!is_wanted) {
    state.SkipWithError("set PRECONF_BENCH_FULL=1 for this one");
    return;
  }
  tests::TemporaryDirectory directory;
  const auto node = directory.path() / "node";
  const std::uint64_t durable = write_and_kill(node, events);
  Samples total;
  Samples open;
  Samples recover;
  Samples plain;
  Start start;
  for (auto _ : state) {
    plain.add(read_plainly_ms(node));
    start = start_once(node);
    PRECONF_ASSERT(start.end >= durable);
    open.add(start.open_ms);
    recover.add(start.recover_ms);
    total.add(start.open_ms + start.recover_ms);
    state.SetIterationTime((start.open_ms + start.recover_ms) / 1'000);
  }
  forget_pages(node);
  const Start cold = start_once(node);
  state.counters["events"] = static_cast<double>(start.end);
  state.counters["replayed"] = static_cast<double>(start.replayed);
  state.counters["p50_ms"] = total.p50();
  state.counters["open_p50_ms"] = open.p50();
  state.counters["recover_p50_ms"] = recover.p50();
  state.counters["worst_ms"] = total.at(1);
  state.counters["cold_ms"] = cold.open_ms + cold.recover_ms;
  state.counters["ratio_to_plain_read"] = total.p50() / plain.p50();
  state.counters["p50_to_goal"] = total.p50() / kGoalMs;
}
BENCHMARK(recover_after_sigkill)
    ->Arg(1)
    ->Arg(10)
    ->ArgName("million")
    ->UseManualTime()
    ->Iterations(9)
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace preconf::bench

BENCHMARK_MAIN();
