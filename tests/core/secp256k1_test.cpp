#include "core/crypto/secp256k1.hpp"

#include "core/crypto/hash.hpp"
#include "core/protocol/anchor_tx.hpp"
#include "tests/core/vectors.hpp"

namespace preconf::core::test {
namespace {

using crypto::FixedNonce;
using crypto::SecretKey;

const std::string kOrder = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";

/// n - s, and the other parity: the second valid form of a signature.
Signature65 malleated(const Signature65& signature) {
  const Bytes order = bytes(kOrder);
  Signature65 out = signature;
  int borrow = 0;
  for (std::size_t i = 32; i-- > 0;) {
    const int difference = order[i] - signature.bytes[32 + i] - borrow;
    borrow = difference < 0 ? 1 : 0;
    out.bytes[32 + i] = static_cast<std::uint8_t>(difference & 0xff);
  }
  out.bytes[64] ^= 1;
  return out;
}

TEST(Secp256k1, AddressesOfKnownKeys) {
  EXPECT_EQ(hex(*crypto::address_of(filled<32>(1))), "1a642f0e3c3af545e7acbd38b07251b3990914f1");
  EXPECT_EQ(hex(*crypto::address_of(filled<32>(2))), "5050a4f4b3f9338c3472dcc01a87c76a144b3c9c");
  EXPECT_EQ(hex(*crypto::address_of(filled<32>(3))), "3325a78425f17a7e487eb5666b2bfd93abb06c70");
  EXPECT_EQ(hex(*crypto::address_of(filled<32>(5))), "d09ad14080d4b257a819a4f579b8485be88f086c");
  EXPECT_EQ(crypto::address_of(protocol::kGoldenTouchKey), protocol::kGoldenTouchAddress);
}

TEST(Secp256k1, RefusesKeysOutsideTheGroup) {
  for (const std::string& key : {std::string(64, '0'), kOrder, std::string(64, 'f')}) {
    EXPECT_EQ(crypto::address_of(hash32(key)), std::nullopt) << key;
    EXPECT_EQ(crypto::sign(Hash32{}, hash32(key)), std::nullopt) << key;
    EXPECT_EQ(crypto::sign_fixed_k(filled<32>(7), hash32(key)), std::nullopt) << key;
  }
}

TEST(Secp256k1, SignsLowAndRecovers) {
  for (std::uint8_t i = 1; i < 40; ++i) {
    const SecretKey key = filled<32>(i);
    const Hash32 digest = crypto::keccak256(key.view());
    const auto signature = crypto::sign(digest, key);
    ASSERT_TRUE(signature.has_value());
    EXPECT_LE(signature->bytes[64], 1);
    EXPECT_TRUE(crypto::is_low_s(*signature));
    EXPECT_TRUE(crypto::scalars_in_range(*signature));
    EXPECT_EQ(crypto::recover_address(digest, *signature), crypto::address_of(key));
    // The high form is valid, too, for everything but transactions.
    const Signature65 high = malleated(*signature);
    EXPECT_FALSE(crypto::is_low_s(high));
    EXPECT_TRUE(crypto::scalars_in_range(high));
    EXPECT_EQ(crypto::recover_address(digest, high), crypto::address_of(key));
    EXPECT_NE(crypto::recover_address(filled<32>(i), *signature), crypto::address_of(key));
  }
}

TEST(Secp256k1, RefusesMalformedSignatures) {
  const SecretKey key = filled<32>(1);
  const Hash32 digest = filled<32>(9);
  const Signature65 good = *crypto::sign(digest, key);
  for (const std::uint8_t v : Bytes{4, 27, 28, 255}) {
    Signature65 bad = good;
    bad.bytes[64] = v;
    EXPECT_EQ(crypto::recover_address(digest, bad), std::nullopt) << int{v};
  }
  const Bytes order = bytes(kOrder);
  for (const std::size_t at : {0U, 32U}) {
    Signature65 zero = good;
    std::fill_n(zero.bytes.begin() + at, 32, std::uint8_t{0});
    EXPECT_FALSE(crypto::scalars_in_range(zero));
    EXPECT_EQ(crypto::recover_address(digest, zero), std::nullopt) << at;
    Signature65 large = good;
    std::copy(order.begin(), order.end(), large.bytes.begin() + static_cast<std::ptrdiff_t>(at));
    EXPECT_FALSE(crypto::scalars_in_range(large));
    EXPECT_EQ(crypto::recover_address(digest, large), std::nullopt) << at;
    --large.bytes[at + 31];
    EXPECT_TRUE(crypto::scalars_in_range(large));
  }
}

TEST(Secp256k1, FixedNonceVectors) {
  for (const Row& row : read_vectors("fixed_nonce.txt", 5)) {
    const Hash32 digest = hash32(row[1]);
    const auto signature = crypto::sign_fixed_k(digest, protocol::kGoldenTouchKey);
    ASSERT_TRUE(signature.has_value()) << row[0];
    EXPECT_EQ(hex(*signature), row[2] + row[3] + (row[4] == "1" ? "01" : "00")) << row[0];
    EXPECT_EQ(crypto::recover_address(digest, *signature), protocol::kGoldenTouchAddress) << row[0];
  }
}

/// Derivation rules, section 6.5: k = 2 signatures of two digests.
TEST(Secp256k1, SecondNonceVectors) {
  const std::string r = "c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5";
  const auto sign = [](const char* digest) {
    return hex(
        *crypto::sign_with_nonce(hash32(digest), FixedNonce::kTwo, protocol::kGoldenTouchKey));
  };
  EXPECT_EQ(sign("44943399d1507f3ce7525e9be2f987c3db9136dc759cb7f92f742154196868b9"),
            r + "38940d69b21d5b088beb706e9ebabe6422307e12863997a44239774467e240d5" + "01");
  EXPECT_EQ(sign("663d210fa6dba171546498489de1ba024b89db49e21662f91bf83cdffe788820"),
            r + "5840695138a83611aa9dac67beb95aba7323429787a78df993f1c5c7f2c0ef7f" + "00");
}

}  // namespace
}  // namespace preconf::core::test
