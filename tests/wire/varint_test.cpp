#include "io/wire/varint.hpp"

#include <gtest/gtest.h>

#include "tests/core/vectors.hpp"

namespace preconf::io::wire {
namespace {

using core::Bytes;
using core::test::bytes;

// The examples of the multiformats specification and of the lengths of this network's frames.
TEST(Varint, VectorsBothWays) {
  const std::pair<std::uint64_t, const char*> vectors[] = {
      {0, "00"},
      {1, "01"},
      {127, "7f"},
      {128, "8001"},
      {255, "ff01"},
      {300, "ac02"},
      {16'384, "808001"},
      {386, "8203"},
      {97'796, "84fc05"},
      {2'097'188, "a4808001"},
      {UINT64_MAX, "ffffffffffffffffff01"},
      {std::uint64_t{1} << 63, "80808080808080808001"}};
  for (const auto& [value, text] : vectors) {
    Bytes out;
    put_uvarint(out, value);
    EXPECT_EQ(core::to_hex(out), text);
    EXPECT_EQ(uvarint_size(value), out.size());
    out.push_back(0xff);  // what follows is not looked at
    const auto read = read_uvarint(out, 10);
    ASSERT_TRUE(read) << text;
    EXPECT_EQ(read->value, value);
    EXPECT_EQ(read->size, out.size() - 1);
  }
}

TEST(Varint, EveryPrefixIsIncomplete) {
  const Bytes whole = bytes("ffffffffffffffffff01");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto read = read_uvarint(core::BytesView{whole}.first(size), 10);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error(), VarintError::kIncomplete) << size;
  }
}

TEST(Varint, RefusesLongerFormsAndOverflow) {
  const std::pair<const char*, VarintError> bad[] = {
      {"8000", VarintError::kNotMinimal},
      {"818000", VarintError::kNotMinimal},
      {"80808080808080808000", VarintError::kNotMinimal},
      {"ffffffffffffffffff02", VarintError::kOverflow},
      {"ffffffffffffffffff81", VarintError::kOverflow},
      {"8080808080808080808001", VarintError::kOverflow}};
  for (const auto& [text, error] : bad) {
    const auto read = read_uvarint(bytes(text), 10);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error(), error) << text;
  }
}

TEST(Varint, BoundOfBytes) {
  EXPECT_EQ(read_uvarint(bytes("ffff7f"), 3)->value, 0x1fffffU);
  EXPECT_EQ(read_uvarint(bytes("ffffff01"), 3).error(), VarintError::kOverflow);
  EXPECT_EQ(read_uvarint(bytes("ffff"), 3).error(), VarintError::kIncomplete);
}

TEST(Varint, PaddedFormIsForProtocolBuffersOnly) {
  const auto read = read_padded_uvarint(bytes("ac8200"), 10);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->value, 300U);
  EXPECT_EQ(read->size, 3U);
}

}  // namespace
}  // namespace preconf::io::wire
