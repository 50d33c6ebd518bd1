#include "core/codec/transaction_envelope.hpp"

#include "core/codec/blob.hpp"

namespace preconf::core::codec {
namespace {

constexpr std::uint8_t kAccessListType = 1;  // EIP-2930
constexpr std::uint8_t kDynamicFeeType = 2;  // EIP-1559
constexpr std::uint8_t kBlobType = 3;        // EIP-4844
constexpr std::uint8_t kSetCodeType = 4;     // EIP-7702

constexpr std::uint8_t kRlpListFrom = 0xc0;
/// First element of a sidecar with cell proofs (EIP-7594).
constexpr std::uint8_t kCellProofsVersion = 1;

/// Reads the fields of one transaction; like RlpReader, false once and for all after a defect.
class Fields {
 public:
  explicit Fields(BytesView payload) : reader_(payload) {}

  void u64() { reader_.scalar(8); }
  /// Prices: execution clients hold them in 128 bits.
  void u128() { reader_.scalar(16); }
  void u256() { reader_.scalar(32); }
  void bytes() { reader_.string(); }
  void address() { reader_.fixed<Address::kSize>(); }
  void address_or_none() { reader_.fixed_or_empty<Address::kSize>(); }
  void flag() { fits_ &= reader_.u64() <= 1; }
  void byte() { fits_ &= reader_.u64() <= 0xff; }

  /// EIP-155: 27 or 28, or 35 and more with the chain id in it, which has 64 bits.
  void legacy_v() {
    const U256 v = reader_.u256();
    constexpr std::uint64_t kUnprotected = 27;
    constexpr std::uint64_t kProtected = 35;
    if (v.fits_u64()) {
      const std::uint64_t low = v.low_u64();
      fits_ &= low == kUnprotected || low == kUnprotected + 1 || low >= kProtected;
      return;
    }
    // 35 + 2 (2^64 - 1) + 1 = 2^65 + 34
    U256 largest;
    largest.be.bytes[23] = 2;
    largest.be.bytes[31] = 34;
    fits_ &= v <= largest;
  }

  template <std::size_t Size>
  void list_of_fixed() {
    RlpReader elements(reader_.list());
    while (elements.ok() && !elements.at_end()) elements.fixed<Size>();
    fits_ &= elements.ok();
  }

  /// [[address, [slot, ...]], ...]
  void access_list() {
    each_tuple([](Fields& entry) {
      entry.address();
      entry.list_of_fixed<Hash32::kSize>();
    });
  }
  /// [[chain id, address, nonce, y parity, r, s], ...]
  void authorizations() {
    each_tuple([](Fields& entry) {
      entry.u256();
      entry.address();
      entry.u64();
      entry.byte();
      entry.u256();
      entry.u256();
    });
  }
  void signature() {
    flag();
    u256();
    u256();
  }

  [[nodiscard]] bool next_is_list() const {
    return !reader_.at_end() && reader_.rest()[0] >= kRlpListFrom;
  }
  BytesView list() { return reader_.list(); }
  [[nodiscard]] bool done() const { return fits_ && reader_.done(); }

 private:
  template <class Read>
  void each_tuple(Read&& read) {
    RlpReader tuples(reader_.list());
    while (fits_ && tuples.ok() && !tuples.at_end()) {
      Fields entry(tuples.list());
      if (!tuples.ok()) break;
      read(entry);
      fits_ &= entry.done();
    }
    fits_ &= tuples.ok();
  }

  RlpReader reader_;
  bool fits_ = true;
};

bool is_legacy(BytesView payload) {
  Fields fields(payload);
  fields.u64();   // nonce
  fields.u128();  // gas price
  fields.u64();   // gas limit
  fields.address_or_none();
  fields.u256();  // value
  fields.bytes();
  fields.legacy_v();
  fields.u256();
  fields.u256();
  return fields.done();
}

/// What all typed transactions begin with, up to the access list.
void read_common(Fields& fields, std::uint8_t type) {
  fields.u64();   // chain id
  fields.u64();   // nonce
  fields.u128();  // gas price, or priority fee
  if (type != kAccessListType) fields.u128();
  fields.u64();  // gas limit
  if (type == kBlobType || type == kSetCodeType) {
    fields.address();  // neither can create a contract
  } else {
    fields.address_or_none();
  }
  fields.u256();  // value
  fields.bytes();
  fields.access_list();
}

bool is_typed_body(BytesView payload, std::uint8_t type) {
  Fields fields(payload);
  read_common(fields, type);
  if (type == kBlobType) {
    fields.u128();  // fee per blob gas
    fields.list_of_fixed<Hash32::kSize>();
  }
  if (type == kSetCodeType) fields.authorizations();
  fields.signature();
  return fields.done();
}

/// [transaction, (version,) blobs, commitments, proofs]: the form that travels between nodes.
bool is_blob_network_form(BytesView payload) {
  Fields fields(payload);
  if (!is_typed_body(fields.list(), kBlobType)) return false;
  if (!fields.next_is_list()) {
    RlpReader version(payload);
    version.next();
    if (version.u64() != kCellProofsVersion || !version.ok()) return false;
    fields.byte();
  }
  fields.list_of_fixed<kBlobBytes>();
  fields.list_of_fixed<KzgCommitment::kSize>();
  fields.list_of_fixed<48>();  // proofs
  return fields.done();
}

}  // namespace

bool is_transaction(const RlpItem& item) {
  if (item.is_list) return is_legacy(item.payload);
  if (item.payload.size() < 2) return false;
  const std::uint8_t type = item.payload[0];
  if (type < kAccessListType || type > kSetCodeType) return false;
  RlpReader reader(item.payload.subspan(1));
  const BytesView body = reader.list();
  if (!reader.done()) return false;
  if (type == kBlobType && Fields(body).next_is_list()) return is_blob_network_form(body);
  return is_typed_body(body, type);
}

}  // namespace preconf::core::codec
