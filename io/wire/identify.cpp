#include "io/wire/identify.hpp"

#include "core/base/assert.hpp"
#include "io/wire/limits.hpp"
#include "io/wire/protobuf.hpp"

namespace preconf::io::wire {
namespace {

using core::Bytes;
using core::BytesView;

constexpr std::uint32_t kPublicKeyField = 1;
constexpr std::uint32_t kListenAddressField = 2;
constexpr std::uint32_t kProtocolField = 3;
constexpr std::uint32_t kObservedAddressField = 4;
constexpr std::uint32_t kProtocolVersionField = 5;
constexpr std::uint32_t kAgentVersionField = 6;

bool is_printable(char c) { return c >= ' ' && c <= '~'; }

std::string clean(std::string_view text) {
  std::string out(text.substr(0, limits::kIdentifyTextBytesMax));
  for (char& c : out) {
    if (!is_printable(c)) c = '?';
  }
  return out;
}

void add_protocol(Identify& out, std::string_view id) {
  if (out.protocols.size() >= limits::kIdentifyProtocolsMax) return;
  if (id.size() > limits::kIdentifyTextBytesMax) return;
  for (const char c : id) {
    if (!is_printable(c)) return;
  }
  out.protocols.emplace_back(id);
}

void add_address(Identify& out, BytesView bytes) {
  if (out.listen_addresses.size() >= limits::kIdentifyAddressesMax) return;
  auto address = decode_multiaddr(bytes);
  if (address) out.listen_addresses.push_back(std::move(*address));
}

void read_field(const ProtoReader::Field& field, Identify& out, std::optional<BytesView>& key) {
  if (field.type != WireType::kBytes) return;
  switch (field.number) {
    case kPublicKeyField:
      key = field.bytes;
      break;
    case kListenAddressField:
      add_address(out, field.bytes);
      break;
    case kProtocolField:
      add_protocol(out, as_text(field.bytes));
      break;
    case kObservedAddressField:
      if (auto address = decode_multiaddr(field.bytes)) out.observed_address = std::move(*address);
      break;
    case kProtocolVersionField:
      out.protocol_version = clean(as_text(field.bytes));
      break;
    case kAgentVersionField:
      out.agent_version = clean(as_text(field.bytes));
      break;
    default:
      break;
  }
}

}  // namespace

Bytes encode(const Identify& identify) {
  Bytes out;
  ProtoWriter writer(out);
  writer.bytes(kPublicKeyField, encode(identify.public_key));
  for (const Multiaddr& address : identify.listen_addresses) {
    writer.bytes(kListenAddressField, encode(address));
  }
  for (const std::string& protocol : identify.protocols) writer.text(kProtocolField, protocol);
  if (identify.observed_address) {
    writer.bytes(kObservedAddressField, encode(*identify.observed_address));
  }
  writer.text(kProtocolVersionField, identify.protocol_version);
  writer.text(kAgentVersionField, identify.agent_version);
  PRECONF_ASSERT(out.size() <= limits::kIdentifySentBytesMax);
  return out;
}

core::Result<Identify, IdentifyError> decode_identify(BytesView message, const PeerId& peer) {
  Identify out;
  std::optional<BytesView> key;
  ProtoReader reader(message);
  while (const auto field = reader.next()) read_field(*field, out, key);
  if (reader.error()) return core::Unexpected{IdentifyError::kMalformed};
  if (!key) return core::Unexpected{IdentifyError::kNoKey};
  const auto decoded = decode_public_key(*key);
  if (!decoded) return core::Unexpected{IdentifyError::kNoKey};
  if (peer_id_of(*decoded) != peer) return core::Unexpected{IdentifyError::kWrongKey};
  out.public_key = *decoded;
  return out;
}

}  // namespace preconf::io::wire
