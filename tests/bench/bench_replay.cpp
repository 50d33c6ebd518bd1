// Replay against the operations it can not do without, measured in the same run: reading the log
// alone, reducing alone, and libsecp256k1's recovery on every core.
//
// The log is a follower's: real signatures, lists, headers, with duplicates, strangers and garbage
// in between. PRECONF_BENCH_EVENTS sets its length (1,000,000). Recording takes some 30 s.
#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <secp256k1_recovery.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <map>
#include <memory>
#include <thread>

#include "core/codec/canonical.hpp"
#include "core/crypto/hash.hpp"
#include "replay/replay.hpp"
#include "tests/replay/recorded_log.hpp"

namespace preconf {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Of all threads. On a machine that others use, CPU time says more than time.
double cpu_seconds_since(std::clock_t start) {
  return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

std::uint64_t wanted_events() {
  const char* text = std::getenv("PRECONF_BENCH_EVENTS");
  return text != nullptr ? std::strtoull(text, nullptr, 10) : 1'000'000;
}

enum Log : std::int64_t {
  kFollower = 0,  ///< what a follower sees: blocks with all that belongs to them, and some garbage
  kCommitments = 1,  ///< signed commitments and little else: an audit's dearest case
};

class Fixture {
 public:
  explicit Fixture(Log kind) {
    constexpr std::uint64_t kRoundsPerWrite = 64;
    constexpr std::uint64_t kCommitmentsShare = 10;
    const std::uint64_t wanted =
        kind == kFollower ? wanted_events() : wanted_events() / kCommitmentsShare;
    tests::RealWorld world;
    for (std::uint64_t i = 0; world.state.last_seq.value < wanted; ++i) {
      if (kind == kFollower) {
        world.add_traffic(i);
      } else {
        world.add_stranger();
      }
      if (i % kRoundsPerWrite == 0) write(world);
    }
    write(world);
    events = world.state.last_seq.value;
    recorded.close();
  }

  tests::RecordedLog recorded;
  std::uint64_t events = 0;
  std::uint64_t recoveries = 0;  ///< signatures that a verification has to recover

 private:
  void write(tests::RealWorld& world) {
    const tests::RealWorld::Record record = world.take();
    for (const core::Event& event : record.batch.events) {
      const auto* commitment = std::get_if<core::events::CommitmentReceived>(&event.body);
      const auto* list = std::get_if<core::events::TxListReceived>(&event.body);
      if (commitment != nullptr && !commitment->facts.signer.is_zero()) ++recoveries;
      if (list != nullptr && !list->facts.anchor.sender.is_zero()) ++recoveries;
    }
    tests::append(recorded.log(), record);
  }
};

Fixture& fixture(Log kind = kFollower) {
  static std::map<Log, std::unique_ptr<Fixture>> instances;
  auto& instance = instances[kind];
  if (instance == nullptr) instance = std::make_unique<Fixture>(kind);
  return *instance;
}

/// Drops the log's files from the page cache.
void make_cold() {
  for (const auto& file :
       std::filesystem::recursive_directory_iterator(fixture().recorded.path())) {
    if (!file.is_regular_file()) continue;
    const int fd = ::open(file.path().c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) continue;
    ::fsync(fd);
    ::posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
    ::close(fd);
  }
}

/// Events per second of the log reader alone: hashes, chain and decoding, nothing else.
double reading_rate() {
  const auto log = storage::EventLog::open(fixture().recorded.path(), storage::OpenMode::kReadOnly);
  PRECONF_ASSERT(log.has_value());
  const auto start = Clock::now();
  const auto reader = (*log)->read(core::Seq{1});
  storage::LoggedEvent event;
  std::uint64_t count = 0;
  while (*reader->next_into(event)) ++count;
  return static_cast<double>(count) / seconds_since(start);
}

/// Events per second of reduce and effects digest alone, on one core.
double reducing_rate() {
  const auto log = storage::EventLog::open(fixture().recorded.path(), storage::OpenMode::kReadOnly);
  PRECONF_ASSERT(log.has_value());
  const auto reader = (*log)->read(core::Seq{1});
  std::vector<storage::LoggedEvent> events(std::min<std::uint64_t>(fixture().events, 300'000));
  for (storage::LoggedEvent& event : events) PRECONF_ASSERT(*reader->next_into(event));
  core::State state;
  core::Outcome outcome;
  const auto start = Clock::now();
  for (const storage::LoggedEvent& event : events) {
    core::reduce(state, event.event, outcome);
    benchmark::DoNotOptimize(core::effects_digest(outcome));
  }
  return static_cast<double>(events.size()) / seconds_since(start);
}

/// libsecp256k1's recovery alone, on all cores at once, for a second.
struct RawRecovery {
  double per_second = 0;
  double cpu_seconds = 0;  ///< of one recovery
};
RawRecovery raw_recovery() {
  // Many signatures: the branches of one and the same recovery are learned by the processor.
  struct Signed {
    core::Hash32 digest;
    secp256k1_ecdsa_recoverable_signature signature;
  };
  std::vector<Signed> signatures(4'096);
  core::crypto::SecretKey key;
  key.bytes.fill(3);
  for (std::size_t i = 0; i < signatures.size(); ++i) {
    Signed& one = signatures[i];
    one.digest = core::crypto::keccak256(core::codec::canonical_bytes(i));
    const auto bytes = core::crypto::sign(one.digest, key).value();
    PRECONF_ASSERT(secp256k1_ecdsa_recoverable_signature_parse_compact(secp256k1_context_static,
                                                                       &one.signature, bytes.data(),
                                                                       bytes.bytes[64]) == 1);
  }
  std::atomic<std::uint64_t> count{0};
  const auto start = Clock::now();
  const std::clock_t cpu = std::clock();
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < std::max(1u, std::thread::hardware_concurrency()); ++i) {
    threads.emplace_back([&count, &signatures, start] {
      secp256k1_pubkey found;
      std::uint64_t done = 0;
      for (; seconds_since(start) < 1.0; ++done) {
        const Signed& one = signatures[done % signatures.size()];
        PRECONF_ASSERT(secp256k1_ecdsa_recover(secp256k1_context_static, &found, &one.signature,
                                               one.digest.data()) == 1);
      }
      count += done;
    });
  }
  for (std::thread& thread : threads) thread.join();
  const auto done = static_cast<double>(count);
  return {done / seconds_since(start), cpu_seconds_since(cpu) / done};
}

replay::ReplayReport run(const Fixture& fixture, bool verify) {
  replay::ReplayOptions options;
  options.directory = fixture.recorded.path();
  options.verify = verify;
  replay::ReplayReport report = replay::replay(options, {});
  PRECONF_ASSERT(report.result == replay::ReplayResult::kClean);
  PRECONF_ASSERT(report.events == fixture.events);
  return report;
}

/// Arg: 1 = page cache emptied before.
void cold_replay(benchmark::State& state) {
  fixture();
  double seconds = 0;
  double cpu_seconds = 0;
  for (auto _ : state) {
    if (state.range(0) == 1) make_cold();
    const auto start = Clock::now();
    const std::clock_t cpu = std::clock();
    run(fixture(), false);
    cpu_seconds += cpu_seconds_since(cpu);
    const double taken = seconds_since(start);
    state.SetIterationTime(taken);
    seconds += taken;
  }
  const double events =
      static_cast<double>(fixture().events) * static_cast<double>(state.iterations());
  const double rate = events / seconds;
  state.counters["events_per_s"] = rate;
  state.counters["cpu_ns_per_event"] = cpu_seconds * 1e9 / events;
  state.counters["vs_reading_alone"] = rate / reading_rate();
  state.counters["vs_reducing_alone"] = rate / reducing_rate();
}
BENCHMARK(cold_replay)
    ->Arg(0)
    ->Arg(1)
    ->UseManualTime()
    ->Iterations(3)
    ->Unit(benchmark::kMillisecond);

/// Every fact of the log recomputed. Arg: which log.
void verify_facts(benchmark::State& state) {
  const Fixture& log = fixture(static_cast<Log>(state.range(0)));
  double seconds = 0;
  double cpu_seconds = 0;
  for (auto _ : state) {
    const auto start = Clock::now();
    const std::clock_t cpu = std::clock();
    const replay::ReplayReport report = run(log, true);
    cpu_seconds += cpu_seconds_since(cpu);
    const double taken = seconds_since(start);
    PRECONF_ASSERT(report.facts->different == 0 && report.facts->missing == 0);
    state.SetIterationTime(taken);
    seconds += taken;
  }
  const RawRecovery raw = raw_recovery();
  const double recoveries =
      static_cast<double>(log.recoveries) * static_cast<double>(state.iterations());
  state.counters["recoveries_per_s"] = recoveries / seconds;
  state.counters["vs_raw_recover"] = recoveries / seconds / raw.per_second;
  state.counters["cpu_us_per_recovery"] = cpu_seconds / recoveries * 1e6;
  state.counters["cpu_vs_raw_recover"] = raw.cpu_seconds / (cpu_seconds / recoveries);
}
BENCHMARK(verify_facts)
    ->Arg(kCommitments)
    ->Arg(kFollower)
    ->UseManualTime()
    ->Iterations(2)
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace preconf

BENCHMARK_MAIN();
