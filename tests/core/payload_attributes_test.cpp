#include "core/protocol/payload_attributes.hpp"

#include "core/crypto/hash.hpp"
#include "tests/core/vectors.hpp"

namespace preconf::core::test {
namespace {

using protocol::BaseFeeParent;
using protocol::ChainProfile;
using protocol::GasLimitBounds;
using protocol::PayloadAttributes;

constexpr std::uint64_t kMillion = 1'000'000;

TEST(PayloadAttributes, MixHash) {
  const auto mix = [](std::uint64_t difficulty, std::uint64_t block) {
    return hex(protocol::mix_hash_of(U256::from_u64(difficulty), BlockNumber{block}));
  };
  EXPECT_EQ(mix(0, 1), "a6eef7e35abe7026729641147f7915573c7e97b47efa546f5f6e3230263bcb49");
  EXPECT_EQ(mix(0, 2), "ac33ff75c19e70fe83507db0d683fd3465c996598dc972688b7ace676c89077b");
  EXPECT_EQ(mix(0, 5000000), "48e18e4117e404d54cb1e61bb72bd5651cb5be9abab5aefd5681a6b8fe06bed9");
  EXPECT_EQ(mix(123456, 2), "e93e3293636ea9c6a8ebd48b4a3118f1a10c5e81d164019fe0e1794dd1ebc05a");
  EXPECT_EQ(mix(42, 5), "d3e7a847b0e4be9f2ff1f88564b0a771bb9789c2c82f98679296a6042483791d");
}

std::optional<std::uint64_t> fee(std::uint64_t gas_limit, std::uint64_t gas_used,
                                 std::uint64_t block_time, std::uint64_t parent_fee,
                                 std::uint64_t min_fee = 5 * kMillion, std::uint64_t block = 9) {
  BaseFeeParent parent;
  parent.number = BlockNumber{block};
  parent.gas_limit = gas_limit;
  parent.gas_used = gas_used;
  parent.base_fee_wei = parent_fee;
  parent.block_time_seconds = block_time;
  ChainProfile chain;
  chain.min_base_fee_wei = min_fee;
  return protocol::base_fee_after(parent, chain);
}

TEST(PayloadAttributes, BaseFee) {
  EXPECT_EQ(fee(30 * kMillion, 15 * kMillion, 2, 900 * kMillion), 900'000'000U);
  EXPECT_EQ(fee(30 * kMillion, 20 * kMillion, 2, 900 * kMillion), 937'500'000U);
  EXPECT_EQ(fee(30 * kMillion, 10 * kMillion, 2, 900 * kMillion), 862'500'000U);
  EXPECT_EQ(fee(30 * kMillion, 0, 2, 900 * kMillion), 787'500'000U);
  EXPECT_EQ(fee(30 * kMillion, 16 * kMillion, 2, 900 * kMillion), 907'500'000U);
  EXPECT_EQ(fee(30 * kMillion, 15 * kMillion, 1, 900 * kMillion), 956'250'000U);
  EXPECT_EQ(fee(30 * kMillion, 15 * kMillion, 4, 900 * kMillion), 798'750'000U);
  EXPECT_EQ(fee(46 * kMillion, 200'000, 12, 25 * kMillion, 10 * kMillion), 19'089'674U);
  EXPECT_EQ(fee(46 * kMillion, 45 * kMillion, 2, 10 * kMillion, 10 * kMillion), 11'195'652U);
  EXPECT_EQ(fee(46 * kMillion, 11'500'000, 1, 10 * kMillion, 10 * kMillion), 10'000'000U);
  EXPECT_EQ(fee(30 * kMillion, 30 * kMillion, 2, 25 * kMillion), 28'125'000U);
  EXPECT_EQ(fee(30 * kMillion, 0, 12, 25 * kMillion), 19'062'500U);
  EXPECT_EQ(fee(30 * kMillion, 0, 2, 5'100'000), 5'000'000U);
  EXPECT_EQ(fee(30 * kMillion, 0, 2, 5'100'000, 10 * kMillion), 10'000'000U);
}

TEST(PayloadAttributes, BaseFeeAtTheEdges) {
  EXPECT_EQ(fee(0, 0, 0, 0, 5 * kMillion, 0), 25'000'000U);  // child of genesis
  EXPECT_EQ(fee(0, 0, 2, 1), std::nullopt);
  EXPECT_EQ(fee(1, 0, 2, 1), std::nullopt);
  // A rise is at least 1 wei, a fall may round to nothing.
  EXPECT_EQ(fee(30 * kMillion, 15'000'001, 2, 1, 0), 2U);
  EXPECT_EQ(fee(30 * kMillion, 14'999'999, 2, 1, 0), 1U);
  constexpr std::uint64_t kMax = ~std::uint64_t{0};
  EXPECT_EQ(fee(2, kMax, 0, kMax), 1'000'000'000U);
  EXPECT_EQ(fee(kMax, 0, kMax, kMax), 1'000'000'000U);
  EXPECT_EQ(fee(kMax, kMax, kMax, 0), 5'000'000U);
  EXPECT_EQ(fee(30 * kMillion, 15 * kMillion, 1'700'000'000, 900 * kMillion), 798'750'000U);
}

TEST(PayloadAttributes, ExtraData) {
  EXPECT_EQ(hex(protocol::extra_data_of(75, ProposalId{11})), "4b00000000000b");
  EXPECT_EQ(hex(protocol::extra_data_of(75, ProposalId{1234567})), "4b00000012d687");
  EXPECT_EQ(hex(protocol::extra_data_of(5, ProposalId{7})), "05000000000007");
  EXPECT_EQ(hex(protocol::extra_data_of(0, ProposalId{kUint48Max})), "00ffffffffffff");
}

TEST(PayloadAttributes, PayloadId) {
  PayloadAttributes attributes;
  attributes.parent_hash = filled<32>(0x11);
  attributes.timestamp = UnixSeconds{10};
  attributes.prev_randao = filled<32>(0x22);
  attributes.fee_recipient = filled<20>(0x33);
  attributes.tx_list_rlp_hash = crypto::keccak256(bytes("c3820102"));
  attributes.extra_data = protocol::extra_data_of(5, ProposalId{7});
  EXPECT_EQ(hex(protocol::payload_id_of(attributes)), "02e669224184aa58");

  attributes.parent_hash = filled<32>(0xaa);
  attributes.timestamp = UnixSeconds{1700000000};
  attributes.prev_randao = protocol::mix_hash_of({}, BlockNumber{1});
  attributes.fee_recipient = address("00000000000000000000000000000000000000c0");
  attributes.tx_list_rlp_hash =
      hash32("69cf60130c3a330d5c66c8b746c95883573ad96c0b05b1bb7ce7e72a740aebd2");
  attributes.extra_data = protocol::extra_data_of(75, ProposalId{1});
  EXPECT_EQ(hex(protocol::payload_id_of(attributes)), "02b2e312a511eb47");
}

TEST(PayloadAttributes, GasLimitBounds) {
  const auto bounds = [](std::uint64_t block, std::uint64_t gas_limit) {
    const GasLimitBounds found = protocol::gas_limit_bounds(BlockNumber{block}, gas_limit);
    return std::pair{found.low - kMillion, found.high - kMillion};  // as the manifest has them
  };
  EXPECT_EQ(bounds(1, 46 * kMillion), std::pair(44'991'000UL, 45'000'000UL));
  EXPECT_EQ(bounds(1, 31 * kMillion), std::pair(29'994'000UL, 30'006'000UL));
  EXPECT_EQ(bounds(1, 11 * kMillion), std::pair(10'000'000UL, 10'002'000UL));
  EXPECT_EQ(bounds(1, 10 * kMillion), std::pair(9'001'800UL, 9'001'800UL));
  EXPECT_EQ(bounds(0, 15 * kMillion), std::pair(14'997'000UL, 15'003'000UL));
  EXPECT_EQ(bounds(1, 0), std::pair(0UL, 0UL));
  EXPECT_EQ(bounds(1, ~std::uint64_t{0}), std::pair(45'000'000UL, 45'000'000UL));
}

}  // namespace
}  // namespace preconf::core::test
