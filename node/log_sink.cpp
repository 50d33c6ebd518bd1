#include "node/log_sink.hpp"

#include <algorithm>
#include <utility>

namespace preconf::node {

LogSink::LogSink(storage::LogWriter& writer, RecentContents& recent, Shadow* shadow)
    : writer_(writer), recent_(recent), shadow_(shadow) {}

void LogSink::submit(std::shared_ptr<const storage::EventBatch> batch) {
  recent_.add(*batch);
  writer_.submit(batch);
  if (shadow_ != nullptr) shadow_->submit(std::move(batch));
}

void LogSink::submit_digests(storage::EffectsDigests digests) {
  if (shadow_ != nullptr) shadow_->submit_digests(digests);
  writer_.submit_digests(std::move(digests));
}

std::size_t LogSink::backlog() const {
  const std::size_t shadow = shadow_ == nullptr ? 0 : shadow_->backlog();
  return std::max(writer_.backlog(), shadow);
}

void LogSink::on_durable(const storage::LogPosition& position) {
  recent_.on_durable(position.seq);
  if (shadow_ != nullptr) shadow_->on_durable(position);
}

}  // namespace preconf::node
