// The few file operations that durable data needs beside RocksDB, with errors as values.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "storage/storage_error.hpp"

namespace preconf::storage {

/// An open file descriptor; closed with the object.
class File {
 public:
  File() = default;
  explicit File(int fd) : fd_(fd) {}
  ~File();
  File(File&& other) noexcept;
  File& operator=(File&& other) noexcept;
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  [[nodiscard]] int fd() const { return fd_; }

 private:
  int fd_ = -1;
};

template <class T>
using IoResult = core::Result<T, StorageFailure>;

/// A failure with the words of errno.
[[nodiscard]] StorageFailure io_failure(const std::string& what);

/// open(2) with O_CLOEXEC.
[[nodiscard]] IoResult<File> open_file(const std::filesystem::path& path, int flags);
/// Writes all of `bytes` at `offset`.
[[nodiscard]] IoResult<core::Ok> write_at(const File& file, std::uint64_t offset,
                                          core::BytesView bytes);
/// Up to `count` bytes from `offset`; fewer at the end of the file.
[[nodiscard]] IoResult<core::Bytes> read_at(const File& file, std::uint64_t offset,
                                            std::size_t count);
[[nodiscard]] IoResult<core::Ok> sync_data(const File& file);
[[nodiscard]] IoResult<core::Ok> sync_directory(const std::filesystem::path& directory);

/// The whole file, nothing when it is missing. Refuses more than `size_max` bytes.
[[nodiscard]] IoResult<std::optional<core::Bytes>> read_file(const std::filesystem::path& path,
                                                             std::size_t size_max);
/// Replaces `path` by a file with these bytes, durably: temporary name, fsync, rename, fsync of the
/// directory. After a crash the old or the new file is there.
[[nodiscard]] IoResult<core::Ok> write_file_atomically(const std::filesystem::path& path,
                                                       core::BytesView bytes);

/// What tests put between these functions and the disk. `fd` is -1 for calls by path, `path` is
/// null for calls by descriptor (for a rename it is the new name). A fault's error is an errno, 0
/// to go on; `write_first` bytes of a failing write are written all the same.
enum class FileCall : std::uint8_t { kOpen, kWrite, kSync, kSyncDirectory, kRename };
struct FileFault {
  int error = 0;
  std::size_t write_first = 0;
};
using FileHook = FileFault (*)(FileCall call, int fd, const char* path, std::size_t bytes);
/// Null removes it. Any thread.
void set_file_hook(FileHook hook);

}  // namespace preconf::storage
