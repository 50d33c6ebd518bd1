// The log against the raw operations below it, measured in the same run. Ratios are printed as
// counters: the absolute numbers belong to one disk on one day.
#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <rocksdb/db.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <ctime>
#include <mutex>
#include <thread>

#include "core/crypto/hash.hpp"
#include "schemas/codec/event_codec.hpp"
#include "storage/log_writer.hpp"
#include "storage/snapshot_store.hpp"
#include "tests/support/storage_events.hpp"

namespace preconf {
namespace {

using core::Seq;
using storage::EventBatch;
using tests::EventGenerator;
using tests::TemporaryDirectory;
using Clock = std::chrono::steady_clock;

/// Commitments: the events that a busy node sees most.
constexpr std::size_t kCommitment = 7;
constexpr std::size_t kTimer = 6;

std::shared_ptr<EventBatch> make_batch(EventGenerator& generator, Seq first, std::size_t count,
                                       std::size_t shape = kCommitment) {
  auto out = std::make_shared<EventBatch>();
  for (std::size_t i = 0; i < count; ++i) {
    out->events.push_back(generator.event(Seq{first.value + i}, shape));
  }
  return out;
}

std::unique_ptr<storage::EventLog> create(const TemporaryDirectory& directory) {
  auto log = storage::EventLog::open(directory.path() / "node", storage::OpenMode::kCreate);
  PRECONF_ASSERT(log.has_value());
  return std::move(log).value();
}

double median_us(std::vector<double>& samples) {
  std::sort(samples.begin(), samples.end());
  return samples.empty() ? 0 : samples[samples.size() / 2];
}
template <class Work>
double timed_us(Work&& work) {
  const auto start = Clock::now();
  work();
  return std::chrono::duration<double, std::micro>(Clock::now() - start).count();
}

/// One event, one fsync; alternating with a raw append of the same bytes + fdatasync, so that both
/// see the same disk.
void append_one_durably(benchmark::State& state) {
  TemporaryDirectory directory;
  EventGenerator generator(1);
  const auto log = create(directory);
  const int raw = ::open((directory.path() / "raw").c_str(), O_CREAT | O_WRONLY | O_APPEND, 0644);
  schemas::RecordEncoder encoder;
  std::vector<double> ours;
  std::vector<double> floor;
  Seq next{1};
  for (auto _ : state) {
    const auto batch = make_batch(generator, next, 1);
    next.value += 1;
    const core::Bytes bytes = encoder.encode(batch->events[0], {}).bytes;
    floor.push_back(timed_us([&] {
      PRECONF_ASSERT(::write(raw, bytes.data(), bytes.size()) > 0);
      PRECONF_ASSERT(::fdatasync(raw) == 0);
    }));
    const EventBatch* batches[] = {batch.get()};
    ours.push_back(timed_us([&] { PRECONF_ASSERT(log->append(batches, {}, true).has_value()); }));
    state.SetIterationTime(ours.back() * 1e-6);
  }
  ::close(raw);
  state.counters["p50_us"] = median_us(ours);
  state.counters["p99_us"] = ours[ours.size() * 99 / 100];
  state.counters["raw_p50_us"] = median_us(floor);
  state.counters["ratio_to_raw"] = median_us(ours) / median_us(floor);
}
BENCHMARK(append_one_durably)->UseManualTime()->Iterations(3000)->Unit(benchmark::kMicrosecond);

/// Appends while another thread saves one snapshot of 1 MiB after the other, as the shadow does now
/// and then, against appends alone. In turns, so that both meet the same disk.
void append_beside_snapshots(benchmark::State& state) {
  constexpr std::size_t kTurn = 100;
  TemporaryDirectory directory;
  EventGenerator generator(7);
  const auto log = create(directory);
  const core::Bytes bytes = generator.bytes(std::size_t{1} << 20);
  std::vector<double> samples[2];
  std::atomic<bool> saving = false;
  std::size_t saved = 0;
  Seq next{1};
  for (auto _ : state) {
    const bool beside = next.value / kTurn % 2 == 1;
    saving = beside;
    std::thread shadow([&] {
      storage::SnapshotStore snapshots(directory.path() / "snapshots");
      for (; saving; ++saved) {
        PRECONF_ASSERT(snapshots.save({{Seq{1 + saved % 2}, {}}, 1, {}, bytes}).has_value());
      }
    });
    for (std::size_t i = 0; i < kTurn; ++i) {
      const auto batch = make_batch(generator, next, 1);
      next.value += 1;
      const EventBatch* batches[] = {batch.get()};
      samples[beside ? 1 : 0].push_back(
          timed_us([&] { PRECONF_ASSERT(log->append(batches, {}, true).has_value()); }));
    }
    saving = false;
    shadow.join();
  }
  const double alone = median_us(samples[0]);
  const double beside = median_us(samples[1]);
  state.counters["alone_p50_us"] = alone;
  state.counters["beside_p50_us"] = beside;
  state.counters["beside_p99_us"] = samples[1][samples[1].size() * 99 / 100];
  state.counters["alone_p99_us"] = samples[0][samples[0].size() * 99 / 100];
  state.counters["ratio"] = beside / alone;
  state.counters["snapshots"] = static_cast<double>(saved);
}
BENCHMARK(append_beside_snapshots)->Iterations(20)->Unit(benchmark::kMillisecond);

/// One append through the writer thread: submit to on_durable.
void submit_one_until_durable(benchmark::State& state) {
  TemporaryDirectory directory;
  EventGenerator generator(2);
  const auto log = create(directory);
  std::mutex mutex;
  std::condition_variable changed;
  Seq durable;
  storage::LogWriter writer(*log, {[&](storage::LogPosition position) {
                                     const std::lock_guard lock(mutex);
                                     durable = position.seq;
                                     changed.notify_one();
                                   },
                                   {}});
  std::vector<double> samples;
  Seq next{1};
  for (auto _ : state) {
    const auto batch = make_batch(generator, next, 1);
    samples.push_back(timed_us([&] {
      writer.submit(batch);
      std::unique_lock lock(mutex);
      changed.wait(lock, [&] { return durable >= next; });
    }));
    next.value += 1;
    state.SetIterationTime(samples.back() * 1e-6);
  }
  state.counters["p50_us"] = median_us(samples);
  state.counters["p99_us"] = samples[samples.size() * 99 / 100];
}
BENCHMARK(submit_one_until_durable)
    ->UseManualTime()
    ->Iterations(3000)
    ->Unit(benchmark::kMicrosecond);

/// 256 events per fsync: the log (encoding, two SHA-256 each, codec) against RocksDB alone given
/// the finished bytes.
void group_commit(benchmark::State& state) {
  constexpr std::size_t kEvents = 256;
  TemporaryDirectory directory;
  EventGenerator generator(3);
  const auto log = create(directory);
  rocksdb::Options options;
  options.create_if_missing = true;
  options.compression = rocksdb::kNoCompression;
  options.write_buffer_size = std::size_t{16} << 20;
  rocksdb::DB* opened = nullptr;
  PRECONF_ASSERT(rocksdb::DB::Open(options, (directory.path() / "rocks").string(), &opened).ok());
  const std::unique_ptr<rocksdb::DB> rocks(opened);
  rocksdb::WriteOptions sync;
  sync.sync = true;

  schemas::RecordEncoder encoder;
  double ours = 0;
  double floor = 0;
  std::uint64_t bytes = 0;
  Seq next{1};
  for (auto _ : state) {
    const auto batch = make_batch(generator, next, kEvents);
    std::vector<std::pair<std::string, std::string>> records;
    for (const core::Event& event : batch->events) {
      const core::Bytes& record = encoder.encode(event, {}).bytes;
      std::string key;
      for (int i = 7; i >= 0; --i) key += static_cast<char>(event.seq.value >> (8 * i));
      records.emplace_back(key, std::string(record.begin(), record.end()));
      bytes += record.size();
    }
    floor += timed_us([&] {
      rocksdb::WriteBatch writes;
      for (const auto& [key, value] : records) PRECONF_ASSERT(writes.Put(key, value).ok());
      PRECONF_ASSERT(rocks->Write(sync, &writes).ok());
    });
    const EventBatch* batches[] = {batch.get()};
    const double taken =
        timed_us([&] { PRECONF_ASSERT(log->append(batches, {}, true).has_value()); });
    ours += taken;
    next.value += kEvents;
    state.SetIterationTime(taken * 1e-6);
  }
  const double events = static_cast<double>(next.value - 1);
  state.counters["events_per_s"] = events / ours * 1e6;
  state.counters["rocksdb_per_s"] = events / floor * 1e6;
  state.counters["ratio_to_rocksdb"] = floor / ours;
  state.counters["record_bytes"] = static_cast<double>(bytes) / events;
}
BENCHMARK(group_commit)->UseManualTime()->Iterations(600)->Unit(benchmark::kMicrosecond);

/// Encode and decode in memory, by event shape.
void encode_record(benchmark::State& state) {
  EventGenerator generator(4);
  const core::Event event = generator.event(Seq{1}, static_cast<std::size_t>(state.range(0)));
  schemas::RecordEncoder encoder;
  std::size_t size = 0;
  for (auto _ : state) {
    const auto& record = encoder.encode(event, {});
    size = record.bytes.size();
    benchmark::DoNotOptimize(record.bytes.data());
  }
  state.counters["record_bytes"] = static_cast<double>(size);
}
BENCHMARK(encode_record)->Arg(kCommitment)->Arg(kTimer);

void decode_record(benchmark::State& state) {
  EventGenerator generator(5);
  const core::Event event = generator.event(Seq{1}, static_cast<std::size_t>(state.range(0)));
  schemas::RecordEncoder encoder;
  const core::Bytes bytes = encoder.encode(event, {}).bytes;
  schemas::DecodedRecord record;
  for (auto _ : state) {
    const bool failed = schemas::decode_record_into(bytes, record.event, record).has_value();
    PRECONF_ASSERT(!failed);
    benchmark::DoNotOptimize(record.chain.bytes.data());
  }
}
BENCHMARK(decode_record)->Arg(kCommitment)->Arg(kTimer);

void sha256_bytes(benchmark::State& state) {
  const core::Bytes bytes(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) {
    core::Hash32 hash = core::crypto::sha256(bytes);
    benchmark::DoNotOptimize(hash.bytes.data());
  }
}
BENCHMARK(sha256_bytes)->Arg(64)->Arg(144)->Arg(800);

/// The whole of a log, verified and decoded, against a bare RocksDB scan of the same database.
void sequential_read(benchmark::State& state) {
  constexpr std::uint64_t kEvents = 400'000;
  TemporaryDirectory directory;
  {
    EventGenerator generator(6);
    const auto log = create(directory);
    for (Seq next{1}; next.value < kEvents; next.value += 1000) {
      const auto batch =
          make_batch(generator, next, 1000, static_cast<std::size_t>(state.range(0)));
      const EventBatch* batches[] = {batch.get()};
      PRECONF_ASSERT(log->append(batches, {}, false).has_value());
    }
  }
  auto log = storage::EventLog::open(directory.path() / "node", storage::OpenMode::kWrite);
  PRECONF_ASSERT(log.has_value());
  double seconds = 0;
  std::uint64_t events = 0;
  const std::clock_t cpu_start = std::clock();
  for (auto _ : state) {
    const auto reader = (*log)->read(Seq{1});
    storage::LoggedEvent logged;
    seconds += timed_us([&] {
                 for (;;) {
                   const auto more = reader->next_into(logged);
                   PRECONF_ASSERT(more.has_value());
                   if (!*more) break;
                   ++events;
                 }
               }) *
               1e-6;
  }
  PRECONF_ASSERT(events == kEvents * static_cast<std::uint64_t>(state.iterations()));
  state.counters["events_per_s"] = static_cast<double>(events) / seconds;
  // Of both threads; reading ahead overlaps them when a second core is free.
  state.counters["cpu_ns_per_event"] = static_cast<double>(std::clock() - cpu_start) /
                                       CLOCKS_PER_SEC * 1e9 / static_cast<double>(events);
}
BENCHMARK(sequential_read)
    ->Arg(kCommitment)
    ->Arg(kTimer)
    ->Iterations(3)
    ->Unit(benchmark::kMillisecond);

/// Opening a log whose writer died: nothing was flushed on the way out, the write-ahead log is read
/// back. The log ends at several points between two flushes; the slowest opening counts.
void reopen_after_crash(benchmark::State& state) {
  TemporaryDirectory directory;
  EventGenerator generator(7);
  const auto template_batch = make_batch(generator, Seq{1}, 1000);
  const auto extend = [&](storage::EventLog& log, std::uint64_t thousands) {
    for (std::uint64_t i = 0; i < thousands; ++i) {
      Seq next = log.end().seq;
      for (core::Event& event : template_batch->events) {
        next = core::next(next);
        event.seq = next;
      }
      const EventBatch* batches[] = {template_batch.get()};
      PRECONF_ASSERT(log.append(batches, {}, false).has_value());
    }
    PRECONF_ASSERT(log.write_high_water_mark(log.end()).has_value());
  };
  extend(*create(directory), static_cast<std::uint64_t>(state.range(0)));
  double worst_ms = 0;
  for (auto _ : state) {
    const auto start = Clock::now();
    auto log = storage::EventLog::open(directory.path() / "node", storage::OpenMode::kWrite);
    PRECONF_ASSERT(log.has_value());
    const double taken = std::chrono::duration<double, std::micro>(Clock::now() - start).count();
    worst_ms = std::max(worst_ms, taken / 1000);
    state.SetIterationTime(taken * 1e-6);
    extend(**log, 4);
  }
  state.counters["worst_ms"] = worst_ms;
}
BENCHMARK(reopen_after_crash)
    ->Arg(100)
    ->Arg(1000)
    ->Arg(10000)
    ->UseManualTime()
    ->Iterations(8)
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace preconf

BENCHMARK_MAIN();
