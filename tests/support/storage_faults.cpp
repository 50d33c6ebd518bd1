#include "tests/support/storage_faults.hpp"

#include <filesystem>

namespace preconf::tests {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

namespace {
bool is_wal(const std::string& name) { return name.ends_with(".log"); }
}  // namespace

class WatchedFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  WatchedFile(std::unique_ptr<rocksdb::FSWritableFile> file, std::string name,
              FaultFileSystem& owner)
      : rocksdb::FSWritableFileOwnerWrapper(std::move(file)),
        name_(std::move(name)),
        owner_(owner) {}

  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options,
                  IODebugContext* debug) override {
    if (const IOStatus refused = before_append(); !refused.ok()) return refused;
    return after_append(FSWritableFileOwnerWrapper::Append(data, options, debug), data.size());
  }
  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options,
                  const rocksdb::DataVerificationInfo& info, IODebugContext* debug) override {
    if (const IOStatus refused = before_append(); !refused.ok()) return refused;
    return after_append(FSWritableFileOwnerWrapper::Append(data, options, info, debug),
                        data.size());
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    if (const IOStatus refused = before_sync(); !refused.ok()) return refused;
    return after_sync(FSWritableFileOwnerWrapper::Sync(options, debug));
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    if (const IOStatus refused = before_sync(); !refused.ok()) return refused;
    return after_sync(FSWritableFileOwnerWrapper::Fsync(options, debug));
  }

 private:
  IOStatus ask(const FaultFileSystem::Hook& hook) {
    if (is_wal(name_) && hook && !hook()) return IOStatus::IOError("injected");
    return IOStatus::OK();
  }
  IOStatus before_append() {
    std::unique_lock lock(owner_.mutex_);
    const auto hook = owner_.append_hook_;
    lock.unlock();
    return ask(hook);
  }
  IOStatus after_append(IOStatus status, std::size_t size) {
    const std::lock_guard lock(owner_.mutex_);
    if (status.ok()) owner_.files_[name_].written += size;
    return status;
  }
  IOStatus before_sync() {
    std::unique_lock lock(owner_.mutex_);
    const auto hook = owner_.sync_hook_;
    lock.unlock();
    return ask(hook);
  }
  IOStatus after_sync(IOStatus status) {
    const std::lock_guard lock(owner_.mutex_);
    if (!status.ok()) return status;
    owner_.files_[name_].synced = owner_.files_[name_].written;
    if (is_wal(name_)) ++owner_.wal_syncs_;
    return status;
  }

  std::string name_;
  FaultFileSystem& owner_;
};

void FaultFileSystem::on_wal_sync(Hook hook) {
  const std::lock_guard lock(mutex_);
  sync_hook_ = std::move(hook);
}
void FaultFileSystem::on_wal_append(Hook hook) {
  const std::lock_guard lock(mutex_);
  append_hook_ = std::move(hook);
}
std::size_t FaultFileSystem::wal_syncs() const {
  const std::lock_guard lock(mutex_);
  return wal_syncs_;
}

void FaultFileSystem::drop_unsynced() {
  const std::lock_guard lock(mutex_);
  for (const auto& [name, sizes] : files_) {
    if (sizes.synced < sizes.written && std::filesystem::exists(name)) {
      std::filesystem::resize_file(name, sizes.synced);
    }
  }
}

IOStatus FaultFileSystem::NewWritableFile(const std::string& name,
                                          const rocksdb::FileOptions& options,
                                          std::unique_ptr<rocksdb::FSWritableFile>* file,
                                          IODebugContext* debug) {
  std::unique_ptr<rocksdb::FSWritableFile> inner;
  const IOStatus status = FileSystemWrapper::NewWritableFile(name, options, &inner, debug);
  if (!status.ok()) return status;
  {
    const std::lock_guard lock(mutex_);
    files_[name] = Sizes{};
  }
  *file = std::make_unique<WatchedFile>(std::move(inner), name, *this);
  return status;
}

IOStatus FaultFileSystem::RenameFile(const std::string& from, const std::string& to,
                                     const IOOptions& options, IODebugContext* debug) {
  const IOStatus status = FileSystemWrapper::RenameFile(from, to, options, debug);
  const std::lock_guard lock(mutex_);
  if (status.ok() && files_.contains(from)) {
    files_[to] = files_[from];
    files_.erase(from);
  }
  return status;
}

std::unique_ptr<rocksdb::Env> make_env(const std::shared_ptr<FaultFileSystem>& files) {
  return rocksdb::NewCompositeEnv(files);
}

}  // namespace preconf::tests
