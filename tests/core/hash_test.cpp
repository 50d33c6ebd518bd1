#include "core/crypto/hash.hpp"

#include <nettle/sha3.h>

#include <algorithm>

#include "core/crypto/keccak_f1600.hpp"
#include "core/crypto/keccak_pair.hpp"
#include "tests/core/vectors.hpp"

namespace preconf::core::test {
namespace {

Bytes pattern(std::size_t size) {
  Bytes out(size);
  for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<std::uint8_t>(i * 7 + size);
  return out;
}

TEST(Hash, AgreesWithIndependentVectors) {
  for (const Row& row : read_vectors("hashes.txt", 4)) {
    const std::size_t size = number(row[0]);
    const Bytes data = pattern(size);
    EXPECT_EQ(hex(crypto::keccak256(data)), row[1]) << size;
    EXPECT_EQ(hex(crypto::sha256(data)), row[2]) << size;
    EXPECT_EQ(hex(crypto::hmac_sha256(pattern(size % 100), data)), row[3]) << size;
  }
}

TEST(Hash, KeccakOfNothingIsNotSha3OfNothing) {
  EXPECT_EQ(hex(crypto::keccak256({})),
            "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");
}

TEST(Hash, PiecesOfAnySizeGiveTheSameDigest) {
  for (const std::size_t size : {0U, 1U, 135U, 136U, 137U, 272U, 300U, 1000U}) {
    const Bytes data = pattern(size);
    for (const std::size_t piece : {1U, 3U, 8U, 13U, 64U, 136U, 137U, 500U}) {
      crypto::Keccak256 keccak;
      crypto::Sha256 sha;
      for (std::size_t at = 0; at < size; at += piece) {
        const BytesView part = BytesView{data}.subspan(at, std::min(piece, size - at));
        keccak.update(part);
        sha.update(part);
      }
      EXPECT_EQ(keccak.finish(), crypto::keccak256(data)) << size << "/" << piece;
      EXPECT_EQ(sha.finish(), crypto::sha256(data)) << size << "/" << piece;
      // finish() starts a new message.
      keccak.update(data);
      sha.update(data);
      EXPECT_EQ(keccak.finish(), crypto::keccak256(data));
      EXPECT_EQ(sha.finish(), crypto::sha256(data));
    }
  }
}

/// A thousand states, each the image of the one before, against the packaged library.
TEST(Hash, PermutationAgreesWithTheLibrary) {
  sha3_state expected{};
  crypto::KeccakState ours{};
  for (int i = 0; i < 1'000; ++i) {
    sha3_permute(&expected);
    crypto::keccak_f1600(ours);
    ASSERT_TRUE(std::ranges::equal(ours, expected.a)) << i;
  }
}

TEST(Hash, PermutationOfAPairIsThatOfEach) {
  crypto::KeccakState first{};
  crypto::KeccakState second{1};
  crypto::KeccakStatePair pair;
  pair.lanes[1] = 1;
  for (int i = 0; i < 1'000; ++i) {
    crypto::keccak_f1600(first);
    crypto::keccak_f1600(second);
    crypto::keccak_f1600(pair);
    for (std::size_t lane = 0; lane < first.size(); ++lane) {
      ASSERT_EQ(pair.lanes[2 * lane], first[lane]) << i;
      ASSERT_EQ(pair.lanes[2 * lane + 1], second[lane]) << i;
    }
  }
}

TEST(Hash, PairGivesTheDigestOfEach) {
  constexpr std::size_t kBlock = crypto::KeccakPair::kBlockBytes;
  for (const std::size_t blocks : {0U, 1U, 3U}) {
    for (const std::size_t tail : {0U, 1U, 7U, 8U, 100U, 135U}) {
      const Bytes first = pattern(blocks * kBlock + tail);
      const Bytes second = pattern(blocks * kBlock + (tail + 60) % kBlock);
      crypto::KeccakPair pair;
      for (std::size_t i = 0; i < blocks; ++i) {
        pair.absorb(BytesView{first}.subspan(i * kBlock, kBlock),
                    BytesView{second}.subspan(i * kBlock, kBlock));
      }
      const BytesView first_tail = BytesView{first}.subspan(blocks * kBlock);
      const auto both = pair.finish(first_tail, BytesView{second}.subspan(blocks * kBlock));
      EXPECT_EQ(both.first, crypto::keccak256(first)) << blocks << "/" << tail;
      EXPECT_EQ(both.second, crypto::keccak256(second)) << blocks << "/" << tail;
      // finish() ended nothing.
      const auto other = pair.twice_first().finish({}, first_tail);
      EXPECT_EQ(other.first, crypto::keccak256(BytesView{first}.first(blocks * kBlock)));
      EXPECT_EQ(other.second, crypto::keccak256(first));
    }
  }
}

}  // namespace
}  // namespace preconf::core::test
