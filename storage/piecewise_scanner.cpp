#include "storage/piecewise_scanner.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace preconf::storage {

namespace {
constexpr std::size_t kWordBytes = sizeof(std::uint64_t);
/// More is refused whatever follows: it need not be copied to be found too long.
constexpr std::size_t kCopiedBytesMax = schemas::kRecordBytesMax + 1;
}  // namespace

void ScanPiece::clear() {
  words_used = 0;
  records.clear();
  is_last = false;
  failure.reset();
  count = 0;
  error.reset();
}

void ScanPiece::add(core::BytesView bytes, std::optional<core::Seq> key,
                    std::optional<core::Hash32> digest) {
  const std::size_t size = std::min(bytes.size(), kCopiedBytesMax);
  const std::size_t at = words_used * kWordBytes;
  words_used += (size + kWordBytes - 1) / kWordBytes;
  if (words.size() < words_used) words.resize(std::max(words_used, 2 * words.size()));
  if (size > 0) std::memcpy(reinterpret_cast<std::uint8_t*>(words.data()) + at, bytes.data(), size);
  records.push_back({at, size, key, digest, {}});
}

core::BytesView ScanPiece::bytes_of(const Record& record) const {
  return {reinterpret_cast<const std::uint8_t*>(words.data()) + record.at, record.size};
}

void PiecewiseScanner::decode(ScanPiece& piece) const {
  if (piece.events.size() < piece.records.size()) piece.events.resize(piece.records.size());
  for (ScanPiece::Record& record : piece.records) {
    LoggedEvent& out = piece.events[piece.count];
    schemas::RecordHashes hashes;
    piece.error = schemas::decode_record_into(piece.bytes_of(record), out.event, hashes);
    if (piece.error) return;
    out.chain = hashes.chain;
    out.effects_digest = record.digest;
    record.prev_chain = hashes.prev_chain;
    ++piece.count;
  }
}

core::Result<bool, StorageFailure> PiecewiseScanner::next_into(LoggedEvent& out) {
  for (;;) {
    if (single_.failure) return core::Unexpected{*single_.failure};
    if (single_.is_last) return false;
    single_.clear();
    take(single_, 1);
    decode(single_);
    link(single_);
    if (single_.count == 0) continue;
    std::swap(out, single_.events.front());
    return true;
  }
}

}  // namespace preconf::storage
