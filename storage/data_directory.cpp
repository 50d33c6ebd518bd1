#include "storage/data_directory.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>

namespace preconf::storage {

using core::Ok;
using core::Unexpected;

namespace {

constexpr std::string_view kVersionText = "preconf-log 1\n";
constexpr std::size_t kSmallFileBytesMax = 64;

core::BytesView as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
std::string as_text(const core::Bytes& bytes) { return {bytes.begin(), bytes.end()}; }

/// The pid in a LOCK file, or "unknown" in the instant before its owner has written it.
std::string owner_of(const File& file) {
  const auto bytes = read_at(file, 0, kSmallFileBytesMax);
  std::string pid;
  if (bytes) {
    for (const char c : as_text(*bytes)) {
      if (c < '0' || c > '9') break;
      pid += c;
    }
  }
  return pid.empty() ? "unknown" : pid;
}

IoResult<Ok> take_lock(const File& file, const std::filesystem::path& directory) {
  if (::flock(file.fd(), LOCK_EX | LOCK_NB) == 0) return Ok{};
  if (errno != EWOULDBLOCK) return Unexpected{io_failure("flock " + directory.string())};
  return Unexpected{StorageFailure{
      StorageError::kLocked, {}, directory.string() + " is in use by pid " + owner_of(file)}};
}

}  // namespace

IoResult<File> hold_directory(const std::filesystem::path& directory) {
  auto file = open_file(directory / "LOCK", O_RDONLY);
  if (!file) {
    if (errno == ENOENT) return File();
    return Unexpected{file.error()};
  }
  if (const auto taken = take_lock(*file, directory); !taken) return Unexpected{taken.error()};
  return std::move(file).value();
}

IoResult<File> lock_directory(const std::filesystem::path& directory) {
  auto file = open_file(directory / "LOCK", O_RDWR | O_CREAT);
  if (!file) return Unexpected{file.error()};
  if (const auto taken = take_lock(*file, directory); !taken) return Unexpected{taken.error()};
  const std::string pid = std::to_string(::getpid()) + "\n";
  if (::ftruncate(file->fd(), 0) != 0) return Unexpected{io_failure("truncate LOCK")};
  if (const auto written = write_at(*file, 0, as_bytes(pid)); !written) {
    return Unexpected{written.error()};
  }
  return std::move(file).value();
}

IoResult<bool> has_version(const std::filesystem::path& directory) {
  errno = 0;
  const auto bytes = read_file(directory / "VERSION", kSmallFileBytesMax);
  if (!bytes) {
    // What may not be read may be the right version.
    const bool is_forbidden = errno == EACCES || errno == EPERM || errno == EIO;
    return Unexpected{StorageFailure{
        is_forbidden ? StorageError::kIo : StorageError::kFormat, {}, bytes.error().detail}};
  }
  if (!bytes->has_value()) return false;
  if (as_text(**bytes) != kVersionText) {
    return Unexpected{StorageFailure{StorageError::kFormat,
                                     {},
                                     "VERSION in " + directory.string() +
                                         " is not one that this program knows (preconf-log 1)"}};
  }
  return true;
}

IoResult<Ok> write_version(const std::filesystem::path& directory) {
  return write_file_atomically(directory / "VERSION", as_bytes(kVersionText));
}

}  // namespace preconf::storage
