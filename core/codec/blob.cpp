#include "core/codec/blob.hpp"

#include <cstring>

#include "core/base/assert.hpp"
#include "core/crypto/hash.hpp"

namespace preconf::core::codec {
namespace {

constexpr std::size_t kElementBytes = 32;
constexpr std::size_t kBodyBytes = kElementBytes - 1;
constexpr std::size_t kElementsPerRound = 4;
constexpr std::size_t kRoundBytes = kElementsPerRound * kElementBytes;  // of the blob
constexpr std::size_t kRoundPayload = kElementsPerRound * kBodyBytes + 3;
/// Version and length stand in the first body.
constexpr std::size_t kPrefixBytes = 4;
constexpr std::size_t kFirstRoundPayload = kRoundPayload - kPrefixBytes;
constexpr std::uint8_t kHighBits = 0xc0;
constexpr std::uint8_t kVersionedHashKzg = 0x01;

static_assert(kFirstRoundPayload + (kBlobBytes / kRoundBytes - 1) * kRoundPayload ==
              kBlobPayloadBytesMax);

/// Rounds that a payload of this size takes: always one.
std::size_t rounds_of(std::size_t length) {
  if (length <= kFirstRoundPayload) return 1;
  return 1 + (length - kFirstRoundPayload + kRoundPayload - 1) / kRoundPayload;
}
std::size_t payload_of_rounds(std::size_t rounds) { return rounds * kRoundPayload - kPrefixBytes; }

bool all_zero(BytesView bytes) {
  std::uint64_t found = 0;
  std::size_t i = 0;
  for (; i + sizeof found <= bytes.size(); i += sizeof found) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + i, sizeof word);
    found |= word;
  }
  for (; i < bytes.size(); ++i) found |= bytes[i];
  return found == 0;
}

/// The six low bits of four header bytes carry three payload bytes. `out` is the payload position
/// of the round's first body; each of the three stands behind one body.
void unpack_headers(const std::uint8_t* round, std::uint8_t* first, std::size_t body) {
  const std::uint8_t h0 = round[0];
  const std::uint8_t h1 = round[kElementBytes];
  const std::uint8_t h2 = round[2 * kElementBytes];
  const std::uint8_t h3 = round[3 * kElementBytes];
  first[body] = static_cast<std::uint8_t>((h0 & 0x3f) | ((h1 & 0x30) << 2));
  first[body + kElementBytes] = static_cast<std::uint8_t>((h1 & 0x0f) | ((h3 & 0x0f) << 4));
  first[body + 2 * kElementBytes] = static_cast<std::uint8_t>((h2 & 0x3f) | ((h3 & 0x30) << 2));
}

void pack_headers(const std::uint8_t* first, std::size_t body, std::uint8_t* round) {
  const std::uint8_t x = first[body];
  const std::uint8_t y = first[body + kElementBytes];
  const std::uint8_t z = first[body + 2 * kElementBytes];
  round[0] = x & 0x3f;
  round[kElementBytes] = static_cast<std::uint8_t>((y & 0x0f) | ((x & 0xc0) >> 2));
  round[2 * kElementBytes] = z & 0x3f;
  round[3 * kElementBytes] = static_cast<std::uint8_t>(((z & 0xc0) >> 2) | ((y & 0xf0) >> 4));
}

/// Where payload and blob touch, for each body of one round.
template <class Copy>
void for_each_body(std::size_t first_body, Copy&& copy) {
  const std::size_t prefix = kBodyBytes - first_body;
  copy(1 + prefix, std::size_t{0}, first_body);
  std::size_t at = first_body + 1;
  for (std::size_t element = 1; element < kElementsPerRound; ++element) {
    copy(element * kElementBytes + 1, at, kBodyBytes);
    at += kElementBytes;
  }
}

}  // namespace

