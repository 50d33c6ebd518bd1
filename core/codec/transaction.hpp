// Ethereum transactions of the types that carry no blobs and no authorizations: legacy, EIP-2930
// and EIP-1559. Decoding is strict; views point into the raw bytes.
#pragma once

#include <optional>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"

namespace preconf::core::codec {

/// Values are the EIP-2718 type bytes; legacy transactions have none.
enum class TransactionType : std::uint8_t { kLegacy = 0, kAccessList = 1, kDynamicFee = 2 };

enum class TransactionDefect : std::uint8_t {
  kEmpty = 1,            ///< no bytes
  kUnsupportedType = 2,  ///< another type byte than 1 and 2
  kMalformed = 3,        ///< RLP or a field in it is not as the type demands
};

struct Transaction {
  TransactionType type = TransactionType::kLegacy;
  std::optional<std::uint64_t> chain_id;  ///< none: legacy without replay protection (EIP-155)
  std::uint64_t nonce = 0;
  U256 max_priority_fee_per_gas;  ///< the gas price of older types
  U256 max_fee_per_gas;           ///< the gas price of older types
  std::uint64_t gas_limit = 0;
  std::optional<Address> to;  ///< none: contract creation
  U256 value;
  BytesView data;
  std::size_t access_list_addresses = 0;
  std::size_t access_list_slots = 0;
  Signature65 signature;  ///< r | s | y parity 0 or 1
  Hash32 signing_hash;    ///< the digest that was signed
};

/// Decodes one raw transaction (EIP-2718 form, nothing after it). The signature is not verified.
[[nodiscard]] Result<Transaction, TransactionDefect> decode_transaction(BytesView raw);

/// The sender. Nothing when r or s is out of range, s is high (EIP-2) or no key can be recovered.
[[nodiscard]] std::optional<Address> recover_sender(const Transaction& transaction);

/// The transaction hash: keccak256 of the raw bytes.
[[nodiscard]] Hash32 transaction_hash(BytesView raw);

}  // namespace preconf::core::codec
