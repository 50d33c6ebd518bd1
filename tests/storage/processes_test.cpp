// Several processes and one directory: a second writer, a reader beside the writer, a killed
// writer.
#include <fcntl.h>
#include <rocksdb/env.h>
#include <rocksdb/file_system.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <functional>
#include <map>
#include <utility>

#include "core/crypto/hash.hpp"
#include "storage/log_writer.hpp"
#include "storage/rocks.hpp"
#include "tests/storage/log_fixture.hpp"

extern char** environ;

namespace preconf::storage {
namespace {

using core::Seq;
using tests::EventGenerator;
using tests::TemporaryDirectory;

/// A running log_child.
class Child {
 public:
  Child(const char* mode, const std::filesystem::path& directory) {
    int in[2] = {-1, -1};
    int out[2] = {-1, -1};
    EXPECT_EQ(::pipe2(in, O_CLOEXEC), 0);
    EXPECT_EQ(::pipe2(out, O_CLOEXEC), 0);
    EXPECT_GE(::fcntl(out[1], F_SETPIPE_SZ, 4096), 4096);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
    std::string arguments[] = {PRECONF_LOG_CHILD, mode, directory.string()};
    char* argv[] = {arguments[0].data(), arguments[1].data(), arguments[2].data(), nullptr};
    EXPECT_EQ(::posix_spawn(&pid_, argv[0], &actions, nullptr, argv, environ), 0);
    ::posix_spawn_file_actions_destroy(&actions);
    ::close(in[0]);
    ::close(out[1]);
    stdin_ = in[1];
    stdout_ = out[0];
  }
  ~Child() {
    if (pid_ > 0) kill_and_wait();
    if (stdin_ >= 0) ::close(stdin_);
    ::close(stdout_);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  /// Waits for `size` bytes; false at the end of the output.
  bool read(void* out, std::size_t size) const {
    auto* bytes = static_cast<char*>(out);
    while (size > 0) {
      const ssize_t got = ::read(stdout_, bytes, size);
      if (got <= 0) return false;
      bytes += got;
      size -= static_cast<std::size_t>(got);
    }
    return true;
  }
  /// The next report of `append`; false at the end of the output.
  bool read_report(std::uint64_t& seq) const {
    std::uint64_t report[8] = {};
    if (!read(report, sizeof(report))) return false;
    seq = report[0];
    return true;
  }
  void kill_and_wait() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }
  int end_and_wait() {
    ::close(stdin_);
    stdin_ = -1;
    int status = -1;
    ::waitpid(pid_, &status, 0);
    pid_ = -1;
    return status;
  }

