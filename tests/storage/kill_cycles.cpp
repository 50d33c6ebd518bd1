// Lives of a log's writer, each ended by SIGKILL.
//
//   kill_cycles DIR CYCLES SEED
//
// This process has one thread and never opens a log: it forks the writer, which first checks that
// the log it finds holds everything that earlier lives were told is durable, chain for chain, and
// then writes until it is killed, by itself at a random call that changes files (in the middle of
// an append), or from here after a random acknowledgement. Exit code 1: something was lost.
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <random>
#include <string>

#include "storage/log_writer.hpp"
#include "storage/snapshot_store.hpp"
#include "tests/support/storage_calls.hpp"
#include "tests/support/storage_events.hpp"

namespace preconf {
namespace {

using core::Seq;
using storage::LogPosition;

constexpr std::size_t kLivesPerLog = 20;
constexpr std::size_t kHeavyBytes = 1'100'000;  ///< sixteen of them fill a memtable

/// What a life tells its parent.
struct Report {
  enum Kind : char { kAcknowledged = 'a', kFailed = 'f', kHit = 'h', kEnded = 'e' };
  char kind = 0;
  std::uint64_t seq = 0;
  std::uint8_t chain[32] = {};
  char text[128] = {};
};

struct Life {
  std::filesystem::path directory;
  LogPosition acknowledged;
  std::uint64_t seed = 0;
  std::uint64_t die_at = 0;  ///< the call; 0 = killed from outside
  bool heavy = false;        ///< writes enough to flush
  int out = -1;
};

void tell(int out, Report::Kind kind, const std::string& text, LogPosition position = {}) {
  Report report;
  report.kind = kind;
  report.seq = position.seq.value;
  std::memcpy(report.chain, position.chain.data(), sizeof(report.chain));
  std::snprintf(report.text, sizeof(report.text), "%s", text.c_str());
  if (::write(out, &report, sizeof(report)) != sizeof(report)) ::_exit(5);
}

[[noreturn]] void fail(const Life& life, const std::string& text) {
  tell(life.out, Report::kFailed, text);
  ::_exit(1);
}

void check(const Life& life, const storage::EventLog& log) {
  const Seq told = life.acknowledged.seq;
  if (log.end().seq < told) fail(life, "lost events after " + std::to_string(log.end().seq.value));
  if (told.value > 0 && log.chain_at(told) != life.acknowledged.chain) fail(life, "other chain");
  const auto reader = log.read(Seq{1});
  std::uint64_t read = 0;
  for (;; ++read) {
    const auto next = reader->next();
    if (!next) fail(life, next.error().detail);
    if (!next->has_value()) break;
    for (const core::ContentRef& ref : core::content_refs((**next).event.body)) {
      (void)log.content(ref.hash);
    }
  }
  if (read != log.end().seq.value) fail(life, "read " + std::to_string(read));
}

/// Batches through a writer until they are durable; the writer's end writes the mark.
void write_some(const Life& life, storage::EventLog& log, tests::EventGenerator& generator) {
  std::mutex mutex;
  std::condition_variable changed;
  Seq durable = log.end().seq;
  storage::LogWriter writer(
      log, {[&](LogPosition position) {
              tell(life.out, Report::kAcknowledged, "", position);
              const std::lock_guard lock(mutex);
              durable = position.seq;
              changed.notify_all();
            },
            [&](const storage::StorageFailure& failure) { fail(life, failure.detail); }});
  Seq next = core::next(durable);
  for (std::size_t i = 0; i < (life.heavy ? 18 : 5); ++i) {
    const std::size_t count = generator.below(6) + 1;
    auto batch = std::make_shared<storage::EventBatch>(generator.batch(next, count));
    if (life.heavy || generator.below(4) == 0) {
      const std::size_t size = life.heavy ? kHeavyBytes : generator.below(6'000);
      batch->contents.push_back(tests::content_of(generator.bytes(size)));
    }
    writer.submit(std::move(batch));
    writer.submit_digests({next, std::vector<core::Hash32>(count)});
    next.value += count;
    if (generator.below(2) == 0) continue;
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return core::next(durable) == next; });
  }
}

[[noreturn]] void live(const Life& life) {
  const char* phase = "open";
  tests::StorageCalls calls;
  calls.on_hit([&](const std::string& hit) {
    const auto at = [&](const char* part) { return hit.find(part) != std::string::npos; };
    const char* name = phase;
    if (at("high_water")) name = at(".tmp") ? "open" : "mark";
    if (at("snapshots/")) name = "snapshot";
    if (std::strcmp(phase, "open") != 0 && (at(".sst") || at(".blob") || at("MANIFEST"))) {
      name = "flush";
    }
    tell(life.out, Report::kHit, name);
  });
  calls.plan({tests::Fault::kKill, life.die_at, false, true});
  auto log = storage::EventLog::open(life.directory, storage::OpenMode::kCreate, calls.env());
  if (!log) fail(life, "open: " + log.error().detail);
  check(life, **log);
  phase = "commit";
  tests::EventGenerator generator(life.seed);
  storage::SnapshotStore snapshots(life.directory / "snapshots");
  for (int round = 0; round < (life.die_at == 0 ? 1'000 : 6); ++round) {
    write_some(life, **log, generator);
    const storage::Snapshot snapshot = {(*log)->end(), 1, {}, generator.bytes(2'000)};
    if (!snapshots.save(snapshot)) fail(life, "snapshot");
    snapshots.prune(2);
    if (life.heavy) break;
  }
  phase = "close";
  log->reset();
  tell(life.out, Report::kEnded, "");
  ::_exit(0);
}

class Runner {
 public:
  Runner(std::filesystem::path directory, std::uint64_t seed)
      : directory_(std::move(directory)), random_(seed) {}

  /// False: something was lost.
  bool cycle(std::uint64_t number) {
    if (number % kLivesPerLog == 0) {
      std::filesystem::remove_all(directory_);
      acknowledged_ = {};
    }
    Life life{directory_, acknowledged_, random_(), 0, random_() % 12 == 0, -1};
    const bool from_outside = random_() % 4 == 0;
    if (!from_outside) life.die_at = 1 + random_() % (life.heavy ? 260 : 170);
    const std::uint64_t after = 1 + random_() % 12;
    int ends[2] = {-1, -1};
    if (::pipe(ends) != 0) return false;
    const pid_t child = ::fork();
    if (child == 0) {
      ::close(ends[0]);
      life.out = ends[1];
      live(life);
    }
    ::close(ends[1]);
    const bool good = listen(ends[0], from_outside ? after : 0, child);
    ::close(ends[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    const bool killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
    if (killed) ++kills_;
    if (good && (killed || (WIFEXITED(status) && WEXITSTATUS(status) == 0))) return true;
    std::printf("cycle %llu: status %d\n", static_cast<unsigned long long>(number), status);
    return false;
  }

  void print(std::uint64_t cycles) const {
    std::printf("%llu cycles, %llu SIGKILLs, %llu acknowledgements, lost 0:",
                static_cast<unsigned long long>(cycles), static_cast<unsigned long long>(kills_),
                static_cast<unsigned long long>(acknowledgements_));
    for (const auto& [phase, count] : phases_) {
      std::printf(" %s %llu", phase.c_str(), static_cast<unsigned long long>(count));
    }
    std::printf("\n");
  }

 private:
  /// Reads reports to the end; kills the child after so many acknowledgements (0: never).
  bool listen(int in, std::uint64_t kill_after, pid_t child) {
    Report report;
    std::uint64_t heard = 0;
    while (read_report(in, report)) {
      if (report.kind == Report::kFailed) {
        std::printf("%s\n", report.text);
        return false;
      }
      if (report.kind == Report::kHit || report.kind == Report::kEnded) {
        ++phases_[report.kind == Report::kHit ? report.text : "not_reached"];
      }
      if (report.kind != Report::kAcknowledged) continue;
      ++acknowledgements_;
      acknowledged_.seq = Seq{report.seq};
      acknowledged_.chain = core::Hash32::from({report.chain, sizeof(report.chain)});
      if (++heard == kill_after) {
        ::kill(child, SIGKILL);
        ++phases_["from_outside"];
      }
    }
    return true;
  }
  static bool read_report(int in, Report& report) {
    std::size_t got = 0;
    while (got < sizeof(report)) {
      const ssize_t size = ::read(in, reinterpret_cast<char*>(&report) + got, sizeof(report) - got);
      if (size <= 0) return false;
      got += static_cast<std::size_t>(size);
    }
    return true;
  }

  std::filesystem::path directory_;
  std::mt19937_64 random_;
  LogPosition acknowledged_;
  std::uint64_t kills_ = 0;
  std::uint64_t acknowledgements_ = 0;
  std::map<std::string, std::uint64_t> phases_;
};

}  // namespace
}  // namespace preconf

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  const std::uint64_t cycles = std::strtoull(argv[2], nullptr, 10);
  const std::uint64_t seed = std::strtoull(argv[3], nullptr, 10);
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  std::fflush(stdout);
  preconf::Runner runner(argv[1], seed);
  for (std::uint64_t i = 0; i < cycles; ++i) {
    if (!runner.cycle(i)) return 1;
    if ((i + 1) % 1'000 == 0 && i + 1 < cycles) {
      runner.print(i + 1);
      std::fflush(stdout);
    }
  }
  runner.print(cycles);
  std::error_code error;
  std::filesystem::remove_all(argv[1], error);
  return 0;
}
