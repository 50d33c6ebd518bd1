#include "node/devnet/sign_guard.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <optional>
#include <string_view>

#include "core/base/hex.hpp"

namespace preconf::node::devnet {
namespace {

constexpr off_t kFileBytesMax = 1 << 30;

std::optional<std::uint64_t> take_number(std::string_view& line) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), value);
  if (error != std::errc{} || end == line.data() + line.size() || *end != ' ') return std::nullopt;
  line.remove_prefix(static_cast<std::size_t>(end - line.data()) + 1);
  return value;
}

std::optional<std::string> read_all(int file, off_t size) {
  std::string text(static_cast<std::size_t>(size), '\0');
  std::size_t filled = 0;
  while (filled < text.size()) {
    const ssize_t count =
        ::pread(file, text.data() + filled, text.size() - filled, static_cast<off_t>(filled));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return std::nullopt;
    filled += static_cast<std::size_t>(count);
  }
  return text;
}

}  // namespace

const char* name_of(SignPermit permit) {
  switch (permit) {
    case SignPermit::kFirst:
      return "first";
    case SignPermit::kRepeat:
      return "repeat";
    case SignPermit::kConflict:
      return "conflict";
    case SignPermit::kStorage:
      return "storage";
  }
  return "unknown";
}

core::Result<SignGuard, std::string> SignGuard::open(const std::string& path) {
  const auto failed = [&path](std::string_view what) {
    return core::Unexpected<std::string>{fmt::format("sign-once file {}: {}", path, what)};
  };
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (file < 0) return failed(std::strerror(errno));
  SignGuard guard(file);
  struct stat facts = {};
  if (::fstat(file, &facts) != 0) return failed(std::strerror(errno));
  if (facts.st_size > kFileBytesMax) return failed("too large");
  const auto text = read_all(file, facts.st_size);
  if (!text) return failed("cannot be read");

  std::string_view rest = *text;
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    if (end == std::string_view::npos) {
      const std::size_t whole = text->size() - rest.size();
      if (::ftruncate(file, static_cast<off_t>(whole)) != 0) return failed(std::strerror(errno));
      break;
    }
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    const auto window = take_number(line);
    const auto height = window ? take_number(line) : std::nullopt;
    const auto content = height ? core::fixed_from_hex<32>(line) : std::nullopt;
    if (!content) return failed("a line is damaged");
    guard.signed_.emplace(std::pair{*window, *height}, *content);
  }
  return guard;
}

SignGuard::SignGuard(SignGuard&& other) noexcept
    : file_(std::exchange(other.file_, -1)), signed_(std::move(other.signed_)) {}

SignGuard& SignGuard::operator=(SignGuard&& other) noexcept {
  std::swap(file_, other.file_);
  std::swap(signed_, other.signed_);
  return *this;
}

SignGuard::~SignGuard() {
  if (file_ >= 0) ::close(file_);
}

SignPermit SignGuard::permit(core::UnixSeconds window_end, core::BlockNumber height,
                             const core::Hash32& content) {
  const std::pair key{window_end.value, height.value};
  if (const auto known = signed_.find(key); known != signed_.end()) {
    return known->second == content ? SignPermit::kRepeat : SignPermit::kConflict;
  }
  const std::string line =
      fmt::format("{} {} {}\n", window_end.value, height.value, core::to_hex(content.view()));
  std::size_t written = 0;
  while (written < line.size()) {
    const ssize_t count = ::write(file_, line.data() + written, line.size() - written);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return give_up();
    written += static_cast<std::size_t>(count);
  }
  if (::fdatasync(file_) != 0) return give_up();
  signed_.emplace(key, content);
  return SignPermit::kFirst;
}

SignPermit SignGuard::give_up() {
  // What the file holds now is unknown until it is read again: no further permits in this process.
  ::close(std::exchange(file_, -1));
  return SignPermit::kStorage;
}

}  // namespace preconf::node::devnet
