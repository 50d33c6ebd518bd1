// A process that owns a log, to be killed by a test.
//
//   log_child hold DIR     opens DIR, writes one byte to stdout, ends when stdin ends
//   log_child append DIR   appends for ever; writes each durable seq to stdout, in 64 bytes
#include <unistd.h>

#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <string>

#include "storage/log_writer.hpp"
#include "tests/support/storage_events.hpp"

namespace preconf {
namespace {

int hold() {
  char byte = 'r';
  if (::write(STDOUT_FILENO, &byte, 1) != 1) return 1;
  return ::read(STDIN_FILENO, &byte, 1) == 0 ? 0 : 1;
}

int append_for_ever(storage::EventLog& log) {
  std::mutex mutex;
  std::condition_variable changed;
  bool failed = false;
  tests::EventGenerator generator(log.end().seq.value);
  storage::LogWriter writer(log,
                            {[&](storage::LogPosition durable) {
                               // Padded, so that a full pipe stops a child that nobody listens to.
                               const std::uint64_t report[8] = {durable.seq.value};
                               if (::write(STDOUT_FILENO, report, sizeof(report)) != sizeof(report))
                                 ::_exit(1);
                               const std::lock_guard lock(mutex);
                               changed.notify_all();
                             },
                             [&](const storage::StorageFailure& failure) {
                               std::fprintf(stderr, "%s\n", failure.detail.c_str());
                               const std::lock_guard lock(mutex);
                               failed = true;
                               changed.notify_all();
                             }});
  for (core::Seq next = core::next(log.end().seq);;) {
    const std::size_t count = generator.below(40) + 1;
    auto batch = std::make_shared<storage::EventBatch>(generator.batch(next, count));
    if (generator.below(4) == 0) {
      batch->contents.push_back(tests::content_of(generator.bytes(generator.below(60'000))));
    }
    next.value += count;
    writer.submit(std::move(batch));
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return failed || writer.backlog() < 500; });
    if (failed) return 1;
  }
}

}  // namespace
}  // namespace preconf

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  auto log = preconf::storage::EventLog::open(argv[2], preconf::storage::OpenMode::kCreate);
  if (!log) {
    std::fprintf(stderr, "%s\n", log.error().detail.c_str());
    return 1;
  }
  return argv[1] == std::string("hold") ? preconf::hold() : preconf::append_for_ever(**log);
}
