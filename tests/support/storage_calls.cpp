#include "tests/support/storage_calls.hpp"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>

namespace preconf::tests {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
namespace fs = std::filesystem;

namespace {

std::atomic<StorageCalls*> active = nullptr;

IOStatus status_of(int error) {
  if (error == 0) return IOStatus::OK();
  if (error == ENOSPC) return IOStatus::NoSpace("injected");
  return IOStatus::IOError("injected");
}

core::Bytes bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return core::Bytes((std::istreambuf_iterator<char>(file)), {});
}

std::string path_of(int fd) {
  std::array<char, 4096> path{};
  const std::string link = "/proc/self/fd/" + std::to_string(fd);
  const ssize_t size = ::readlink(link.c_str(), path.data(), path.size());
  return size <= 0 ? std::string() : std::string(path.data(), static_cast<std::size_t>(size));
}

class CountedFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  CountedFile(std::unique_ptr<rocksdb::FSWritableFile> file, std::string path, StorageCalls& calls)
      : FSWritableFileOwnerWrapper(std::move(file)), path_(std::move(path)), calls_(calls) {}

  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options,
                  IODebugContext* debug) override {
    return append(data, options, debug);
  }
  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options,
                  const rocksdb::DataVerificationInfo& /*info*/, IODebugContext* debug) override {
    return append(data, options, debug);
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    if (const auto no = ask("sync"); !no.ok()) return no;
    const IOStatus status = FSWritableFileOwnerWrapper::Sync(options, debug);
    if (status.ok()) calls_.synced(path_);
    return status;
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    if (const auto no = ask("sync"); !no.ok()) return no;
    const IOStatus status = FSWritableFileOwnerWrapper::Fsync(options, debug);
    if (status.ok()) calls_.synced(path_);
    return status;
  }
  IOStatus Flush(const IOOptions& options, IODebugContext* debug) override {
    const auto no = ask("flush");
    return no.ok() ? FSWritableFileOwnerWrapper::Flush(options, debug) : no;
  }
  IOStatus Close(const IOOptions& options, IODebugContext* debug) override {
    const auto no = ask("close");
    const IOStatus status = FSWritableFileOwnerWrapper::Close(options, debug);
    return no.ok() ? status : no;
  }
  IOStatus Truncate(std::uint64_t size, const IOOptions& options, IODebugContext* debug) override {
    const auto no = ask("truncate");
    return no.ok() ? FSWritableFileOwnerWrapper::Truncate(size, options, debug) : no;
  }
  IOStatus Allocate(std::uint64_t offset, std::uint64_t size, const IOOptions& options,
                    IODebugContext* debug) override {
    const auto no = ask("allocate");
    return no.ok() ? FSWritableFileOwnerWrapper::Allocate(offset, size, options, debug) : no;
  }

 private:
  IOStatus ask(const char* call) { return status_of(calls_.ask(call, path_, true).error); }
  IOStatus append(const rocksdb::Slice& data, const IOOptions& options, IODebugContext* debug) {
    const auto answer = calls_.ask("append", path_, true, data.size());
    const std::size_t size = answer.error == 0 ? data.size() : answer.write_first;
    IOStatus status;
    if (size > 0) {
      status = FSWritableFileOwnerWrapper::Append({data.data(), size}, options, debug);
      if (status.ok()) calls_.wrote(path_, size);
    }
    if (answer.error < 0) ::kill(::getpid(), SIGKILL);
    return answer.error == 0 ? status : status_of(answer.error);
  }

  std::string path_;
  StorageCalls& calls_;
};

class CountedDirectory final : public rocksdb::FSDirectoryWrapper {
 public:
  CountedDirectory(std::unique_ptr<rocksdb::FSDirectory> directory, std::string path,
                   StorageCalls& calls)
      : FSDirectoryWrapper(std::move(directory)), path_(std::move(path)), calls_(calls) {}
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    return after(FSDirectoryWrapper::Fsync(options, debug));
  }
  IOStatus FsyncWithDirOptions(const IOOptions& options, IODebugContext* debug,
                               const rocksdb::DirFsyncOptions& directory) override {
    return after(FSDirectoryWrapper::FsyncWithDirOptions(options, debug, directory));
  }

 private:
  IOStatus after(IOStatus status) {
    const auto no = status_of(calls_.ask("sync directory", path_, true).error);
    if (!no.ok()) return no;
    if (status.ok()) calls_.synced_directory(path_);
    return status;
  }
  std::string path_;
  StorageCalls& calls_;
};

class CountedFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  explicit CountedFileSystem(StorageCalls& calls)
      : FileSystemWrapper(rocksdb::FileSystem::Default()), calls_(calls) {}
  [[nodiscard]] const char* Name() const override { return "CountedFileSystem"; }

  IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                           std::unique_ptr<rocksdb::FSWritableFile>* file,
                           IODebugContext* debug) override {
    if (const auto no = ask("create", name); !no.ok()) return no;
    std::unique_ptr<rocksdb::FSWritableFile> inner;
    const IOStatus status = FileSystemWrapper::NewWritableFile(name, options, &inner, debug);
    if (!status.ok()) return status;
    calls_.created(name);
    *file = std::make_unique<CountedFile>(std::move(inner), name, calls_);
    return status;
  }
  IOStatus NewDirectory(const std::string& name, const IOOptions& options,
                        std::unique_ptr<rocksdb::FSDirectory>* directory,
                        IODebugContext* debug) override {
    std::unique_ptr<rocksdb::FSDirectory> inner;
    const IOStatus status = FileSystemWrapper::NewDirectory(name, options, &inner, debug);
    if (!status.ok()) return status;
    *directory = std::make_unique<CountedDirectory>(std::move(inner), name, calls_);
    return status;
  }
  IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                      IODebugContext* debug) override {
    if (const auto no = ask("rename", to); !no.ok()) return no;
    calls_.renamed(from, to);
    return FileSystemWrapper::RenameFile(from, to, options, debug);
  }
  IOStatus DeleteFile(const std::string& name, const IOOptions& options,
                      IODebugContext* debug) override {
    if (const auto no = ask("delete", name); !no.ok()) return no;
    calls_.about_to_remove(name);
    return FileSystemWrapper::DeleteFile(name, options, debug);
  }
  IOStatus CreateDirIfMissing(const std::string& name, const IOOptions& options,
                              IODebugContext* debug) override {
    const auto no = ask("create directory", name);
    return no.ok() ? FileSystemWrapper::CreateDirIfMissing(name, options, debug) : no;
  }
  IOStatus NewSequentialFile(const std::string& name, const rocksdb::FileOptions& options,
                             std::unique_ptr<rocksdb::FSSequentialFile>* file,
                             IODebugContext* debug) override {
    const auto no = ask("read", name, false);
    return no.ok() ? FileSystemWrapper::NewSequentialFile(name, options, file, debug) : no;
  }
  IOStatus NewRandomAccessFile(const std::string& name, const rocksdb::FileOptions& options,
                               std::unique_ptr<rocksdb::FSRandomAccessFile>* file,
                               IODebugContext* debug) override {
    const auto no = ask("read", name, false);
    return no.ok() ? FileSystemWrapper::NewRandomAccessFile(name, options, file, debug) : no;
  }
  IOStatus GetChildren(const std::string& name, const IOOptions& options,
                       std::vector<std::string>* children, IODebugContext* debug) override {
    const auto no = ask("list", name, false);
    return no.ok() ? FileSystemWrapper::GetChildren(name, options, children, debug) : no;
  }

 private:
  IOStatus ask(const char* call, const std::string& path, bool changes = true) {
    return status_of(calls_.ask(call, path, changes).error);
  }
  StorageCalls& calls_;
};

}  // namespace

StorageCalls::StorageCalls()
    : env_(rocksdb::NewCompositeEnv(std::make_shared<CountedFileSystem>(*this))) {
  active = this;
  storage::set_file_hook(posix_hook);
}
StorageCalls::~StorageCalls() {
  storage::set_file_hook(nullptr);
  active = nullptr;
  std::error_code error;
  if (!trash_.empty()) fs::remove_all(trash_, error);
}

void StorageCalls::plan(const FaultPlan& plan) {
  const std::lock_guard lock(mutex_);
  plan_ = plan;
  struck_ = dead_ = false;
  hit_.clear();
  count_ = 0;
}
std::string StorageCalls::hit() const {
  const std::lock_guard lock(mutex_);
  return hit_;
}

StorageCalls::Answer StorageCalls::ask(const char* call, const std::string& path, bool changes,
                                       std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  if (path.ends_with("/LOG") || path.find("/LOG.old") != std::string::npos) return {};  // only text
  if (dead_) return {EIO, 0};
  const bool counts = changes || !plan_.changes_only;
  if (counts) ++count_;
  const int full =
      plan_.fault == Fault::kNoSpace || plan_.fault == Fault::kShortWrite ? ENOSPC : EIO;
  if (struck_) return {plan_.lasting && changes ? full : 0, 0};
  if (!counts || plan_.fault == Fault::kNone || count_ != plan_.at) return {};
  struck_ = true;
  hit_ = std::string(call) + " " + path;
  if (on_hit_) on_hit_(hit_);
  switch (plan_.fault) {
    case Fault::kShortWrite:
      return bytes > 0 ? Answer{ENOSPC, bytes / 2} : Answer{EIO, 0};
    case Fault::kKill:
      if (bytes == 0) ::kill(::getpid(), SIGKILL);
      return {-1, bytes / 2};
    case Fault::kPowerCut:
      dead_ = true;
      return {EIO, bytes / 2};
    default:
      return {full, 0};
  }
}

