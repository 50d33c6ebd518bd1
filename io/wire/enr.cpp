#include "io/wire/enr.hpp"

#include <secp256k1.h>

#include "core/codec/base64.hpp"
#include "core/codec/rlp.hpp"
#include "core/crypto/hash.hpp"
#include "io/wire/protobuf.hpp"

namespace preconf::io::wire {
namespace {

using core::Bytes;
using core::BytesView;

constexpr std::string_view kPrefix = "enr:";
constexpr std::size_t kSignatureBytes = 64;

/// Base64 of the URL alphabet without padding.
std::optional<Bytes> decode_base64url(std::string_view text) {
  std::string standard(text);
  for (char& c : standard) {
    if (c == '+' || c == '/' || c == '=') return std::nullopt;
    if (c == '-') c = '+';
    if (c == '_') c = '/';
  }
  while (standard.size() % 4 != 0) standard.push_back('=');
  return core::codec::decode_base64(standard);
}

/// The pairs that are used here; views into the record.
struct Pairs {
  BytesView scheme;
  BytesView key;
  BytesView ip;
  BytesView ip6;
  std::optional<std::uint16_t> tcp;
  std::optional<std::uint16_t> tcp6;
};

std::optional<std::uint16_t> port_of(BytesView value) {
  if (value.empty() || value.size() > 2) return std::nullopt;
  const unsigned port = value.size() == 1 ? value[0] : (unsigned{value[0]} << 8) | value[1];
  if (port == 0) return std::nullopt;
  return static_cast<std::uint16_t>(port);
}

void note_pair(Pairs& pairs, std::string_view name, BytesView value) {
  if (name == "id") pairs.scheme = value;
  if (name == "secp256k1") pairs.key = value;
  if (name == "ip") pairs.ip = value;
  if (name == "ip6") pairs.ip6 = value;
  if (name == "tcp") pairs.tcp = port_of(value);
  if (name == "tcp6") pairs.tcp6 = port_of(value);
}

/// Pairs are sorted by key, each key once. A value may be any RLP item.
bool read_pairs(core::codec::RlpReader& reader, Pairs& pairs) {
  std::optional<std::string_view> last;
  while (reader.ok() && !reader.at_end()) {
    const std::string_view name = as_text(reader.string());
    const core::codec::RlpItem value = reader.next();
    if (!reader.ok() || (last && name <= *last)) return false;
    if (!value.is_list) note_pair(pairs, name, value.payload);
    last = name;
  }
  return reader.done();
}

/// The signature is over the list without its first item.
bool is_signed(BytesView signature, BytesView content, BytesView key) {
  const core::Hash32 digest = core::crypto::keccak256(core::codec::rlp_list_of(content));
  const secp256k1_context* context = secp256k1_context_static;
  secp256k1_pubkey parsed_key;
  secp256k1_ecdsa_signature parsed;
  if (signature.size() != kSignatureBytes || key.size() != 33 ||
      secp256k1_ec_pubkey_parse(context, &parsed_key, key.data(), key.size()) == 0 ||
      secp256k1_ecdsa_signature_parse_compact(context, &parsed, signature.data()) == 0) {
    return false;
  }
  (void)secp256k1_ecdsa_signature_normalize(context, &parsed, &parsed);
  return secp256k1_ecdsa_verify(context, &parsed, digest.data(), &parsed_key) == 1;
}

std::optional<Multiaddr> address_of(const Pairs& pairs) {
  Multiaddr out;
  if (pairs.ip.size() == 4 && pairs.tcp) {
    out.tcp_port = pairs.tcp;
    std::copy(pairs.ip.begin(), pairs.ip.end(), out.ip.begin());
    return out;
  }
  if (pairs.ip6.size() == 16 && (pairs.tcp6 || pairs.tcp)) {
    out.host = HostKind::kIp6;
    out.tcp_port = pairs.tcp6 ? pairs.tcp6 : pairs.tcp;
    std::copy(pairs.ip6.begin(), pairs.ip6.end(), out.ip.begin());
    return out;
  }
  return std::nullopt;
}

}  // namespace

core::Result<Enr, EnrError> parse_enr(std::string_view text) {
  if (!text.starts_with(kPrefix) || text.size() > kEnrTextMax) {
    return core::Unexpected{EnrError::kNotAnEnr};
  }
  const auto record = decode_base64url(text.substr(kPrefix.size()));
  if (!record || record->size() > kEnrBytesMax) {
    return core::Unexpected{EnrError::kNotAnEnr};
  }
  core::codec::RlpReader outer(*record);
  core::codec::RlpReader reader(outer.list());
  const BytesView signature = reader.string();
  const BytesView content = reader.rest();
  Enr enr;
  enr.sequence = reader.u64();
  Pairs pairs;
  if (!outer.done() || !reader.ok() || !read_pairs(reader, pairs)) {
    return core::Unexpected{EnrError::kMalformed};
  }
  if (as_text(pairs.scheme) != "v4") return core::Unexpected{EnrError::kUnknownScheme};
  if (!is_signed(signature, content, pairs.key)) return core::Unexpected{EnrError::kBadSignature};
  enr.public_key = core::FixedBytes<33>::from(pairs.key);
  const auto address = address_of(pairs);
  if (!address) return core::Unexpected{EnrError::kNoTcpAddress};
  enr.address = *address;
  return enr;
}

}  // namespace preconf::io::wire
