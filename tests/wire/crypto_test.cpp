#include <gtest/gtest.h>

#include "io/wire/chacha_poly.hpp"
#include "io/wire/x25519.hpp"
#include "tests/core/vectors.hpp"

namespace preconf::io::wire {
namespace {

using core::Bytes;
using core::test::bytes;
using core::test::hash32;

// RFC 7748, section 5.2.
TEST(X25519, VectorsOfRfc7748) {
  const std::array<const char*, 3> vectors[] = {
      {"a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
       "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
       "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552"},
      {"4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
       "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
       "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957"}};
  for (const auto& [scalar, point, shared] : vectors) {
    const auto result = x25519(hash32(scalar), hash32(point));
    ASSERT_TRUE(result);
    EXPECT_EQ(core::test::hex(*result), shared);
  }
}

// One iteration of the loop of RFC 7748, section 5.2: the base point.
TEST(X25519, BasePointOfRfc7748) {
  core::Hash32 nine;
  nine.bytes[0] = 9;
  EXPECT_EQ(core::test::hex(x25519_public(nine)),
            "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079");
}

// The points of small order, as lists of them agree.
TEST(X25519, RefusesPointsOfSmallOrder) {
  const char* points[] = {"0000000000000000000000000000000000000000000000000000000000000000",
                          "0100000000000000000000000000000000000000000000000000000000000000",
                          "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
                          "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
                          "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                          "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                          "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"};
  for (const char* point : points) {
    EXPECT_FALSE(x25519(core::test::filled<32>(0x42), hash32(point))) << point;
  }
}

constexpr const char* kKey = "1c9240a5eb55d38af333888604f6b5f0473917c1402b80099dca5cbc207075c0";
constexpr std::uint64_t kCounter = 0x0807060504030201;
constexpr const char* kAssociated = "f33388860000000000004e91";
constexpr const char* kSealed =
    "64a0861575861af460f062c79be643bd5e805cfd345cf389f108670ac76c8cb24c6cfc18755d43eea09ee94e382d26"
    "b0"
    "bdb7b73c321b0100d4f03b7f355894cf332f830e710b97ce98c8a84abd0b948114ad176e008d33bd60f982b1ff37c8"
    "55"
    "9797a06ef4f0ef61c186324e2b3506383606907b6a7c02b0f9f6157b53c867e4b9166c767b804d46a59b5216cde7a4"
    "e9"
    "9040c5a40433225ee282a1b0a06c523eaf4534d7f83fa1155b0047718cbc546a0d072b04b3564eea1b422273f54827"
    "1a"
    "0bb2316053fa76991955ebd63159434ecebb4e466dae5a1073a6727627097a1049e617d91d361094fa68f0ff779871"
    "30"
    "305beaba2eda04df997b714d6c6f2c29a6ad5cb4022b02709beead9d67890cbb22392336fea1851f38";

// RFC 8439, appendix A.5; its nonce has the four zero bytes of Noise.
TEST(ChaChaPoly, VectorOfRfc8439) {
  const Bytes sealed = bytes(kSealed);
  Bytes opened(sealed.size() - kAeadTagBytes);
  ASSERT_TRUE(aead_open(hash32(kKey), kCounter, bytes(kAssociated), sealed, opened.data()));
  const std::string text(opened.begin(), opened.end());
  EXPECT_TRUE(text.starts_with("Internet-Drafts are draft documents")) << text;
  Bytes again(sealed.size());
  aead_seal(hash32(kKey), kCounter, bytes(kAssociated), opened, again.data());
  EXPECT_EQ(again, sealed);
}

TEST(ChaChaPoly, EveryChangedByteIsNoticed) {
  const Bytes sealed = bytes(kSealed);
  Bytes opened(sealed.size());
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    Bytes bad = sealed;
    bad[i] ^= 0x80;
    EXPECT_FALSE(aead_open(hash32(kKey), kCounter, bytes(kAssociated), bad, opened.data())) << i;
  }
  EXPECT_FALSE(aead_open(hash32(kKey), kCounter + 1, bytes(kAssociated), sealed, opened.data()));
  EXPECT_FALSE(aead_open(hash32(kKey), kCounter, {}, sealed, opened.data()));
  EXPECT_FALSE(aead_open({}, kCounter, bytes(kAssociated), sealed, opened.data()));
}

TEST(ChaChaPoly, WorksInPlace) {
  const Bytes plain = bytes("00112233445566778899");
  Bytes buffer = plain;
  buffer.resize(plain.size() + kAeadTagBytes);
  aead_seal(hash32(kKey), 7, {}, core::BytesView{buffer}.first(plain.size()), buffer.data());
  ASSERT_TRUE(aead_open(hash32(kKey), 7, {}, buffer, buffer.data()));
  buffer.resize(plain.size());
  EXPECT_EQ(buffer, plain);
}

}  // namespace
}  // namespace preconf::io::wire