Result<std::size_t, BlobDefect> decode_blob(BytesView blob, Bytes& out) {
  if (blob.size() != kBlobBytes) return Unexpected{BlobDefect::kWrongSize};
  if (blob[1] != 0) return Unexpected{BlobDefect::kVersion};
  const std::size_t length = std::size_t{blob[2]} << 16 | std::size_t{blob[3]} << 8 | blob[4];
  if (length > kBlobPayloadBytesMax) return Unexpected{BlobDefect::kLength};

  const std::size_t rounds = rounds_of(length);
  const std::size_t begin = out.size();
  out.resize(begin + payload_of_rounds(rounds));
  std::uint8_t* to = out.data() + begin;
  const std::uint8_t* from = blob.data();
  std::uint8_t headers = 0;
  for (std::size_t round = 0; round < rounds; ++round) {
    const std::size_t body = round == 0 ? kBodyBytes - kPrefixBytes : kBodyBytes;
    for_each_body(body, [from, to](std::size_t in_blob, std::size_t in_payload, std::size_t size) {
      std::memcpy(to + in_payload, from + in_blob, size);
    });
    unpack_headers(from, to, body);
    // The blob's very first header byte is not looked at, as in the deployed decoders.
    if (round > 0) headers |= from[0];
    for (std::size_t i = 1; i < kElementsPerRound; ++i) headers |= from[i * kElementBytes];
    to += payload_of_rounds(1) + (round == 0 ? 0 : kPrefixBytes);
    from += kRoundBytes;
  }
  BlobDefect defect = BlobDefect::kNone;
  if ((headers & kHighBits) != 0) {
    defect = BlobDefect::kHighBits;
  } else if (!all_zero(BytesView(out).subspan(begin + length))) {
    defect = BlobDefect::kStrayPayload;
  } else if (!all_zero(blob.subspan(rounds * kRoundBytes))) {
    defect = BlobDefect::kStrayElements;
  }
  out.resize(begin + (defect == BlobDefect::kNone ? length : 0));
  if (defect != BlobDefect::kNone) return Unexpected{defect};
  return length;
}

Bytes encode_blob(BytesView payload) {
  PRECONF_ASSERT(payload.size() <= kBlobPayloadBytesMax);
  const std::size_t rounds = rounds_of(payload.size());
  Bytes padded(payload_of_rounds(rounds));
  std::copy(payload.begin(), payload.end(), padded.begin());
  Bytes blob(kBlobBytes);
  const std::uint8_t* from = padded.data();
  std::uint8_t* to = blob.data();
  for (std::size_t round = 0; round < rounds; ++round) {
    const std::size_t body = round == 0 ? kBodyBytes - kPrefixBytes : kBodyBytes;
    for_each_body(body, [from, to](std::size_t in_blob, std::size_t in_payload, std::size_t size) {
      std::memcpy(to + in_blob, from + in_payload, size);
    });
    pack_headers(from, body, to);
    from += payload_of_rounds(1) + (round == 0 ? 0 : kPrefixBytes);
    to += kRoundBytes;
  }
  blob[2] = static_cast<std::uint8_t>(payload.size() >> 16);
  blob[3] = static_cast<std::uint8_t>(payload.size() >> 8);
  blob[4] = static_cast<std::uint8_t>(payload.size());
  return blob;
}

Hash32 versioned_hash_of(const KzgCommitment& commitment) {
  Hash32 hash = crypto::sha256(commitment.view());
  hash.bytes[0] = kVersionedHashKzg;
  return hash;
}

const char* name_of(BlobDefect defect) {
  // clang-format off
  switch (defect) {
    case BlobDefect::kNone: return "none";
    case BlobDefect::kWrongSize: return "wrong_size";
    case BlobDefect::kVersion: return "version";
    case BlobDefect::kLength: return "length";
    case BlobDefect::kHighBits: return "high_bits";
    case BlobDefect::kStrayPayload: return "stray_payload";
    case BlobDefect::kStrayElements: return "stray_elements";
  }
  // clang-format on
  return "unknown";
}

}  // namespace preconf::core::codec
