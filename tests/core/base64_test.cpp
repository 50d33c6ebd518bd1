#include "core/codec/base64.hpp"

#include "tests/core/vectors.hpp"

namespace preconf::core::test {
namespace {

Bytes text_bytes(std::string_view text) { return Bytes(text.begin(), text.end()); }

TEST(Base64, Rfc4648Vectors) {
  const std::vector<std::pair<std::string, std::string>> vectors = {{"", ""},
                                                                    {"f", "Zg=="},
                                                                    {"fo", "Zm8="},
                                                                    {"foo", "Zm9v"},
                                                                    {"foob", "Zm9vYg=="},
                                                                    {"fooba", "Zm9vYmE="},
                                                                    {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, encoded] : vectors) {
    EXPECT_EQ(codec::encode_base64(text_bytes(plain)), encoded);
    EXPECT_EQ(codec::decode_base64(encoded), text_bytes(plain));
  }
}

TEST(Base64, ExtraData) {
  EXPECT_EQ(codec::encode_base64(bytes("4b00000000000b")), "SwAAAAAACw==");
  EXPECT_EQ(codec::encode_base64(bytes("4b00000012d687")), "SwAAABLWhw==");
  EXPECT_EQ(codec::decode_base64("+/+/"), bytes("fbffbf"));
}

TEST(Base64, RefusesEveryOtherText) {
  for (const char* text :
       {"Z", "Zg", "Zg=", "Zg===", "=", "====", "Zm9v=", "Zm 9v", "Zm9v\n", " ",
        "Zh==", "Zm9=", "-_-_", "Zg==Zg==", "Zg=a", "Zm9v!", "\x80\x80\x80\x80"}) {
    EXPECT_EQ(codec::decode_base64(text), std::nullopt) << text;
  }
  EXPECT_EQ(codec::decode_base64(std::string_view("Zm9\0", 4)), std::nullopt);
}

}  // namespace
}  // namespace preconf::core::test
