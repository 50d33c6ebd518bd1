// Users of the simulated network: they sign real transfers.
#pragma once

#include <optional>
#include <string_view>

#include "core/base/bytes.hpp"
#include "core/crypto/secp256k1.hpp"

namespace preconf::node::devnet {

/// One account that sends EIP-1559 transfers with rising nonces.
class SimWallet {
 public:
  /// The key is keccak256 of `seed`. Nothing when that is no valid key.
  [[nodiscard]] static std::optional<SimWallet> create(std::uint64_t chain_id,
                                                       std::string_view seed);

  [[nodiscard]] const core::Address& address() const { return address_; }
  /// The next transfer, signed: raw EIP-2718 form.
  [[nodiscard]] core::Bytes transfer(const core::Address& to, std::uint64_t value_wei,
                                     std::uint64_t max_fee_wei, std::uint64_t tip_wei);

 private:
  SimWallet(std::uint64_t chain_id, const core::crypto::SecretKey& key,
            const core::Address& address)
      : chain_id_(chain_id), key_(key), address_(address) {}

  std::uint64_t chain_id_;
  core::crypto::SecretKey key_;
  core::Address address_;
  std::uint64_t nonce_ = 0;
};

}  // namespace preconf::node::devnet
