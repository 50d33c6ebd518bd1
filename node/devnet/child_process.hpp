// A child process that is watched without polling: its lines and its end arrive on the event loop.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "io/loop/event_loop.hpp"

namespace preconf::node::devnet {

/// How a process ended.
struct ChildEnd {
  int exit_code = -1;  ///< -1 when a signal ended it
  int signal = 0;
};

class ChildProcess {
 public:
  struct Handlers {
    std::function<void(const std::string& line)> on_line;  ///< each line of standard output
    std::function<void(ChildEnd)> on_end;                  ///< once, after the last line
  };

  /// Starts `program` with `arguments` (without argv[0]). Standard error goes to `log_file`,
  /// appended. Handlers run on the loop's thread. The error is what the system said.
  [[nodiscard]] static core::Result<std::unique_ptr<ChildProcess>, std::string> start(
      io::EventLoop& loop, const std::string& program, const std::vector<std::string>& arguments,
      const std::string& log_file, Handlers handlers);
  /// Kills the process when it still runs, and waits for its end; handlers do not run any more.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  [[nodiscard]] int pid() const;
  /// Sends a signal unless the process has ended.
  void signal(int number);

 private:
  struct Shared;
  explicit ChildProcess(std::shared_ptr<Shared> shared);
  std::shared_ptr<Shared> shared_;
};

}  // namespace preconf::node::devnet
