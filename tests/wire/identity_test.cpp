#include "io/wire/identity.hpp"

#include <gtest/gtest.h>

#include "io/wire/protobuf.hpp"
#include "tests/core/vectors.hpp"

namespace preconf::io::wire {
namespace {

using core::Bytes;
using core::test::bytes;

struct Vector {
  KeyType type;
  const char* secret;
  const char* encoded_key;
  const char* peer_id;
};
// Keys and encodings: libp2p peer ids specification, test vectors.
const Vector kVectors[] = {
    {KeyType::kEd25519, "7e0830617c4a7de83925dfb2694556b12936c477a0e1feb2e148ec9da60fee7d",
     "080112201ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e",
     "12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq"},
    {KeyType::kSecp256k1, "53dadf1d5a164d6b4acdb15e24aa4c5b1d3461bdbd42abedb0a4404d56ced8fb",
     "08021221037777e994e452c21604f91de093ce415f5432f701dd8cd1a7a6fea0e630bfca99",
     "16Uiu2HAmLhLvBoYaoZfaMUKuibM6ac163GwKY74c5kiSLg5KvLpY"}};

Identity identity_of(const Vector& vector) {
  return Identity::from_secret(vector.type, core::test::hash32(vector.secret)).value();
}

TEST(Identity, VectorsOfTheSpecification) {
  for (const Vector& vector : kVectors) {
    const Identity identity = identity_of(vector);
    EXPECT_EQ(core::to_hex(encode(identity.public_key())), vector.encoded_key);
    EXPECT_EQ(to_text(identity.peer_id()), vector.peer_id);
    const auto key = decode_public_key(bytes(vector.encoded_key));
    ASSERT_TRUE(key);
    EXPECT_EQ(*key, identity.public_key());
    EXPECT_EQ(peer_id_of(*key), identity.peer_id());
    EXPECT_EQ(parse_peer_id(vector.peer_id), identity.peer_id());
    EXPECT_EQ(public_key_of(identity.peer_id()).value(), *key);
  }
}

// RFC 8032, section 7.1, tests 1 to 3.
TEST(Identity, Ed25519SignaturesOfRfc8032) {
  const std::array<const char*, 3> vectors[] = {
      {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", "-",
       "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf"
       "9b4"
       "6bd25bf5f0595bbe24655141438e7a100b"},
      {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb", "72",
       "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f"
       "11d"
       "8c387b2eaeb4302aeeb00d291612bb0c00"},
      {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7", "af82",
       "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984"
       "dc6"
       "594a7c15e9716ed28dc027beceea1ec40a"}};
  for (const auto& [secret, message, signature] : vectors) {
    const auto identity = Identity::from_secret(KeyType::kEd25519, core::test::hash32(secret));
    EXPECT_EQ(core::to_hex(identity->sign(bytes(message))), signature);
    EXPECT_TRUE(verify(identity->public_key(), bytes(message), bytes(signature)));
  }
}

constexpr const char* kSatoshi =
    "3045022100934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d802202442ce9d2b9160"
    "64108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5";
// The same with n - s.
constexpr const char* kSatoshiHighS =
    "3046022100934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d8022100dbbd3162d46e"
    "9f9bef7feb87c16dc13b4f6568a87f4e83f728e2443ba586675c";

// The RFC 6979 vector for secp256k1 with SHA-256 that bitcoin libraries share.
TEST(Identity, Secp256k1SignsDerOverSha256) {
  core::Hash32 one;
  one.bytes[31] = 1;
  const auto identity = Identity::from_secret(KeyType::kSecp256k1, one);
  const auto message = as_bytes("Satoshi Nakamoto");
  EXPECT_EQ(core::to_hex(identity->sign(message)), kSatoshi);
  EXPECT_TRUE(verify(identity->public_key(), message, bytes(kSatoshi)));
  EXPECT_TRUE(verify(identity->public_key(), message, bytes(kSatoshiHighS)));
}

TEST(Identity, EveryChangedBitOfASignatureIsRefused) {
  const auto message = as_bytes("noise-libp2p-static-key:");
  for (const Vector& vector : kVectors) {
    const Identity identity = identity_of(vector);
    const Bytes good = identity.sign(message);
    ASSERT_TRUE(verify(identity.public_key(), message, good));
    for (std::size_t bit = 0; bit < 8 * good.size(); ++bit) {
      Bytes bad = good;
      bad[bit / 8] = static_cast<std::uint8_t>(bad[bit / 8] ^ (1U << (bit % 8)));
      EXPECT_FALSE(verify(identity.public_key(), message, bad)) << bit;
    }
    EXPECT_FALSE(verify(identity.public_key(), as_bytes("another message"), good));
    for (std::size_t size = 0; size < good.size(); ++size) {
      EXPECT_FALSE(verify(identity.public_key(), message, core::BytesView{good}.first(size)));
    }
    Bytes longer = good;
    longer.push_back(0);
    EXPECT_FALSE(verify(identity.public_key(), message, longer));
  }
  EXPECT_FALSE(verify(identity_of(kVectors[0]).public_key(), message,
                      identity_of(kVectors[1]).sign(message)));
}

TEST(Identity, RefusesKeysByReason) {
  const std::pair<std::string, IdentityError> bad[] = {
      {"", IdentityError::kMalformed},
      {"0801", IdentityError::kMalformed},
      {"1201aa", IdentityError::kMalformed},
      {"08011220aa", IdentityError::kMalformed},
      {"08001201aa", IdentityError::kUnsupportedKeyType},  // RSA
      {"08031201aa", IdentityError::kUnsupportedKeyType},  // ECDSA
      {"08ff01"
       "1201aa",
       IdentityError::kUnsupportedKeyType},
      {"08011201aa", IdentityError::kBadKey},
      {"08011221" + std::string(66, '1'), IdentityError::kBadKey},
      {"08021220" + std::string(64, '1'), IdentityError::kBadKey},
      {"08021221"
       "05" +
           std::string(64, '1'),
       IdentityError::kBadKey},  // no such prefix
      {"08021221"
       "02" +
           std::string(64, 'f'),
       IdentityError::kBadKey}};  // x above the field
  for (const auto& [text, error] : bad) {
    const auto key = decode_public_key(bytes(text.empty() ? "-" : text));
    ASSERT_FALSE(key) << text;
    EXPECT_EQ(key.error(), error) << text;
  }
}

TEST(Identity, SecretsOutsideTheGroupAreRefused) {
  EXPECT_FALSE(Identity::from_secret(KeyType::kSecp256k1, core::Hash32{}));
  EXPECT_FALSE(Identity::from_secret(
      KeyType::kSecp256k1,
      core::test::hash32("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141")));
  EXPECT_TRUE(Identity::from_secret(KeyType::kEd25519, core::Hash32{}));
}

TEST(PeerId, OnlyTheTwoMultihashes) {
  const std::string digest(64, 'a');
  EXPECT_TRUE(peer_id_from_bytes(bytes("1220" + digest)));
  EXPECT_TRUE(peer_id_from_bytes(bytes("0020" + digest)));
  EXPECT_TRUE(peer_id_from_bytes(bytes("002a" + std::string(84, 'a'))));
  EXPECT_FALSE(peer_id_from_bytes(bytes("002b" + std::string(86, 'a'))));
  EXPECT_FALSE(peer_id_from_bytes(bytes("1220" + digest + "00")));
  EXPECT_FALSE(peer_id_from_bytes(bytes("121f" + digest)));
  EXPECT_FALSE(peer_id_from_bytes(bytes("1120" + digest)));
  EXPECT_FALSE(peer_id_from_bytes(bytes("12")));
  EXPECT_FALSE(peer_id_from_bytes({}));
}

TEST(PeerId, TextsOfOtherIdsAreRefused) {
  EXPECT_FALSE(parse_peer_id(""));
  EXPECT_FALSE(parse_peer_id("12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3p"));
  EXPECT_FALSE(parse_peer_id("12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3p0"));
  EXPECT_FALSE(parse_peer_id(std::string(1'000'000, 'z')));
  // A SHA-256 id of the peer ids specification.
  const auto hashed = parse_peer_id("QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N");
  ASSERT_TRUE(hashed);
  EXPECT_EQ(hashed->view().size(), 34U);
  EXPECT_EQ(to_text(*hashed), "QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N");
  EXPECT_EQ(public_key_of(*hashed).error(), IdentityError::kMalformed);
}

}  // namespace
}  // namespace preconf::io::wire
