#include "io/wire/base58.hpp"

#include <gtest/gtest.h>

#include "tests/core/vectors.hpp"

namespace preconf::io::wire {
namespace {

// Bitcoin Core's base58_encode_decode.json.
TEST(Base58, Vectors) {
  const std::pair<const char*, const char*> vectors[] = {
      {"-", ""},
      {"61", "2g"},
      {"626262", "a3gV"},
      {"636363", "aPEr"},
      {"73696d706c792061206c6f6e6720737472696e67", "2cFupjhnEsSn59qHXstmK2ffpLv2"},
      {"00eb15231dfceb60925886b67d065299925915aeb172c06647", "1NS17iag9jJgTHD1VXjvLCEnZuQ3rJDE9L"},
      {"516b6fcd0f", "ABnLTmg"},
      {"bf4f89001e670274dd", "3SEo3LWLoPntC"},
      {"572e4794", "3EFU7m"},
      {"ecac89cad93923c02321", "EJDM8drfXA6uyA"},
      {"10c8511e", "Rt5zm"},
      {"00000000000000000000", "1111111111"}};
  for (const auto& [hex, text] : vectors) {
    EXPECT_EQ(to_base58(core::test::bytes(hex)), text);
    const auto decoded = from_base58(text, 64);
    ASSERT_TRUE(decoded) << text;
    EXPECT_EQ(*decoded, core::test::bytes(hex));
  }
}

TEST(Base58, RefusesOtherCharactersAndLongTexts) {
  for (const char* text : {"0", "O", "I", "l", "2g ", "2g\n", "+"}) {
    EXPECT_FALSE(from_base58(text, 64)) << text;
  }
  EXPECT_TRUE(from_base58(std::string(64, 'z'), 64));
  EXPECT_FALSE(from_base58(std::string(65, 'z'), 64));
}

}  // namespace
}  // namespace preconf::io::wire
