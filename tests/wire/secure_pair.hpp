// Two ends of a secure channel in memory, for tests.
#pragma once

#include "io/wire/noise_handshake.hpp"
#include "tests/core/vectors.hpp"

namespace preconf::io::wire::test {

inline Identity make_identity(KeyType type, std::uint8_t seed) {
  return Identity::from_secret(type, core::test::filled<32>(seed)).value();
}

inline NoiseXx::Keys make_keys(std::uint8_t seed) {
  return {core::test::filled<32>(seed),
          core::test::filled<32>(static_cast<std::uint8_t>(seed + 1))};
}

/// What one side wants to send.
template <class Machine>
core::Bytes output_of(Machine& machine) {
  core::Bytes out;
  machine.take_output(out);
  return out;
}

/// Both machines of one handshake; the dialer expects nobody in particular.
struct HandshakePair {
  Identity dialer_identity;
  Identity listener_identity;
  NoiseHandshake dialer{NoiseRole::kInitiator, dialer_identity, make_keys(0x10), PeerId{}};
  NoiseHandshake listener{NoiseRole::kResponder, listener_identity, make_keys(0x20), PeerId{}};
};

/// Runs the three messages; `change(number, bytes)` may alter each of them on its way.
template <class Change>
void run(HandshakePair& pair, Change&& change) {
  for (int message = 1; message <= 3; ++message) {
    NoiseHandshake& from = message % 2 == 1 ? pair.dialer : pair.listener;
    NoiseHandshake& to = message % 2 == 1 ? pair.listener : pair.dialer;
    core::Bytes bytes = output_of(from);
    change(message, bytes);
    core::BytesView in = bytes;
    (void)to.on_bytes(in);
  }
}

}  // namespace preconf::io::wire::test
