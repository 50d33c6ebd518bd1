#include "node/executor/content_source.hpp"

namespace preconf::node {

RecentContents::RecentContents(std::size_t bytes_max) : bytes_max_(bytes_max) {}

void RecentContents::add(const storage::EventBatch& batch) {
  if (batch.contents.empty()) return;
  const core::Seq last = batch.events.back().seq;
  for (const storage::Content& content : batch.contents) {
    if (!contents_.emplace(content.hash, content.bytes).second) continue;
    bytes_ += content.bytes->size();
    order_.push_back({last, content.hash});
  }
  shrink();
}

void RecentContents::on_durable(core::Seq seq) {
  durable_ = seq;
  shrink();
}

std::shared_ptr<const core::Bytes> RecentContents::find(const core::Hash32& hash) const {
  const auto found = contents_.find(hash);
  return found == contents_.end() ? nullptr : found->second;
}

void RecentContents::shrink() {
  while (bytes_ > bytes_max_ && !order_.empty() && order_.front().last_of_batch <= durable_) {
    const auto found = contents_.find(order_.front().hash);
    bytes_ -= found->second->size();
    contents_.erase(found);
    order_.pop_front();
  }
}

}  // namespace preconf::node
