#include <gtest/gtest.h>

#include "io/json/eth_json.hpp"
#include "io/json/json_reader.hpp"
#include "io/json/json_writer.hpp"

namespace preconf::io {
namespace {

JsonError error_of(std::string_view text, const JsonLimits& limits = {}) {
  const auto document = JsonDocument::parse(text, limits);
  EXPECT_FALSE(document) << text.substr(0, 80);
  return document ? JsonError::kSyntax : document.error();
}

TEST(JsonReader, KindsAndValues) {
  const auto document =
      JsonDocument::parse(R"({"n":null,"t":true,"i":18446744073709551615,"m":-1,"f":1.5,
                              "s":"a\u0000\u00e9","a":[1,[2],{}],"o":{"x":1,"x":2}})");
  ASSERT_TRUE(document);
  const JsonValue root = document->root();
  EXPECT_TRUE(root.get("n").is_null());
  EXPECT_EQ(root.get("t").as_bool(), true);
  EXPECT_EQ(root.get("i").as_u64(), 18446744073709551615U);
  EXPECT_EQ(root.get("m").as_u64(), std::nullopt);
  EXPECT_EQ(root.get("f").as_u64(), std::nullopt);
  EXPECT_EQ(root.get("m").kind(), JsonKind::kNumber);
  EXPECT_EQ(root.get("s").as_string(), std::string_view("a\0\xC3\xA9", 4));
  EXPECT_EQ(root.get("a").size(), 3U);
  EXPECT_EQ(root.get("a").at(1).at(0).as_u64(), 2U);
  EXPECT_EQ(root.get("o").get("x").as_u64(), 1U) << "first of duplicates";
  EXPECT_EQ(root.get("a").to_text(), "[1,[2],{}]");
}

TEST(JsonReader, EveryQuestionToEveryKindIsAnswered) {
  const auto document = JsonDocument::parse(R"([null,true,1,"s",[],{}])");
  ASSERT_TRUE(document);
  document->root().each_element([](JsonValue value) {
    EXPECT_EQ(value.as_bool().has_value(), value.kind() == JsonKind::kBool);
    EXPECT_EQ(value.as_u64().has_value(), value.kind() == JsonKind::kNumber);
    EXPECT_EQ(value.as_string().has_value(), value.kind() == JsonKind::kString);
    EXPECT_TRUE(value.get("absent").missing());
    EXPECT_TRUE(value.at(9).missing());
    EXPECT_EQ(value.size(), 0U);
    return true;
  });
  const JsonValue missing;
  EXPECT_TRUE(missing.get("a").at(1).missing());
  EXPECT_EQ(missing.to_text(), "null");
}

TEST(JsonReader, RefusalsHaveNames) {
  EXPECT_EQ(error_of(""), JsonError::kSyntax);
  EXPECT_EQ(error_of("{"), JsonError::kSyntax);
  EXPECT_EQ(error_of("[1,]"), JsonError::kSyntax);
  EXPECT_EQ(error_of("{} {}"), JsonError::kSyntax);
  EXPECT_EQ(error_of("[\"\xff\"]"), JsonError::kUtf8);
  EXPECT_EQ(error_of("[18446744073709551616]"), JsonError::kNumber);
  EXPECT_EQ(error_of("[1e999]"), JsonError::kNumber);
  EXPECT_EQ(error_of(std::string("[\"a\0b\"]", 7)), JsonError::kSyntax) << "raw NUL in a string";
  EXPECT_EQ(error_of("[1,2,3]", {.bytes_max = 6}), JsonError::kTooLarge);
  EXPECT_EQ(error_of(std::string(100'000, '[') + std::string(100'000, ']')), JsonError::kTooDeep);
  EXPECT_EQ(error_of(std::string(33, '[') + '1' + std::string(33, ']')), JsonError::kTooDeep);
  EXPECT_TRUE(JsonDocument::parse(std::string(32, '[') + '1' + std::string(32, ']')));
}

TEST(EthJson, Quantities) {
  EXPECT_EQ(u64_from_quantity("0x0"), 0U);
  EXPECT_EQ(u64_from_quantity("0xffffffffffffffff"), ~std::uint64_t{0});
  EXPECT_EQ(u64_from_quantity("0x10000000000000000"), std::nullopt);
  EXPECT_EQ(u64_from_quantity("0x000000000000000000001"), 1U);
  const std::string two_to_255 = "0x8" + std::string(63, '0');
  ASSERT_TRUE(u256_from_quantity(two_to_255));
  EXPECT_EQ(u256_from_quantity(two_to_255)->be.bytes[0], 0x80);
  EXPECT_EQ(quantity_of(*u256_from_quantity(two_to_255)), two_to_255);
  for (const std::string& bad :
       {std::string(), std::string("0x"), std::string("1"), std::string("0X1"), std::string("0xg"),
        std::string("0x 1"), std::string("0x-1"), "0x1" + std::string(64, '0'),
        std::string("0x0x1"), "0x0x" + std::string(62, '0')}) {
    EXPECT_EQ(u256_from_quantity(bad), std::nullopt) << bad;
  }
}

TEST(EthJson, LenientNumbers) {
  const std::string max =
      "115792089237316195423570985008687907853269984665640564039457584007913129639935";
  const auto document = JsonDocument::parse(R"([7,"7","0x7",")" + max +
                                            R"(","11579208923731619)"
                                            R"(5423570985008687907853269984665640564039457584)"
                                            R"(007913129639936","","x",-1,1.5,null,"7 "])");
  ASSERT_TRUE(document);
  const JsonValue list = document->root();
  for (const std::size_t i : {0U, 1U, 2U}) {
    EXPECT_EQ(as_lenient_u256(list.at(i)), core::U256::from_u64(7)) << i;
  }
  ASSERT_TRUE(as_lenient_u256(list.at(3)));
  EXPECT_EQ(quantity_of(*as_lenient_u256(list.at(3))), "0x" + std::string(64, 'f'));
  for (std::size_t i = 4; i < list.size(); ++i) EXPECT_FALSE(as_lenient_u256(list.at(i))) << i;
}

