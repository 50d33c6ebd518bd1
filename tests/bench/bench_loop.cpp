// The real loop with the real log: DriverLoop, LogWriter, EventLog, shadow, observer. Only commands
// go nowhere: what the engine answered is recorded and comes in as input.
//
// Thread placement is the scheduler's, as in the node: the loop is the main thread, the writer, the
// high-water mark and the shadow have a thread each, RocksDB flushes on threads of its own.
#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <unistd.h>

#include <condition_variable>
#include <mutex>
#include <optional>

#include "core/base/assert.hpp"
#include "core/state.hpp"
#include "io/clock.hpp"
#include "node/log_sink.hpp"
#include "node/loop/driver_loop.hpp"
#include "node/observer.hpp"
#include "schemas/codec/event_codec.hpp"
#include "storage/rocks.hpp"
#include "tests/bench/support/samples.hpp"
#include "tests/bench/support/traffic.hpp"
#include "tests/support/storage_events.hpp"

namespace preconf::bench {
namespace {

using core::Seq;

/// What the writer and the shadow reported, handed to the loop's thread.
class Progress {
 public:
  void durable(const storage::LogPosition& position) {
    const std::lock_guard lock(mutex_);
    newest_ = position;
    is_news_ = true;
    changed_.notify_one();
  }
  void folded() {
    const std::lock_guard lock(mutex_);
    is_news_ = true;
    changed_.notify_one();
  }
  /// The newest durable position not taken yet.
  [[nodiscard]] std::optional<storage::LogPosition> take() {
    const std::lock_guard lock(mutex_);
    is_news_ = false;
    return std::exchange(newest_, std::nullopt);
  }
  /// The same after the next report, of either.
  [[nodiscard]] std::optional<storage::LogPosition> wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return is_news_; });
    is_news_ = false;
    return std::exchange(newest_, std::nullopt);
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_news_ = false;
  std::optional<storage::LogPosition> newest_;
};

struct SystemClock final : node::ClockPort {
  core::WallNanos wall() override { return io::wall_now(); }
  core::MonoNanos mono() override { return io::mono_now(); }
};

struct NoExecutor final : node::ExecutorPort {
  void start(const core::Command&) override { ++started; }
  void publish_engine_epoch(std::uint32_t) override {}
  std::uint64_t started = 0;
};

/// The parts of a node between its input queue and its disk.
class Node {
 public:
  Node(const std::filesystem::path& directory, bool with_shadow)
      : log_(open(directory)),
        snapshots_(directory / "snapshots"),
        shadow_(with_shadow ? make_shadow() : nullptr),
        writer_(*log_, {[this](storage::LogPosition position) { progress_.durable(position); },
                        [](const storage::StorageFailure&) { PRECONF_ASSERT(!"the log failed"); }}),
        sink_(writer_, recent_, shadow_.get()),
        observer_(metrics_,
                  {[](const node::Settled&) {}, [](std::shared_ptr<const io::Published>) {},
                   [](const node::Halt&) { PRECONF_ASSERT(!"halted"); }}),
        driver_(std::make_unique<core::State>(), {}, inputs_, {clock_, executor_, sink_, observer_},
                {}) {}

  [[nodiscard]] bool offer(node::Input input) { return inputs_.offer(std::move(input)); }
  node::StepResult step() { return driver_.step(); }
  void wait_for_progress() { on_durable(progress_.wait()); }
  void take_progress() { on_durable(progress_.take()); }
  [[nodiscard]] bool is_all_durable() const { return driver_.durable_seq() == driver_.last_seq(); }
  [[nodiscard]] const core::State& state() const { return driver_.state(); }
  [[nodiscard]] std::uint64_t commands() const { return executor_.started; }

 private:
  static std::unique_ptr<storage::EventLog> open(const std::filesystem::path& directory) {
    auto log = storage::EventLog::open(directory, storage::OpenMode::kCreate);
    PRECONF_ASSERT(log.has_value());
    return std::move(log).value();
  }
  std::unique_ptr<node::Shadow> make_shadow() {
    return std::make_unique<node::Shadow>(
        std::make_unique<core::State>(), *log_, snapshots_, node::ShadowConfig{},
        node::ShadowCallbacks{[](const node::Divergence&) { PRECONF_ASSERT(!"diverged"); },
                              [this] { progress_.folded(); }, [](Seq) {},
                              [](const std::string&) {}});
  }
  void on_durable(const std::optional<storage::LogPosition>& position) {
    if (!position) return;
    sink_.on_durable(*position);
    driver_.on_durable(*position);
  }

