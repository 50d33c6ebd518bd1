#include "io/wire/protobuf.hpp"

#include <gtest/gtest.h>

#include "tests/core/vectors.hpp"

namespace preconf::io::wire {
namespace {

using core::Bytes;
using core::test::bytes;

struct Walk {
  std::vector<ProtoReader::Field> fields;
  std::optional<ProtoError> error;
};

Walk walk(core::BytesView message) {
  Walk out;
  ProtoReader reader(message);
  while (const auto field = reader.next()) out.fields.push_back(*field);
  out.error = reader.error();
  EXPECT_FALSE(reader.next());  // the end is final
  return out;
}

// Examples of the Protocol Buffers encoding guide.
TEST(Protobuf, ReadsTheExamplesOfTheEncodingGuide) {
  const Bytes varint = bytes("089601");
  const auto one = walk(varint);
  ASSERT_EQ(one.fields.size(), 1U);
  EXPECT_TRUE(one.fields[0].is_varint(1));
  EXPECT_EQ(one.fields[0].varint, 150U);

  const Bytes text = bytes("120774657374696e67");
  const auto two = walk(text);
  ASSERT_EQ(two.fields.size(), 1U);
  EXPECT_TRUE(two.fields[0].is_bytes(2));
  EXPECT_EQ(as_text(two.fields[0].bytes), "testing");

  const Bytes nested = bytes("1a03089601");
  const auto three = walk(nested);
  ASSERT_EQ(three.fields.size(), 1U);
  EXPECT_TRUE(three.fields[0].is_bytes(3));
  EXPECT_EQ(walk(three.fields[0].bytes).fields[0].varint, 150U);
}

TEST(Protobuf, FixedWidthsArePassedOver) {
  const Bytes message = bytes(
      "0d01020304"
      "1108070605040302010801");
  const auto walked = walk(message);
  ASSERT_EQ(walked.fields.size(), 3U);
  EXPECT_EQ(walked.fields[0].varint, 0x04030201U);
  EXPECT_EQ(walked.fields[1].varint, 0x0102030405060708U);
  EXPECT_EQ(walked.fields[2].varint, 1U);
}

TEST(Protobuf, NamesWhatIsWrong) {
  const std::pair<const char*, ProtoError> bad[] = {
      {"08", ProtoError::kTruncated},
      {"0896", ProtoError::kTruncated},
      {"12077465", ProtoError::kTruncated},
      {"12", ProtoError::kTruncated},
      {"0d010203", ProtoError::kTruncated},
      {"1101", ProtoError::kTruncated},
      {"0000", ProtoError::kBadField},
      {"8080808010", ProtoError::kBadField},
      {"0b0c", ProtoError::kBadWireType},
      {"0c", ProtoError::kBadWireType},
      {"0e", ProtoError::kBadWireType},
      {"0f", ProtoError::kBadWireType},
      {"08ffffffffffffffffff02", ProtoError::kBadVarint},
      {"12ffffffffffffffffff01", ProtoError::kTruncated}};  // a length that would wrap
  for (const auto& [text, error] : bad) {
    const auto walked = walk(bytes(text));
    ASSERT_TRUE(walked.error) << text;
    EXPECT_EQ(*walked.error, error) << text;
    EXPECT_TRUE(walked.fields.empty()) << text;
  }
  EXPECT_FALSE(walk({}).error);
}

TEST(Protobuf, FieldsBeforeAnErrorAreSeen) {
  const auto walked =
      walk(bytes("0801"
                 "08"));
  EXPECT_EQ(walked.fields.size(), 1U);
  EXPECT_EQ(walked.error, ProtoError::kTruncated);
}

// The subscribe frame of the gossipsub document of this network.
TEST(Protobuf, WritesASubscription) {
  Bytes inner;
  ProtoWriter writer(inner);
  writer.varint(1, 1);
  writer.text(2, "/taiko/167000/0/rawTxLists");
  Bytes out;
  ProtoWriter outer(out);
  outer.bytes(1, inner);
  EXPECT_EQ(core::to_hex(out), "0a1e0801121a2f7461696b6f2f3136373030302f302f72617754784c69737473");
  EXPECT_EQ(out.size(), ProtoWriter::bytes_size(1, inner.size()));
  EXPECT_EQ(ProtoWriter::varint_size(1, 1), 2U);
  EXPECT_EQ(ProtoWriter::varint_size(16, 300), 4U);

  Bytes announced;
  ProtoWriter(announced).begin(1, inner.size());
  announced.insert(announced.end(), inner.begin(), inner.end());
  EXPECT_EQ(announced, out);
}

}  // namespace
}  // namespace preconf::io::wire
