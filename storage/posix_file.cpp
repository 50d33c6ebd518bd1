#include "storage/posix_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <system_error>
#include <utility>

namespace preconf::storage {

using core::Ok;
using core::Unexpected;

namespace {

std::atomic<FileHook> file_hook = nullptr;

/// True: go on. False: errno is that of the fault.
bool may(FileCall call, int fd, const char* path, core::BytesView bytes = {},
         std::uint64_t offset = 0) {
  const FileHook hook = file_hook.load(std::memory_order_relaxed);
  if (hook == nullptr) return true;
  const FileFault fault = hook(call, fd, path, bytes.size());
  if (fault.error == 0) return true;
  const std::size_t first = std::min(fault.write_first, bytes.size());
  if (first > 0 && ::pwrite(fd, bytes.data(), first, static_cast<off_t>(offset)) < 0) return false;
  errno = fault.error;
  return false;
}

}  // namespace

void set_file_hook(FileHook hook) { file_hook.store(hook); }

File::~File() {
  if (fd_ >= 0) ::close(fd_);
}
File::File(File&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
File& File::operator=(File&& other) noexcept {
  if (this != &other) {
    if (fd_ >= 0) ::close(fd_);
    fd_ = std::exchange(other.fd_, -1);
  }
  return *this;
}

StorageFailure io_failure(const std::string& what) {
  return StorageFailure{
      StorageError::kIo, {}, what + ": " + std::generic_category().message(errno)};
}

IoResult<File> open_file(const std::filesystem::path& path, int flags) {
  if (!may(FileCall::kOpen, -1, path.c_str()))
    return Unexpected{io_failure("open " + path.string())};
  const int fd = ::open(path.c_str(), flags | O_CLOEXEC, 0644);
  if (fd < 0) return Unexpected{io_failure("open " + path.string())};
  return File(fd);
}

IoResult<Ok> write_at(const File& file, std::uint64_t offset, core::BytesView bytes) {
  if (!may(FileCall::kWrite, file.fd(), nullptr, bytes, offset)) {
    return Unexpected{io_failure("write")};
  }
  while (!bytes.empty()) {
    const ssize_t written =
        ::pwrite(file.fd(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0) {
      if (errno == EINTR) continue;
      return Unexpected{io_failure("write")};
    }
    bytes = bytes.subspan(static_cast<std::size_t>(written));
    offset += static_cast<std::uint64_t>(written);
  }
  return Ok{};
}

IoResult<core::Bytes> read_at(const File& file, std::uint64_t offset, std::size_t count) {
  core::Bytes out(count);
  std::size_t filled = 0;
  while (filled < count) {
    const ssize_t got = ::pread(file.fd(), out.data() + filled, count - filled,
                                static_cast<off_t>(offset + filled));
    if (got < 0) {
      if (errno == EINTR) continue;
      return Unexpected{io_failure("read")};
    }
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  out.resize(filled);
  return out;
}

IoResult<Ok> sync_data(const File& file) {
  const bool synced = may(FileCall::kSync, file.fd(), nullptr) && ::fdatasync(file.fd()) == 0;
  if (!synced) return Unexpected{io_failure("fdatasync")};
  return Ok{};
}

IoResult<Ok> sync_directory(const std::filesystem::path& directory) {
  const auto opened = open_file(directory, O_RDONLY | O_DIRECTORY);
  if (!opened) return Unexpected{opened.error()};
  const bool synced =
      may(FileCall::kSyncDirectory, opened->fd(), directory.c_str()) && ::fsync(opened->fd()) == 0;
  if (!synced) return Unexpected{io_failure("fsync " + directory.string())};
  return Ok{};
}

IoResult<std::optional<core::Bytes>> read_file(const std::filesystem::path& path,
                                               std::size_t size_max) {
  const auto opened = open_file(path, O_RDONLY);
  if (!opened) {
    if (errno == ENOENT) return std::optional<core::Bytes>();
    return Unexpected{opened.error()};
  }
  struct stat info = {};
  if (::fstat(opened->fd(), &info) != 0) return Unexpected{io_failure("stat " + path.string())};
  const auto size = static_cast<std::uint64_t>(info.st_size);
  if (!S_ISREG(info.st_mode) || size > size_max) {
    return Unexpected{StorageFailure{StorageError::kIo, {}, path.string() + " is too large"}};
  }
  auto bytes = read_at(*opened, 0, static_cast<std::size_t>(size));
  if (!bytes) return Unexpected{bytes.error()};
  return std::optional<core::Bytes>(std::move(bytes).value());
}

IoResult<Ok> write_file_atomically(const std::filesystem::path& path, core::BytesView bytes) {
  std::filesystem::path temporary = path;
  temporary += ".tmp";
  {
    const auto file = open_file(temporary, O_WRONLY | O_CREAT | O_TRUNC);
    if (!file) return Unexpected{file.error()};
    if (auto written = write_at(*file, 0, bytes); !written) return written;
    const bool synced = may(FileCall::kSync, file->fd(), nullptr) && ::fsync(file->fd()) == 0;
    if (!synced) return Unexpected{io_failure("fsync " + temporary.string())};
  }
  if (!may(FileCall::kRename, -1, path.c_str()) || ::rename(temporary.c_str(), path.c_str()) != 0) {
    return Unexpected{io_failure("rename to " + path.string())};
  }
  return sync_directory(path.parent_path());
}

}  // namespace preconf::storage
