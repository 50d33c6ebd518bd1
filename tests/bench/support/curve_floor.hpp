// What one side of a handshake and one message can not do without, by nettle alone.
#pragma once

#include "io/wire/identity.hpp"
#include "io/wire/x25519.hpp"
#include "tests/bench/support/cpu_time.hpp"

namespace preconf::bench {

struct CurveFloor {
  double handshake_us = 0;  ///< CPU: four X25519, one Ed25519 signature and one verification
  double message_us = 0;    ///< one Ed25519 verification
};

/// Best of some turns: what else runs on the machine only adds.
inline CurveFloor measure_curve_floor() {
  namespace wire = io::wire;
  constexpr int kTurns = 20;
  constexpr int kEach = 20;
  const wire::Identity identity = *wire::Identity::from_secret(wire::KeyType::kEd25519, [] {
    wire::Identity::Secret secret;
    secret.bytes.fill(9);
    return secret;
  }());
  wire::X25519Secret secret;
  secret.bytes.fill(3);
  const wire::X25519Public point = wire::x25519_public(secret);
  const core::Bytes message(56, 1);
  const core::Bytes signature = identity.sign(message);
  CurveFloor floor;
  for (int turn = 0; turn < kTurns; ++turn) {
    bool all_good = true;
    const auto start = cpu_micros();
    for (int i = 0; i < kEach; ++i) {
      all_good = all_good && verify(identity.public_key(), message, signature);
    }
    const auto verified = cpu_micros();
    for (int i = 0; i < kEach; ++i) {
      all_good = all_good && wire::x25519_public(secret) == point;
      for (int k = 0; k < 3; ++k) all_good = all_good && wire::x25519(secret, point).has_value();
      all_good = all_good && !identity.sign(message).empty();
    }
    const auto end = cpu_micros();
    PRECONF_ASSERT(all_good);
    const double one = static_cast<double>(verified - start) / kEach;
    const double side = one + static_cast<double>(end - verified) / kEach;
    if (turn == 0 || one < floor.message_us) floor.message_us = one;
    if (turn == 0 || side < floor.handshake_us) floor.handshake_us = side;
  }
  return floor;
}

}  // namespace preconf::bench
