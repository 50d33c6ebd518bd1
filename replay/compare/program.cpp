#include "replay/compare/program.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <simdjson.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>

#include "core/base/hex.hpp"

namespace preconf::replay {
namespace {

using Clock = std::chrono::steady_clock;
using Failure = core::Unexpected<std::string>;

class Pipe {
 public:
  Pipe() { is_open_ = ::pipe2(ends_.data(), O_CLOEXEC) == 0; }
  ~Pipe() {
    close_end(0);
    close_end(1);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  [[nodiscard]] bool is_open() const { return is_open_; }
  [[nodiscard]] int reading() const { return ends_[0]; }
  [[nodiscard]] int writing() const { return ends_[1]; }
  void close_writing() { close_end(1); }

 private:
  void close_end(std::size_t end) {
    if (ends_[end] >= 0) ::close(ends_[end]);
    ends_[end] = -1;
  }
  std::array<int, 2> ends_{-1, -1};
  bool is_open_ = false;
};

/// Ends and reaps the child in any case.
class Child {
 public:
  explicit Child(pid_t pid) : pid_(pid) {}
  ~Child() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    static_cast<void>(wait());
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  /// Its exit code, -1 when a signal ended it.
  int wait() {
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  pid_t pid_;
};

core::Result<pid_t, std::string> spawn(const std::string& program,
                                       const std::vector<std::string>& arguments, int out) {
  std::vector<std::string> texts{program};
  texts.insert(texts.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& text : texts) argv.push_back(text.data());
  argv.push_back(nullptr);
  std::array<char*, 1> environment{nullptr};
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&actions, out, 1);
  ::posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
  pid_t pid = 0;
  const int error =
      ::posix_spawn(&pid, program.c_str(), &actions, nullptr, argv.data(), environment.data());
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return Failure{program + ": " + std::strerror(error)};
  return pid;
}

/// Everything that comes out of `file` until it ends.
core::Result<std::string, std::string> read_all(int file, Clock::time_point deadline) {
  std::string text;
  std::array<char, 4096> buffer{};
  for (;;) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) return Failure{"no answer within the deadline"};
    pollfd waiting{file, POLLIN, 0};
    const int ready = ::poll(&waiting, 1, static_cast<int>(std::min<long>(left, 1'000'000)));
    if (ready < 0 && errno == EINTR) continue;
    if (ready < 0) return Failure{std::string("poll: ") + std::strerror(errno)};
    if (ready == 0) continue;
    const ssize_t size = ::read(file, buffer.data(), buffer.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return Failure{std::string("read: ") + std::strerror(errno)};
    if (size == 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(size));
    if (text.size() > kProgramAnswerBytesMax) return Failure{"its answer is too long"};
  }
}

core::Result<core::Hash32, std::string> hash_in(const std::string& answer) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  std::string_view text;
  if (parser.parse(answer).get(root) != simdjson::SUCCESS ||
      root["state_hash"].get_string().get(text) != simdjson::SUCCESS) {
    return Failure{"its answer has no \"state_hash\""};
  }
  const auto hash = core::fixed_from_hex<32>(text);
  if (!hash) return Failure{"its \"state_hash\" is not 32 bytes of hex"};
  return *hash;
}

}  // namespace

core::Result<core::Hash32, std::string> state_hash_by(const std::filesystem::path& program,
                                                      const std::filesystem::path& log,
                                                      core::Seq seq,
                                                      std::chrono::milliseconds deadline) {
  Pipe pipe;
  if (!pipe.is_open()) return Failure{std::string("pipe: ") + std::strerror(errno)};
  const auto pid = spawn(program.string(),
                         {"state", log.string(), "--at", std::to_string(seq.value), "--hash",
                          "--json", "--path", "last_seq"},
                         pipe.writing());
  if (!pid) return Failure{pid.error()};
  Child child(*pid);
  pipe.close_writing();
  const std::string name = program.string() + " at event " + std::to_string(seq.value) + ": ";
  const auto answer = read_all(pipe.reading(), Clock::now() + deadline);
  if (!answer) return Failure{name + answer.error()};
  const int code = child.wait();
  if (code != 0) return Failure{name + "it ended with code " + std::to_string(code)};
  const auto hash = hash_in(*answer);
  if (!hash) return Failure{name + hash.error()};
  return *hash;
}

}  // namespace preconf::replay
