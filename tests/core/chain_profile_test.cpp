#include "core/protocol/chain_profile.hpp"

#include "tests/core/vectors.hpp"

namespace preconf::core::test {
namespace {

TEST(ChainProfile, AnchorAddresses) {
  EXPECT_EQ(hex(protocol::anchor_address_of(167000)), "1670000000000000000000000000000000010001");
  EXPECT_EQ(hex(protocol::anchor_address_of(167013)), "1670130000000000000000000000000000010001");
  EXPECT_EQ(hex(protocol::anchor_address_of(167011)), "1670110000000000000000000000000000010001");
  EXPECT_EQ(hex(protocol::anchor_address_of(167001)), "1670010000000000000000000000000000010001");
  EXPECT_EQ(hex(protocol::anchor_address_of(~std::uint64_t{0})),
            "1844674407370955161500000000000000010001");
}

TEST(ChainProfile, BuiltInChains) {
  const auto mainnet = protocol::chain_profile("mainnet");
  ASSERT_TRUE(mainnet.has_value());
  EXPECT_EQ(mainnet->chain_id, 167000U);
  EXPECT_EQ(mainnet->shasta_time, UnixSeconds{1775135700});
  EXPECT_EQ(mainnet->unzen_time, UnixSeconds{1786021200});
  EXPECT_EQ(mainnet->min_base_fee_wei, 10'000'000U);
  EXPECT_EQ(mainnet->anchor_lag_max, 512U);
  EXPECT_EQ(mainnet->timestamp_lag_max, 6144U);
  EXPECT_EQ(mainnet->base_fee_sharing_pctg, 75U);
  const auto hoodi = protocol::chain_profile("hoodi");
  ASSERT_TRUE(hoodi.has_value());
  EXPECT_EQ(hoodi->chain_id, 167013U);
  EXPECT_EQ(hoodi->shasta_time, UnixSeconds{1770296400});
  EXPECT_EQ(hoodi->timestamp_lag_max, 1536U);
  EXPECT_EQ(hoodi->min_base_fee_wei, 5'000'000U);
  EXPECT_FALSE(protocol::unzen_active(*hoodi, UnixSeconds{1781787599}));
  EXPECT_TRUE(protocol::unzen_active(*hoodi, UnixSeconds{1781787600}));
  EXPECT_EQ(protocol::chain_profile("masaya")->chain_id, 167011U);
  EXPECT_EQ(protocol::chain_profile("devnet")->chain_id, 167001U);
  EXPECT_EQ(protocol::chain_profile(""), std::nullopt);
  EXPECT_EQ(protocol::chain_profile("Mainnet"), std::nullopt);
}

TEST(ChainProfile, PermissionlessNetwork) {
  const auto network = protocol::permissionless_network(filled<20>(9));
  EXPECT_EQ(hex(network.preconf_domain),
            "5441494b4f5f505245434f4e465f444f4d41494e5f504c414345484f4c444552");
  EXPECT_EQ(network.slasher_address, filled<20>(9));
}

}  // namespace
}  // namespace preconf::core::test
