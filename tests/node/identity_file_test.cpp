#include "node/p2p/identity_file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

namespace preconf::node {
namespace {

namespace fs = std::filesystem;
using io::wire::KeyType;

class IdentityFile : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "identity-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
  }
  void TearDown() override { fs::remove_all(directory_); }

  [[nodiscard]] fs::path path() const { return directory_ / "p2p.key"; }
  void write(const std::string& text, mode_t mode = 0600) const {
    std::ofstream(path(), std::ios::binary) << text;
    ASSERT_EQ(::chmod(path().c_str(), mode), 0);
  }
  [[nodiscard]] IdentityFileFailure failure() const {
    const auto loaded = load_or_create_identity(path());
    EXPECT_FALSE(loaded);
    return loaded ? IdentityFileFailure{} : loaded.error();
  }

  fs::path directory_;
};

constexpr const char* kSeed = "7e0830617c4a7de83925dfb2694556b12936c477a0e1feb2e148ec9da60fee7d";
constexpr const char* kScalar = "53dadf1d5a164d6b4acdb15e24aa4c5b1d3461bdbd42abedb0a4404d56ced8fb";

TEST_F(IdentityFile, IsMadeOnceAndStable) {
  const auto first = load_or_create_identity(path());
  ASSERT_TRUE(first) << first.error().detail;
  struct stat info = {};
  ASSERT_EQ(::stat(path().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0600U);
  const auto second = load_or_create_identity(path());
  ASSERT_TRUE(second);
  EXPECT_EQ(first->peer_id(), second->peer_id());
  EXPECT_EQ(std::distance(fs::directory_iterator(directory_), fs::directory_iterator()), 1);

  fs::remove(path());
  EXPECT_NE(load_or_create_identity(path())->peer_id(), first->peer_id());
}

// The identities of the libp2p peer ids specification.
TEST_F(IdentityFile, BothKeyTypes) {
  write(std::string("ed25519 ") + kSeed + "\n");
  EXPECT_EQ(to_text(load_or_create_identity(path())->peer_id()),
            "12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq");
  write(std::string("secp256k1 ") + kScalar);
  EXPECT_EQ(to_text(load_or_create_identity(path())->peer_id()),
            "16Uiu2HAmLhLvBoYaoZfaMUKuibM6ac163GwKY74c5kiSLg5KvLpY");
}

TEST_F(IdentityFile, ModesOpenToOthersAreRefused) {
  for (const mode_t mode : {0640U, 0604U, 0620U, 0602U, 0610U, 0601U, 0644U, 0777U}) {
    write(std::string("ed25519 ") + kSeed, mode);
    EXPECT_EQ(failure().error, IdentityFileError::kOpenToOthers) << std::oct << mode;
  }
  write(std::string("ed25519 ") + kSeed, 0400);
  EXPECT_TRUE(load_or_create_identity(path()));
}

TEST_F(IdentityFile, CorruptContentIsRefusedAndKept) {
  const std::string good = std::string("ed25519 ") + kSeed;
  const std::string bad[] = {"",
                             "\n",
                             kSeed,
                             "rsa " + std::string(kSeed),
                             good.substr(0, good.size() - 1),
                             good + "0",
                             good + "\n\n",
                             "ed25519  " + std::string(kSeed),
                             "ed25519 0x" + std::string(kSeed) + "g",
                             std::string(300, 'a')};
  for (const std::string& text : bad) {
    write(text);
    EXPECT_EQ(failure().error, IdentityFileError::kCorrupt) << text;
    std::ifstream file(path(), std::ios::binary);
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), text);
  }
  write("secp256k1 " + std::string(64, 'f'));
  EXPECT_EQ(failure().error, IdentityFileError::kInvalidSecret);
}

TEST_F(IdentityFile, WhatIsNoFileIsRefused) {
  fs::create_directory(path());
  EXPECT_EQ(failure().error, IdentityFileError::kNotAFile);
  fs::remove(path());
  ASSERT_EQ(::mkfifo(path().c_str(), 0600), 0);
  EXPECT_EQ(failure().error, IdentityFileError::kNotAFile);
}

TEST_F(IdentityFile, DetailNamesThePath) {
  write("x");
  EXPECT_NE(failure().detail.find(path().string()), std::string::npos);
  const auto missing = load_or_create_identity(directory_ / "no" / "p2p.key");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().error, IdentityFileError::kUnwritable);
}

// What a crash between writing and linking leaves behind does not stop the next start.
TEST_F(IdentityFile, ARestOfACrashIsReplaced) {
  std::ofstream(path().string() + ".new") << "ed25519 12";
  EXPECT_TRUE(load_or_create_identity(path()));
  EXPECT_FALSE(fs::exists(path().string() + ".new"));
}

}  // namespace
}  // namespace preconf::node
