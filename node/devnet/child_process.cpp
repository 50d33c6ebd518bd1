#include "node/devnet/child_process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <mutex>
#include <thread>

namespace preconf::node::devnet {
namespace {

constexpr std::size_t kLineBytesMax = 64 * 1024;

core::Unexpected<std::string> failed(const char* what, int error) {
  return core::Unexpected<std::string>{fmt::format("{}: {}", what, std::strerror(error))};
}

void close_both(const std::array<int, 2>& pipe) {
  ::close(pipe[0]);
  ::close(pipe[1]);
}

/// Runs in the new process until it is the program; only async-signal-safe calls, because the other
/// threads of the parent do not exist here. An error goes to `verdict`, which exec closes.
[[noreturn]] void become(const std::vector<char*>& argv, const char* log_file, int output,
                         int verdict, pid_t parent) {
  // A group of its own: Ctrl-C in the terminal is for the parent, which ends its children in order.
  // When the parent dies, however it dies, the child does, too.
  const int input = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  const int log = ::open(log_file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (input >= 0 && log >= 0 && ::setpgid(0, 0) == 0 && ::prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 &&
      ::dup2(input, STDIN_FILENO) >= 0 && ::dup2(output, STDOUT_FILENO) >= 0 &&
      ::dup2(log, STDERR_FILENO) >= 0 && ::getppid() == parent) {
    ::execv(argv.front(), argv.data());
  }
  const int error = errno;
  const ssize_t ignored = ::write(verdict, &error, sizeof error);
  static_cast<void>(ignored);
  ::_exit(127);
}

}  // namespace

/// Shared by the owner, the watching thread and what it posts to the loop.
struct ChildProcess::Shared {
  io::EventLoop& loop;
  Handlers handlers;
  pid_t pid = 0;
  int output = -1;
  std::thread watcher;
  std::mutex mutex;
  bool reaped = false;     ///< guarded by mutex: the pid may belong to another process now
  bool abandoned = false;  ///< loop thread only: the owner is gone

  explicit Shared(io::EventLoop& owner_loop, Handlers functions)
      : loop(owner_loop), handlers(std::move(functions)) {}

  void signal(int number) {
    const std::lock_guard lock(mutex);
    if (!reaped) ::kill(pid, number);
  }

  static void post_line(const std::shared_ptr<Shared>& self, std::string line) {
    self->loop.post([self, text = std::move(line)] {
      if (!self->abandoned && self->handlers.on_line) self->handlers.on_line(text);
    });
  }

  /// Runs on the watching thread until the process has ended.
  static void watch(const std::shared_ptr<Shared>& self) {
    std::string pending;
    std::array<char, 4096> buffer{};
    for (;;) {
      const ssize_t count = ::read(self->output, buffer.data(), buffer.size());
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) break;
      pending.append(buffer.data(), static_cast<std::size_t>(count));
      std::size_t begin = 0;
      for (std::size_t end = pending.find('\n'); end != std::string::npos;
           end = pending.find('\n', begin)) {
        post_line(self, pending.substr(begin, end - begin));
        begin = end + 1;
      }
      pending.erase(0, begin);
      if (pending.size() > kLineBytesMax) pending.clear();
    }
    if (!pending.empty()) post_line(self, std::move(pending));
    ::close(self->output);
    // WNOWAIT: the pid stays ours until signal() is barred from using it.
    siginfo_t ignored = {};
    while (::waitid(P_PID, static_cast<id_t>(self->pid), &ignored, WEXITED | WNOWAIT) < 0 &&
           errno == EINTR) {
    }
    int status = 0;
    {
      const std::lock_guard lock(self->mutex);
      while (::waitpid(self->pid, &status, 0) < 0 && errno == EINTR) {
      }
      self->reaped = true;
    }
    ChildEnd end;
    if (WIFEXITED(status)) end.exit_code = WEXITSTATUS(status);
    if (WIFSIGNALED(status)) end.signal = WTERMSIG(status);
    self->loop.post([self, end] {
      if (!self->abandoned && self->handlers.on_end) self->handlers.on_end(end);
    });
  }
};

core::Result<std::unique_ptr<ChildProcess>, std::string> ChildProcess::start(
    io::EventLoop& loop, const std::string& program, const std::vector<std::string>& arguments,
    const std::string& log_file, Handlers handlers) {
  std::array<int, 2> output{};
  std::array<int, 2> verdict{};
  if (::pipe2(output.data(), O_CLOEXEC) != 0) return failed("pipe", errno);
  if (::pipe2(verdict.data(), O_CLOEXEC) != 0) {
    const int error = errno;
    close_both(output);
    return failed("pipe", error);
  }
  std::vector<std::string> texts{program};
  texts.insert(texts.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  argv.reserve(texts.size() + 1);
  for (std::string& text : texts) argv.push_back(text.data());
  argv.push_back(nullptr);

  auto shared = std::make_shared<Shared>(loop, std::move(handlers));
  const pid_t parent = ::getpid();
  shared->pid = ::fork();
  if (shared->pid == 0) become(argv, log_file.c_str(), output[1], verdict[1], parent);
  const int fork_error = errno;
  ::close(output[1]);
  ::close(verdict[1]);
  int error = 0;
  if (shared->pid > 0) {
    while (::read(verdict[0], &error, sizeof error) < 0 && errno == EINTR) {
    }
    if (error != 0) ::waitpid(shared->pid, nullptr, 0);
  } else {
    error = fork_error;
  }
  ::close(verdict[0]);
  if (error != 0) {
    ::close(output[0]);
    return failed(program.c_str(), error);
  }
  shared->output = output[0];
  shared->watcher = std::thread([shared] { Shared::watch(shared); });
  return std::unique_ptr<ChildProcess>(new ChildProcess(std::move(shared)));
}

ChildProcess::ChildProcess(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {}

ChildProcess::~ChildProcess() {
  shared_->abandoned = true;
  shared_->signal(SIGKILL);
  shared_->watcher.join();
}

int ChildProcess::pid() const { return shared_->pid; }

void ChildProcess::signal(int number) { shared_->signal(number); }

}  // namespace preconf::node::devnet