void StorageCalls::wrote(const std::string& path, std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  files_[path].written += bytes;
}
void StorageCalls::synced(const std::string& path) {
  const std::lock_guard lock(mutex_);
  files_[path].synced = files_[path].written;
}

void StorageCalls::synced_ours(const std::string& path) {
  const std::lock_guard lock(mutex_);
  overwritten_.erase(path);
}

/// A second name for the file, which outlives its removal. Requires the mutex.
std::string StorageCalls::keep(const std::string& path) {
  std::error_code error;
  if (plan_.fault != Fault::kPowerCut || !fs::exists(path, error)) return {};
  if (trash_.empty()) {
    trash_ = fs::path(path).parent_path().parent_path().parent_path() / "power_cut";
    fs::create_directories(trash_, error);
  }
  const std::string saved = (trash_ / std::to_string(++kept_)).string();
  fs::create_hard_link(path, saved, error);
  return error ? std::string() : saved;
}
void StorageCalls::created(const std::string& path) {
  const std::lock_guard lock(mutex_);
  files_[path] = Sizes{};
  changes_.push_back({path, {}, {}});
}
void StorageCalls::renamed(const std::string& from, const std::string& to) {
  const std::lock_guard lock(mutex_);
  changes_.push_back({to, from, keep(to)});
  if (files_.contains(from)) {
    files_[to] = files_[from];
    files_.erase(from);
  }
}
void StorageCalls::about_to_remove(const std::string& path) {
  const std::lock_guard lock(mutex_);
  std::string saved = keep(path);
  if (!saved.empty()) changes_.push_back({path, "removed", std::move(saved)});
  files_.erase(path);
}
void StorageCalls::synced_directory(const std::string& path) {
  const std::lock_guard lock(mutex_);
  std::erase_if(changes_, [&](const DirectoryChange& change) {
    return fs::path(change.path).parent_path() == fs::path(path);
  });
}
void StorageCalls::about_to_overwrite(const std::string& path) {
  const std::lock_guard lock(mutex_);
  if (plan_.fault == Fault::kPowerCut && !overwritten_.contains(path)) {
    overwritten_[path] = bytes_of(path);
  }
}

void StorageCalls::apply_power_cut(std::mt19937_64& random) {
  const std::lock_guard lock(mutex_);
  std::error_code error;
  for (const auto& [path, sizes] : files_) {
    const std::uint64_t size = fs::file_size(path, error);
    if (error || size <= sizes.synced) continue;
    const std::uint64_t lost = size - sizes.synced;
    fs::resize_file(path, sizes.synced + (random() % 2 == 0 ? 0 : random() % lost), error);
  }
  for (const auto& [path, bytes] : overwritten_) {
    if (random() % 2 == 0) continue;
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file.write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
  }
  std::size_t undo = changes_.empty() ? 0 : random() % (changes_.size() + 1);
  for (; undo > 0; --undo) {
    const DirectoryChange change = std::move(changes_.back());
    changes_.pop_back();
    if (change.from.empty()) {
      fs::remove(change.path, error);
    } else {
      if (change.from != "removed") fs::rename(change.path, change.from, error);
      if (!change.saved.empty()) fs::create_hard_link(change.saved, change.path, error);
    }
  }
  files_.clear();
  changes_.clear();
  overwritten_.clear();
}

storage::FileFault StorageCalls::posix_hook(storage::FileCall call, int fd, const char* path,
                                            std::size_t bytes) {
  StorageCalls* calls = active;
  if (calls == nullptr) return {};
  const std::string name = path != nullptr ? std::string(path) : path_of(fd);
  constexpr const char* kNames[] = {"open", "write", "sync", "sync directory", "rename"};
  const bool changes = call != storage::FileCall::kOpen;
  const Answer answer = calls->ask(kNames[static_cast<std::size_t>(call)], name, changes, bytes);
  if (answer.error < 0) ::kill(::getpid(), SIGKILL);
  if (answer.error != 0) return {answer.error, answer.write_first};
  if (call == storage::FileCall::kWrite) calls->about_to_overwrite(name);
  if (call == storage::FileCall::kSync) calls->synced_ours(name);
  if (call == storage::FileCall::kRename) calls->renamed(name + ".tmp", name);
  if (call == storage::FileCall::kSyncDirectory) calls->synced_directory(name);
  return {};
}

}  // namespace preconf::tests