 private:
  pid_t pid_ = -1;
  int stdin_ = -1;
  int stdout_ = -1;
};

TEST(Processes, second_writer_is_refused_with_the_pid_of_the_first) {
  TemporaryDirectory directory;
  Child child("hold", directory.path());
  char ready = 0;
  ASSERT_TRUE(child.read(&ready, 1));
  for (const OpenMode mode : {OpenMode::kWrite, OpenMode::kCreate}) {
    const StorageFailure failure = open_failure(directory.path(), mode);
    EXPECT_EQ(failure.code, StorageError::kLocked);
    EXPECT_NE(failure.detail.find("pid " + std::to_string(child.pid())), std::string::npos)
        << failure.detail;
  }
  EXPECT_NE(open_log(directory.path(), OpenMode::kReadOnly), nullptr);
  EXPECT_EQ(child.end_and_wait(), 0);
  EXPECT_NE(open_log(directory.path(), OpenMode::kWrite), nullptr)
      << "the lock went with its owner";
}

TEST(Processes, second_writer_in_the_same_process_is_refused_too) {
  TemporaryDirectory directory;
  const auto first = open_log(directory.path(), OpenMode::kCreate);
  const StorageFailure failure = open_failure(directory.path(), OpenMode::kWrite);
  EXPECT_EQ(failure.code, StorageError::kLocked);
  EXPECT_NE(failure.detail.find(std::to_string(::getpid())), std::string::npos);
}

TEST(Processes, lock_of_a_killed_process_is_free) {
  TemporaryDirectory directory;
  Child child("hold", directory.path());
  char ready = 0;
  ASSERT_TRUE(child.read(&ready, 1));
  child.kill_and_wait();
  EXPECT_NE(open_log(directory.path(), OpenMode::kWrite), nullptr);
}

/// Names, sizes and contents of all files below a directory.
std::map<std::string, core::Hash32> fingerprint(const std::filesystem::path& directory) {
  std::map<std::string, core::Hash32> out;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    const core::Bytes bytes((std::istreambuf_iterator<char>(file)), {});
    out[entry.path().string()] = core::crypto::sha256(bytes);
  }
  return out;
}

TEST(Processes, reading_changes_nothing_in_the_directory) {
  TemporaryDirectory directory;
  EventGenerator generator(41);
  const auto log = open_log(directory.path(), OpenMode::kCreate);
  append(*log, generator.batch(Seq{1}, 50));
  const auto before = fingerprint(directory.path());
  {
    const auto reader = open_log(directory.path(), OpenMode::kReadOnly);
    EXPECT_EQ(read_all(*reader).events.size(), 50u);
    EXPECT_EQ(reader->content(core::Hash32{}), nullptr);
  }
  EXPECT_EQ(fingerprint(directory.path()), before);
  append(*log, generator.batch(Seq{51}, 1));
  EXPECT_EQ(log->end().seq, Seq{51}) << "the writer goes on";
}

/// The writer flushes and rolls its files all the time; every view beside it must be a whole
/// prefix.
TEST(Processes, readers_beside_a_busy_writer_see_whole_prefixes) {
  TemporaryDirectory directory;
  Child child("append", directory.path());
  std::uint64_t durable = 0;
  ASSERT_TRUE(child.read_report(durable));
  for (int round = 0; round < 6; ++round) {
    for (int report = 0; report < 12; ++report) ASSERT_TRUE(child.read_report(durable));
    const auto reader = open_log(directory.path(), OpenMode::kReadOnly);
    ASSERT_NE(reader, nullptr);
    EXPECT_GE(reader->end().seq.value, durable);
    const auto read = read_all(*reader);
    EXPECT_FALSE(read.failure.has_value()) << read.failure->detail;
    EXPECT_EQ(read.events.size(), reader->end().seq.value);
  }
}

/// Runs `between` once, after RocksDB has read the manifest and before it looks for write-ahead
/// logs.
class PausingFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  explicit PausingFileSystem(std::function<void()> between)
      : rocksdb::FileSystemWrapper(rocksdb::FileSystem::Default()), between_(std::move(between)) {}
  [[nodiscard]] const char* Name() const override { return "PausingFileSystem"; }
  rocksdb::IOStatus NewSequentialFile(const std::string& name, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSSequentialFile>* file,
                                      rocksdb::IODebugContext* debug) override {
    if (name.find("MANIFEST") != std::string::npos) manifest_read_ = true;
    return FileSystemWrapper::NewSequentialFile(name, options, file, debug);
  }
  rocksdb::IOStatus GetChildren(const std::string& directory, const rocksdb::IOOptions& options,
                                std::vector<std::string>* names,
                                rocksdb::IODebugContext* debug) override {
    if (manifest_read_ && between_) std::exchange(between_, nullptr)();
    return FileSystemWrapper::GetChildren(directory, options, names, debug);
  }
  [[nodiscard]] bool ran() const { return !between_; }

 private:
  std::function<void()> between_;
  bool manifest_read_ = false;
};

/// The writer flushes exactly then: the events have left the write-ahead log and are not yet in
/// the manifest that the reader knows.
TEST(Processes, flush_while_a_reader_opens_hides_nothing) {
  TemporaryDirectory directory;
  EventGenerator generator(42);
  {
    const auto log = open_log(directory.path(), OpenMode::kCreate);
    ASSERT_TRUE(log->write_high_water_mark(append(*log, generator.batch(Seq{1}, 50))).has_value());
  }
  const auto writer = Rocks::open(directory.path() / "log", RocksMode::kWrite, nullptr);
  ASSERT_TRUE(writer.has_value());
  const auto files = std::make_shared<PausingFileSystem>([&writer] {
    EXPECT_TRUE((*writer)->db().Flush(rocksdb::FlushOptions(), (*writer)->log()).ok());
  });
  const auto env = rocksdb::NewCompositeEnv(files);
  const auto reader = open_log(directory.path(), OpenMode::kReadOnly, env.get());
  EXPECT_TRUE(files->ran());
  ASSERT_NE(reader, nullptr);
  EXPECT_EQ(reader->end().seq, Seq{50});
  EXPECT_EQ(read_all(*reader).events.size(), 50u);
}

TEST(Processes, everything_reported_durable_survives_kill_9) {
  TemporaryDirectory directory;
  std::uint64_t durable = 0;
  for (int life = 0; life < 6; ++life) {
    {
      Child child("append", directory.path());
      for (int report = 0; report < 5 + 10 * life; ++report) {
        ASSERT_TRUE(child.read_report(durable));
      }
      child.kill_and_wait();
      while (child.read_report(durable)) {
      }
    }
    const auto log = open_log(directory.path(), OpenMode::kWrite);
    ASSERT_NE(log, nullptr);
    EXPECT_GE(log->end().seq.value, durable) << "life " << life;
    const auto read = read_all(*log);
    EXPECT_FALSE(read.failure.has_value()) << read.failure->detail;
    EXPECT_EQ(read.events.size(), log->end().seq.value);
    for (const LoggedEvent& logged : read.events) ASSERT_GT(logged.event.seq.value, 0u);
  }
}

}  // namespace
}  // namespace preconf::storage
