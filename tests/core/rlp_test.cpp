#include "core/codec/rlp.hpp"

#include "tests/core/vectors.hpp"

namespace preconf::core::test {
namespace {

using codec::RlpDefect;
using codec::RlpItem;
using codec::RlpReader;

RlpDefect defect_of(const std::string& hex_text) {
  const Bytes input = bytes(hex_text);
  RlpReader reader(input);
  reader.next();
  return reader.defect();
}

/// Examples of the Ethereum wiki's RLP page.
TEST(Rlp, WritesTheKnownExamples) {
  const auto string = [](const Bytes& content) {
    Bytes out;
    codec::append_rlp_string(out, content);
    return hex(out);
  };
  EXPECT_EQ(string(bytes("646f67")), "83646f67");
  EXPECT_EQ(string({}), "80");
  EXPECT_EQ(string(bytes("00")), "00");
  EXPECT_EQ(string(bytes("0f")), "0f");
  EXPECT_EQ(string(bytes("7f")), "7f");
  EXPECT_EQ(string(bytes("80")), "8180");
  EXPECT_EQ(string(bytes("0400")), "820400");
  EXPECT_EQ(hex(codec::rlp_list_of({})), "c0");
  EXPECT_EQ(hex(codec::rlp_list_of(bytes("8363617483646f67"))), "c88363617483646f67");
  EXPECT_EQ(string(Bytes(55, 0xaa)).substr(0, 4), "b7aa");
  EXPECT_EQ(string(Bytes(56, 0xaa)).substr(0, 6), "b838aa");
  EXPECT_EQ(string(Bytes(256, 0xaa)).substr(0, 8), "b90100aa");
  EXPECT_EQ(hex(codec::rlp_list_of(Bytes(56, 0x01))).substr(0, 6), "f83801");
}

TEST(Rlp, WritesScalarsWithoutLeadingZeros) {
  const auto scalar = [](std::uint64_t value) {
    Bytes out;
    codec::append_rlp_u64(out, value);
    return hex(out);
  };
  EXPECT_EQ(scalar(0), "80");
  EXPECT_EQ(scalar(1), "01");
  EXPECT_EQ(scalar(0x7f), "7f");
  EXPECT_EQ(scalar(0x80), "8180");
  EXPECT_EQ(scalar(1024), "820400");
  EXPECT_EQ(scalar(~std::uint64_t{0}), "88ffffffffffffffff");
}

TEST(Rlp, HeaderSizes) {
  for (const std::size_t size : {0U, 1U, 55U, 56U, 255U, 256U, 65535U, 65536U}) {
    EXPECT_EQ(codec::rlp_list_of(Bytes(size, 1)).size(), codec::rlp_header_size(size) + size);
  }
}

TEST(Rlp, ReadsBackWhatItWrote) {
  for (const std::size_t size : {0U, 1U, 2U, 55U, 56U, 57U, 255U, 256U, 65536U}) {
    const Bytes content(size, 0xab);
    Bytes out;
    codec::append_rlp_string(out, content);
    out.push_back(0x05);
    RlpReader reader(out);
    const RlpItem item = reader.next();
    ASSERT_TRUE(reader.ok()) << size;
    EXPECT_FALSE(item.is_list);
    EXPECT_EQ(Bytes(item.payload.begin(), item.payload.end()), content);
    EXPECT_EQ(item.encoded.size(), out.size() - 1);
    EXPECT_EQ(reader.u64(), 5U);
    EXPECT_TRUE(reader.done());
  }
}

TEST(Rlp, Truncated) {
  for (const char* text :
       {"-", "81", "83646f", "b7", "b8", "b838", "b90100", "bf", "c1", "c883636174", "f8", "f838",
        "ff", "bfffffffffffffffff", "ffffffffffffffffff", "ff8000000000000000"}) {
    EXPECT_EQ(defect_of(text), RlpDefect::kTruncated) << text;
  }
}

TEST(Rlp, NonCanonical) {
  for (const char* text : {"8100", "817f", "b801aa", "b800", "b837", "b90001aa", "b90037", "f800",
                           "f801c0", "f837", "f90001", "fa000001"}) {
    EXPECT_EQ(defect_of(text), RlpDefect::kNonCanonical) << text;
  }
}

TEST(Rlp, LengthsWithLeadingZerosAreNonCanonical) {
  const std::string content(2 * 64, 'a');
  EXPECT_EQ(defect_of("b840" + content), RlpDefect::kNone);
  EXPECT_EQ(defect_of("b90040" + content), RlpDefect::kNonCanonical);
  EXPECT_EQ(defect_of("f840" + content), RlpDefect::kNone);
  EXPECT_EQ(defect_of("fa000040" + content), RlpDefect::kNonCanonical);
}

TEST(Rlp, KindsAndSizes) {
  const Bytes list = bytes("c0");
  EXPECT_TRUE(RlpReader(list).list().empty());
  RlpReader as_string(list);
  as_string.string();
  EXPECT_EQ(as_string.defect(), RlpDefect::kWrongKind);
  const Bytes text = bytes("83646f67");
  RlpReader as_list(text);
  as_list.list();
  EXPECT_EQ(as_list.defect(), RlpDefect::kWrongKind);

  EXPECT_EQ(RlpReader(text).fixed<3>(), fixed<3>("646f67"));
  RlpReader short_field(text);
  short_field.fixed<4>();
  EXPECT_EQ(short_field.defect(), RlpDefect::kWrongSize);
  const Bytes empty = bytes("80");
  RlpReader optional_field(empty);
  EXPECT_EQ(optional_field.fixed_or_empty<20>(), std::nullopt);
  EXPECT_TRUE(optional_field.ok());
  RlpReader wrong_optional(text);
  wrong_optional.fixed_or_empty<20>();
  EXPECT_EQ(wrong_optional.defect(), RlpDefect::kWrongSize);
}

TEST(Rlp, Scalars) {
  const auto read = [](const std::string& text) {
    const Bytes input = bytes(text);
    RlpReader reader(input);
    const std::uint64_t value = reader.u64();
    return std::pair{value, reader.defect()};
  };
  EXPECT_EQ(read("80"), std::pair(std::uint64_t{0}, RlpDefect::kNone));
  EXPECT_EQ(read("820400"), std::pair(std::uint64_t{1024}, RlpDefect::kNone));
  EXPECT_EQ(read("00"), std::pair(std::uint64_t{0}, RlpDefect::kNonCanonical));
  EXPECT_EQ(read("820001"), std::pair(std::uint64_t{0}, RlpDefect::kNonCanonical));
  EXPECT_EQ(read("89010000000000000000"), std::pair(std::uint64_t{0}, RlpDefect::kWrongSize));
  EXPECT_EQ(read("c0"), std::pair(std::uint64_t{0}, RlpDefect::kWrongKind));

  const Bytes large = bytes("a0" + std::string(64, 'f'));
  EXPECT_EQ(RlpReader(large).u256(), U256{filled<32>(0xff)});
  const Bytes over = bytes("a101" + std::string(64, '0'));
  RlpReader reader(over);
  reader.u256();
  EXPECT_EQ(reader.defect(), RlpDefect::kWrongSize);
}

TEST(Rlp, AfterADefectEverythingIsEmpty) {
  const Bytes input = bytes("817f0102");
  RlpReader reader(input);
  reader.next();
  EXPECT_EQ(reader.u64(), 0U);
  EXPECT_TRUE(reader.string().empty());
  EXPECT_EQ(reader.defect(), RlpDefect::kNonCanonical);
  EXPECT_FALSE(reader.done());
}

}  // namespace
}  // namespace preconf::core::test
