// Byte strings by hash, the least recently used of which go first. Any thread.
#pragma once

#include <list>
#include <map>
#include <memory>
#include <mutex>

#include "core/base/bytes.hpp"

namespace preconf::node::l1 {

class BytesCache {
 public:
  /// The newest entry stays whatever its size.
  explicit BytesCache(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  void put(const core::Hash32& hash, std::shared_ptr<const core::Bytes> bytes);
  /// Null when it is not (any more) here.
  [[nodiscard]] std::shared_ptr<const core::Bytes> find(const core::Hash32& hash);
  [[nodiscard]] std::size_t bytes() const;

 private:
  struct Entry {
    std::shared_ptr<const core::Bytes> bytes;
    std::list<core::Hash32>::iterator use;
  };

  const std::size_t bytes_max_;
  mutable std::mutex mutex_;
  std::map<core::Hash32, Entry> entries_;
  std::list<core::Hash32> uses_;  ///< newest first
  std::size_t bytes_ = 0;
};

}  // namespace preconf::node::l1
