// Processes of a benchmark, and the lines "name=value name=value" that they answer with.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <string>

#include "core/base/assert.hpp"

namespace preconf::bench {

/// A forked process that answers lines with lines.
class Child {
 public:
  template <class Run>
  explicit Child(Run&& run) {
    PRECONF_ASSERT(::pipe(to_) == 0 && ::pipe(from_) == 0);
    pid_ = ::fork();
    PRECONF_ASSERT(pid_ >= 0);
    if (pid_ == 0) {
      ::close(to_[1]);
      ::close(from_[0]);
      run(to_[0], from_[1]);
    }
    ::close(to_[0]);
    ::close(from_[1]);
  }
  ~Child() {
    ::close(to_[1]);
    ::close(from_[0]);
    ::waitpid(pid_, nullptr, 0);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  std::string ask() {
    PRECONF_ASSERT(::write(to_[1], "\n", 1) == 1);
    return line();
  }
  std::string line() {
    std::string out;
    char byte = 0;
    while (::read(from_[0], &byte, 1) == 1 && byte != '\n') out += byte;
    return out;
  }

 private:
  int to_[2];
  int from_[2];
  pid_t pid_ = -1;
};

inline double field(const std::string& line, const std::string& name) {
  const auto at = (" " + line).find(" " + name + "=");
  PRECONF_ASSERT(at != std::string::npos);
  return std::stod(line.substr(at + name.size() + 1));
}

}  // namespace preconf::bench
