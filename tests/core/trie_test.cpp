#include "core/codec/trie.hpp"

#include "tests/core/vectors.hpp"

namespace preconf::core::test {
namespace {

TEST(Trie, AgreesWithIndependentVectors) {
  for (const Row& row : read_vectors("tries.txt", 3)) {
    std::vector<Bytes> values(number(row[0]), Bytes(number(row[1])));
    for (std::size_t i = 0; i < values.size(); ++i) {
      for (std::size_t j = 0; j < values[i].size(); ++j) {
        const auto byte = static_cast<std::uint8_t>(31 * i + 3 * j);
        values[i][j] = byte == 0 ? 1 : byte;
      }
    }
    EXPECT_EQ(hex(codec::ordered_trie_root(values)), row[2]) << row[0] << " x " << row[1];
    const std::vector<BytesView> views(values.begin(), values.end());
    EXPECT_EQ(hex(codec::ordered_trie_root(views)), row[2]);
  }
}

TEST(Trie, OrderMatters) {
  const std::vector<Bytes> one = {bytes("01"), bytes("02")};
  const std::vector<Bytes> other = {bytes("02"), bytes("01")};
  EXPECT_NE(codec::ordered_trie_root(one), codec::ordered_trie_root(other));
}

}  // namespace
}  // namespace preconf::core::test
