// A file system that watches and troubles RocksDB: counts the syncs of the write-ahead log, holds
// or fails them, and afterwards takes away what was never synced.
#pragma once

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace preconf::tests {

class FaultFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  FaultFileSystem() : rocksdb::FileSystemWrapper(rocksdb::FileSystem::Default()) {}
  [[nodiscard]] const char* Name() const override { return "FaultFileSystem"; }

  /// Runs before every sync and append of a write-ahead log file; false makes it fail.
  using Hook = std::function<bool()>;
  void on_wal_sync(Hook hook);
  void on_wal_append(Hook hook);
  [[nodiscard]] std::size_t wal_syncs() const;
  /// Cuts every file that was written through this object back to its synced size: a power cut.
  void drop_unsynced();

  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to,
                               const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;

 private:
  friend class WatchedFile;
  struct Sizes {
    std::uint64_t written = 0;
    std::uint64_t synced = 0;
  };

  mutable std::mutex mutex_;
  std::map<std::string, Sizes> files_;
  std::size_t wal_syncs_ = 0;
  Hook sync_hook_;
  Hook append_hook_;
};

/// RocksDB's environment over `files`.
[[nodiscard]] std::unique_ptr<rocksdb::Env> make_env(const std::shared_ptr<FaultFileSystem>& files);

}  // namespace preconf::tests
