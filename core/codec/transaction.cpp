#include "core/codec/transaction.hpp"

#include "core/codec/rlp.hpp"
#include "core/crypto/hash.hpp"
#include "core/crypto/secp256k1.hpp"

namespace preconf::core::codec {
namespace {

constexpr std::uint8_t kLegacyFrom = 0xc0;   // a legacy transaction starts as an RLP list
constexpr std::uint64_t kUnprotectedV = 27;  // v of signatures without chain id: 27 + parity
constexpr std::uint64_t kProtectedV = 35;    // EIP-155: v = 35 + 2 * chain id + parity

/// Bytes of the payload that lie before the reader's position.
BytesView consumed(BytesView payload, const RlpReader& reader) {
  return payload.first(payload.size() - reader.rest().size());
}

/// What is signed: the list of `fields` and `more` behind the type byte, when there is one.
Hash32 hash_unsigned(TransactionType type, BytesView fields, const Bytes& more = {}) {
  Bytes header;
  if (type != TransactionType::kLegacy) header.push_back(static_cast<std::uint8_t>(type));
  append_rlp_list_header(header, fields.size() + more.size());
  crypto::Keccak256 hasher;
  hasher.update(header);
  hasher.update(fields);
  hasher.update(more);
  return hasher.finish();
}

void set_signature(Transaction& transaction, std::uint64_t parity, const U256& r, const U256& s) {
  auto& bytes = transaction.signature.bytes;
  std::copy(r.be.bytes.begin(), r.be.bytes.end(), bytes.begin());
  std::copy(s.be.bytes.begin(), s.be.bytes.end(), bytes.begin() + 32);
  bytes.back() = static_cast<std::uint8_t>(parity);
}

/// [[address, [slot, ...]], ...]; counts what it holds.
bool read_access_list(BytesView payload, Transaction& transaction) {
  RlpReader entries(payload);
  while (entries.ok() && !entries.at_end()) {
    RlpReader entry(entries.list());
    if (!entries.ok()) break;
    entry.fixed<Address::kSize>();
    RlpReader slots(entry.list());
    if (!entry.done()) return false;
    ++transaction.access_list_addresses;
    while (slots.ok() && !slots.at_end()) {
      slots.fixed<Hash32::kSize>();
      ++transaction.access_list_slots;
    }
    if (!slots.ok()) return false;
  }
  return entries.ok();
}

/// [nonce, gasPrice, gasLimit, to, value, data, v, r, s]
bool read_legacy(BytesView raw, Transaction& transaction) {
  RlpReader outer(raw);
  const BytesView payload = outer.list();
  if (!outer.done()) return false;
  RlpReader reader(payload);
  transaction.nonce = reader.u64();
  transaction.max_fee_per_gas = reader.u256();
  transaction.max_priority_fee_per_gas = transaction.max_fee_per_gas;
  transaction.gas_limit = reader.u64();
  transaction.to = reader.fixed_or_empty<Address::kSize>();
  transaction.value = reader.u256();
  transaction.data = reader.string();
  const BytesView fields = consumed(payload, reader);
  const std::uint64_t v = reader.u64();
  const U256 r = reader.u256();
  const U256 s = reader.u256();
  if (!reader.done()) return false;

  Bytes protection;
  if (v == kUnprotectedV || v == kUnprotectedV + 1) {
    set_signature(transaction, v - kUnprotectedV, r, s);
  } else if (v >= kProtectedV) {
    transaction.chain_id = (v - kProtectedV) / 2;
    set_signature(transaction, (v - kProtectedV) % 2, r, s);
    append_rlp_u64(protection, *transaction.chain_id);
    append_rlp_u64(protection, 0);
    append_rlp_u64(protection, 0);
  } else {
    return false;
  }
  transaction.signing_hash = hash_unsigned(transaction.type, fields, protection);
  return true;
}

/// [chainId, nonce, gasPrice | maxPriorityFee, maxFee, gasLimit, to, value, data, accessList,
/// yParity, r, s]
bool read_typed(BytesView raw, Transaction& transaction) {
  RlpReader outer(raw.subspan(1));
  const BytesView payload = outer.list();
  if (!outer.done()) return false;
  RlpReader reader(payload);
  transaction.chain_id = reader.u64();
  transaction.nonce = reader.u64();
  transaction.max_priority_fee_per_gas = reader.u256();
  transaction.max_fee_per_gas = transaction.type == TransactionType::kDynamicFee
                                    ? reader.u256()
                                    : transaction.max_priority_fee_per_gas;
  transaction.gas_limit = reader.u64();
  transaction.to = reader.fixed_or_empty<Address::kSize>();
  transaction.value = reader.u256();
  transaction.data = reader.string();
  const BytesView access_list = reader.list();
  const BytesView fields = consumed(payload, reader);
  const std::uint64_t parity = reader.u64();
  const U256 r = reader.u256();
  const U256 s = reader.u256();
  if (!reader.done() || parity > 1 || !read_access_list(access_list, transaction)) return false;
  set_signature(transaction, parity, r, s);
  transaction.signing_hash = hash_unsigned(transaction.type, fields);
  return true;
}

}  // namespace

Result<Transaction, TransactionDefect> decode_transaction(BytesView raw) {
  if (raw.empty()) return Unexpected{TransactionDefect::kEmpty};
  Transaction transaction;
  bool well_formed = false;
  if (raw[0] >= kLegacyFrom) {
    well_formed = read_legacy(raw, transaction);
  } else if (raw[0] == static_cast<std::uint8_t>(TransactionType::kAccessList) ||
             raw[0] == static_cast<std::uint8_t>(TransactionType::kDynamicFee)) {
    transaction.type = static_cast<TransactionType>(raw[0]);
    well_formed = read_typed(raw, transaction);
  } else {
    return Unexpected{TransactionDefect::kUnsupportedType};
  }
  if (!well_formed) return Unexpected{TransactionDefect::kMalformed};
  return transaction;
}

std::optional<Address> recover_sender(const Transaction& transaction) {
  if (!crypto::scalars_in_range(transaction.signature) ||
      !crypto::is_low_s(transaction.signature)) {
    return std::nullopt;
  }
  return crypto::recover_address(transaction.signing_hash, transaction.signature);
}

Hash32 transaction_hash(BytesView raw) { return crypto::keccak256(raw); }

}  // namespace preconf::core::codec
