#include "core/codec/blob.hpp"

#include "tests/core/vectors.hpp"

namespace preconf::core::test {
namespace {

using codec::BlobDefect;
using codec::kBlobBytes;
using codec::kBlobPayloadBytesMax;

Bytes pattern(std::size_t size) {
  Bytes out(size);
  std::uint64_t state = 0x9e3779b97f4a7c15;
  for (std::uint8_t& byte : out) {
    state = state * 6364136223846793005 + 1442695040888963407;
    byte = static_cast<std::uint8_t>(state >> 56);
  }
  return out;
}

BlobDefect defect_of(const Bytes& blob) {
  Bytes out{1, 2, 3};
  const auto decoded = codec::decode_blob(blob, out);
  if (decoded) return BlobDefect::kNone;
  EXPECT_EQ(out, (Bytes{1, 2, 3}));
  return decoded.error();
}

TEST(Blob, RoundTripsAtTheEdgesOfElementsAndRounds) {
  for (const std::size_t size : {0UL, 1UL, 27UL, 28UL, 59UL, 60UL, 91UL, 92UL, 123UL, 124UL, 250UL,
                                 251UL, 1000UL, 130'043UL, kBlobPayloadBytesMax}) {
    const Bytes payload = pattern(size);
    const Bytes blob = codec::encode_blob(payload);
    ASSERT_EQ(blob.size(), kBlobBytes);
    for (std::size_t at = 0; at < blob.size(); at += 32) EXPECT_EQ(blob[at] & 0xc0, 0) << at;
    Bytes out{0xee};
    const auto decoded = codec::decode_blob(blob, out);
    ASSERT_TRUE(decoded.has_value()) << size;
    EXPECT_EQ(*decoded, size);
    ASSERT_EQ(out.size(), size + 1);
    EXPECT_EQ(out[0], 0xee);  // appended, as the payload of several blobs is
    EXPECT_TRUE(std::equal(payload.begin(), payload.end(), out.begin() + 1)) << size;
  }
}

TEST(Blob, TwentyEightBytesReachTheSecondElementsHeader) {
  Bytes payload(27, 0xaa);
  payload.push_back(0xff);
  const Bytes blob = codec::encode_blob(payload);
  Bytes expected = bytes("3f0000001c");
  expected.insert(expected.end(), 27, 0xaa);
  expected.push_back(0x30);
  expected.resize(kBlobBytes);
  EXPECT_EQ(blob, expected);
}

TEST(Blob, RejectsAnotherSize) {
  EXPECT_EQ(defect_of(Bytes(kBlobBytes - 1)), BlobDefect::kWrongSize);
  EXPECT_EQ(defect_of(Bytes(kBlobBytes + 1)), BlobDefect::kWrongSize);
  EXPECT_EQ(defect_of({}), BlobDefect::kWrongSize);
}

TEST(Blob, RejectRule1VersionAndLength) {
  Bytes blob = codec::encode_blob(pattern(100));
  blob[1] = 1;
  EXPECT_EQ(defect_of(blob), BlobDefect::kVersion);
  blob = Bytes(kBlobBytes);
  blob[2] = 0x01, blob[3] = 0xfb, blob[4] = 0xfd;  // 130,045
  EXPECT_EQ(defect_of(blob), BlobDefect::kLength);
  blob[4] = 0xfc;
  EXPECT_EQ(defect_of(blob), BlobDefect::kNone);
  blob[2] = 0xff;
  EXPECT_EQ(defect_of(blob), BlobDefect::kLength);
}

TEST(Blob, Rule2TheFirstRoundIsConsumedWhole) {
  // One byte of payload: the other elements of round 0 are payload positions, not stray elements.
  for (const std::size_t at : {33U, 63U, 65U, 97U, 127U}) {
    Bytes blob = codec::encode_blob(pattern(1));
    blob[at] = 1;
    EXPECT_EQ(defect_of(blob), BlobDefect::kStrayPayload) << at;
  }
  Bytes blob = codec::encode_blob(pattern(1));
  blob[128] = 1;  // the next round's header
  EXPECT_EQ(defect_of(blob), BlobDefect::kStrayElements);
}

TEST(Blob, RejectRule3TopBitsOfEveryConsumedElementButTheFirst) {
  const Bytes whole = codec::encode_blob(pattern(kBlobPayloadBytesMax));
  for (const std::uint8_t bit : {std::uint8_t{0x40}, std::uint8_t{0x80}}) {
    for (const std::size_t element : {1U, 2U, 3U, 4U, 5U, 4094U, 4095U}) {
      Bytes blob = whole;
      blob[element * 32] |= bit;
      EXPECT_EQ(defect_of(blob), BlobDefect::kHighBits) << element;
    }
    Bytes blob = whole;
    blob[0] |= bit;
    EXPECT_EQ(defect_of(blob), BlobDefect::kNone);
  }
}

TEST(Blob, RejectRule4BytesBehindTheLength) {
  Bytes blob = codec::encode_blob(pattern(60));
  blob[4] = 59;  // byte 59 stands in header bits
  EXPECT_EQ(defect_of(blob), BlobDefect::kStrayPayload);
  blob = codec::encode_blob(pattern(28));
  blob[32] |= 0x01;  // the low bits of payload byte 59
  EXPECT_EQ(defect_of(blob), BlobDefect::kStrayPayload);
}

TEST(Blob, RejectRule5BytesBehindTheLastRound) {
  for (const std::size_t at : {128UL, 129UL, 5000UL, kBlobBytes - 1}) {
    Bytes blob = codec::encode_blob(pattern(123));
    blob[at] = 0x01;
    EXPECT_EQ(defect_of(blob), BlobDefect::kStrayElements) << at;
  }
  Bytes blob = codec::encode_blob(pattern(124));
  blob[256] = 0x80;
  EXPECT_EQ(defect_of(blob), BlobDefect::kStrayElements);
}

TEST(Blob, Rule6ZerosAreAnEmptyPayload) {
  Bytes out;
  const auto decoded = codec::decode_blob(Bytes(kBlobBytes), out);
  ASSERT_TRUE(decoded.has_value());
  EXPECT_EQ(*decoded, 0U);
  EXPECT_TRUE(out.empty());
}

TEST(Blob, ObservedInvalidBlob) {
  Bytes blob(kBlobBytes);
  blob[6] = 2;
  EXPECT_EQ(defect_of(blob), BlobDefect::kStrayPayload);
}

TEST(Blob, VersionedHash) {
  // The commitment of the zero polynomial is the point at infinity: c0, then zeros (EIP-4844).
  codec::KzgCommitment infinity;
  infinity.bytes[0] = 0xc0;
  EXPECT_EQ(hex(codec::versioned_hash_of(infinity)),
            "010657f37554c781402a22917dee2f75def7ab966d7b770905398eba3c444014");
}

TEST(Blob, DefectsHaveNames) {
  EXPECT_STREQ(codec::name_of(BlobDefect::kHighBits), "high_bits");
  EXPECT_STREQ(codec::name_of(static_cast<BlobDefect>(99)), "unknown");
}

}  // namespace
}  // namespace preconf::core::test
