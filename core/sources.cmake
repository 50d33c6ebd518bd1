# One line per source, by folder; edited by hand.
set(CORE_SOURCES
  base/assert.cpp
  base/hex.cpp
  codec/ssz.cpp
  commands/commands.cpp
  crypto/hash.cpp
  crypto/secp256k1.cpp
  decision.cpp
  event.cpp
  events/engine.cpp
  events/timer.cpp
  protocol/chain_profile.cpp
  protocol/commitment.cpp
  protocol/payload_attributes.cpp
  protocol/schedule.cpp
)
