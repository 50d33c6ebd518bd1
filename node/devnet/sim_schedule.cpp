#include "node/devnet/sim_schedule.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "core/base/hex.hpp"
#include "core/limits.hpp"

namespace preconf::node::devnet {

core::protocol::Schedule epoch_schedule(core::UnixSeconds from, std::size_t windows,
                                        const core::Address& committer, std::uint64_t version) {
  PRECONF_ASSERT(windows <= core::limits::kScheduleWindowsMax);
  core::protocol::Schedule schedule;
  schedule.version = version;
  std::uint64_t end = (from.value + kWindowSeconds - 1) / kWindowSeconds * kWindowSeconds;
  if (end < kWindowSeconds) end = kWindowSeconds;
  schedule.windows.reserve(windows);
  for (std::size_t i = 0; i < windows; ++i, end += kWindowSeconds) {
    schedule.windows.push_back(core::protocol::Window{core::UnixSeconds{end - kWindowSeconds},
                                                      core::UnixSeconds{end}, committer});
  }
  return schedule;
}

std::string schedule_json(const core::protocol::Schedule& schedule) {
  std::string text = fmt::format("{{\"version\":{},\"windows\":[", schedule.version);
  const char* separator = "\n";
  for (const core::protocol::Window& window : schedule.windows) {
    text +=
        fmt::format("{}{{\"start\":{},\"end\":{},\"committer\":\"{}\"}}", separator,
                    window.start.value, window.end.value, core::to_hex0x(window.committer.view()));
    separator = ",\n";
  }
  text += "\n]}\n";
  return text;
}

core::Result<core::Ok, std::string> write_file(const std::string& path, const std::string& text) {
  const auto failed = [&path](const char* what) {
    return core::Unexpected<std::string>{
        fmt::format("{} {}: {}", what, path, std::strerror(errno))};
  };
  const std::string temporary = path + ".tmp";
  const int file = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return failed("cannot create");
  std::size_t written = 0;
  while (written < text.size()) {
    const ssize_t count = ::write(file, text.data() + written, text.size() - written);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) {
      auto error = failed("cannot write");
      ::close(file);
      return error;
    }
    written += static_cast<std::size_t>(count);
  }
  if (::fsync(file) != 0) {
    auto error = failed("cannot sync");
    ::close(file);
    return error;
  }
  ::close(file);
  if (std::rename(temporary.c_str(), path.c_str()) != 0) return failed("cannot rename to");
  return core::Ok{};
}

}  // namespace preconf::node::devnet
