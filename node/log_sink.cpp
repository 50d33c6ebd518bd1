#include "node/log_sink.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "node/last_words.hpp"

namespace preconf::node {

LogSink::LogSink(storage::LogWriter& writer, RecentContents& recent, Shadow* shadow)
    : writer_(writer), recent_(recent), shadow_(shadow) {}

void LogSink::submit(std::shared_ptr<const storage::EventBatch> batch) {
  last_words::submitted(batch->events.back().seq);
  recent_.add(*batch);
  std::size_t bytes = 0;
  for (const storage::Content& content : batch->contents) bytes += content.bytes->size();
  if (bytes > 0) pending_.push_back({batch->events.back().seq, bytes});
  pending_bytes_ += bytes;
  writer_.submit(batch);
  if (shadow_ != nullptr) shadow_->submit(std::move(batch));
}

void LogSink::submit_digests(storage::EffectsDigests digests) {
  if (shadow_ != nullptr) shadow_->submit_digests(digests);
  writer_.submit_digests(std::move(digests));
}

std::size_t LogSink::backlog() const {
  if (pending_bytes_ > kPendingBytesMax) return std::numeric_limits<std::size_t>::max();
  const std::size_t shadow = shadow_ == nullptr ? 0 : shadow_->backlog();
  return std::max(writer_.backlog(), shadow);
}

void LogSink::on_durable(const storage::LogPosition& position) {
  recent_.on_durable(position.seq);
  while (!pending_.empty() && pending_.front().last <= position.seq) {
    pending_bytes_ -= pending_.front().bytes;
    pending_.pop_front();
  }
  if (shadow_ != nullptr) shadow_->on_durable(position);
}

}  // namespace preconf::node
