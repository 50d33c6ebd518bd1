// Where the loop's batches go: to the log's writer, to the shadow, and into the memory of recent
// contents. Loop thread, except where noted.
#pragma once

#include <cstddef>
#include <memory>

#include "node/executor/content_source.hpp"
#include "node/loop/ports.hpp"
#include "node/loop/shadow.hpp"
#include "storage/log_writer.hpp"

namespace preconf::node {

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
  storage::LogWriter& writer_;
  RecentContents& recent_;
  Shadow* shadow_;
};

}  // namespace preconf::node
