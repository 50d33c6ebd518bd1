#include "io/l1/l1_types.hpp"

#include <array>

#include "core/crypto/hash.hpp"

namespace preconf::io::l1 {
namespace {

/// The three bits of a value: 11 bits each of the first three words of its hash.
std::array<std::size_t, 3> bits_of(core::BytesView value) {
  const core::Hash32 hash = core::crypto::keccak256(value);
  std::array<std::size_t, 3> out{};
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = ((std::size_t{hash.bytes[2 * i]} << 8) | hash.bytes[2 * i + 1]) & 2'047;
  }
  return out;
}

}  // namespace

bool may_contain(const LogsBloom& bloom, core::BytesView value) {
  for (const std::size_t bit : bits_of(value)) {
    if ((bloom.bytes[255 - bit / 8] >> (bit % 8) & 1) == 0) return false;
  }
  return true;
}

void add_to_bloom(LogsBloom& bloom, core::BytesView value) {
  for (const std::size_t bit : bits_of(value)) {
    bloom.bytes[255 - bit / 8] =
        static_cast<std::uint8_t>(bloom.bytes[255 - bit / 8] | (1U << (bit % 8)));
  }
}

LogsBloom bloom_of(std::span<const L1Log> logs) {
  LogsBloom bloom;
  for (const L1Log& log : logs) {
    add_to_bloom(bloom, log.address.view());
    for (const core::Hash32& topic : log.topics) add_to_bloom(bloom, topic.view());
  }
  return bloom;
}

bool is_part_of(const LogsBloom& part, const LogsBloom& whole) {
  for (std::size_t i = 0; i < part.bytes.size(); ++i) {
    if ((part.bytes[i] & ~whole.bytes[i]) != 0) return false;
  }
  return true;
}

}  // namespace preconf::io::l1
