#include "core/codec/abi.hpp"

#include "tests/core/vectors.hpp"

namespace preconf::core::test {
namespace {

using codec::AbiDefect;
using codec::AbiReader;

Bytes words(const std::vector<std::uint64_t>& values) {
  Bytes out;
  for (const std::uint64_t value : values) codec::append_abi_u64(out, value);
  return out;
}

TEST(Abi, StaticWords) {
  Bytes data = words({7, 1, 0, (std::uint64_t{1} << 48) - 1});
  codec::append_abi_address(data, filled<20>(0xab));
  AbiDefect defect = AbiDefect::kNone;
  AbiReader in(data, defect);
  EXPECT_EQ(in.u256(), U256::from_u64(7));
  EXPECT_TRUE(in.boolean());
  EXPECT_FALSE(in.boolean());
  EXPECT_EQ(in.uint(48), kUint48Max);
  EXPECT_EQ(in.address(), filled<20>(0xab));
  EXPECT_EQ(defect, AbiDefect::kNone);
  EXPECT_EQ(in.word(), Hash32{});
  EXPECT_EQ(defect, AbiDefect::kTruncated);
}

template <class Read>
AbiDefect defect_of(const Bytes& data, Read&& read) {
  AbiDefect defect = AbiDefect::kNone;
  AbiReader in(data, defect);
  read(in);
  return defect;
}

TEST(Abi, ValuesWiderThanTheirTypeAreRefused) {
  EXPECT_EQ(defect_of(words({2}), [](AbiReader& in) { in.boolean(); }), AbiDefect::kDirtyPadding);
  EXPECT_EQ(defect_of(words({256}), [](AbiReader& in) { in.uint(8); }), AbiDefect::kDirtyPadding);
  EXPECT_EQ(defect_of(words({255}), [](AbiReader& in) { in.uint(8); }), AbiDefect::kNone);
  EXPECT_EQ(defect_of(words({kUint48Max + 1}), [](AbiReader& in) { in.uint(48); }),
            AbiDefect::kDirtyPadding);
  EXPECT_EQ(defect_of(words({~std::uint64_t{0}}), [](AbiReader& in) { in.uint(64); }),
            AbiDefect::kNone);
  Bytes beyond(32);
  beyond[23] = 1;  // 2^64
  EXPECT_EQ(defect_of(beyond, [](AbiReader& in) { in.uint(64); }), AbiDefect::kDirtyPadding);
  Bytes address(32);
  address[11] = 1;
  EXPECT_EQ(defect_of(address, [](AbiReader& in) { in.address(); }), AbiDefect::kDirtyPadding);
}

TEST(Abi, OffsetsAndCountsAreBounded) {
  const auto array = [](AbiReader& in) { in.array(4, 2); };
  EXPECT_EQ(defect_of(words({32, 0}), array), AbiDefect::kNone);
  EXPECT_EQ(defect_of(words({32, 1, 0, 0}), array), AbiDefect::kNone);
  EXPECT_EQ(defect_of(words({32, 1, 0}), array), AbiDefect::kTruncated);
  EXPECT_EQ(defect_of(words({32, ~std::uint64_t{0}}), array), AbiDefect::kTruncated);
  EXPECT_EQ(defect_of(words({64}), array), AbiDefect::kTruncated);
  EXPECT_EQ(defect_of(words({~std::uint64_t{0}}), array), AbiDefect::kTruncated);
  EXPECT_EQ(defect_of(Bytes(32, 0xff), array), AbiDefect::kTruncated);
  std::vector<std::uint64_t> five{32, 5};
  five.resize(2 + 5 * 2);
  EXPECT_EQ(defect_of(words(five), array), AbiDefect::kTooMany);
  EXPECT_EQ(defect_of({}, array), AbiDefect::kTruncated);
}

TEST(Abi, AfterADefectNothingIsRead) {
  const Bytes data = words({2, 9});
  AbiDefect defect = AbiDefect::kNone;
  AbiReader in(data, defect);
  in.boolean();
  EXPECT_EQ(in.uint(64), 0U);
  EXPECT_EQ(defect, AbiDefect::kDirtyPadding);
}

}  // namespace
}  // namespace preconf::core::test
