// The Noise handshake and its records. The first byte says which of the two sides and which message
// the rest is read as: 0 and 1 raw bytes for responder and initiator; 2 the payload of an honest
// responder; 3 records of an established channel.
#include <algorithm>

#include "core/base/assert.hpp"
#include "io/wire/noise_handshake.hpp"
#include "io/wire/noise_transport.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace preconf::io::wire;  // NOLINT: one translation unit
using preconf::core::Bytes;
using preconf::core::BytesView;

namespace {

NoiseXx::Keys keys(std::uint8_t seed) {
  NoiseXx::Keys out;
  out.fixed.bytes.fill(seed);
  out.ephemeral.bytes.fill(static_cast<std::uint8_t>(seed + 1));
  return out;
}

const Identity& identity() {
  static const Identity ours = Identity::from_secret(KeyType::kEd25519, {}).value();
  return ours;
}

/// Nobody can finish a handshake with bytes that do not answer our key.
void raw_bytes(NoiseRole role, BytesView in) {
  NoiseHandshake handshake(role, identity(), keys(1), PeerId{});
  Bytes out;
  handshake.take_output(out);
  PRECONF_ASSERT(handshake.on_bytes(in) != NoiseHandshake::Status::kDone);
  handshake.take_output(out);
  PRECONF_ASSERT(out.size() < 1'024);
}

/// Only the honest payload, whatever is around its two fields, is believed.
void payload(BytesView in) {
  NoiseHandshake dialer(NoiseRole::kInitiator, identity(), keys(1), PeerId{});
  NoiseXx responder(NoiseRole::kResponder, keys(3), {});
  Bytes first;
  dialer.take_output(first);
  Bytes empty;
  PRECONF_ASSERT(!responder.read(BytesView{first}.subspan(2), empty));
  Bytes message;
  PRECONF_ASSERT(!responder.write(in.first(std::min<std::size_t>(in.size(), 3'000)), message));
  Bytes framed(2 + message.size());
  framed[0] = static_cast<std::uint8_t>(message.size() >> 8);
  framed[1] = static_cast<std::uint8_t>(message.size() & 0xff);
  std::copy(message.begin(), message.end(), framed.begin() + 2);
  BytesView rest = framed;
  if (dialer.on_bytes(rest) == NoiseHandshake::Status::kDone) {
    PRECONF_ASSERT(rest.empty() && !dialer.remote_peer().empty());
  }
}

/// Bytes of a stranger never become plaintext; memory stays within one record.
void records(BytesView in) {
  NoiseTransport transport(
      NoiseXx::Ciphers{NoiseCipher(keys(1).fixed), NoiseCipher(keys(2).fixed)});
  Bytes plaintext;
  (void)transport.on_bytes(in.first(in.size() / 2), plaintext);
  (void)transport.on_bytes(in.subspan(in.size() / 2), plaintext);
  PRECONF_ASSERT(plaintext.empty());
  PRECONF_ASSERT(transport.memory_bytes() <= 2 * (limits::kNoiseRecordBytesMax + 2));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const BytesView in = BytesView(data, size).subspan(1);
  switch (data[0] % 4) {
    case 0:
      raw_bytes(NoiseRole::kResponder, in);
      break;
    case 1:
      raw_bytes(NoiseRole::kInitiator, in);
      break;
    case 2:
      payload(in);
      break;
    default:
      records(in);
      break;
  }
  return 0;
}
