#include "io/wire/gossipsub/utf8.hpp"

namespace preconf::io::wire {
namespace {

struct Range {
  std::uint8_t low;
  std::uint8_t high;
};

/// Bytes that follow a first byte, and what the second may be (RFC 3629, section 4).
struct Sequence {
  std::size_t size = 0;  ///< 0: no sequence starts so
  Range second{0x80, 0xbf};
};

Sequence sequence_of(std::uint8_t first) {
  if (first >= 0xc2 && first <= 0xdf) return {2, {0x80, 0xbf}};
  if (first == 0xe0) return {3, {0xa0, 0xbf}};
  if (first == 0xed) return {3, {0x80, 0x9f}};
  if (first >= 0xe1 && first <= 0xef) return {3, {0x80, 0xbf}};
  if (first == 0xf0) return {4, {0x90, 0xbf}};
  if (first >= 0xf1 && first <= 0xf3) return {4, {0x80, 0xbf}};
  if (first == 0xf4) return {4, {0x80, 0x8f}};
  return {};
}

bool is_in(Range range, std::uint8_t byte) { return byte >= range.low && byte <= range.high; }

}  // namespace

bool is_utf8(core::BytesView bytes) {
  while (!bytes.empty()) {
    if (bytes[0] < 0x80) {
      bytes = bytes.subspan(1);
      continue;
    }
    const Sequence sequence = sequence_of(bytes[0]);
    if (sequence.size == 0 || bytes.size() < sequence.size) return false;
    if (!is_in(sequence.second, bytes[1])) return false;
    for (std::size_t i = 2; i < sequence.size; ++i) {
      if (!is_in({0x80, 0xbf}, bytes[i])) return false;
    }
    bytes = bytes.subspan(sequence.size);
  }
  return true;
}

}  // namespace preconf::io::wire
