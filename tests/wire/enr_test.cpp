#include "io/wire/enr.hpp"

#include <gtest/gtest.h>

#include "core/codec/base64.hpp"
#include "core/codec/rlp.hpp"
#include "core/crypto/hash.hpp"
#include "core/crypto/secp256k1.hpp"
#include "io/wire/identity.hpp"
#include "io/wire/protobuf.hpp"
#include "tests/core/vectors.hpp"

namespace preconf::io::wire {
namespace {

using core::Bytes;
using core::test::bytes;

// The example of EIP-778: 127.0.0.1, udp 30303, no tcp.
constexpr const char* kExample =
    "enr:-"
    "IS4QHCYrYZbAKWCBRlAy5zzaDZXJBGkcnh4MHcBFZntXNFrdvJjX04jRzjzCBOonrkTfj499SZuOh8R33Ls8RRcy5w"
    "BgmlkgnY0gmlwhH8AAAGJc2VjcDI1NmsxoQPKY0yuDUmstAHYpMa2_oxVtw0RW_QAdpzBQA8yWM0xOIN1ZHCCdl8";
constexpr const char* kExampleSecret =
    "b71c71a67e1177ad4e901695e1b4b9ee17ae16c6668d313eac2f96dbcda3f291";
constexpr const char* kExampleKey =
    "03ca634cae0d49acb401d8a4c6b6fe8c55b70d115bf400769cc1400f3258cd3138";

using Pairs = std::vector<std::pair<std::string, std::string>>;  // key, value as hex

/// A record with these pairs, signed by the key of the example.
std::string make_enr(const Pairs& pairs) {
  Bytes content;
  core::codec::append_rlp_u64(content, 7);
  for (const auto& [name, value] : pairs) {
    core::codec::append_rlp_string(content, as_bytes(name));
    core::codec::append_rlp_string(content, bytes(value));
  }
  const core::Hash32 digest = core::crypto::keccak256(core::codec::rlp_list_of(content));
  const auto signature = core::crypto::sign(digest, core::test::hash32(kExampleSecret)).value();
  Bytes record;
  core::codec::append_rlp_string(record, signature.view().first(64));
  record.insert(record.end(), content.begin(), content.end());
  std::string text = core::codec::encode_base64(core::codec::rlp_list_of(record));
  while (text.ends_with('=')) text.pop_back();
  for (char& c : text) c = c == '+' ? '-' : c == '/' ? '_' : c;
  return "enr:" + text;
}

const std::pair<std::string, std::string> kId{"id", "7634"};
const std::pair<std::string, std::string> kKey{"secp256k1", kExampleKey};

TEST(Enr, ExampleOfTheEipIsSignedAndHasNoTcp) {
  EXPECT_EQ(parse_enr(kExample).error(), EnrError::kNoTcpAddress);
  // The helper above gives the example itself for its content, but for the sequence number.
  EXPECT_EQ(parse_enr(make_enr({kId, {"ip", "7f000001"}, kKey, {"udp", "765f"}})).error(),
            EnrError::kNoTcpAddress);
}

TEST(Enr, AddressOfEitherFamily) {
  const auto four = parse_enr(make_enr({kId, {"ip", "7f000001"}, kKey, {"tcp", "2328"}}));
  ASSERT_TRUE(four);
  EXPECT_EQ(to_text(four->address), "/ip4/127.0.0.1/tcp/9000");
  EXPECT_EQ(four->sequence, 7U);
  EXPECT_EQ(core::to_hex(four->public_key.view()), kExampleKey);
  const std::string v6 = "20010db8000000000000000000000001";
  EXPECT_EQ(to_text(parse_enr(make_enr({kId, {"ip6", v6}, kKey, {"tcp6", "50"}}))->address),
            "/ip6/2001:db8::1/tcp/80");
  EXPECT_EQ(to_text(parse_enr(make_enr({kId, {"ip6", v6}, kKey, {"tcp", "50"}}))->address),
            "/ip6/2001:db8::1/tcp/80");
}

TEST(Enr, RefusesByReason) {
  const Pairs good{kId, {"ip", "7f000001"}, kKey, {"tcp", "2328"}};
  const std::pair<Pairs, EnrError> bad[] = {
      {{{"ip", "7f000001"}, kKey, {"tcp", "2328"}}, EnrError::kUnknownScheme},
      {{{"id", "7635"}, {"ip", "7f000001"}, kKey}, EnrError::kUnknownScheme},
      {{kId, {"ip", "7f000001"}, {"tcp", "2328"}}, EnrError::kBadSignature},  // no key
      {{kId, kKey, {"ip", "7f000001"}}, EnrError::kMalformed},                // not sorted
      {{kId, kId, kKey}, EnrError::kMalformed},                               // twice
      {{kId, {"ip", "7f0001"}, kKey, {"tcp", "2328"}}, EnrError::kNoTcpAddress},
      {{kId, {"ip", "7f000001"}, kKey, {"tcp", "-"}}, EnrError::kNoTcpAddress},
      {{kId, {"ip", "7f000001"}, kKey, {"tcp", "012328"}}, EnrError::kNoTcpAddress}};
  ASSERT_TRUE(parse_enr(make_enr(good)));
  for (const auto& [pairs, error] : bad) {
    const auto parsed = parse_enr(make_enr(pairs));
    ASSERT_FALSE(parsed);
    EXPECT_EQ(parsed.error(), error) << pairs.size();
  }
  for (const char* text :
       {"", "enr:", "enode://00@1.2.3.4:1", "enr:-IS4", "enr:-IS4Q==", "ENR:-IS4QHCY"}) {
    EXPECT_FALSE(parse_enr(text)) << text;
  }
}

TEST(Enr, EveryChangedCharacterIsRefused) {
  const std::string good = make_enr({kId, {"ip", "7f000001"}, kKey, {"tcp", "2328"}});
  for (std::size_t i = 0; i + 1 < good.size(); ++i) {  // the last may hold unused bits
    std::string bad = good;
    bad[i] = bad[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(parse_enr(bad)) << i;
  }
}

}  // namespace
}  // namespace preconf::io::wire
