#include "core/codec/header.hpp"

#include "core/codec/rlp.hpp"
#include "core/crypto/hash.hpp"

namespace preconf::core::codec {
namespace {

/// A header takes about 600 bytes.
constexpr std::size_t kTypicalBytes = 704;

void append(Bytes& out, std::uint64_t value) { append_rlp_u64(out, value); }
void append(Bytes& out, const U256& value) { append_rlp_u256(out, value); }
void append(Bytes& out, const Bytes& value) { append_rlp_string(out, value); }
template <std::size_t N>
void append(Bytes& out, const FixedBytes<N>& value) {
  append_rlp_string(out, value.view());
}
template <class T>
void append(Bytes& out, const std::optional<T>& value) {
  if (value) append(out, *value);
}

}  // namespace

Bytes encode_header(const Header& header) {
  Bytes payload;
  payload.reserve(kTypicalBytes);
  Header::each_field(header,
                     [&payload](const char*, const auto& field) { append(payload, field); });
  return rlp_list_of(payload);
}

Hash32 hash_header(const Header& header) { return crypto::keccak256(encode_header(header)); }

}  // namespace preconf::core::codec
