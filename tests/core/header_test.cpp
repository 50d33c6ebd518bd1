#include "core/codec/header.hpp"

#include "core/codec/rlp.hpp"
#include "core/crypto/hash.hpp"
#include "core/protocol/execution_payload.hpp"
#include "tests/core/vectors.hpp"

namespace preconf::core::test {
namespace {

using codec::Header;
using protocol::ChainProfile;
using protocol::ExecutionPayload;

ExecutionPayload payload_of(const Row& row) {
  ExecutionPayload payload;
  payload.parent_hash = hash32(row[1]);
  payload.fee_recipient = address(row[2]);
  payload.state_root = hash32(row[3]);
  payload.transactions_root = hash32(row[4]);
  payload.receipts_root = hash32(row[5]);
  payload.logs_bloom = fixed<256>(row[6]);
  payload.block_value = u256(row[7]);
  payload.block_number = BlockNumber{number(row[8])};
  payload.gas_limit = number(row[9]);
  payload.gas_used = number(row[10]);
  payload.timestamp = UnixSeconds{number(row[11])};
  payload.extra_data = bytes(row[12]);
  payload.prev_randao = hash32(row[13]);
  payload.base_fee_wei = number(row[14]);
  return payload;
}

TEST(Header, AgreesWithIndependentVectors) {
  for (const Row& row : read_vectors("headers.txt", 17)) {
    ChainProfile chain = *protocol::chain_profile("mainnet");
    if (row[0] == "unzen") chain.unzen_time = UnixSeconds{number(row[11])};
    ExecutionPayload payload = payload_of(row);
    // Before Unzen the value means fees and must not enter the header.
    if (row[0] != "unzen") payload.block_value = U256::from_u64(77);
    const Header header = protocol::header_of(payload, chain);
    EXPECT_EQ(hex(codec::encode_header(header)), row[16]) << row[0];
    EXPECT_EQ(hex(codec::hash_header(header)), row[15]) << row[0];

    const auto facts = protocol::facts_of(header, codec::hash_header(header));
    EXPECT_EQ(facts.number, payload.block_number);
    EXPECT_EQ(hex(facts.hash), row[15]);
    EXPECT_EQ(facts.parent_hash, payload.parent_hash);
    EXPECT_EQ(facts.timestamp, payload.timestamp);
    EXPECT_EQ(facts.beneficiary, payload.fee_recipient);
    EXPECT_EQ(facts.mix_hash, payload.prev_randao);
    EXPECT_EQ(facts.difficulty, u256(row[7]));
    EXPECT_EQ(facts.gas_limit, payload.gas_limit);
    EXPECT_EQ(facts.gas_used, payload.gas_used);
    EXPECT_EQ(facts.base_fee_wei, payload.base_fee_wei);
    EXPECT_EQ(facts.extra_data, payload.extra_data);
  }
}

TEST(Header, EthereumGenesis) {
  Header header;
  header.state_root = hash32("d7f8974fb5ac78d9ac099b9ad5018bedc2ce0a72dad1827a1709da30580f0544");
  header.difficulty = U256::from_u64(17'179'869'184);
  header.gas_limit = 5000;
  header.extra_data = bytes("11bbe8db4e347b4e8c937c1c8370e4b5ed33adb3db69cbdb7a38e1e50b1b82fa");
  header.nonce = fixed<8>("0000000000000042");
  EXPECT_EQ(hex(codec::hash_header(header)),
            "d4e56740f876aef8c010b86a40d5f56745a118d0906a34e69aec8c0db1cb8fa3");
}

TEST(Header, ConstantsAreWhatTheyAreNamed) {
  EXPECT_EQ(codec::kEmptyOmmersHash, crypto::keccak256(bytes("c0")));
  EXPECT_EQ(codec::kEmptyTrieRoot, crypto::keccak256(bytes("80")));
  EXPECT_EQ(codec::kEmptyRequestsHash, crypto::sha256({}));
}

}  // namespace
}  // namespace preconf::core::test
