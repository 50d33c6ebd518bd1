// Identify messages, public keys, peer ids and multiaddrs: bounds hold, and what is accepted has
// one canonical form that is read back as the same value.
#include "core/base/assert.hpp"
#include "io/wire/identify.hpp"
#include "io/wire/limits.hpp"
#include "io/wire/protobuf.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace preconf::io::wire;  // NOLINT: one translation unit
using preconf::core::Bytes;
using preconf::core::BytesView;

namespace {

const Identity& identity() {
  static const Identity ours = Identity::from_secret(KeyType::kEd25519, {}).value();
  return ours;
}

void check_identify(BytesView in) {
  Bytes message;
  ProtoWriter(message).bytes(1, encode(identity().public_key()));
  message.insert(message.begin(), in.begin(), in.end());
  for (const BytesView candidate : {in, BytesView{message}}) {
    const auto read = decode_identify(candidate, identity().peer_id());
    if (!read) continue;
    PRECONF_ASSERT(read->public_key == identity().public_key());
    PRECONF_ASSERT(read->protocols.size() <= limits::kIdentifyProtocolsMax);
    PRECONF_ASSERT(read->listen_addresses.size() <= limits::kIdentifyAddressesMax);
    PRECONF_ASSERT(read->agent_version.size() <= limits::kIdentifyTextBytesMax);
  }
}

void check_key(BytesView in) {
  const auto key = decode_public_key(in);
  if (!key) return;
  const auto again = decode_public_key(encode(*key));
  PRECONF_ASSERT(again && *again == *key);
  PRECONF_ASSERT(public_key_of(peer_id_of(*key)).value() == *key);
}

void check_peer_id(BytesView in) {
  if (const auto id = peer_id_from_bytes(in)) PRECONF_ASSERT(parse_peer_id(to_text(*id)) == id);
  if (const auto id = parse_peer_id(as_text(in))) {
    PRECONF_ASSERT(peer_id_from_bytes(id->view()) == id);
  }
}

void check_address(BytesView in) {
  for (const auto& address : {decode_multiaddr(in), parse_multiaddr(as_text(in))}) {
    if (!address) continue;
    const auto from_bytes = decode_multiaddr(encode(*address));
    PRECONF_ASSERT(from_bytes && *from_bytes == *address);
    const auto from_text = parse_multiaddr(to_text(*address));
    PRECONF_ASSERT(from_text && *from_text == *address);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const BytesView in(data, size);
  check_identify(in);
  check_key(in);
  check_peer_id(in);
  check_address(in);
  return 0;
}
