#include "io/engine/jwt.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "core/base/hex.hpp"

namespace preconf::io {
namespace {

// From the protocol reference: secret 0x00..01, iat 1700000000, made by another implementation.
constexpr std::string_view kVector =
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpYXQiOjE3MDAwMDAwMDB9."
    "4YkL9YxQOYVEXU3mP8v44DSg3DZhEpmpfCAlZumH89g";
constexpr core::UnixSeconds kIssued{1'700'000'000};

JwtSecret one() {
  JwtSecret secret;
  secret.bytes.back() = 1;
  return secret;
}

std::string bearer(std::string_view token) { return "Bearer " + std::string(token); }

core::UnixSeconds later(std::int64_t seconds) {
  return {static_cast<std::uint64_t>(static_cast<std::int64_t>(kIssued.value) + seconds)};
}

TEST(Jwt, Vector) { EXPECT_EQ(make_jwt(one(), kIssued), kVector); }

TEST(Jwt, CheckAcceptsTheWindowOnly) {
  EXPECT_EQ(check_jwt(bearer(kVector), one(), kIssued), JwtDefect::kNone);
  EXPECT_EQ(check_jwt(bearer(kVector), one(), later(60)), JwtDefect::kNone);
  EXPECT_EQ(check_jwt(bearer(kVector), one(), later(-60)), JwtDefect::kNone);
  EXPECT_EQ(check_jwt(bearer(kVector), one(), later(61)), JwtDefect::kIatOutOfWindow);
  EXPECT_EQ(check_jwt(bearer(kVector), one(), later(-61)), JwtDefect::kIatOutOfWindow);
}

TEST(Jwt, CheckRefusesByName) {
  EXPECT_EQ(check_jwt("", one(), kIssued), JwtDefect::kMissing);
  EXPECT_EQ(check_jwt(kVector, one(), kIssued), JwtDefect::kMalformed);
  EXPECT_EQ(check_jwt("Bearer x", one(), kIssued), JwtDefect::kMalformed);
  EXPECT_EQ(check_jwt("Bearer ..", one(), kIssued), JwtDefect::kMalformed);
  EXPECT_EQ(check_jwt("Bearer a.b.c", one(), kIssued), JwtDefect::kMalformed);
  EXPECT_EQ(check_jwt(bearer(kVector), JwtSecret{}, kIssued), JwtDefect::kSignature);
  EXPECT_EQ(check_jwt(bearer(std::string(10'000, 'a')), one(), kIssued), JwtDefect::kMalformed);
  std::string changed(kVector);
  changed[40] = changed[40] == 'a' ? 'b' : 'a';
  EXPECT_NE(check_jwt(bearer(changed), one(), kIssued), JwtDefect::kNone);
}

TEST(Jwt, CheckRefusesAnotherAlgorithmAndNoIat) {
  // {"alg":"none"} with the empty signature, the classic forgery.
  EXPECT_EQ(check_jwt("Bearer eyJhbGciOiJub25lIn0.eyJpYXQiOjE3MDAwMDAwMDB9.", one(), kIssued),
            JwtDefect::kMalformed);
  // {} signed with HS256 and secret 0x00..01 (python3: hmac, base64).
  EXPECT_EQ(check_jwt("Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30."
                      "BNv1HWSj-Bcfk8C5WOCrJduxIvzLbXKN5DhN_6wiwJ4",
                      one(), kIssued),
            JwtDefect::kNoIat);
}

class JwtSecretFile : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "jwt_XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  std::filesystem::path write(std::string_view content, mode_t mode = 0600) {
    const auto file = directory_ / "secret";
    std::ofstream(file) << content;
    ::chmod(file.c_str(), mode);
    return file;
  }
  std::filesystem::path directory_;
  const std::string hex_ = std::string(62, '0') + "01";
};

TEST_F(JwtSecretFile, Spellings) {
  for (const std::string& content : {hex_, "0x" + hex_, " \n0x" + hex_ + "\r\n"}) {
    const auto loaded = load_jwt_secret(write(content));
    ASSERT_TRUE(loaded) << loaded.error();
    EXPECT_EQ(loaded->secret, one());
    EXPECT_TRUE(loaded->warning.empty()) << loaded->warning;
  }
}

TEST_F(JwtSecretFile, WarnsWhenOthersMayRead) {
  const auto loaded = load_jwt_secret(write(hex_, 0644));
  ASSERT_TRUE(loaded);
  EXPECT_NE(loaded->warning.find("chmod 600"), std::string::npos);
}

TEST_F(JwtSecretFile, RefusesWithoutShowingTheContent) {
  for (const std::string& content :
       {std::string(), std::string(" \n"), hex_.substr(1), hex_ + "0", "0x" + hex_ + "zz",
        std::string(63, 'a') + "g", std::string(5'000, 'a')}) {
    const auto loaded = load_jwt_secret(write(content));
    ASSERT_FALSE(loaded) << content;
    const std::string shown = content.substr(0, 8);
    EXPECT_TRUE(shown.size() < 8 || loaded.error().find(shown) == std::string::npos);
  }
  EXPECT_FALSE(load_jwt_secret(directory_ / "absent"));
  EXPECT_FALSE(load_jwt_secret(directory_));
}

}  // namespace
}  // namespace preconf::io
