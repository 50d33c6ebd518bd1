#include "storage/capture_removed.hpp"

#include <algorithm>

#include "core/limits.hpp"
#include "storage/little_endian.hpp"

namespace preconf::storage {

namespace {
/// Hash, cause, size, time, and the size of the reason.
constexpr std::size_t kFixedBytes = 32 + 1 + 4 + 8 + 2;
}  // namespace

void append_removed(const RemovedEntry& entry, core::Bytes& out) {
  const RemovedContent& removed = entry.removed;
  const std::size_t size = std::min(removed.reason.size(), core::limits::kDetailBytesMax);
  put_view(out, entry.hash.view());
  put_le(out, static_cast<std::uint8_t>(removed.cause));
  put_le(out, removed.size_bytes);
  put_le(out, removed.removed_at.value);
  put_le(out, static_cast<std::uint16_t>(size));
  out.insert(out.end(), removed.reason.begin(),
             removed.reason.begin() + static_cast<std::ptrdiff_t>(size));
}

std::optional<RemovedEntry> next_removed(core::BytesView raw, std::size_t& at) {
  if (at > raw.size() || raw.size() - at < kFixedBytes) return std::nullopt;
  const core::BytesView entry = raw.subspan(at);
  const std::size_t reason = get_le<std::uint16_t>(entry.subspan(45));
  if (entry[32] > static_cast<std::uint8_t>(RemovalCause::kLost)) return std::nullopt;
  if (reason > core::limits::kDetailBytesMax || reason > entry.size() - kFixedBytes) {
    return std::nullopt;
  }
  RemovedEntry out;
  out.hash = core::Hash32::from(entry);
  out.removed.cause = static_cast<RemovalCause>(entry[32]);
  out.removed.size_bytes = get_le<std::uint32_t>(entry.subspan(33));
  out.removed.removed_at.value = get_le<std::uint64_t>(entry.subspan(37));
  const core::BytesView text = entry.subspan(kFixedBytes, reason);
  out.removed.reason.assign(text.begin(), text.end());
  at += kFixedBytes + reason;
  return out;
}

}  // namespace preconf::storage
