#include <algorithm>

#include "storage/capture_file_impl.hpp"

namespace preconf::storage {

namespace {
/// Kept inflated frames and their tables, bytes; one larger frame is kept alone.
constexpr std::size_t kCacheBytesMax = 32 * capture::kMiB;
}  // namespace

std::optional<ContentEntry> next_content(core::BytesView raw, std::size_t& at) {
  if (raw.size() - at < capture::kContentOverhead) return std::nullopt;
  const std::size_t size = capture::get_u32(raw, at);
  if (size > raw.size() - at - capture::kContentOverhead) return std::nullopt;
  ContentEntry out{core::Hash32::from(raw.subspan(at + 4)),
                   raw.subspan(at + capture::kContentOverhead, size)};
  at += capture::kContentOverhead + size;
  return out;
}

const ContentEntry* ContentTable::find(const core::Hash32& hash) const {
  const auto at = std::lower_bound(
      entries.begin(), entries.end(), hash,
      [](const ContentEntry& entry, const core::Hash32& value) { return entry.hash < value; });
  return at != entries.end() && at->hash == hash ? &*at : nullptr;
}

std::shared_ptr<const ContentTable> ContentTables::build(std::size_t frame) const {
  auto table = std::make_shared<ContentTable>();
  table->raw = frames_.load(frame);
  if (table->raw == nullptr) return nullptr;
  const std::uint64_t count = frames_.headers()[frame].count;
  std::size_t at = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto entry = next_content(*table->raw, at);
    if (!entry) return nullptr;
    table->entries.push_back(*entry);
  }
  if (at != table->raw->size()) return nullptr;
  std::sort(table->entries.begin(), table->entries.end(),
            [](const ContentEntry& a, const ContentEntry& b) { return a.hash < b.hash; });
  return table;
}

std::shared_ptr<const ContentTable> ContentTables::load(std::size_t frame) {
  {
    const std::lock_guard lock(mutex_);
    if (bad_.contains(frame)) return nullptr;
    const auto at = std::find_if(cache_.begin(), cache_.end(),
                                 [frame](const Cached& cached) { return cached.frame == frame; });
    if (at != cache_.end()) {
      std::rotate(cache_.begin(), at, std::next(at));
      return cache_.front().table;
    }
  }
  auto table = build(frame);
  const std::lock_guard lock(mutex_);
  if (table == nullptr) {
    bad_.insert(frame);
    return nullptr;
  }
  const std::size_t cost = table->raw->size() + table->entries.size() * sizeof(ContentEntry);
  cache_.push_front({frame, cost, table});
  cost_ += cost;
  while (cost_ > kCacheBytesMax && cache_.size() > 1) {
    cost_ -= cache_.back().cost;
    cache_.pop_back();
  }
  return table;
}

}  // namespace preconf::storage
