// Every call that a log makes to the file system, counted: RocksDB's through a file system of its
// own, ours through the hook of storage/posix_file.hpp. The Nth one can fail, end the process, or
// be the moment of a power cut.
//
// One object at a time (the hook is global). Thread safe.
#pragma once

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <atomic>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <vector>

#include "storage/posix_file.hpp"

namespace preconf::tests {

enum class Fault : std::uint8_t {
  kNone,
  kIoError,     ///< EIO, nothing done
  kNoSpace,     ///< ENOSPC, nothing done
  kShortWrite,  ///< of an append: half of it is done, then ENOSPC; of other calls: EIO
  kKill,        ///< SIGKILL to this process; of an append: after half of it
  kPowerCut,    ///< this call and all later ones fail; see apply_power_cut()
};

struct FaultPlan {
  Fault fault = Fault::kNone;
  std::uint64_t at = 0;       ///< the how manieth call, from 1; 0 = never
  bool lasting = false;       ///< all later calls fail too: the disk stays full
  bool changes_only = false;  ///< count only calls that change files, none that read
};

class StorageCalls {
 public:
  StorageCalls();
  ~StorageCalls();
  StorageCalls(const StorageCalls&) = delete;
  StorageCalls& operator=(const StorageCalls&) = delete;

  /// Counting begins anew.
  void plan(const FaultPlan& plan);
  [[nodiscard]] std::uint64_t count() const { return count_; }
  /// What the planned call was, such as "append log/000004.log"; empty: it was not reached.
  [[nodiscard]] std::string hit() const;
  [[nodiscard]] rocksdb::Env* env() const { return env_.get(); }
  /// Runs at the planned call, before it. Set it before plan().
  void on_hit(std::function<void(const std::string&)> hook) { on_hit_ = std::move(hook); }

  /// Takes away what was not synced when the power went: bytes behind the last sync of each file,
  /// up to a random point, and creations, renames and removals behind the last sync of their
  /// directory, a random number of the newest ones.
  void apply_power_cut(std::mt19937_64& random);

  /// Used by the files. `bytes` > 0: an append. The error to return, 0 to go on.
  struct Answer {
    int error = 0;
    std::size_t write_first = 0;
  };
  Answer ask(const char* call, const std::string& path, bool changes, std::size_t bytes = 0);
  void wrote(const std::string& path, std::uint64_t bytes);
  void synced(const std::string& path);
  void synced_ours(const std::string& path);
  void created(const std::string& path);
  void renamed(const std::string& from, const std::string& to);
  /// Before it happens: keeps the file for a power cut.
  void about_to_remove(const std::string& path);
  void synced_directory(const std::string& path);
  /// Before bytes of a file of ours are overwritten in place.
  void about_to_overwrite(const std::string& path);

 private:
  struct Sizes {
    std::uint64_t written = 0;
    std::uint64_t synced = 0;
  };
  struct DirectoryChange {
    std::string path;
    std::string from;   ///< of a rename
    std::string saved;  ///< what was at `path` before; empty = nothing
  };
  [[nodiscard]] std::string keep(const std::string& path);
  static storage::FileFault posix_hook(storage::FileCall call, int fd, const char* path,
                                       std::size_t bytes);

  std::atomic<std::uint64_t> count_ = 0;
  mutable std::mutex mutex_;
  FaultPlan plan_;
  bool struck_ = false;
  bool dead_ = false;
  std::string hit_;
  std::function<void(const std::string&)> on_hit_;
  std::map<std::string, Sizes> files_;
  std::vector<DirectoryChange> changes_;
  std::map<std::string, core::Bytes> overwritten_;  ///< as last synced
  std::uint64_t kept_ = 0;
  std::filesystem::path trash_;
  std::unique_ptr<rocksdb::Env> env_;
};

}  // namespace preconf::tests
