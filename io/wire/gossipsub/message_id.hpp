// Ids of gossip messages on Taiko's networks (Optimism's rollup-node p2p specification, "message
// id"): SHA-256 of a domain and the content, cut to 20 bytes.
#pragma once

#include <cstddef>
#include <cstring>
#include <string_view>

#include "io/wire/gossipsub/config.hpp"
#include "io/wire/gossipsub/types.hpp"
#include "io/wire/prng.hpp"

namespace preconf::io::wire {

/// Domain 01000000 and the decompressed bytes when `data` is one whole snappy block, of at most
/// gossip_limits::kSnappyBytesMax decompressed; else domain 00000000 and `data` as it is. With
/// kTopicAndContent the topic stands between, behind its length as 8 bytes, little-endian.
/// Author, number and signature are no part of it.
[[nodiscard]] MessageId message_id(MessageIdFormula formula, std::string_view topic,
                                   BytesView data);

/// Hash for tables keyed by ids that peers choose: multiplies with secret odd numbers, so that
/// nobody can aim at one bucket.
class MessageIdHash {
 public:
  explicit MessageIdHash(Prng& prng) : low_(prng.next() | 1), high_(prng.next() | 1) {}

  std::size_t operator()(const MessageId& id) const {
    std::uint64_t words[2];
    std::memcpy(words, id.data(), sizeof words);
    std::uint64_t mixed = words[0] * low_;
    mixed = (mixed ^ (mixed >> 29) ^ words[1]) * high_;
    return static_cast<std::size_t>(mixed ^ (mixed >> 32));
  }

 private:
  std::uint64_t low_;
  std::uint64_t high_;
};

}  // namespace preconf::io::wire