  Progress progress_;
  std::unique_ptr<storage::EventLog> log_;
  storage::SnapshotStore snapshots_;
  std::unique_ptr<node::Shadow> shadow_;
  storage::LogWriter writer_;
  node::RecentContents recent_;
  node::LogSink sink_;
  SystemClock clock_;
  NoExecutor executor_;
  io::Metrics metrics_;
  node::Observer observer_;
  node::InputQueue inputs_;
  node::DriverLoop driver_;
};

/// All in one lane, so that they are appended in the recorded order: answers name commands by seq.
node::Input input_of(const Traffic& traffic, std::size_t index) {
  node::Input input;
  input.body = traffic.events[index].body;
  input.lane = core::Lane::kEngine;
  input.contents = traffic.contents[index];
  return input;
}

core::Bytes bytes_of(const Traffic& traffic, std::size_t index, schemas::RecordEncoder& encoder) {
  core::Bytes out = encoder.encode(traffic.events[index], {}).bytes;
  for (const storage::Content& content : traffic.contents[index]) {
    out.insert(out.end(), content.bytes->begin(), content.bytes->end());
  }
  return out;
}

/// One event at a time, from the offer until the loop was told that it is durable; in turns with a
/// raw append of the same bytes and fdatasync, to a file beside the log.
void durable_one_at_a_time(benchmark::State& state) {
  static const Traffic traffic = record_traffic(220, L1::kConfirms);
  tests::TemporaryDirectory directory;
  Node node(directory.path() / "node", state.range(0) == 1);
  const int raw = ::open((directory.path() / "raw").c_str(), O_CREAT | O_WRONLY | O_APPEND, 0644);
  schemas::RecordEncoder encoder;
  Samples ours;
  Samples floor;
  std::size_t index = 0;
  for (auto _ : state) {
    const core::Bytes bytes = bytes_of(traffic, index, encoder);
    const auto append_raw = [&] {
      PRECONF_ASSERT(::write(raw, bytes.data(), bytes.size()) ==
                     static_cast<ssize_t>(bytes.size()));
      PRECONF_ASSERT(::fdatasync(raw) == 0);
    };
    if (index % 2 == 0) floor.time(append_raw);
    node::Input input = input_of(traffic, index);
    const double taken = ours.time([&] {
      PRECONF_ASSERT(node.offer(std::move(input)));
      PRECONF_ASSERT(node.step() == node::StepResult::kWorked);
      while (!node.is_all_durable()) node.wait_for_progress();
    });
    if (index % 2 == 1) floor.time(append_raw);
    state.SetIterationTime(taken * 1e-6);
    ++index;
  }
  ::close(raw);
  PRECONF_ASSERT(node.state().heads.unsafe.has_value());
  state.counters["p50_us"] = ours.p50();
  state.counters["p99_us"] = ours.p99();
  state.counters["raw_p50_us"] = floor.p50();
  state.counters["raw_p99_us"] = floor.p99();
  state.counters["ratio_to_raw"] = ours.p50() / floor.p50();
}
BENCHMARK(durable_one_at_a_time)
    ->Arg(0)
    ->Arg(1)
    ->ArgName("shadow")
    ->UseManualTime()
    ->Iterations(1'500)
    ->Unit(benchmark::kMicrosecond);

/// One commit for RocksDB alone: everything that the log writes for 256 events, finished.
struct FinishedCommit {
  std::vector<std::pair<Seq, core::Bytes>> records;
  std::vector<storage::Content> contents;
  std::string digests = std::string(core::limits::kBatchEventsMax * 32, 'x');
};

std::vector<FinishedCommit> finish(const Traffic& traffic, std::size_t first, std::size_t count) {
  std::vector<FinishedCommit> out;
  schemas::RecordEncoder encoder;
  for (std::size_t i = first; i < first + count; ++i) {
    if ((i - first) % core::limits::kBatchEventsMax == 0) out.emplace_back();
    out.back().records.emplace_back(traffic.events[i].seq,
                                    encoder.encode(traffic.events[i], {}).bytes);
    for (const auto& content : traffic.contents[i]) out.back().contents.push_back(content);
  }
  return out;
}

double write_alone(const storage::Rocks& rocks, const std::vector<FinishedCommit>& commits) {
  rocksdb::WriteOptions sync;
  sync.sync = true;
  const auto start = Clock::now();
  rocksdb::WriteBatch batch;
  for (const FinishedCommit& commit : commits) {
    batch.Clear();
    for (const storage::Content& content : commit.contents) {
      PRECONF_ASSERT(batch
                         .Put(rocks.content(), storage::to_slice(content.hash.view()),
                              storage::to_slice(*content.bytes))
                         .ok());
    }
    for (const auto& [seq, bytes] : commit.records) {
      PRECONF_ASSERT(
          batch.Put(rocks.log(), storage::SeqKey(seq).slice(), storage::to_slice(bytes)).ok());
    }
    PRECONF_ASSERT(batch
                       .Put(rocks.effects(), storage::SeqKey(commit.records.front().first).slice(),
                            commit.digests)
                       .ok());
    PRECONF_ASSERT(rocks.db().Write(sync, &batch).ok());
  }
  return micros_since(start);
}

/// As fast as the loop takes them, until the last one is durable.
double ingest(Node& node, std::vector<node::Input> inputs) {
  const auto start = Clock::now();
  std::size_t next = 0;
  while (next < inputs.size()) {
    for (std::size_t i = 0; i < core::limits::kBatchEventsMax && next < inputs.size(); ++i) {
      PRECONF_ASSERT(node.offer(std::move(inputs[next++])));
    }
    while (node.step() == node::StepResult::kBackpressure) node.wait_for_progress();
    node.take_progress();
  }
  while (!node.is_all_durable()) node.wait_for_progress();
  return micros_since(start);
}

/// Group commit at full speed, against RocksDB alone with the same options, batches and bytes.
void sustained_ingest(benchmark::State& state) {
  constexpr std::size_t kChunk = 64 * core::limits::kBatchEventsMax;
  constexpr std::size_t kChunks = 10;
  static const Traffic traffic = record_traffic(kChunk * kChunks / 8, L1::kConfirms);
  PRECONF_ASSERT(traffic.events.size() >= kChunk * kChunks);
  tests::TemporaryDirectory directory;
  Node node(directory.path() / "node", state.range(0) == 1);
  const auto rocks =
      storage::Rocks::open(directory.path() / "rocks", storage::RocksMode::kCreate, nullptr);
  PRECONF_ASSERT(rocks.has_value());
  Samples ours;
  Samples floor;
  Samples ratio;
  std::size_t first = 0;
  double total = 0;
  for (auto _ : state) {
    const double alone = write_alone(**rocks, finish(traffic, first, kChunk));
    std::vector<node::Input> inputs;
    for (std::size_t i = first; i < first + kChunk; ++i) inputs.push_back(input_of(traffic, i));
    const double taken = ingest(node, std::move(inputs));
    first += kChunk;
    total += taken;
    ours.add(taken);
    floor.add(alone);
    ratio.add(alone / taken);
    state.SetIterationTime(taken * 1e-6);
  }
  const auto rate = [](double micros) { return static_cast<double>(kChunk) / micros * 1e6; };
  state.counters["events_per_s"] = rate(ours.p50());
  state.counters["events_per_s_mean"] = static_cast<double>(first) / total * 1e6;
  state.counters["rocksdb_per_s"] = rate(floor.p50());
  state.counters["ratio_to_rocksdb"] = ratio.p50();
  state.counters["commands"] = static_cast<double>(node.commands());
}
BENCHMARK(sustained_ingest)
    ->Arg(0)
    ->Arg(1)
    ->ArgName("shadow")
    ->UseManualTime()
    ->Iterations(10)
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace preconf::bench

BENCHMARK_MAIN();