TEST(EthJson, DataAndFixedSizes) {
  const auto document = JsonDocument::parse(R"(["0x","0x00ff","00ff","0x0","0xzz","0x0x00",1])");
  ASSERT_TRUE(document);
  const JsonValue list = document->root();
  EXPECT_EQ(as_data(list.at(0), 10), core::Bytes{});
  EXPECT_EQ(as_data(list.at(1), 2), (core::Bytes{0, 255}));
  EXPECT_EQ(as_data(list.at(1), 1), std::nullopt) << "over the bound";
  EXPECT_TRUE(as_fixed<2>(list.at(1)));
  EXPECT_FALSE(as_fixed<3>(list.at(1)));
  for (std::size_t i = 2; i < 7; ++i) {
    EXPECT_FALSE(as_data(list.at(i), 10)) << i;
    EXPECT_FALSE(as_fixed<2>(list.at(i))) << i;
  }
}

TEST(JsonWriter, StructureAndEscapes) {
  JsonWriter json;
  json.begin_object();
  json.key("a\"b").begin_array().number(1).null().boolean(true).begin_object().end_object();
  json.end_array();
  json.key("t").text("\\ \n \x01 \xC3\xA9 \xff \xED\xA0\x80");
  json.key("d").data(core::Bytes{0, 255}).key("q").quantity(0).key("n").number_signed(-5);
  json.key("b").base64(core::Bytes{75, 0, 0, 0, 0, 0, 11}).end_object();
  // "SwAAAAAACw==" is the extraData example of the Engine API reference.
  EXPECT_EQ(json.take(),
            "{\"a\\\"b\":[1,null,true,{}],\"t\":\"\\\\ \\u000a \\u0001 \xC3\xA9 \xEF\xBF\xBD "
            "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\",\"d\":\"0x00ff\",\"q\":\"0x0\",\"n\":-5,"
            "\"b\":\"SwAAAAAACw==\"}");
  EXPECT_EQ(json.begin_array().end_array().take(), "[]");
}

TEST(JsonWriter, AnyTextSurvivesTheReader) {
  std::string all;
  for (int c = 0; c < 256; ++c) all += static_cast<char>(c);
  const auto document = JsonDocument::parse(JsonWriter().text(all).str());
  ASSERT_TRUE(document);
  EXPECT_EQ(document->root().as_string()->substr(0, 128), std::string_view(all).substr(0, 128));
}

}  // namespace
}  // namespace preconf::io
