// Where the loop's batches go: to the log's writer, to the shadow, and into the memory of recent
// contents. Loop thread, except where noted.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>

#include "node/executor/content_source.hpp"
#include "node/loop/ports.hpp"
#include "node/loop/shadow.hpp"
#include "storage/log_writer.hpp"

namespace preconf::node {

/// Content bytes on their way to the disk above which the log counts as behind: the number of
/// events alone would allow gigabytes.
inline constexpr std::size_t kPendingBytesMax = 64U << 20;

class LogSink final : public LogPort {
 public:
  /// `shadow` may be null (switched off). All outlive the sink.
  LogSink(storage::LogWriter& writer, RecentContents& recent, Shadow* shadow);

  void submit(std::shared_ptr<const storage::EventBatch> batch) override;
  void submit_digests(storage::EffectsDigests digests) override;
  /// Of the slower one, writer or shadow: neither may fall behind without bound.
  [[nodiscard]] std::size_t backlog() const override;

  void on_durable(const storage::LogPosition& position);

 private:
  struct Pending {
    core::Seq last;
    std::size_t bytes = 0;
  };

  storage::LogWriter& writer_;
  RecentContents& recent_;
  Shadow* shadow_;
  std::deque<Pending> pending_;  ///< batches with content that are not durable
  std::size_t pending_bytes_ = 0;
};

}  // namespace preconf::node
