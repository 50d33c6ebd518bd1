// Where the executor finds the bytes that commands name: what was appended lately is still in
// memory, the rest is in the log's content store.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <memory>

#include "core/types.hpp"
#include "storage/event_log.hpp"

namespace preconf::node {

/// Contents of the last batches. A content whose batch is not durable yet is never dropped: the
/// content store does not have it. Loop thread only.
class RecentContents {
 public:
  /// `bytes_max` bounds what is kept beyond durability.
  explicit RecentContents(std::size_t bytes_max = std::size_t{16} << 20);

  void add(const storage::EventBatch& batch);
  void on_durable(core::Seq seq);
  /// Null when it is not (any more) here.
  [[nodiscard]] std::shared_ptr<const core::Bytes> find(const core::Hash32& hash) const;
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  struct Entry {
    core::Seq last_of_batch;
    core::Hash32 hash;
  };
  void shrink();

  std::size_t bytes_max_;
  std::size_t bytes_ = 0;
  core::Seq durable_;
  std::map<core::Hash32, std::shared_ptr<const core::Bytes>> contents_;
  std::deque<Entry> order_;  ///< oldest first; one entry per content
};

/// Reads from disk; any thread.
struct ContentStorePort {
  virtual ~ContentStorePort() = default;
  [[nodiscard]] virtual std::shared_ptr<const core::Bytes> load(const core::Hash32& hash) = 0;
};

}  // namespace preconf::node
