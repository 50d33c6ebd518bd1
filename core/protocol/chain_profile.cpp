#include "core/protocol/chain_profile.hpp"

#include <array>
#include <string>

#include "core/base/assert.hpp"
#include "core/base/hex.hpp"

namespace preconf::core::protocol {
namespace {

constexpr std::string_view kPreconfDomain = "TAIKO_PRECONF_DOMAIN_PLACEHOLDER";
static_assert(kPreconfDomain.size() == Hash32::kSize);

/// Inbox configuration of the deployed networks, in percent.
constexpr std::uint8_t kBaseFeeSharingPctg = 75;

struct BuiltIn {
  std::string_view name;
  std::uint64_t chain_id;
  std::string_view genesis_hash;
  std::uint64_t shasta_time;
  std::uint64_t unzen_time;
  std::uint64_t min_base_fee_wei;
  std::uint64_t anchor_lag_max;
};

constexpr std::array<BuiltIn, 4> kBuiltIns{{
    {"mainnet", 167000, "90bc60466882de9637e269e87abab53c9108cf9113188bc4f80bcfcb10e489b9",
     1775135700, 1786021200, 10'000'000, 512},
    {"hoodi", 167013, "8e3d16acf3ecc1fbe80309b04e010b90c9ccb3da14e98536cfe66bb93407d228",
     1770296400, 1781787600, 5'000'000, 128},
    {"masaya", 167011, "d3597fd63c823352526ce2a4cfafe0837d878e3c9ac8558129bc04ce900402ae", 0, 0,
     5'000'000, 128},
    {"devnet", 167001, "0ab9db72570aa79341b50c888abaf2e64395d5ce31d3753b738b7e5abec132c4", 0, 0,
     5'000'000, 128},
}};

constexpr std::uint64_t kL1SlotSeconds = 12;

ChainProfile expand(const BuiltIn& chain) {
  const auto genesis = fixed_from_hex<Hash32::kSize>(chain.genesis_hash);
  PRECONF_ASSERT(genesis.has_value());
  ChainProfile profile;
  profile.chain_id = chain.chain_id;
  profile.genesis_hash = *genesis;
  profile.shasta_time = UnixSeconds{chain.shasta_time};
  profile.unzen_time = UnixSeconds{chain.unzen_time};
  profile.min_base_fee_wei = chain.min_base_fee_wei;
  profile.anchor_lag_max = chain.anchor_lag_max;
  profile.timestamp_lag_max = chain.anchor_lag_max * kL1SlotSeconds;
  profile.base_fee_sharing_pctg = kBaseFeeSharingPctg;
  profile.anchor_address = anchor_address_of(chain.chain_id);
  return profile;
}

}  // namespace

std::optional<ChainProfile> chain_profile(std::string_view name) {
  for (const BuiltIn& chain : kBuiltIns) {
    if (chain.name == name) return expand(chain);
  }
  return std::nullopt;
}

NetworkProfile permissionless_network(const Address& slasher) {
  NetworkProfile network;
  std::copy(kPreconfDomain.begin(), kPreconfDomain.end(), network.preconf_domain.bytes.begin());
  network.slasher_address = slasher;
  return network;
}

Address anchor_address_of(std::uint64_t chain_id) {
  constexpr std::size_t kDigits = 2 * Address::kSize;
  constexpr std::size_t kPaddedDigits = 35;
  constexpr std::string_view kSuffix = "10001";
  static_assert(kPaddedDigits + kSuffix.size() == kDigits);

  std::string digits = std::to_string(chain_id);  // at most 20 digits
  digits.resize(kPaddedDigits, '0');
  digits += kSuffix;
  const auto address = fixed_from_hex<Address::kSize>(digits);
  PRECONF_ASSERT(address.has_value());
  return *address;
}

}  // namespace preconf::core::protocol
